package retry

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBudgetBoundsRepeatsOfAClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(status(503))
		tr := &Transport{Base: s}
		for range 100 {
			resp, err := tr.RoundTrip(request(t, "GET", ""))
			require.NoError(t, err)
			assert.Equal(t, 503, resp.StatusCode)
		}
		assert.Equal(t, 100+500/14, s.count(), "an outage gets each call once, and 35 repeats")
	})
}

func TestBudgetRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(14)
		p := Policy{MaxAttempts: 2, Budget: b}
		fn, _ := failing(100, errFlaky)
		require.NotErrorIs(t, Do(t.Context(), p, fn), ErrBudget)
		err := Do(t.Context(), p, fn)
		require.ErrorIs(t, err, ErrBudget)
		require.ErrorIs(t, err, errFlaky)
		assert.Equal(t, "retry: stopped after 1 try, the retry budget is used up: flaky", err.Error())

		ok, _ := failing(0, nil)
		for range 14 {
			require.NoError(t, Do(t.Context(), p, ok))
		}
		fn, calls := failing(1, errFlaky)
		require.NoError(t, Do(t.Context(), p, fn), "14 successes pay for one repeat")
		assert.Equal(t, 2, *calls)
		fn, _ = failing(1, errFlaky)
		require.NoError(t, Do(t.Context(), p, fn), "a repeat that succeeds costs nothing")
	})
}

func TestBudgetPrices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(0)
		spend := func(a answer, p Policy) int {
			before := b.spent
			p.Budget = b
			resp, err := (&Transport{Base: serve(a), Policy: p}).RoundTrip(request(t, "GET", ""))
			if err == nil {
				_ = resp.Body.Close()
			}
			return b.spent - before
		}
		assert.Equal(t, 14, spend(status(503), Policy{MaxAttempts: 2}))
		assert.Equal(t, 14, spend(fail(errRefused), Policy{MaxAttempts: 2}))
		assert.Equal(t, 5, spend(status(429), Policy{MaxAttempts: 2}))
		assert.Equal(t, -1, spend(status(200), Policy{}))
		assert.Equal(t, -1, spend(status(404), Policy{}), "the server is well")
		assert.Zero(t, spend(status(501), Policy{}))
		assert.Zero(t, spend(status(503), Policy{MaxAttempts: 1}))
		assert.Zero(t, spend(status(503, "Retry-After: 3600"), Policy{}), "a repeat that does not take place is free")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.Error(t, Do(ctx, Policy{Budget: b}, func(context.Context) error { return nil }))
	})
}

func TestBudgetIsSharedSafely(t *testing.T) {
	var b Budget
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for range 100 {
		wg.Go(func() {
			if b.take(14) {
				mu.Lock()
				taken++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 35, taken)
	b.give(1 << 30)
	assert.Zero(t, b.spent, "never more than full")

	var none *Budget
	assert.True(t, none.take(1))
	none.give(1)
}
