package retry_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errFails = errors.New("it fails")

// answer is an error with an opinion on retries.
type answer struct{ again bool }

func (a answer) Error() string   { return "an answer" }
func (a answer) Retryable() bool { return a.again }

func TestDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			policy retry.Policy
			errs   []error // of the tries, the last one for ever
			tries  int
			want   error
			most   time.Duration
		}{
			"success":            {retry.Policy{}, []error{nil}, 1, nil, 0},
			"success later":      {retry.Policy{}, []error{errFails, errFails, nil}, 3, nil, 600 * time.Millisecond},
			"never":              {retry.Policy{}, []error{errFails}, 4, errFails, 1400 * time.Millisecond},
			"one try":            {retry.Policy{MaxAttempts: 1}, []error{errFails}, 1, errFails, 0},
			"below one":          {retry.Policy{MaxAttempts: -5}, []error{errFails}, 1, errFails, 0},
			"permanent":          {retry.Policy{}, []error{retry.Permanent(errFails)}, 1, errFails, 0},
			"permanent later":    {retry.Policy{}, []error{errFails, retry.Permanent(errFails)}, 2, errFails, 200 * time.Millisecond},
			"says no":            {retry.Policy{}, []error{answer{false}}, 1, answer{false}, 0},
			"says yes":           {retry.Policy{MaxAttempts: 2}, []error{answer{true}}, 2, answer{true}, 200 * time.Millisecond},
			"wishes":             {retry.Policy{MaxAttempts: 2}, []error{retry.After(errFails, time.Minute)}, 2, errFails, time.Minute},
			"wishes too much":    {retry.Policy{}, []error{retry.After(errFails, time.Hour)}, 1, errFails, 0},
			"wishes for nothing": {retry.Policy{MaxAttempts: 2}, []error{retry.After(errFails, -time.Hour)}, 2, errFails, 0},
			"the longest wait":   {retry.Policy{MaxAttempts: 100, MaxDelay: time.Second}, []error{errFails}, 100, errFails, 99 * time.Second},
		} {
			tries := 0
			begin := time.Now()
			err := retry.Do(t.Context(), c.policy, func(context.Context) error {
				tries++
				return c.errs[min(tries, len(c.errs))-1]
			})
			assert.Equal(t, c.tries, tries, name)
			if c.want == nil {
				require.NoError(t, err, name)
			} else {
				require.ErrorIs(t, err, c.want, name)
			}
			assert.LessOrEqual(t, time.Since(begin), c.most, name)
			if name == "wishes" {
				assert.Equal(t, c.most, time.Since(begin), name)
			}
		}
	})
	assert.NoError(t, retry.Permanent(nil))
	assert.NoError(t, retry.After(nil, 1))
}

func TestDoValue(t *testing.T) {
	tries := 0
	v, err := retry.DoValue(t.Context(), retry.Policy{BaseDelay: 1}, func(context.Context) (string, error) {
		if tries++; tries < 3 {
			return "half", errFails
		}
		return "whole", nil
	})
	require.NoError(t, err)
	assert.Equal(t, "whole", v)
	v, err = retry.DoValue(t.Context(), retry.Policy{BaseDelay: 1}, func(context.Context) (string, error) { return "half", errFails })
	require.ErrorIs(t, err, errFails)
	assert.Empty(t, v)
}

// Waits are spread over the whole range, and none is longer.
func TestFullJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var short, long int
		for range 1000 {
			begin := time.Now()
			_ = retry.Do(t.Context(), retry.Policy{MaxAttempts: 2, BaseDelay: time.Second}, func(context.Context) error { return errFails })
			wait := time.Since(begin)
			require.LessOrEqual(t, wait, time.Second)
			if wait < 250*time.Millisecond {
				short++
			}
			if wait > 750*time.Millisecond {
				long++
			}
		}
		assert.InDelta(t, 250, short, 100)
		assert.InDelta(t, 250, long, 100)
	})
}

func TestDoNeverSleepsPastTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begin := time.Now()
		err := retry.Do(ctx, retry.Policy{}, func(context.Context) error { return retry.After(errFails, 30*time.Second) })
		assert.Zero(t, time.Since(begin), "it fails at once")
		require.ErrorIs(t, err, errFails)
		e, ok := errors.AsType[*retry.Error](err)
		require.True(t, ok)
		assert.Equal(t, 30*time.Second, e.RetryAfter())
		assert.Equal(t, 1, e.Attempts)
	})
}

func TestDoKeepsTheLastErrorAndTheCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		begin := time.Now()
		err := retry.Do(ctx, retry.Policy{}, func(context.Context) error { return retry.After(errFails, time.Minute) })
		assert.Equal(t, time.Second, time.Since(begin))
		require.ErrorIs(t, err, errFails)
		require.ErrorIs(t, err, cause)
		require.ErrorContains(t, err, "after 1 tries")

		tries := 0
		err = retry.Do(ctx, retry.Policy{}, func(context.Context) error { tries++; return errFails })
		require.ErrorIs(t, err, cause)
		assert.Equal(t, 1, tries)
	})
}

// Ten retries empty the budget; ten calls that succeed pay for one.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := retry.Policy{Budget: new(retry.Budget)}
		tries := 0
		fail := func(context.Context) error { tries++; return errFails }
		for range 20 {
			_ = retry.Do(t.Context(), p, fail)
		}
		assert.Equal(t, 20+10, tries)
		for range 10 {
			require.NoError(t, retry.Do(t.Context(), p, func(context.Context) error { return nil }))
		}
		tries = 0
		err := retry.Do(t.Context(), p, fail)
		require.ErrorContains(t, err, "budget")
		assert.Equal(t, 2, tries)
	})
}

func TestPolicyCannotOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := retry.Policy{MaxAttempts: 200, BaseDelay: 1, MaxDelay: time.Second}
		begin := time.Now()
		_ = retry.Do(t.Context(), p, func(context.Context) error { return errFails })
		assert.Less(t, time.Since(begin), 200*time.Second)
		_ = retry.Do(t.Context(), retry.Policy{MaxAttempts: 3}, func(context.Context) error { return retry.After(errFails, math.MaxInt64) })
	})
}
