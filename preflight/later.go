package preflight

import "github.com/dnc-go/dnc"

// attemptLimit is the code of a limit of attempts. It ends by itself too, also where Until is not
// known.
const attemptLimit = "attempt_limit"

// later reports whether a number is blocked only for now: each of its reasons ends by itself. A DNC
// list or a mark would keep it from being called for good.
func later(d dnc.Decision) bool { return blockedForNow(d) && !doubtful(d) }

// doubtful reports whether a number has no full answer. Where calling hours block and a list is not
// known, Block is right now, and at the opening it is not known whether the number may be called.
func doubtful(d dnc.Decision) bool {
	if d.Undecided() {
		return true
	}
	if !blockedForNow(d) {
		return false
	}
	for r := range d.Reasons.All() {
		if unknownReason(r) {
			return true
		}
	}
	return false
}

func blockedForNow(d dnc.Decision) bool {
	if d.Verdict != dnc.Block {
		return false
	}
	if d.Reasons.Len() == 1 {
		return d.Temporary() || d.Reason().Code == attemptLimit
	}
	temporary := false
	for r := range d.Reasons.All() {
		one := dnc.Decision{Verdict: dnc.Block, Reasons: dnc.ReasonsOf(r)}
		switch {
		case r.Code == attemptLimit, one.Temporary():
			temporary = true
		case !unknownReason(r) && r.Code != dnc.CodeAllowed && r.Code != dnc.CodeNotForbidden:
			return false
		}
	}
	return temporary
}

// unknownReason reports whether a reason is one of Unknown.
func unknownReason(r dnc.Reason) bool {
	return (dnc.Decision{Verdict: dnc.Block, Reasons: dnc.ReasonsOf(r)}).Undecided()
}
