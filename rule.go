package dnc

import (
	"context"
	"slices"
)

// Rule answers whether calls may be made. A Checker knows only the number. A Rule also knows when
// the call is made, for what purpose and to where. RuleOf makes a Rule of a list, package calltime
// has the Rule of calling hours, and All combines several.
//
// The contract is that of Checker, and package dnctest tests it:
//   - A Rule is safe for concurrent use, and does not change or keep calls.
//   - CheckBatch returns exactly one Decision for each call, in the order of calls.
//   - The error is non-nil if and only if a verdict is Unknown. With an error there is also a
//     decision for every call, and what could be decided is decided.
//   - A call to the zero Number is Block with the reason invalid_number.
//   - When ctx ends, the calls that are not decided yet are Unknown, and the error is the
//     context's.
//
// A Rule that is not a list, such as calling hours, allows with the code not_forbidden, not with
// allowed: it does not know whether the number is listed. So beside a list that only blocks
// (BlockOnly) there must still be a list that allows.
//
// Reason.Until says when a Block ends by itself.
type Rule interface {
	Check(ctx context.Context, call Call) (Decision, error)
	CheckBatch(ctx context.Context, calls []Call) ([]Decision, error)
}

// RuleFunc makes a Rule of a function that decides a batch. An answer that breaks the contract of
// Rule becomes Unknown, checker_failed.
type RuleFunc func(ctx context.Context, calls []Call) ([]Decision, error)

// Check calls f with one call.
func (f RuleFunc) Check(ctx context.Context, call Call) (Decision, error) {
	ds, err := f.CheckBatch(ctx, []Call{call})
	return ds[0], err
}

// CheckBatch calls f, and checks its answer.
func (f RuleFunc) CheckBatch(ctx context.Context, calls []Call) ([]Decision, error) {
	if f == nil {
		return failBatch(numbersOf(calls), failed("the RuleFunc is nil"))
	}
	return distrust(numbersOf(calls), reasonsNotForbidden, func() ([]Decision, error) { return f(ctx, calls) })
}

// RuleOf makes a Rule of a list: it asks c for the number of each call, and reads nothing else.
func RuleOf(c Checker) Rule { return listRule{c} }

type listRule struct{ c Checker }

func (r listRule) Check(ctx context.Context, call Call) (Decision, error) {
	return ask(ctx, r.c, call.Number)
}

func (r listRule) CheckBatch(ctx context.Context, calls []Call) ([]Decision, error) {
	return askBatch(ctx, r.c, numbersOf(calls))
}

// CheckerOf makes a Checker of a Rule. Use it where a Checker is needed: Validate, Stream, package
// preflight. template is the Call that the Rule is asked about, with each number filled in. If
// template.Time is zero, the time of the call is that of the check.
func CheckerOf(r Rule, template Call) Checker {
	template.Location.Zones = slices.Clone(template.Location.Zones)
	return ruleChecker{r, template}
}

type ruleChecker struct {
	r        Rule
	template Call
}

// callsAtOnce bounds the memory of a batch: a Call is larger than a Number by a factor of 25.
const callsAtOnce = 10_000

func (c ruleChecker) Check(ctx context.Context, n Number) (Decision, error) {
	call := c.template
	call.Number = n
	return ask(ctx, c.r, call)
}

func (c ruleChecker) CheckBatch(ctx context.Context, ns []Number) ([]Decision, error) {
	if list, ok := c.r.(listRule); ok {
		return askBatch(ctx, list.c, ns)
	}
	calls := make([]Call, min(len(ns), callsAtOnce))
	for i := range calls {
		calls[i] = c.template
	}
	out := make([]Decision, 0, len(ns))
	var errs []error
	for len(ns) > 0 {
		part := ns[:min(len(ns), callsAtOnce)]
		ns = ns[len(part):]
		for i, n := range part {
			calls[i].Number = n
		}
		ds, err := askBatch(ctx, c.r, calls[:len(part)])
		out = append(out, ds...)
		errs = append(errs, err)
	}
	return out, joinErrors(errs...)
}

// All asks all Rules at the same time and merges their answers as Union does: Block beats Unknown
// beats Allow. So a call is allowed only if every Rule allows it. Reasons has the reasons of all,
// strongest first. An All without Rules, or with a nil one, never allows.
func All(rs ...Rule) Rule {
	all := &union[Call]{none: "it is an All of no Rules"}
	for _, r := range rs {
		all.cs = append(all.cs, r)
	}
	return all
}

// ProtectRule makes the Rule that a dialer should ask. It is Protect for Rules: each gets a time
// limit and a breaker of its own, and the whole gets a fallback that blocks. The Rule is r, or, if
// r is an All, each of its Rules. In a RuleOf(Union(...)) each list of the Union is guarded by
// itself:
//
//	dnc.ProtectRule(dnc.All(dnc.RuleOf(dnc.Union(national, optOuts)), hours))
//
// The options are those of Protect.
func ProtectRule(r Rule, opts ...ProtectOption) Rule {
	return protect(&union[Call]{cs: parts(r)}, opts)
}

// parts is what an All asks, down to the single lists. It is never empty: an All of nothing is a
// part by itself, because it must keep every call from being allowed.
func parts(r source[Call]) []source[Call] {
	var out []source[Call]
	switch r := r.(type) {
	case *union[Call]:
		if len(r.cs) == 0 {
			break
		}
		for _, part := range r.cs {
			out = append(out, parts(part)...)
		}
		return out
	case listRule:
		u, ok := r.c.(*union[Number])
		if !ok || len(u.cs) == 0 {
			break
		}
		for _, c := range u.cs {
			out = append(out, listRule{c})
		}
		return out
	}
	return []source[Call]{r}
}
