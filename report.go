package dnc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Checked is an input and its Decision. In fmt and slog it shows only the Decision, because the
// input probably holds the number.
type Checked[T any] struct {
	Input    T
	Decision Decision
	Invalid  error // why the Input is not a number, nil if it is one; a parser of this package gives ErrInvalidNumber
}

// Format shows the Decision in every verb.
func (c Checked[T]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.Decision.String()) }

// LogValue shows the Decision.
func (c Checked[T]) LogValue() slog.Value { return slog.StringValue(c.Decision.String()) }

// Report has the decisions for a batch of inputs, and their counts.
type Report struct {
	Counts
	// Causes says how many inputs are invalid for each cause. The keys hold no telephone number:
	// for an error of a parser of yours the key is only the error's type. Causes is nil if Invalid
	// is 0.
	Causes map[string]int
	// One for each input, in the same order. Checked.Input is the string as it was given.
	Decisions []Checked[string]
}

// Validate reads and checks numbers as they were typed or imported. parse is ParseNumber, which nil
// means too, or the Parse method of a Parser. A string that is not a number is blocked as
// invalid_number, with the cause, and the others are checked. The error is non-nil if and only if a
// verdict is Unknown. With an error the Report also has a decision for every input.
func Validate(ctx context.Context, c Checker, numbers []string, parse func(string) (Number, error)) (Report, error) {
	return validate(numbers, parse, func(ns []Number) ([]Decision, error) { return askBatch(ctx, c, ns) })
}

// ValidateCalls is Validate for calls. calls[i] is the call to numbers[i]; ValidateCalls sets its
// Number in a copy. If the lengths differ, every number is Unknown, checker_failed. A nil parse
// means ParseNumber.
func ValidateCalls(ctx context.Context, r Rule, numbers []string, calls []Call, parse func(string) (Number, error)) (Report, error) {
	return validate(numbers, parse, func(ns []Number) ([]Decision, error) {
		if len(calls) != len(ns) {
			return failBatch(ns, failed(fmt.Sprintf("ValidateCalls has %d numbers and %d calls: give each number its call", len(ns), len(calls))))
		}
		filled := append([]Call(nil), calls...)
		for i, n := range ns {
			filled[i].Number = n
		}
		return askBatch(ctx, r, filled)
	})
}

func validate(numbers []string, parse func(string) (Number, error), check func([]Number) ([]Decision, error)) (Report, error) {
	if parse == nil {
		parse = ParseNumber
	}
	r := Report{Decisions: make([]Checked[string], len(numbers))}
	ns := make([]Number, len(numbers))
	for i, s := range numbers {
		r.Decisions[i].Input = s
		ns[i], r.Decisions[i].Invalid = valid(parse(s))
	}
	ds, err := check(ns)
	for i, d := range ds {
		r.Decisions[i].Decision = d
		r.count(r.Decisions[i])
	}
	return r, err
}

// valid makes sure that there is either a number or an error.
func valid(n Number, err error) (Number, error) {
	switch {
	case err != nil:
		return Number{}, err
	case n.IsZero():
		return Number{}, errZeroNumber
	default:
		return n, nil
	}
}

type reportJSON struct {
	Counts
	Causes    map[string]int `json:"causes,omitempty"`
	Decisions []decisionJSON `json:"decisions"`
}

type decisionJSON struct {
	PhoneNumber string  `json:"phoneNumber"`
	Blocked     bool    `json:"blocked"`
	Reason      string  `json:"reason"`
	Cause       string  `json:"cause,omitempty"`
	Verdict     Verdict `json:"verdict"`
	Reasons     Reasons `json:"reasons"`
	Fallback    bool    `json:"fallback,omitempty"`
}

// MarshalJSON writes the counts, and each decision with its reasons:
//
//	{"total", "blocked", "allowed", "unknown", "invalid", "causes": {"it is empty": 1},
//	 "decisions": [{"phoneNumber", "blocked", "reason", "cause", "verdict",
//	                "reasons": [{"code", "list", "version", "date", "until"}], "fallback"}]}
//
// cause says why an input is not a number. cause, invalid, causes and fallback are left out if they
// are empty. phoneNumber is the input as it was given: do not write this JSON to a log.
func (r Report) MarshalJSON() ([]byte, error) {
	out := reportJSON{r.Counts, r.Causes, make([]decisionJSON, len(r.Decisions))}
	for i, c := range r.Decisions {
		d := withReason(c.Decision, reasonsAllowed)
		cause := ""
		if c.Invalid != nil {
			cause = causeOf(c.Invalid)
		}
		out.Decisions[i] = decisionJSON{c.Input, !d.Callable(), d.Reason().Code, cause, d.Verdict, d.Reasons, d.Fallback}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. Counts that contradict the decisions are an error. A
// Decision has its Number only if phoneNumber is in international form: the JSON does not name the
// country of a national form. Otherwise the Number is zero.
func (r *Report) UnmarshalJSON(data []byte) error {
	var in reportJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	out := Report{Decisions: make([]Checked[string], len(in.Decisions))}
	for i, d := range in.Decisions {
		c := Checked[string]{Input: d.PhoneNumber, Decision: Decision{Verdict: d.Verdict, Reasons: d.Reasons, Fallback: d.Fallback}}
		if d.Cause != "" {
			c.Invalid = toldNumberError(d.Cause)
		} else if n, err := ParseNumber(d.PhoneNumber); err == nil {
			c.Decision.Number = n
		}
		out.Decisions[i] = c
		out.count(c)
	}
	if out.Counts != in.Counts {
		return errors.New("dnc: the counts of a report contradict its decisions")
	}
	*r = out
	return nil
}

// count counts a decision. An input that is no number is invalid whatever the Checker said of it.
func (r *Report) count(c Checked[string]) {
	if c.Invalid == nil {
		r.Add(c.Decision)
		return
	}
	r.Total++
	r.Blocked++
	r.Invalid++
	if r.Causes == nil {
		r.Causes = map[string]int{}
	}
	r.Causes[causeOf(c.Invalid)]++
}

// String is the counts, and the most frequent cause of the invalid inputs.
func (r Report) String() string {
	if len(r.Causes) == 0 {
		return r.Counts.String()
	}
	cause, most := "", 0
	for c, n := range r.Causes {
		if n > most || n == most && c < cause {
			cause, most = c, n
		}
	}
	return fmt.Sprintf("%s (%d of them: %s)", r.Counts, most, cause)
}

// Format shows the String in every verb.
func (r Report) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue shows the counts, and the causes of the invalid inputs.
func (r Report) LogValue() slog.Value {
	return slog.GroupValue(append(r.attrs(), slog.Any("causes", r.Causes))...)
}
