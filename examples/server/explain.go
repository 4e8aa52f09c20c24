package main

import (
	"context"
	"encoding/json"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

// maxExplained bounds what /validate?explain=1 explains: each takes up to a millisecond.
const maxExplained = 100

// explained adds "hours" to a report: how the calling hours of each contact come about, for a call
// made now, from its number, timeZone, region and postalCode. It has one element for each of the first hundred
// contacts, in the order of the request; that of a contact without a number is null. The verdicts of
// the report are those of the lists alone, unless the server has -hours.
func (a *api) explained(ctx context.Context, report dnc.Report, in contacts) (map[string]any, error) {
	text, err := json.Marshal(report)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	out := make(map[string]any, len(fields)+1)
	for name, value := range fields {
		out[name] = value
	}
	hours, err := a.hours()
	if err != nil {
		return nil, err
	}
	steps := make([][]calltime.Step, min(len(in.numbers), maxExplained))
	for i := range steps {
		if n, err := a.parse(in.numbers[i]); err == nil && ctx.Err() == nil {
			call := in.calls[i]
			call.Number = n
			steps[i] = hours.Explain(call) //nolint:contextcheck // it waits for nothing
		}
	}
	out["hours"] = steps
	return out, nil
}
