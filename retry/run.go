package retry

import (
	"context"
	"log/slog"
	"time"
)

// run is one operation under a policy: what Do and Transport have in common.
type run struct {
	policy Policy
	tries  int
	cost   int // of the repeat that is under way, 0 during the first try
}

func newRun(p Policy) (*run, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &run{policy: p.withDefaults()}, nil
}

// next returns the wait before another try, or what forbids one. The budget is asked last: a repeat
// that does not take place must not be paid for.
func (r *run) next(ctx context.Context, v verdict) (time.Duration, error) {
	if r.tries >= r.policy.MaxAttempts {
		return 0, errAttempts
	}
	if v.wait > r.policy.MaxDelay {
		return 0, ErrWaitTooLong
	}
	delay := r.policy.delay(r.tries, v.wait)
	if v.silent {
		delay = r.policy.throttled(r.tries)
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Add(delay).Before(deadline) {
		return 0, ErrDeadline
	}
	cost := budgetFailure
	if v.throttled {
		cost = budgetThrottled
	}
	if !r.policy.Budget.take(cost) {
		return 0, ErrBudget
	}
	r.cost = cost
	return delay, nil
}

// succeeded tells the budget that the other side is well.
func (r *run) succeeded() {
	r.policy.Budget.give(max(r.cost, budgetSuccess))
}

// giveUp wraps the last error with what ended the tries. Where nothing was to be repeated there is
// nothing to add.
func (r *run) giveUp(last error, v verdict, why error) error {
	last = unmark(last)
	if why == errAttempts { //nolint:errorlint // Never wrapped.
		if r.policy.MaxAttempts == 1 {
			return last
		}
		return &Error{Attempts: r.tries, Err: last, wait: v.wait}
	}
	return &Error{Attempts: r.tries, Err: last, wait: v.wait, why: []error{why}}
}

// ended wraps the last error, if there was a try, with what the context says.
func (r *run) ended(ctx context.Context, last error, v verdict) error {
	return &Error{Attempts: r.tries, Err: unmark(last), wait: v.wait, why: endings(ctx)}
}

// sleep waits, and reports whether the context let it.
func (r *run) sleep(ctx context.Context, d time.Duration, last error, attrs ...slog.Attr) bool {
	attrs = append(attrs, slog.Int("try", r.tries), slog.Duration("wait", d), slog.Any("error", last))
	r.policy.Logger.LogAttrs(ctx, slog.LevelWarn, "retry: trying again", attrs...)
	return pause(ctx, d) == nil
}

// pause waits for d or for the end of the context, whichever comes first, and returns the context's
// Err.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
