package dnc_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

func TestBreakerOpensAndProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []string
		var log bytes.Buffer
		s := &store{}
		c := dnc.Breaker(s.checker(), dnc.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), dnc.WithIncidents(func(i dnc.Incident) {
			events = append(events, i.Event)
			assert.Equal(t, "fake", i.List)
			if i.Event == dnc.EventBreakerOpen {
				assert.ErrorIs(t, i.Err, dnc.ErrStoreUnavailable)
			}
		}))
		n := must(t, "+14155550123")
		s.fail(dnc.CodeStoreUnavailable)
		for range 30 {
			d, err := c.Check(ctx, n)
			require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
			require.Equal(t, dnc.Unknown, d.Verdict)
		}
		assert.EqualValues(t, 20, s.calls.Load(), "it opens at twenty calls and asks no more")
		_, err := c.Check(ctx, n)
		require.ErrorContains(t, err, "breaker")
		d, _ := c.Check(ctx, n)
		assert.Equal(t, "store_unavailable", d.Reason().String()[:17])
		assert.Equal(t, "fake", d.Reason().List, "the list that failed is named")

		time.Sleep(3*time.Second + time.Millisecond) // fake time
		_, _ = c.Check(ctx, n)
		assert.EqualValues(t, 21, s.calls.Load(), "one probe")
		_, _ = c.Check(ctx, n)
		assert.EqualValues(t, 21, s.calls.Load(), "it failed")

		time.Sleep(3*time.Second + time.Millisecond)
		s.heal()
		d, err = c.Check(ctx, n)
		require.NoError(t, err)
		assert.True(t, d.Callable())
		_, err = c.CheckBatch(ctx, []dnc.Number{n})
		require.NoError(t, err)
		assert.Equal(t, []string{"breaker_open", "breaker_closed"}, events, "a probe that fails is the same outage")
		assert.Contains(t, log.String(), "level=WARN msg=\"dnc: breaker_open\" event=breaker_open list=fake error=")
		assert.Contains(t, log.String(), "level=INFO msg=\"dnc: breaker_closed\" event=breaker_closed list=fake\n")
	})
}

func TestBreakerAdmitsOneProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		c := dnc.Breaker(s.checker(), quiet)
		n := must(t, "+14155550123")
		s.fail(dnc.CodeStoreTimeout)
		for range 20 {
			_, _ = c.Check(ctx, n)
		}
		time.Sleep(3*time.Second + time.Millisecond)
		s.hang.Store(true)
		for i := range 3 { // a probe that its caller gave up decides nothing: the next one does
			before := s.calls.Load()
			probing, cancel := context.WithCancel(context.Background())
			refused := make(chan error, 100)
			for range 100 {
				go func() {
					var err error
					if i == 1 {
						_, err = c.CheckBatch(probing, []dnc.Number{n})
					} else {
						_, err = c.Check(probing, n)
					}
					refused <- err
				}()
			}
			synctest.Wait()
			assert.Equal(t, before+1, s.calls.Load())
			assert.Len(t, refused, 99)
			cancel()
			synctest.Wait()
		}
		s.hang.Store(false)
		s.heal()
		_, err := c.Check(ctx, n)
		require.NoError(t, err)
	})
}

// The longest window of all is none.
func TestBreakerWithTheLongestTimes(t *testing.T) {
	policy := dnc.WithBreakerPolicy(dnc.BreakerPolicy{Window: math.MaxInt64, Pause: math.MaxInt64, MinChecks: math.MaxInt})
	d, err := checkBoth(t, dnc.Breaker(with(dnc.Allow, nil, "allowed"), quiet, policy), must(t, "+14155550123"))
	require.NoError(t, err)
	assert.True(t, d.Callable())
}

// A probe that ends its goroutine leaves its place to the next one.
func TestBreakerWhoseProbeEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		exit := true
		c := dnc.Breaker(dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
			if s.calls.Load() == 20 && exit {
				runtime.Goexit()
			}
			return s.checker().CheckBatch(ctx, ns)
		}), quiet)
		n := must(t, "+14155550123")
		s.fail(dnc.CodeStoreTimeout)
		for range 20 {
			_, _ = c.Check(ctx, n)
		}
		time.Sleep(3*time.Second + time.Millisecond) // fake time
		var probes sync.WaitGroup
		probes.Go(func() { _, _ = c.Check(ctx, n) })
		probes.Wait()
		probes.Go(func() { _, _ = c.CheckBatch(ctx, []dnc.Number{n}) })
		probes.Wait()
		exit = false
		s.heal()
		d, err := c.Check(ctx, n)
		require.NoError(t, err)
		assert.True(t, d.Callable())
	})
}

// failures are checks that fail, alone or in batches, until the breaker refuses one or n are done.
func failures(t *testing.T, c dnc.Checker, n int, batch ...dnc.Number) (asked int) {
	t.Helper()
	for range n {
		_, err := c.CheckBatch(ctx, batch)
		require.Error(t, err)
		if strings.Contains(err.Error(), "breaker") {
			break
		}
		asked++
	}
	return asked
}

