package retry

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errFlaky = errors.New("flaky")

// failing returns a function that fails n times, and a pointer to the number of its calls.
func failing(n int, err error) (func(context.Context) error, *int) {
	calls := new(int)
	return func(context.Context) error {
		*calls++
		if *calls <= n {
			return err
		}
		return nil
	}, calls
}

func TestDoRepeatsUntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fn, calls := failing(3, errFlaky)
		start := time.Now()
		require.NoError(t, Do(t.Context(), Policy{}, fn))
		assert.Equal(t, 4, *calls)
		assert.LessOrEqual(t, time.Since(start), 3500*time.Millisecond) // 0.5 + 1 + 2 s
	})
}

func TestDoCountsTriesNotRepeats(t *testing.T) {
	for _, tries := range []int{1, 2, 4, 7} {
		synctest.Test(t, func(t *testing.T) {
			fn, calls := failing(100, errFlaky)
			err := Do(t.Context(), Policy{MaxAttempts: tries}, fn)
			require.ErrorIs(t, err, errFlaky)
			assert.Equal(t, tries, *calls)
			if tries == 1 {
				assert.Same(t, errFlaky, err, "with nothing to repeat there is nothing to add")
				return
			}
			e, ok := errors.AsType[*Error](err)
			require.True(t, ok)
			assert.Equal(t, tries, e.Attempts)
			assert.Equal(t, errFlaky, e.Err)
			assert.True(t, e.Retryable())
			assert.Equal(t, fmt.Sprintf("retry: failed after %d tries: flaky", tries), err.Error())
		})
	}
}

func TestDoDefaultIsFourTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fn, calls := failing(100, errFlaky)
		require.Error(t, Do(t.Context(), Policy{}, fn))
		assert.Equal(t, 4, *calls)
	})
}

func TestDoValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		v, err := DoValue(t.Context(), Policy{}, func(context.Context) (int, error) {
			n++
			if n < 3 {
				return -1, errFlaky
			}
			return 42, nil
		})
		require.NoError(t, err)
		assert.Equal(t, 42, v)

		v, err = DoValue(t.Context(), Policy{MaxAttempts: 2}, func(context.Context) (int, error) { return -1, errFlaky })
		require.Error(t, err)
		assert.Zero(t, v)
	})
}

func TestDoPermanent(t *testing.T) {
	fn, calls := failing(100, Permanent(errFlaky))
	err := Do(t.Context(), Policy{}, fn)
	assert.Same(t, errFlaky, err, "the mark is taken off")
	assert.Equal(t, 1, *calls)

	wrapped := fmt.Errorf("outer: %w", Permanent(errFlaky))
	fn, calls = failing(100, wrapped)
	assert.Equal(t, wrapped, Do(t.Context(), Policy{}, fn))
	assert.Equal(t, 1, *calls)

	assert.NoError(t, Permanent(nil))
	assert.NoError(t, After(nil, time.Second))
}

// spoken is an error that speaks for itself, as those of other packages do.
type spoken struct {
	retryable bool
	wait      time.Duration
}

func (spoken) Error() string               { return "spoken" }
func (e spoken) Retryable() bool           { return e.retryable }
func (e spoken) RetryAfter() time.Duration { return e.wait }

func TestDoHonoursWhatErrorsSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fn, calls := failing(100, fmt.Errorf("wrapped: %w", spoken{retryable: false}))
		require.Error(t, Do(t.Context(), Policy{}, fn))
		assert.Equal(t, 1, *calls)

		start := time.Now()
		fn, calls = failing(1, fmt.Errorf("wrapped: %w", spoken{retryable: true, wait: 7 * time.Second}))
		require.NoError(t, Do(t.Context(), Policy{}, fn))
		assert.Equal(t, 2, *calls)
		assert.GreaterOrEqual(t, time.Since(start), 7*time.Second)
		assert.LessOrEqual(t, time.Since(start), 7500*time.Millisecond)
	})
}

func TestDoAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, wait := range []time.Duration{time.Second, 30 * time.Second, 60 * time.Second} {
			start := time.Now()
			fn, _ := failing(1, After(errFlaky, wait))
			require.NoError(t, Do(t.Context(), Policy{}, fn))
			assert.GreaterOrEqual(t, time.Since(start), wait)
			assert.LessOrEqual(t, time.Since(start), min(wait+500*time.Millisecond, 60*time.Second))
		}
		start := time.Now()
		fn, calls := failing(1, After(errFlaky, 61*time.Second))
		err := Do(t.Context(), Policy{}, fn)
		require.ErrorIs(t, err, ErrWaitTooLong)
		require.ErrorIs(t, err, errFlaky)
		assert.Equal(t, 1, *calls)
		assert.Zero(t, time.Since(start))
		e, _ := errors.AsType[*Error](err)
		assert.Equal(t, 61*time.Second, e.RetryAfter())
		assert.Equal(t, "retry: stopped after 1 try, the wait asked for is longer than allowed: flaky", err.Error())
	})
}

func TestDoNeverWaitsPastTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A wait of exactly the time left is too long as well.
		for _, left := range []time.Duration{time.Second, 9 * time.Second, 10 * time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), left)
			start := time.Now()
			fn, calls := failing(1, After(errFlaky, 10*time.Second))
			err := Do(ctx, Policy{MaxDelay: 10 * time.Second}, fn) // no room for jitter
			cancel()
			require.ErrorIs(t, err, ErrDeadline)
			require.ErrorIs(t, err, errFlaky)
			require.NotErrorIs(t, err, context.DeadlineExceeded, "there is still time to act")
			assert.Zero(t, time.Since(start), "it must not sleep")
			assert.Equal(t, 1, *calls)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 11*time.Second)
		defer cancel()
		fn, _ := failing(1, After(errFlaky, 10*time.Second))
		require.NoError(t, Do(ctx, Policy{}, fn))
	})
}

func TestDoKeepsLastErrorAndCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errShutdown := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(5*time.Second, func() { cancel(errShutdown) })
		fn, _ := failing(100, After(errFlaky, 10*time.Second))
		start := time.Now()
		err := Do(ctx, Policy{}, fn)
		assert.Equal(t, 5*time.Second, time.Since(start), "it leaves the wait when the context ends")
		require.ErrorIs(t, err, errFlaky)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errShutdown)
		assert.Equal(t, "retry: stopped after 1 try, shutting down: flaky", err.Error())
	})
}

func TestDoContextEndsDuringTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		calls := 0
		err := Do(ctx, Policy{}, func(ctx context.Context) error {
			calls++
			<-ctx.Done()
			return fmt.Errorf("query: %w", errFlaky)
		})
		require.ErrorIs(t, err, errFlaky)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 1, calls)
	})
}

func TestDoContextEndedBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	fn, calls := failing(0, nil)
	err := Do(ctx, Policy{}, fn)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, *calls)
	assert.Equal(t, "retry: not tried: context canceled", err.Error())
	e, _ := errors.AsType[*Error](err)
	assert.False(t, e.Retryable())
}

func TestDoCancelledElsewhereIsNotRepeated(t *testing.T) {
	fn, calls := failing(100, fmt.Errorf("inner: %w", context.Canceled))
	require.ErrorIs(t, Do(t.Context(), Policy{}, fn), context.Canceled)
	assert.Equal(t, 1, *calls)
}

func TestDoAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		start := time.Now()
		err := Do(t.Context(), Policy{MaxAttempts: 3, AttemptTimeout: 2 * time.Second}, func(ctx context.Context) error {
			calls++
			if calls == 3 {
				return nil
			}
			<-ctx.Done()
			return context.Cause(ctx)
		})
		require.NoError(t, err)
		assert.Equal(t, 3, calls)
		assert.GreaterOrEqual(t, time.Since(start), 4*time.Second)

		err = Do(t.Context(), Policy{MaxAttempts: 1, AttemptTimeout: time.Second}, func(ctx context.Context) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, "retry: the try took longer than 1s", err.Error())
	})
}

func TestDoRefusesInvalidPolicies(t *testing.T) {
	for _, p := range []Policy{{MaxAttempts: -1}, {BaseDelay: -1}, {MaxDelay: -1}, {AttemptTimeout: -1}} {
		fn, calls := failing(0, nil)
		require.ErrorIs(t, Do(t.Context(), p, fn), ErrInvalidPolicy)
		assert.Zero(t, *calls)
		require.ErrorIs(t, p.Validate(), ErrInvalidPolicy)
	}
	require.NoError(t, Policy{}.Validate())
}
