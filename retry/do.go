package retry

import (
	"context"
	"errors"
)

var errNoFunction = errors.New("retry: the function is nil")

// Do calls fn until fn succeeds or returns an error that may not be repeated, or until the policy
// allows no more tries.
//
// Do repeats fn after every error but three: one marked by [Permanent], one with a method
// Retryable() bool that returns false, and context.Canceled. An error with a method RetryAfter()
// time.Duration (see [After]) sets the least wait. The context given to fn ends with ctx, or after
// [Policy].AttemptTimeout.
//
// Do returns nil, or fn's own error if that may not be repeated, or an [*Error] that keeps the last
// error and what ended the tries. It never waits past ctx's deadline: when the next try would begin
// at or after it, Do returns at once. When ctx has ended before the first try, fn is not called.
// A nil fn is an error.
func Do(ctx context.Context, p Policy, fn func(context.Context) error) error {
	if fn == nil {
		return errNoFunction
	}
	_, err := DoValue(ctx, p, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, fn(ctx)
	})
	return err
}

// DoValue is [Do] for a function with a result. With an error the result is the zero value.
// A nil fn is an error.
func DoValue[T any](ctx context.Context, p Policy, fn func(context.Context) (T, error)) (T, error) {
	var zero T
	if fn == nil {
		return zero, errNoFunction
	}
	r, err := newRun(p)
	if err != nil {
		return zero, err
	}
	if ctx.Err() != nil {
		return zero, r.ended(ctx, nil, verdict{})
	}
	for {
		value, err := try(ctx, r, fn)
		if err == nil {
			r.succeeded()
			return value, nil
		}
		v := judge(err)
		switch {
		case v.final:
			return zero, unmark(err)
		case ctx.Err() != nil:
			return zero, r.ended(ctx, err, v)
		case !v.repeat:
			return zero, err
		}
		delay, why := r.next(ctx, v)
		if why != nil {
			return zero, r.giveUp(err, v, why)
		}
		if !r.sleep(ctx, delay, unmark(err)) {
			return zero, r.ended(ctx, err, v)
		}
	}
}

// try calls fn once, under the policy's timeout.
func try[T any](ctx context.Context, r *run, fn func(context.Context) (T, error)) (T, error) {
	r.tries++
	ctx, cancel := r.policy.attempt(ctx)
	defer cancel()
	return fn(ctx)
}
