package dnc

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Checked is an input and the answer for it. In fmt and slog it shows the Decision alone: the input is the caller's, and
// likely holds the number.
type Checked[T any] struct {
	Input    T
	Decision Decision
}

// Format shows the Decision in every verb.
func (c Checked[T]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.Decision.String()) }

// LogValue shows the Decision.
func (c Checked[T]) LogValue() slog.Value { return slog.StringValue(c.Decision.String()) }

// Report is the answer for a batch of inputs: Total = Blocked + Allowed.
type Report struct {
	Total   int
	Blocked int // everything that is not callable
	Allowed int
	Unknown int // those of Blocked for which there was no answer, be it that a fallback blocked them
	// One for each input, in its order; the Input is the number as it was given.
	Decisions []Checked[string]
}

// Validate reads and checks numbers as they were typed or imported. parse is ParseNumber (also if nil) or a Parser's Parse. A
// string that is no number is blocked as invalid_number and aborts nothing. The Report is complete also beside an error,
// which is non-nil if and only if a verdict is Unknown.
func Validate(ctx context.Context, c Checker, numbers []string, parse func(string) (Number, error)) (Report, error) {
	if parse == nil {
		parse = ParseNumber
	}
	ns := make([]Number, len(numbers))
	for i, s := range numbers {
		if n, err := parse(s); err == nil {
			ns[i] = n
		}
	}
	ds, err := askBatch(ctx, c, ns)
	r := Report{Total: len(ds), Decisions: make([]Checked[string], len(ds))}
	for i, d := range ds {
		r.Decisions[i] = Checked[string]{numbers[i], d}
		switch {
		case d.Callable():
			r.Allowed++
		case d.Undecided():
			r.Unknown++
			r.Blocked++
		default:
			r.Blocked++
		}
	}
	return r, err
}

type reportJSON struct {
	Total     int            `json:"total"`
	Blocked   int            `json:"blocked"`
	Allowed   int            `json:"allowed"`
	Unknown   int            `json:"unknown"`
	Decisions []decisionJSON `json:"decisions"`
}

type decisionJSON struct {
	PhoneNumber string   `json:"phoneNumber"`
	Blocked     bool     `json:"blocked"`
	Reason      string   `json:"reason"`
	Verdict     Verdict  `json:"verdict"`
	Reasons     []Reason `json:"reasons"`
	Fallback    bool     `json:"fallback,omitempty"`
}

// MarshalJSON writes {"total","blocked","allowed","unknown","decisions":[{"phoneNumber","blocked","reason","verdict",
// "reasons":[{"code","list","version","date"}],"fallback"}]}. phoneNumber is the input as it was given: this JSON is for
// whoever asked, not for a log.
func (r Report) MarshalJSON() ([]byte, error) {
	out := reportJSON{r.Total, r.Blocked, r.Allowed, r.Unknown, make([]decisionJSON, len(r.Decisions))}
	for i, c := range r.Decisions {
		d := withReason(c.Decision)
		out.Decisions[i] = decisionJSON{c.Input, !d.Callable(), d.Reason().Code, d.Verdict, d.Reasons, d.Fallback}
	}
	return json.Marshal(out)
}

// String is the counts.
func (r Report) String() string {
	return fmt.Sprintf("total=%d blocked=%d allowed=%d unknown=%d", r.Total, r.Blocked, r.Allowed, r.Unknown)
}

// Format shows the counts in every verb.
func (r Report) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue shows the counts.
func (r Report) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("total", r.Total), slog.Int("blocked", r.Blocked),
		slog.Int("allowed", r.Allowed), slog.Int("unknown", r.Unknown))
}
