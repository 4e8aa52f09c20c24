package retry

import (
	"errors"
	"fmt"
	"time"
)

// Error is what Do and DoValue return when they give up. errors.Is and errors.As find the last error and, if the caller's context
// ended, its cause.
type Error struct {
	Attempts int           // tries that were made
	Wait     time.Duration // the wait that would have come next; 0 if none would
	Reason   string        // why there is no further try
	Err      error         // of the last try
	Cause    error         // of the context's end; nil if it has not ended
}

// Error names the tries, the reason, and the last error.
func (e *Error) Error() string {
	s := fmt.Sprintf("retry: gave up after %d tries: %s", e.Attempts, e.Reason)
	if e.Wait > 0 {
		s += fmt.Sprintf(" (the next wait is %v)", e.Wait)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s + ": " + e.Err.Error()
}

// Unwrap is the last error and the context's cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Cause}
}

// RetryAfter is the wait that would have come next.
func (e *Error) RetryAfter() time.Duration { return e.Wait }

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }
func (permanent) Retryable() bool { return false }

// Permanent makes an error that is not retried. Do returns it as it was given.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

type after struct {
	error
	wait time.Duration
}

func (a after) Unwrap() error             { return a.error }
func (a after) RetryAfter() time.Duration { return a.wait }

// After makes an error that is retried after a time, as a server wished. Below 0 is 0.
func After(err error, wait time.Duration) error {
	if err == nil {
		return nil
	}
	return after{err, max(wait, 0)}
}

// retryable asks an error, if it can answer; others are retried, for whoever calls Do says that it may be repeated.
func retryable(err error) bool {
	var r interface{ Retryable() bool }
	return !errors.As(err, &r) || r.Retryable()
}

// wish is the wait that an error asks for.
func wish(err error) (time.Duration, bool) {
	var r interface{ RetryAfter() time.Duration }
	if errors.As(err, &r) && r.RetryAfter() > 0 {
		return r.RetryAfter(), true
	}
	var a after
	return 0, errors.As(err, &a)
}
