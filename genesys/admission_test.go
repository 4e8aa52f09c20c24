package genesys_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/retry"
)

// Many calls at once at the platform's limit: what is begun is finished, and who cannot be served
// in time is told so at once.
func TestManyCallsAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		latency time.Duration
		holds   bool
		least   int
	}{"nothing to change": {0, true, 12}, "slow": {100 * time.Millisecond, true, 12}, "changes": {50 * time.Millisecond, false, 5}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, genesystest.WithRateLimit(300, false))
				campaigns := make([]string, 20)
				rules := genesys.Rules{BlockedNumbers: numbers(3)}
				for i := range campaigns {
					campaigns[i] = b.add("")
					if test.holds {
						_, err := b.c.ApplyRules(t.Context(), campaigns[i], rules)
						require.NoError(t, err)
					}
				}
				time.Sleep(2 * time.Minute) // fake; the platform's window is over
				b.p.AddFault(genesystest.Fault{Path: "/", Delay: test.latency, Times: -1})
				c := b.client(genesys.WithLimiter(rate.NewLimiter(4.8, 10)))
				var mu sync.Mutex
				done := 0
				var wg sync.WaitGroup
				for _, id := range campaigns {
					wg.Go(func() {
						start := time.Now()
						ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
						defer cancel()
						applied, err := c.ApplyRules(ctx, id, rules)
						mu.Lock()
						defer mu.Unlock()
						if err == nil {
							done++
							assert.True(t, test.holds || applied.Changed())
							return
						}
						require.ErrorIs(t, err, retry.ErrRateLimitWait)
						e, ok := asError(err)
						require.True(t, ok)
						assert.Positive(t, e.Wait)
						assert.True(t, e.Retryable())
						if test.holds {
							assert.Less(t, time.Since(start), 2*time.Second, "at once")
						}
						if !test.holds {
							assert.NotContains(t, string(b.p.Campaign(id)), "dncLists", "nothing is half done")
							assert.False(t, applied != nil && applied.DNCListCreated)
						}
					})
				}
				wg.Wait()
				assert.GreaterOrEqual(t, done, test.least)
				t.Logf("%d of %d", done, len(campaigns))
			})
		})
	}
}

// Without a deadline all are served, those that began first before the others.
func TestCallsWithoutADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		c := b.client(genesys.WithLimiter(rate.NewLimiter(1, 1)))
		rules := genesys.Rules{BlockedNumbers: numbers(3)}
		_, err := b.c.ApplyRules(t.Context(), b.campaign, rules)
		require.NoError(t, err)
		var mu sync.Mutex
		var ends []int
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				_, err := c.ApplyRules(t.Context(), b.campaign, rules)
				mu.Lock()
				defer mu.Unlock()
				require.NoError(t, err)
				ends = append(ends, i)
			})
		}
		wg.Wait()
		assert.True(t, slices.IsSorted(ends), ends)
	})
}
