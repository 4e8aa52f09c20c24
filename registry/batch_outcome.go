package registry

import (
	"errors"

	"github.com/dnc-go/dnc"
)

// lastFailure is why the store failed last.
func (b *batchQuery) lastFailure() *dnc.Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.failures) - 1; i >= 0; i-- {
		if b.failures[i].Retryable() || b.failures[i].Code == dnc.CodeCanceled {
			return b.failures[i]
		}
	}
	return b.s.fail(dnc.CodeStoreUnavailable, "Redis could not be asked")
}

// found notes what was found of a number, if that number is covered.
func (s *scratch) found(key uint64, listed bool) {
	at := &s.outcomes[s.position(key)]
	if *at == outcomeUncovered {
		return
	}
	*at = outcomeClear
	if listed {
		*at = outcomeListed
	}
}

// isIncomplete reports whether a shard lacked something.
func (b *batchQuery) isIncomplete() bool {
	for _, f := range b.failures {
		if f.Code == dnc.CodeListIncomplete {
			return true
		}
	}
	return false
}

// fail leaves the numbers of queries open.
func (b *batchQuery) fail(from, to int, e *dnc.Error) {
	left := b.failure(e)
	for _, p := range b.numbers.queries[from:to] {
		for _, k := range b.numbers.keys[p.from:p.to] {
			if at := &b.numbers.outcomes[b.numbers.position(k)]; *at != outcomeUncovered {
				*at = left
			}
		}
	}
}

// failAll leaves every number open.
func (b *batchQuery) failAll(e *dnc.Error) {
	left := b.failure(e)
	for _, k := range b.numbers.keys {
		b.numbers.outcomes[b.numbers.position(k)] = left
	}
}

// failure is the outcome of numbers that e left open.
func (b *batchQuery) failure(e *dnc.Error) outcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, f := range b.failures {
		if f.Code == e.Code && f.Hint == e.Hint {
			return outcomeFailed + outcome(i)
		}
	}
	if len(b.failures) == maxFailures {
		for i, f := range b.failures {
			if f.Code == e.Code {
				return outcomeFailed + outcome(i)
			}
		}
		b.failures[maxFailures-1] = b.s.fail(dnc.CodeCheckerFailed, "it failed in too many ways to tell")
		return outcomeFailed + maxFailures - 1
	}
	b.failures = append(b.failures, e)
	return outcomeFailed + outcome(len(b.failures)-1) //nolint:gosec // at most maxFailures
}

// decide makes decisions of what was found.
func (b *batchQuery) decide(ns []dnc.Number, out []dnc.Decision, h *head) error {
	var as [outcomeFailed + maxFailures]dnc.Decision
	open := b.s.fail(dnc.CodeCheckerFailed, "nobody decided the number")
	uncovered := b.s.errUncovered()
	as[outcomeOpen].Reasons = h.reasons(open)
	as[outcomeInvalid] = dnc.Decision{Verdict: dnc.Block, Reasons: invalid}
	as[outcomeUncovered].Reasons = h.reasons(uncovered)
	if h != nil {
		as[outcomeClear] = dnc.Decision{Verdict: dnc.Allow, Reasons: h.clear}
		as[outcomeListed] = dnc.Decision{Verdict: dnc.Block, Reasons: h.hit}
	} else {
		as[outcomeClear], as[outcomeListed] = as[outcomeOpen], as[outcomeOpen]
	}
	for i, f := range b.failures {
		as[int(outcomeFailed)+i].Reasons = h.reasons(f)
	}
	var met [len(as)]bool
	for i, n := range ns {
		found := b.numbers.outcomes[i]
		if n.IsZero() {
			found = outcomeInvalid
		}
		met[found] = true
		out[i] = as[found]
		out[i].Number = n
	}
	var errs []error
	if met[outcomeOpen] || h == nil && (met[outcomeClear] || met[outcomeListed]) {
		errs = append(errs, open)
	}
	if met[outcomeUncovered] {
		errs = append(errs, uncovered)
	}
	for i, f := range b.failures {
		if met[int(outcomeFailed)+i] {
			errs = append(errs, f)
		}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}
