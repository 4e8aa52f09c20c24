package dnc

import (
	"fmt"
	"time"
)

// Verdict is what a Checker says of a number.
type Verdict uint8

// The three verdicts.
const (
	Unknown Verdict = iota // no full, error-free answer: do not call; the zero value
	Allow                  // every configured list was asked and answered, none has the number
	Block                  // at least one list or rule forbids the call
)

var verdictNames = [...]string{Unknown: "unknown", Allow: "allow", Block: "block"}

// String is "unknown", "allow" or "block".
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}

// MarshalText writes what String returns; any other value is an error.
func (v Verdict) MarshalText() ([]byte, error) {
	if int(v) < len(verdictNames) {
		return []byte(verdictNames[v]), nil
	}
	return nil, fmt.Errorf("dnc: no verdict has the value %d", uint8(v))
}

// UnmarshalText reads what MarshalText writes.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, name := range verdictNames {
		if string(text) == name {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("dnc: a verdict is \"unknown\", \"allow\" or \"block\"")
}

// strength orders verdicts: Block beats Unknown beats Allow.
func (v Verdict) strength() int {
	switch v {
	case Block:
		return 2
	case Allow:
		return 0
	default:
		return 1
	}
}

// Decision is the answer for one number.
type Decision struct {
	Number  Number  `json:"number"`
	Verdict Verdict `json:"verdict"`
	// Every reason, strongest first. There is at least one.
	Reasons Reasons `json:"reasons"`
	// There was no full answer, and Fallback replaced Unknown by this verdict.
	Fallback bool `json:"fallback,omitempty"`
}

// Callable reports whether the number may be dialled. It is true only for the verdict Allow.
func (d Decision) Callable() bool { return d.Verdict == Allow }

// Undecided reports whether there is no full answer for the number: the verdict is Unknown, or
// Fallback replaced an Unknown. Do not dial such a number now. Do not store its decision either:
// ask again later.
func (d Decision) Undecided() bool {
	return d.Verdict == Unknown || d.Fallback || unknownCode(d.Reason().Code)
}

// Reason is the strongest reason, the first of Reasons. For the zero Decision it is checker_failed.
func (d Decision) Reason() Reason {
	if d.Reasons.Len() == 0 {
		return reasonsFailed.all()[0]
	}
	return d.Reasons.all()[0]
}

// Until is the time at which a Block ends by itself: the latest Until of the reasons that block. It
// is zero if one of them has no known end, and for Allow and Unknown. Ask again at that time: the
// answer can be another Block, or Unknown.
func (d Decision) Until() time.Time {
	var last time.Time
	if d.Verdict != Block {
		return last
	}
	for _, r := range d.Reasons.all() {
		switch {
		case r.verdict() != Block:
		case r.Until.IsZero():
			return time.Time{}
		case r.Until.After(last):
			last = r.Until
		}
	}
	return last
}

// Temporary reports whether a Block is about the time of the call, and not about the number. Then
// each reason that blocks has an Until, or is outside_hours, holiday or emergency. Do not write
// such a number to a Do-Not-Call list: it may be called later.
func (d Decision) Temporary() bool {
	temporary := false
	for _, r := range d.Reasons.all() {
		if r.verdict() != Block {
			continue
		}
		switch r.Code {
		case CodeOutsideHours, CodeHoliday, CodeEmergency:
		default:
			if r.Until.IsZero() {
				return false
			}
		}
		temporary = true
	}
	return temporary && d.Verdict == Block
}

// String is the masked number, the verdict and the strongest reason.
func (d Decision) String() string {
	s := d.Number.String() + " " + d.Verdict.String() + " " + d.Reason().String()
	if d.Fallback {
		s += " (fallback)"
	}
	return s
}

func blockInvalid() Decision { return Decision{Verdict: Block, Reasons: reasonsInvalid} }