func TestBreakerCounts(t *testing.T) {
	n := must(t, "+14155550123")
	for name, test := range map[string]struct {
		policy dnc.BreakerPolicy
		good   int           // checks that succeed at first
		rest   time.Duration // between 19 failures and the others
		batch  []dnc.Number
		asked  int // failures after which it is open, of 100
	}{
		"batches":                              {batch: []dnc.Number{n, n}, asked: 20},
		"a batch with what is no number":       {batch: []dnc.Number{{}, n}, asked: 20},
		"exactly the share":                    {good: 4, batch: []dnc.Number{n}, asked: 16},
		"less than the share":                  {good: 6, batch: []dnc.Number{n}, asked: 24},
		"a window that has passed":             {rest: 11 * time.Second, batch: []dnc.Number{n}, asked: 19 + 20},
		"a longer window":                      {policy: dnc.BreakerPolicy{Window: time.Minute}, rest: 11 * time.Second, batch: []dnc.Number{n}, asked: 20},
		"a share of all":                       {policy: dnc.BreakerPolicy{FailurePercent: 100}, good: 1, batch: []dnc.Number{n}, asked: 100},
		"a share that is more than everything": {policy: dnc.BreakerPolicy{FailurePercent: 101}, good: 4, batch: []dnc.Number{n}, asked: 16},
		"a few checks":                         {policy: dnc.BreakerPolicy{MinChecks: 3}, batch: []dnc.Number{n}, asked: 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &store{}
				c := dnc.Breaker(s.checker(), quiet, dnc.WithBreakerPolicy(test.policy))
				for range test.good {
					_, err := c.Check(ctx, n)
					require.NoError(t, err)
				}
				s.fail(dnc.CodeStoreTimeout)
				asked := failures(t, c, 19, test.batch...)
				time.Sleep(test.rest) // fake time
				if asked == 19 {
					asked += failures(t, c, 100-19, test.batch...)
				}
				assert.Equal(t, test.asked, asked)
			})
		})
	}
}

// Whether the store answers again is not told by a batch without a number, but by an answer about
// the list.
func TestWhatClosesABreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := must(t, "+14155550123")
		s := &store{}
		c := dnc.Breaker(s.checker(), quiet)
		s.fail(dnc.CodeStoreTimeout)
		failures(t, c, 20, n)
		time.Sleep(3*time.Second + time.Millisecond) // fake time
		ds, err := c.CheckBatch(ctx, make([]dnc.Number, 2))
		require.NoError(t, err)
		assert.Equal(t, dnc.Block, ds[1].Verdict)
		_, err = c.Check(ctx, n)
		require.NotContains(t, err.Error(), "breaker", "this is the probe")
		_, err = c.Check(ctx, n)
		require.ErrorContains(t, err, "breaker")
		time.Sleep(3*time.Second + time.Millisecond)
		s.fail(dnc.CodeListMissing)
		assert.Equal(t, 50, failures(t, c, 50, n), "the store answers, so the breaker is closed")
	})
}

func TestBreakerDoesNotCount(t *testing.T) {
	n := must(t, "+14155550123")
	half := dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) { // two dead shards of three
		ds := make([]dnc.Decision, len(ns))
		for i := range ns {
			ds[i] = dnc.Decision{Number: ns[i], Verdict: dnc.Allow}
			if i%3 > 0 {
				ds[i] = dnc.Decision{Number: ns[i], Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeStoreTimeout})}
			}
		}
		if len(ns) == 1 {
			return ds, nil
		}
		return ds, errors.New("some shards are dead")
	})
	for name, check := range map[string]func(c dnc.Checker) error{
		"a batch that was decided in part": func(c dnc.Checker) error {
			_, err := c.CheckBatch(ctx, []dnc.Number{n, n, n})
			return err
		},
		"the caller's cancellation": func(c dnc.Checker) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_, err := c.Check(ctx, n)
			return err
		},
		"the caller's deadline": func(c dnc.Checker) error {
			ctx, cancel := context.WithTimeout(ctx, -1)
			defer cancel()
			_, err := c.Check(ctx, n)
			return err
		},
		"invalid numbers": func(c dnc.Checker) error {
			_, err := c.CheckBatch(ctx, make([]dnc.Number, 3))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &store{}
			s.fail(dnc.CodeStoreTimeout)
			of := s.checker()
			if name == "a batch that was decided in part" {
				of = half
			}
			c := dnc.Breaker(of, quiet)
			for range 100 {
				_ = check(c)
			}
			err := check(c)
			if err != nil {
				require.NotContains(t, err.Error(), "breaker")
			}
		})
	}
	for _, code := range []string{dnc.CodeListMissing, dnc.CodeListIncomplete, dnc.CodeListStale, dnc.CodeNotCovered, dnc.CodeGeoRuleInvalid, dnc.CodeStoreMisconfigured, dnc.CodeCheckerFailed} {
		s := &store{}
		s.fail(code)
		c := dnc.Breaker(s.checker(), quiet)
		for range 100 {
			_, _ = c.Check(ctx, n)
		}
		assert.EqualValues(t, 100, s.calls.Load(), code)
	}
}

// One dead shard of three is a third of the calls.
func TestOneDeadShardOfThreeDoesNotOpenTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead := must(t, "+14155550003")
		c := dnc.Protect(dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
			if ns[0] == dead {
				return unknownFor(dnc.CodeStoreUnavailable).CheckBatch(ctx, ns)
			}
			return with(dnc.Allow, nil, "allowed").CheckBatch(ctx, ns)
		}))
		for i := range 3000 {
			n := dead
			if i%3 > 0 {
				n = must(t, "+14155550001")
			}
			d, err := c.Check(ctx, n)
			require.NoError(t, err)
			require.Equal(t, n != dead, d.Callable())
			time.Sleep(10 * time.Millisecond)
		}
	})
}
