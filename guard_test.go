package dnc_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// store is a Checker that does what a test tells it to.
type store struct {
	calls atomic.Int64
	code  atomic.Pointer[string] // of Unknown; nil: everything is allowed
	hang  atomic.Bool
}

func (s *store) fail(code string) { s.code.Store(&code) }
func (s *store) heal()            { s.code.Store(nil) }

func (s *store) checker() dnc.Checker {
	return dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		s.calls.Add(1)
		if s.hang.Load() {
			<-ctx.Done()
			code := dnc.CodeStoreTimeout
			if errors.Is(ctx.Err(), context.Canceled) {
				code = dnc.CodeCanceled
			}
			return unknownFor(code).CheckBatch(context.Background(), ns) // its error is not the context's, on purpose
		}
		if code := s.code.Load(); code != nil {
			return unknownFor(*code).CheckBatch(ctx, ns)
		}
		return with(dnc.Allow, nil, "allowed").CheckBatch(ctx, ns)
	})
}

func TestFallback(t *testing.T) {
	n := must(t, "+14155550123")
	for code, allowed := range map[string]bool{
		dnc.CodeStoreUnavailable: true, dnc.CodeStoreTimeout: true,
		dnc.CodeListMissing: false, dnc.CodeListIncomplete: false, dnc.CodeListStale: false, dnc.CodeNotCovered: false,
		dnc.CodeGeoRuleInvalid: false, dnc.CodeStoreMisconfigured: false, dnc.CodeCheckerFailed: false, "crm_down": false,
	} {
		d, err := checkBoth(t, dnc.Fallback(unknownFor(code), quiet), n)
		require.NoError(t, err)
		assert.Equal(t, dnc.Decision{Number: n, Verdict: dnc.Block, Fallback: true, Reasons: dnc.ReasonsOf(dnc.Reason{Code: code})}, d)

		d, err = checkBoth(t, dnc.Fallback(unknownFor(code), quiet, dnc.DangerouslyAllowUnchecked()), n)
		require.NoError(t, err)
		assert.Equal(t, allowed, d.Callable(), code)
		assert.True(t, d.Fallback)

		// one reason that is more than an absent store blocks, whatever the others are
		d, err = checkBoth(t, dnc.Fallback(dnc.Union(unknownFor(code), unknownFor(dnc.CodeStoreTimeout), with(dnc.Allow, nil, "allowed")),
			quiet, dnc.DangerouslyAllowUnchecked()), n)
		require.NoError(t, err)
		assert.Equal(t, allowed, d.Callable(), code)
	}
	d, err := checkBoth(t, dnc.Fallback(dnc.Union(unknownFor(dnc.CodeStoreTimeout), with(dnc.Block, nil, "dnc_a")), quiet, dnc.DangerouslyAllowUnchecked()), n)
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
	assert.False(t, d.Fallback, "it was blocked by a list")

	ds, err := dnc.Fallback(unknownFor(dnc.CodeStoreTimeout), quiet, dnc.DangerouslyAllowUnchecked()).CheckBatch(ctx, []dnc.Number{n, {}})
	require.NoError(t, err)
	assert.True(t, ds[0].Callable())
	assert.False(t, ds[1].Callable(), "an invalid number has no fallback")
}

func TestAnAlternativeListBlocksThroughAFallback(t *testing.T) {
	n := must(t, "+14155550123")
	inner := dnc.Fallback(unknownFor(dnc.CodeStoreTimeout), quiet)
	d, err := checkBoth(t, dnc.Union(inner, with(dnc.Block, nil, "dnc_a")), n)
	require.NoError(t, err)
	assert.Equal(t, []string{"dnc_a", "store_timeout"}, codes(d))
	assert.False(t, d.Fallback)
	d, err = checkBoth(t, dnc.Union(inner, with(dnc.Allow, nil, "allowed")), n)
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
	assert.True(t, d.Fallback)
	d, err = checkBoth(t, dnc.Union(dnc.Fallback(unknownFor(dnc.CodeStoreTimeout), quiet, dnc.DangerouslyAllowUnchecked()), with(dnc.Allow, nil, "allowed")), n)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	assert.True(t, d.Fallback, "one of its lists was not asked")
}

func TestFallbackPassesTheCallersCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		s.hang.Store(true)
		for _, c := range []dnc.Checker{
			dnc.Fallback(s.checker(), quiet, dnc.DangerouslyAllowUnchecked()),
			dnc.Protect(s.checker()),
		} {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(50*time.Millisecond, cancel)
			begin := time.Now()
			d, err := c.Check(ctx, must(t, "+14155550123"))
			assert.Equal(t, 50*time.Millisecond, time.Since(begin))
			assert.Equal(t, dnc.Unknown, d.Verdict)
			assert.False(t, d.Fallback)
			require.ErrorIs(t, err, context.Canceled)
		}
	})
}

func TestFallbackAnswersPastADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		s.hang.Store(true)
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		begin := time.Now()
		d, err := dnc.Fallback(s.checker(), quiet).Check(ctx, must(t, "+14155550123"))
		require.NoError(t, err)
		assert.Equal(t, 200*time.Millisecond, time.Since(begin))
		assert.Equal(t, dnc.Block, d.Verdict)
		assert.Equal(t, dnc.CodeStoreTimeout, d.Reason().Code)
	})
}

// One call in four fails: that is one outage.
func TestAnOutageThatComesAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []string
		total := 0
		s := &store{}
		c := dnc.Protect(s.checker(), dnc.WithLogger(slog.New(slog.DiscardHandler)), dnc.WithIncidents(func(i dnc.Incident) {
			events = append(events, i.Event)
			total += i.Numbers
		}))
		n := must(t, "+14155550123")
		for i := range 2500 { // 25 s
			if s.heal(); i%4 == 0 {
				s.fail(dnc.CodeStoreUnavailable)
			}
			_, err := c.Check(ctx, n)
			require.NoError(t, err)
			time.Sleep(10 * time.Millisecond)
		}
		s.heal()
		time.Sleep(10 * time.Second)
		_, err := c.Check(ctx, n)
		require.NoError(t, err)
		assert.Equal(t, []string{"fallback_block", "fallback_block", "fallback_block", "fallback_block", "recovered"}, events)
		assert.Equal(t, 625, total)
	})
}

func TestProtectTakesOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := must(t, "+14155550123")
		hangs := dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
			<-ctx.Done()
			return unknownFor(dnc.CodeStoreTimeout).CheckBatch(ctx, ns)
		})
		var events []string
		c := dnc.Protect(dnc.Union(hangs, with(dnc.Allow, nil, "allowed")), dnc.WithTimeLimit(time.Second),
			dnc.WithBreakerPolicy(dnc.BreakerPolicy{MinChecks: 3, Pause: time.Minute}), dnc.WithLogger(slog.New(slog.DiscardHandler)),
			dnc.WithIncidents(func(i dnc.Incident) { events = append(events, i.Event) }))
		began := time.Now()
		for range 3 {
			d, err := c.Check(ctx, n)
			require.NoError(t, err)
			assert.Equal(t, dnc.Block, d.Verdict)
		}
		assert.Equal(t, 3*time.Second, time.Since(began))
		_, err := c.Check(ctx, n)
		require.NoError(t, err)
		assert.Equal(t, 3*time.Second, time.Since(began), "the breaker of the list that hangs is open")
		assert.Equal(t, []string{"fallback_block", "breaker_open"}, events)
	})
}

func TestAnOutageIsReportedOnceAndAtARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var incidents []dnc.Incident
		s := &store{}
		c := dnc.Fallback(s.checker(), dnc.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))),
			dnc.WithIncidents(func(i dnc.Incident) { incidents = append(incidents, i) }))
		n := must(t, "+14155550123")
		s.fail(dnc.CodeStoreUnavailable)
		for range 250 { // 25 s of an outage
			ds, err := c.CheckBatch(ctx, []dnc.Number{n, n, n, n})
			require.NoError(t, err)
			require.Len(t, ds, 4)
			time.Sleep(100 * time.Millisecond) // fake time
		}
		s.heal()
		_, err := c.Check(ctx, n)
		require.NoError(t, err)
		require.Len(t, incidents, 3, "an outage is over only after a while without one")
		time.Sleep(10 * time.Second)
		for range 2 {
			_, err = c.Check(ctx, n)
			require.NoError(t, err)
		}

		var events []string
		total := 0
		for _, i := range incidents {
			events = append(events, i.Event)
			total += i.Numbers
		}
		assert.Equal(t, []string{"fallback_block", "fallback_block", "fallback_block", "fallback_block", "recovered"}, events)
		assert.Equal(t, 1000, total, "every number is counted")
		assert.Equal(t, 400, incidents[1].Numbers, "those of ten seconds")
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		require.Len(t, lines, 5)
		assert.Contains(t, lines[0], `"level":"WARN"`)
		assert.Contains(t, lines[0], `"event":"fallback_block","numbers":4`, "and no list: no reason names one")
		assert.Contains(t, lines[4], `"level":"INFO"`)
		assert.True(t, strings.HasSuffix(lines[4], `"event":"recovered"}`), "no numbers, no error: %s", lines[4])
		require.ErrorIs(t, incidents[0].Err, dnc.ErrStoreUnavailable)
	})
}

