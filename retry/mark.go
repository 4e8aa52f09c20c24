package retry

import (
	"context"
	"errors"
	"time"
)

// Permanent marks err as an error after which [Do] must not try again: it returns err itself, at
// once. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &marked{err: err}
}

// After marks err as an error after which [Do] tries again, but not before the wait is over, as
// after a Retry-After of a server. If the wait is zero or less, the [Policy] sets it. A wait above
// [Policy].MaxDelay ends the tries. After(nil, wait) is nil.
func After(err error, wait time.Duration) error {
	if err == nil {
		return nil
	}
	return &marked{err: err, retryable: true, wait: max(wait, 0)}
}

// marked is what Permanent and After return. It has the same methods as any other error may.
type marked struct {
	err       error
	retryable bool
	wait      time.Duration
}

func (e *marked) Error() string             { return e.err.Error() }
func (e *marked) Unwrap() error             { return e.err }
func (e *marked) Retryable() bool           { return e.retryable }
func (e *marked) RetryAfter() time.Duration { return e.wait }

// unmark removes the mark from an error that leaves this package.
func unmark(err error) error {
	if m, ok := err.(*marked); ok { //nolint:errorlint // Only the outermost mark can be taken off.
		return m.err
	}
	return err
}

// verdict is what is known about one failed try.
type verdict struct {
	repeat    bool          // another try is safe and may help
	final     bool          // the error itself says that it may not be repeated
	throttled bool          // the server is well and asks for patience
	silent    bool          // and does not say for how long
	wait      time.Duration // the least wait the server or the error asks for
}

// judgeMarks reads what an error says about itself, and reports whether it says anything. An error
// that may not be repeated because its context ended is not believed when that was the end of a
// try: whoever made it saw no other context.
func judgeMarks(err error) (verdict, bool) {
	var v verdict
	if w, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err); ok {
		v.wait = max(w.RetryAfter(), 0)
		v.throttled = v.wait > 0
	}
	if r, ok := errors.AsType[interface {
		error
		Retryable() bool
	}](err); ok {
		_, late := errors.AsType[*timeoutError](err)
		if _, permanent := r.(*marked); late && !permanent && !r.Retryable() {
			return v, false
		}
		v.repeat = r.Retryable()
		v.final = !v.repeat
		return v, true
	}
	return v, false
}

// judge decides about an error of a function given to Do: whoever hands it over says that it may be
// repeated, so every error is worth another try unless it says otherwise or somebody cancelled.
func judge(err error) verdict {
	v, said := judgeMarks(err)
	if !said {
		v.repeat = !errors.Is(err, context.Canceled)
	}
	return v
}
