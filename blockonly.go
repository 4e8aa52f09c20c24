package dnc

import "context"

// BlockOnly makes a Checker that blocks the numbers of a list, and never allows a number. Use it in
// a Union, for a state's list beside the national one: a number that is not on the state's list is
// allowed if the national list allows it.
//
// A number that the list does not have, or does not cover, is Unknown, not_listed. Union ignores
// such an answer if another Checker has an answer. If all its Checkers only block, the number stays
// Unknown. Every other Unknown, such as list_missing, counts as usual: while a state's list is
// missing, no number is allowed. A number that a Fallback within has allowed unchecked is Unknown
// again.
//
// TimeLimit and Breaker may be inside BlockOnly or around it. Put Fallback around the Union.
func BlockOnly(c Checker) Checker { return blockOnly{c} }

type blockOnly struct{ c Checker }

var errNotListed = &Error{Code: CodeNotListed, Hint: "a list that only blocks does not have the number: ask it in a Union with a list that covers the number"}

func (b blockOnly) Check(ctx context.Context, n Number) (Decision, error) {
	d, err := ask(ctx, b.c, n)
	if unchecked(d) {
		e := uncheckedError(d)
		return Decision{Number: n, Verdict: Unknown, Reasons: d.Reasons}, e
	}
	if !saysNothing(d) {
		return d, err
	}
	return Decision{Number: n, Verdict: Unknown, Reasons: asNotListed(d.Reasons)}, errNotListed
}

func (b blockOnly) CheckBatch(ctx context.Context, ns []Number) ([]Decision, error) {
	ds, err := askBatch(ctx, b.c, ns)
	out := make([]Decision, len(ds))
	var last, reasons Reasons // decisions share their reasons
	found, open := false, false
	var doubt error
	for i, d := range ds {
		out[i] = d
		if unchecked(d) {
			if doubt == nil {
				doubt = uncheckedError(d)
			}
			out[i] = Decision{Number: d.Number, Verdict: Unknown, Reasons: d.Reasons}
			continue
		}
		if !saysNothing(d) {
			open = open || d.Verdict == Unknown
			continue
		}
		if d.Reasons != last {
			last, reasons = d.Reasons, asNotListed(d.Reasons)
		}
		out[i] = Decision{Number: d.Number, Verdict: Unknown, Reasons: reasons}
		found = true
	}
	if !open {
		err = nil
	}
	if found {
		err = joinErrors(err, doubt, errNotListed)
	} else {
		err = joinErrors(err, doubt)
	}
	return out, err
}

// unchecked reports whether a fallback has allowed a number that nobody could check. A list that
// never allows cannot pass that on, and it is no sign that the list does not have the number.
func unchecked(d Decision) bool { return d.Verdict == Allow && d.Fallback }

func uncheckedError(d Decision) *Error {
	r := d.Reason()
	return &Error{Code: r.Code, List: r.List, Hint: "a Fallback within BlockOnly has allowed the number unchecked, " +
		"and a list that only blocks allows none: put Fallback around the Union"}
}

// saysNothing reports whether a list that only blocks has nothing to say of a number: it would
// allow it, or does not cover it.
func saysNothing(d Decision) bool {
	return d.Reasons.Len() > 0 && (d.Verdict == Allow || d.Verdict == Unknown && onlyCode(d.Reasons, CodeNotCovered))
}

// asNotListed is the reasons of a list that does not have a number.
func asNotListed(reasons Reasons) Reasons { return reasons.withCode(CodeNotListed) }

// withCode is a copy in which every reason has a code.
func (r Reasons) withCode(code string) Reasons {
	out := append([]Reason(nil), r.all()...)
	for i := range out {
		out[i].Code = code
	}
	return ReasonsOf(out...)
}

// recoded is a copy in which one code is replaced.
func (r Reasons) recoded(from, to string) Reasons {
	out := append([]Reason(nil), r.all()...)
	for i := range out {
		if out[i].Code == from {
			out[i].Code = to
		}
	}
	return ReasonsOf(out...)
}

func onlyCode(reasons Reasons, code string) bool {
	for _, r := range reasons.all() {
		if r.Code != code {
			return false
		}
	}
	return true
}

// isNotListed reports whether a decision is that of lists that only block and do not have the
// number, merged with nothing but Rules that do not forbid the call.
func isNotListed(d Decision) bool {
	if d.Verdict != Unknown {
		return false
	}
	found := false
	for _, r := range d.Reasons.all() {
		switch r.Code {
		case CodeNotListed:
			found = true
		case CodeNotForbidden:
		default:
			return false
		}
	}
	return found
}

// hasNoList reports whether a decision is that of Rules that are not lists: nobody has said yet that
// the number is on no list.
func hasNoList(d Decision) bool {
	return d.Verdict == Allow && onlyCode(d.Reasons, CodeNotForbidden)
}

// leaveOutNotListed makes an ordinary Allow of not_listed where another list has an answer: it is
// one more list that was asked and does not have the number. If all lists only block, nothing
// changes.
func leaveOutNotListed(ds []Decision) []Decision {
	notListed, answered := false, false
	for _, d := range ds {
		if isNotListed(d) {
			notListed = true
		} else if !hasNoList(d) {
			answered = true
		}
	}
	if !notListed || !answered {
		return ds
	}
	out := make([]Decision, len(ds))
	for i, d := range ds {
		if isNotListed(d) {
			d.Verdict, d.Reasons = Allow, d.Reasons.recoded(CodeNotListed, CodeAllowed)
		}
		out[i] = d
	}
	return out
}
