package dnc

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// Checker answers whether numbers may be dialled. RedisChecker and Memory are Checkers, and so is
// everything that Union, ByPrefix, TimeLimit, Breaker, Fallback and Protect make of Checkers.
//
// The contract, which package dnctest tests:
//   - A Checker is safe for concurrent use, and does not change or keep ns.
//   - CheckBatch returns exactly one Decision for each number, in the order of ns.
//   - The error is non-nil if and only if a verdict is Unknown. With an error there is also a
//     decision for every number, and what could be decided is decided.
//   - The zero Number is Block with the reason invalid_number.
//   - When ctx ends, the numbers that are not decided yet are Unknown, and the error is the
//     context's.
//
// This package checks every answer of a Checker of yours: one that breaks the contract becomes
// Unknown, checker_failed.
type Checker interface {
	Check(ctx context.Context, n Number) (Decision, error)
	CheckBatch(ctx context.Context, ns []Number) ([]Decision, error)
}

// CheckerFunc makes a Checker of a function that decides a batch. An answer that breaks the
// contract of Checker becomes Unknown, checker_failed.
type CheckerFunc func(ctx context.Context, ns []Number) ([]Decision, error)

// Check calls f with one number.
func (f CheckerFunc) Check(ctx context.Context, n Number) (Decision, error) {
	ds, err := f.CheckBatch(ctx, []Number{n})
	return ds[0], err
}

// CheckBatch calls f, and checks its answer.
func (f CheckerFunc) CheckBatch(ctx context.Context, ns []Number) ([]Decision, error) {
	if f == nil {
		return failBatch(ns, failed("the CheckerFunc is nil"))
	}
	return distrust(ns, reasonsAllowed, func() ([]Decision, error) { return f(ctx, ns) })
}

func failed(hint string) *Error { return &Error{Code: CodeCheckerFailed, Hint: hint} }

// unknown is the decision of a number that err left open.
func unknown(n Number, err *Error) Decision {
	if n.IsZero() {
		return blockInvalid()
	}
	return Decision{Number: n, Verdict: Unknown, Reasons: err.reasons()}
}

// errExited is what a source is blamed for that ended the goroutine in which it was asked, as
// t.FailNow of a test does.
var errExited = failed("it ended its goroutine (runtime.Goexit) instead of an answer")

// askGroups asks about groups of numbers at the same time, for at most so many groups at once. A
// group is the places of its numbers in ns, and out gets the decisions. A group whose source ended
// its goroutine stays open.
func askGroups(
	ns []Number, groups [][]int, most int, out []Decision, ask func(group int, ns []Number) ([]Decision, error),
) []error {
	errs := make([]error, len(groups))
	turns := make(chan struct{}, most)
	var wg sync.WaitGroup
	for k, places := range groups {
		if len(places) == 0 {
			continue
		}
		turns <- struct{}{}
		wg.Go(func() {
			group := make([]Number, len(places))
			for j, i := range places {
				group[j] = ns[i]
			}
			var ds []Decision
			defer func() { // also of a goroutine that was ended
				if ds == nil {
					ds, errs[k] = failBatch(group, errExited)
				}
				for j, i := range places {
					out[i] = ds[j]
				}
				<-turns
			}()
			ds, errs[k] = ask(k, group)
		})
	}
	wg.Wait()
	return errs
}

// failBatch leaves every number of a batch open.
func failBatch(ns []Number, err *Error) ([]Decision, error) {
	ds := make([]Decision, len(ns))
	reasons := err.reasons()
	open := false
	for i, n := range ns {
		if n.IsZero() {
			ds[i] = blockInvalid()
			continue
		}
		ds[i] = Decision{Number: n, Verdict: Unknown, Reasons: reasons}
		open = true
	}
	if !open {
		return ds, nil
	}
	return ds, err
}

// subject is what is asked about: whether a number may be dialled, or a call be made.
type subject interface {
	Number | Call
	number() Number
}

// source is what can be asked: a source[Number] is a Checker, a source[Call] is a Rule. What is
// built on others, as Union and Protect, is written once for both.
type source[Q subject] interface {
	Check(ctx context.Context, q Q) (Decision, error)
	CheckBatch(ctx context.Context, qs []Q) ([]Decision, error)
}

// numbersOf is the number of each subject.
func numbersOf[Q subject](qs []Q) []Number {
	if ns, ok := any(qs).([]Number); ok {
		return ns
	}
	ns := make([]Number, len(qs))
	for i, q := range qs {
		ns[i] = q.number()
	}
	return ns
}

// ask is Check of a source that is not trusted.
func ask[Q subject](ctx context.Context, c source[Q], q Q) (d Decision, err error) {
	n := q.number()
	if n.IsZero() {
		return blockInvalid(), nil
	}
	if c == nil {
		err := failed(isNil[Q]())
		return unknown(n, err), err
	}
	defer func() {
		if p := recover(); p != nil {
			e := failed(panicText(p))
			d, err = unknown(n, e), e
		}
	}()
	d, err = c.Check(ctx, q)
	var wrong string
	switch {
	case d.Number != n:
		wrong = "it answered for another number"
	case d.Verdict > Block:
		wrong = "its verdict is not one of the three"
	case d.Verdict == Allow && err != nil:
		wrong = "it allowed, and returned an error"
	case d.Verdict == Unknown && err == nil:
		wrong = "it answered unknown without an error"
	case contradicts(d):
		wrong = contradiction
	case d.Verdict == Block:
		return withReason(d, allowedBy[Q]()), nil
	default:
		return withReason(d, allowedBy[Q]()), err
	}
	e := failed(wrong)
	e.Err = err
	return unknown(n, e), e
}

