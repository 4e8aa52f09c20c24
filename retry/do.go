package retry

import (
	"context"
	"errors"
	"time"
)

// Do calls f until it succeeds, at most p.MaxAttempts times. f must be safe to repeat. An error is retried unless it is Permanent, or has
// a method Retryable() bool that says no; one with RetryAfter() time.Duration, as After makes, sets the wait. When Do gives up after
// more than one try, or could not wait, the error is an *Error that wraps the last one.
func Do(ctx context.Context, p Policy, f func(ctx context.Context) error) error {
	_, err := DoValue(ctx, p, func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) })
	return err
}

// DoValue is Do for a function that returns a value.
func DoValue[T any](ctx context.Context, p Policy, f func(ctx context.Context) (T, error)) (T, error) {
	p = p.withDefaults()
	var zero T
	for try := 1; ; try++ {
		v, err := f(ctx)
		if err == nil {
			if try == 1 {
				p.Budget.succeeded()
			}
			return v, nil
		}
		if p, ok := errors.AsType[permanent](err); ok {
			return zero, p.error
		}
		if !retryable(err) {
			return zero, err
		}
		asked, ok := wish(err)
		delay, e := p.plan(ctx, try, asked, ok)
		if e == nil {
			e = p.sleep(ctx, try, delay)
		}
		if e != nil {
			e.Err = err
			return zero, e
		}
	}
}

// plan is the wait before the next try, or why there is none.
func (p Policy) plan(ctx context.Context, failed int, asked time.Duration, isAsked bool) (time.Duration, *Error) {
	e := &Error{Attempts: failed}
	if ctx.Err() != nil {
		e.Reason, e.Cause = "the context has ended", context.Cause(ctx)
		return 0, e
	}
	if failed >= p.MaxAttempts {
		e.Reason, e.Wait = "no try is left", asked
		return 0, e
	}
	delay := p.backoff(failed)
	if isAsked {
		if delay = asked; delay > p.MaxRetryAfter {
			e.Reason, e.Wait = "the server wishes for a longer wait than is allowed", delay
			return 0, e
		}
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
		e.Reason, e.Wait = "the wait would end after the caller's deadline", delay
		return 0, e
	}
	if !p.Budget.take() {
		e.Reason, e.Wait = "the retry budget is used up", delay
		return 0, e
	}
	return delay, nil
}

// sleep waits, or says why it was cut short.
func (p Policy) sleep(ctx context.Context, failed int, delay time.Duration) *Error {
	p.Logger.WarnContext(ctx, "retry", "attempt", failed+1, "wait", delay)
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &Error{Attempts: failed, Wait: delay, Reason: "the context has ended", Cause: context.Cause(ctx)}
	}
}
