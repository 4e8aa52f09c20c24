package registry

import (
	"context"
	"errors"

	"github.com/dnc-go/dnc"
)

// CheckBatch asks for many numbers. It groups them by block, fetches the blocks in pipelines on
// several connections, and looks the numbers up in this process. It reads the version in force
// before and after. If that changed, it asks again, at most three times. In a cluster each pipeline
// goes to one node: if a node does not answer, only its own numbers are Unknown. Beside the answer
// it takes at most about 30 MB of memory.
func (r *Registry) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	out := make([]dnc.Decision, len(ns))
	if e := r.notMade(); e != nil {
		return unknownBatch(ns, out, e)
	}
	s, _ := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	var errs []error
	for done := 0; done < len(ns); {
		part := ns[done:min(done+sliceSize, len(ns))]
		taken := s.group(part)
		err := r.checkSlice(ctx, s, part[:taken], out[done:done+taken])
		errs = addError(errs, err)
		done += taken
	}
	return out, errors.Join(errs...)
}

// unknownBatch makes every number Unknown, and blocks the zero Number.
func unknownBatch(ns []dnc.Number, out []dnc.Decision, e *dnc.Error) ([]dnc.Decision, error) {
	var err error
	for i, n := range ns {
		if n.IsZero() {
			out[i] = dnc.Decision{Verdict: dnc.Block, Reasons: invalid}
			continue
		}
		out[i], err = unknown(n, nil, e)
	}
	return out, err
}

// addError keeps each kind of error once.
func addError(errs []error, err error) []error {
	// errors.As would also find a join further down, which has a text of its own around it.
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			errs = addError(errs, e)
		}
		return errs
	}
	if err == nil {
		return errs
	}
	for _, e := range errs {
		if e.Error() == err.Error() {
			return errs
		}
	}
	return append(errs, err)
}

// checkSlice decides numbers that were grouped.
func (r *Registry) checkSlice(ctx context.Context, s *scratch, ns []dnc.Number, out []dnc.Decision) error {
	b := &batchQuery{r: r, s: r.store, numbers: s}
	if len(s.keys) == 0 {
		return b.decide(ns, out, nil)
	}
	for range maxTries {
		h, failure := b.attempt(ctx)
		if failure == nil && h == nil {
			continue // the version changed
		}
		if failure != nil {
			b.failures = nil
			b.failAll(failure)
		}
		return b.decide(ns, out, h)
	}
	b.failures = nil
	b.failAll(r.store.errChanging())
	return b.decide(ns, out, nil)
}