// askBatch is CheckBatch of a source that is not trusted.
func askBatch[Q subject](ctx context.Context, c source[Q], qs []Q) ([]Decision, error) {
	if len(qs) == 0 {
		return []Decision{}, nil
	}
	ns := numbersOf(qs)
	if c == nil {
		return failBatch(ns, failed(isNil[Q]()))
	}
	return distrust(ns, allowedBy[Q](), func() ([]Decision, error) { return c.CheckBatch(ctx, qs) })
}

func isCall[Q subject]() bool {
	var q Q
	_, ok := any(q).(Call)
	return ok
}

func isNil[Q subject]() string {
	if isCall[Q]() {
		return "a Rule is nil"
	}
	return "a Checker is nil"
}

// allowedBy is the reason for an Allow without reasons. For a Rule it is not_forbidden, because a
// Rule may not know whether the number is listed.
func allowedBy[Q subject]() Reasons {
	if isCall[Q]() {
		return reasonsNotForbidden
	}
	return reasonsAllowed
}

// distrust runs a check and makes checker_failed of every answer that breaks the contract of
// Checker. allowed is the reason for an Allow without reasons.
func distrust(ns []Number, allowed Reasons, check func() ([]Decision, error)) (ds []Decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			ds, err = failBatch(ns, failed(panicText(p)))
		}
	}()
	ds, err = check()
	if len(ds) != len(ns) {
		e := failed(fmt.Sprintf("it answered %d decisions for %d numbers", len(ds), len(ns)))
		e.Err = err
		return failBatch(ns, e)
	}
	open, sound := 0, true
	var last Decision // decisions share their reasons
	for i := range ds {
		d := &ds[i]
		if d.Verdict == Unknown {
			open++
		}
		if d.Reasons != last.Reasons || d.Verdict != last.Verdict || d.Fallback != last.Fallback {
			last = *d
			sound = sound && !contradicts(last)
		}
		sound = sound && d.Number == ns[i] && d.Verdict <= Block && d.Reasons.Len() > 0 &&
			(d.Number.v != 0 || d.Reasons.all()[0].Code == CodeInvalidNumber && d.Verdict == Block)
	}
	if sound && (open > 0) == (err != nil) {
		return ds, err
	}
	return mend(ns, allowed, ds, err, open)
}

// mend replaces the decisions that break the contract. It works on a copy: the slice may be the
// Checker's own.
func mend(ns []Number, allowed Reasons, ds []Decision, err error, open int) ([]Decision, error) {
	mended := make([]Decision, len(ds))
	var wrong string
	left := false
	for i, d := range ds {
		n := ns[i]
		hint := ""
		switch {
		case n.IsZero():
			mended[i] = blockInvalid()
			continue
		case d.Number != n:
			hint = "it answered for another number"
		case d.Verdict > Block:
			hint = "its verdict is not one of the three"
		case open == 0 && err != nil:
			hint = "it returned an error and left no number open"
		case d.Verdict == Unknown && err == nil:
			hint = "it answered unknown without an error"
		case contradicts(d):
			hint = contradiction
		}
		if hint != "" {
			wrong = hint
			d = Decision{Number: n, Verdict: Unknown, Reasons: reasonsFailed}
		}
		mended[i] = withReason(d, allowed)
		left = left || d.Verdict == Unknown
	}
	switch {
	case !left:
		return mended, nil
	case wrong == "":
		return mended, err
	default:
		e := failed(wrong)
		e.Err = err
		return mended, e
	}
}

const contradiction = "its verdict contradicts its reasons"

// contradicts reports whether a verdict cannot be that of its reasons: an Allow beside a reason
// against the call, or an Unknown with nothing but reasons to allow. Codes of a Checker's own go
// with every verdict. What a fallback allowed keeps the reasons of its doubt.
func contradicts(d Decision) bool {
	if d.Verdict == Block {
		return false
	}
	allows := d.Reasons.Len() > 0
	for _, r := range d.Reasons.all() {
		if d.Verdict == Allow && (forbids(r.Code) || !d.Fallback && unknownCode(r.Code)) {
			return true
		}
		allows = allows && r.verdict() == Allow
	}
	return d.Verdict == Unknown && allows
}

// withReason gives a decision its reason if it has none.
func withReason(d Decision, allowed Reasons) Decision {
	if d.Reasons.Len() > 0 {
		return d
	}
	switch d.Verdict {
	case Allow:
		d.Reasons = allowed
	case Block:
		d.Reasons = reasonsBlocked
	default:
		d.Reasons = reasonsFailed
	}
	return d
}

// panicText tells what a panic was without its value, which may hold a number.
func panicText(p any) string {
	if e, ok := p.(runtime.Error); ok {
		return "it panicked: " + e.Error()
	}
	return fmt.Sprintf("it panicked with a %T", p)
}
