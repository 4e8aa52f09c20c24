package registry

import (
	"errors"

	"github.com/dnc-go/dnc"
)

func (a *asking) lastFailure() *dnc.Error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := len(a.failures) - 1; i >= 0; i-- {
		if a.failures[i].Retryable() || a.failures[i].Code == dnc.CodeCanceled {
			return a.failures[i]
		}
	}
	return a.r.fail(dnc.CodeStoreUnavailable, "Redis could not be asked")
}

func (s *scratch) found(key uint64, listed bool) {
	state := &s.state[s.position(key)]
	if *state == stateUncovered {
		return
	}
	*state = stateClear
	if listed {
		*state = stateListed
	}
}

func (a *asking) incomplete() bool {
	for _, f := range a.failures {
		if f.Code == dnc.CodeListIncomplete {
			return true
		}
	}
	return false
}

// fail leaves the numbers of pieces open.
func (a *asking) fail(from, to int, e *dnc.Error) {
	state := a.failure(e)
	for _, p := range a.s.pieces[from:to] {
		for _, k := range a.s.keys[p.from:p.to] {
			if at := &a.s.state[a.s.position(k)]; *at != stateUncovered {
				*at = state
			}
		}
	}
}

// failAll leaves every number open.
func (a *asking) failAll(e *dnc.Error) {
	state := a.failure(e)
	for _, k := range a.s.keys {
		a.s.state[a.s.position(k)] = state
	}
}

// failure is the state of numbers that e left open.
func (a *asking) failure(e *dnc.Error) uint8 {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, f := range a.failures {
		if f.Code == e.Code && f.Hint == e.Hint {
			return stateFailed + uint8(i)
		}
	}
	if len(a.failures) == maxFailures {
		for i, f := range a.failures {
			if f.Code == e.Code {
				return stateFailed + uint8(i)
			}
		}
		a.failures[maxFailures-1] = a.r.fail(dnc.CodeCheckerFailed, "it failed in too many ways to tell")
		return stateFailed + maxFailures - 1
	}
	a.failures = append(a.failures, e)
	return stateFailed + uint8(len(a.failures)-1) //nolint:gosec // at most maxFailures
}

// fill makes decisions of what was found.
func (a *asking) fill(ns []dnc.Number, out []dnc.Decision, h *head) error {
	var as [stateFailed + maxFailures]dnc.Decision
	open := a.r.fail(dnc.CodeCheckerFailed, "nobody decided the number")
	uncovered := a.r.errNotCovered()
	as[stateOpen].Reasons = h.reasons(open)
	as[stateInvalid] = dnc.Decision{Verdict: dnc.Block, Reasons: invalid}
	as[stateUncovered].Reasons = h.reasons(uncovered)
	if h != nil {
		as[stateClear] = dnc.Decision{Verdict: dnc.Allow, Reasons: h.clear}
		as[stateListed] = dnc.Decision{Verdict: dnc.Block, Reasons: h.hit}
	} else {
		as[stateClear], as[stateListed] = as[stateOpen], as[stateOpen]
	}
	for i, f := range a.failures {
		as[int(stateFailed)+i].Reasons = h.reasons(f)
	}
	var met [len(as)]bool
	for i, n := range ns {
		state := a.s.state[i]
		if n.IsZero() {
			state = stateInvalid
		}
		met[state] = true
		out[i] = as[state]
		out[i].Number = n
	}
	var errs []error
	if met[stateOpen] || h == nil && (met[stateClear] || met[stateListed]) {
		errs = append(errs, open)
	}
	if met[stateUncovered] {
		errs = append(errs, uncovered)
	}
	for i, f := range a.failures {
		if met[int(stateFailed)+i] {
			errs = append(errs, f)
		}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}
