package calltime

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
)

// Step is one step of an explanation.
type Step struct {
	Kind string `json:"kind"` // "zone", "region", "row", "problem" or "decision"
	// The zone, region or row; for a problem its code; for the decision its verdict.
	Name string `json:"name"`
	// Why the person may be in the zone or region; for a problem what is wrong.
	Why string `json:"why,omitempty"`
	// Of a zone: the local time, RFC 3339; if other zone data differs, its local time follows.
	Local string `json:"local,omitempty"`
	Hours string `json:"hours,omitempty"` // of a row: its hours
	// Of a row: whether it is open in every zone for certain; of the decision: whether the call is
	// allowed.
	Open     bool      `json:"open"`
	Source   string    `json:"source,omitempty"`   // of a row
	Evidence string    `json:"evidence,omitempty"` // of a row: P, S or U
	Reviewed string    `json:"reviewed,omitempty"` // of a row: the day on which the source was read
	Next     time.Time `json:"next,omitzero"`      // of the decision: the next opening, if it is known
}

// String is the step as one line of text.
func (s Step) String() string {
	open := "closed"
	if s.Open {
		open = "open"
	}
	switch s.Kind {
	case "zone":
		return fmt.Sprintf("zone %s: %s (%s)", s.Name, s.Local, s.Why)
	case "row":
		return fmt.Sprintf("row %s: %s; hours %s; source %s [%s], reviewed %s",
			s.Name, open, s.Hours, s.Source, s.Evidence, s.Reviewed)
	case "decision":
		text := "decision " + s.Name + ": " + s.Why
		if !s.Next.IsZero() {
			text += "; next opening " + s.Next.UTC().Format(time.RFC3339)
		}
		return text
	}
	return fmt.Sprintf("%s %s: %s", s.Kind, s.Name, s.Why)
}

// FormatSteps returns the steps as text, one a line.
func FormatSteps(steps []Step) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteString(s.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// Explain returns the steps that lead to the answer: the zones and regions in which the person may
// be, and why; the local times; the rows that apply, with their sources; the decision, with the
// next opening. The steps have the area code and exchange of the number, but not the whole number.
func (h *Hours) Explain(call dnc.Call) []Step {
	if h.numbers == nil || call.Number.IsZero() {
		d, _ := h.Check(context.Background(), call)
		return []Step{{Kind: "decision", Name: d.Verdict.String(), Why: d.Reasons.String()}}
	}
	if call.Time.IsZero() {
		call.Time = h.clock()
	}
	var w Waiver
	if h.waiver != nil {
		w = h.waiver(call)
	}
	s := h.scopeOf(call.Number.E164()[1:], call.Location)
	q := h.ask(s, min(call.Channel, dnc.Text), w)
	var steps []Step
	for i, z := range s.zones {
		step := Step{Kind: "zone", Name: z.name, Why: z.why}
		for j, loc := range q.zones[i].locs {
			if j == 0 || !sameOffset(call.Time, loc, q.zones[i].locs[0]) {
				step.Local = strings.TrimSpace(step.Local + " " + call.Time.In(loc).Format(time.RFC3339))
			}
		}
		steps = append(steps, step)
	}
	for _, r := range s.regions {
		steps = append(steps, Step{Kind: "region", Name: r.name, Why: r.why})
	}
	for _, row := range q.rows {
		if !q.inForce(row, call.Time) {
			continue
		}
		f := h.at(&question{scope: &scope{}, zones: q.zones, rows: []*compiled{row}, errs: q.errs}, call.Time, nil)
		steps = append(steps, Step{
			Kind: "row", Name: row.ID, Hours: row.hours(), Open: f.open(),
			Source: row.Source, Evidence: row.Evidence, Reviewed: row.Reviewed, Why: row.Note,
		})
	}
	d, err := h.Check(context.Background(), call)
	if err != nil {
		steps = append(steps, Step{Kind: "problem", Name: d.Reason().Code, Why: err.Error()})
	}
	next := d.Until()
	if d.Callable() {
		next = call.Time
	}
	return append(steps, Step{
		Kind: "decision", Name: d.Verdict.String(), Why: d.Reasons.String(), Open: d.Callable(), Next: next,
	})
}

// inForce reports whether a row is in force on the day of the call somewhere. Where no zone is known
// it may be.
func (q *question) inForce(row *compiled, t time.Time) bool {
	known := false
	for _, z := range q.zones {
		for _, loc := range z.locs {
			if known = true; row.inForce(t.In(loc).Format(time.DateOnly)) {
				return true
			}
		}
	}
	return !known
}

// hours is the row's hours in words.
func (c *compiled) hours() string {
	or := func(s string) string {
		if s == "" {
			return "closed"
		}
		return s
	}
	return fmt.Sprintf("Mon-Fri %s, Sat %s, Sun %s, holidays %s",
		or(c.Weekdays), or(c.Saturday), or(c.Sunday), or(c.Holidays))
}