// A batch is reported as single checks are: with its list, and under the name of what became of it.
func TestAFallbackThatAllowsIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var incidents []dnc.Incident
		var log bytes.Buffer
		list := dnc.Checker(nil)
		now := dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) { return list.CheckBatch(ctx, ns) })
		c := dnc.Fallback(now, dnc.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))), dnc.DangerouslyAllowUnchecked(),
			dnc.WithIncidents(func(i dnc.Incident) { i.Err = nil; incidents = append(incidents, i) }))
		n := must(t, "+14155550123")
		check := func(ns ...dnc.Number) {
			_, err := c.CheckBatch(ctx, ns)
			require.NoError(t, err)
		}
		list = unsure(dnc.CodeStoreTimeout)
		check(n, n)
		list = unsure(dnc.CodeListMissing)
		check(n)
		list = with(dnc.Allow, nil, "allowed")
		time.Sleep(10 * time.Second) // fake time
		check()                      // asks nothing, so it is no sign that the store is there
		assert.Equal(t, []dnc.Incident{
			{Event: dnc.EventFallbackAllow, List: "unsure", Numbers: 2},
			{Event: dnc.EventFallbackBlock, List: "unsure", Numbers: 1},
		}, incidents)
		assert.Contains(t, log.String(), `"event":"fallback_allow","list":"unsure","numbers":2`)
		check(n)
		assert.Equal(t, []dnc.Incident{{Event: dnc.EventRecovered, List: "unsure"}, {Event: dnc.EventRecovered, List: "unsure"}}, incidents[2:])
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		s.hang.Store(true)
		n := must(t, "+14155550123")
		begin := time.Now()
		d, err := dnc.TimeLimit(s.checker(), 0).Check(ctx, n)
		assert.Equal(t, 2*time.Second, time.Since(begin))
		assert.Equal(t, dnc.CodeStoreTimeout, d.Reason().Code)
		require.ErrorIs(t, err, dnc.ErrStoreTimeout)

		begin = time.Now()
		ns := make([]dnc.Number, 250_000)
		for i := range ns {
			ns[i] = n
		}
		_, err = dnc.TimeLimit(s.checker(), time.Second).CheckBatch(ctx, ns)
		require.Error(t, err)
		assert.Equal(t, 3500*time.Millisecond, time.Since(begin))
	})
}

// A hook or a logger of the caller that panics changes no answer.
func TestHooksThatPanic(t *testing.T) {
	n := must(t, "+14155550123")
	down := unknownFor(dnc.CodeStoreTimeout)
	policy := dnc.WithBreakerPolicy(dnc.BreakerPolicy{MinChecks: 1})
	hook := dnc.WithIncidents(func(dnc.Incident) { panic("hook") })
	for name, c := range map[string]dnc.Checker{
		"Fallback": dnc.Fallback(down, quiet, hook), "Protect": dnc.Protect(down, quiet, hook, policy),
		"a logger": dnc.Protect(down, dnc.WithLogger(slog.New(panics{})), policy),
	} {
		d, err := c.Check(ctx, n)
		require.NoError(t, err, name)
		assert.True(t, d.Verdict == dnc.Block && d.Fallback, name)
		assert.Equal(t, dnc.CodeStoreTimeout, d.Reason().Code, name)
	}
	_, err := dnc.Breaker(down, quiet, hook, policy).CheckBatch(ctx, []dnc.Number{n})
	require.ErrorIs(t, err, dnc.ErrStoreTimeout)
}

type panics struct{ slog.Handler }

func (panics) Enabled(context.Context, slog.Level) bool { panic("logger") }

// The longest time limit of all is none.
func TestATimeLimitThatNeverPasses(t *testing.T) {
	n := must(t, "+14155550123")
	allow := with(dnc.Allow, nil, "allowed")
	for _, c := range []dnc.Checker{
		dnc.TimeLimit(dnc.NewMemory("m", must(t, "+14155550001")), math.MaxInt64),
		dnc.Protect(dnc.Union(dnc.NewMemory("m", must(t, "+14155550001")), allow), dnc.WithTimeLimit(math.MaxInt64)),
	} {
		d, err := checkBoth(t, c, n)
		require.NoError(t, err)
		assert.True(t, d.Callable(), d)
	}
}

func TestProtect(t *testing.T) {
	n := must(t, "+14155550123")
	d, err := checkBoth(t, dnc.Protect(dnc.Union()), n)
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
	assert.True(t, d.Fallback)
	d, err = checkBoth(t, dnc.Protect(dnc.Union(with(dnc.Allow, nil, "allowed"), with(dnc.Allow, nil, "allowed"))), n)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	for _, c := range []dnc.Checker{dnc.Fallback(with(dnc.Allow, nil, "allowed"), nil), dnc.Breaker(with(dnc.Allow, nil, "allowed"), nil)} {
		d, err := checkBoth(t, c, n)
		assert.Equal(t, dnc.CodeCheckerFailed, d.Reason().Code)
		require.Error(t, err)
	}
}
