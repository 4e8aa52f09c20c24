package dnc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
	"github.com/dnc-go/dnc/internal/redistest"
)

// brisk polls often, so that a test need not wait.
var brisk = dnc.WithPolling(10*time.Millisecond, time.Minute)

// follow follows a list until the test ends.
func follow(t testing.TB, rdb dnc.RedisClient, opts ...dnc.RedisOption) *dnc.FollowedList {
	t.Helper()
	f, err := dnc.Follow(ctx, rdb, append([]dnc.RedisOption{brisk, quiet}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(f.Close)
	return f
}

// followed follows a list that can be loaded.
func followed(t testing.TB, rdb dnc.RedisClient, opts ...dnc.RedisOption) *dnc.FollowedList {
	t.Helper()
	f := follow(t, rdb, opts...)
	waited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	require.NoError(t, f.Wait(waited))
	return f
}

// says waits until a Checker gives a number a verdict.
func says(t testing.TB, c dnc.Checker, n dnc.Number, want dnc.Verdict) {
	t.Helper()
	require.NoError(t, redistest.Eventually(func() error {
		d, err := c.Check(ctx, n)
		if d.Verdict != want {
			return fmt.Errorf("%v: %w", d, err)
		}
		return nil
	}))
}

// becomes waits until a Checker's answers are Unknown for a reason.
func becomes(t testing.TB, c dnc.Checker, code string) error {
	t.Helper()
	var last error
	require.NoError(t, redistest.Eventually(func() error {
		d, err := c.Check(ctx, numberAt(t, 1))
		last = err
		if d.Reason().Code != code {
			return fmt.Errorf("%v: %w", d, err)
		}
		return nil
	}))
	return last
}

// serve is a server with the list on it.
func serve(t testing.TB, args ...string) *redistest.Server {
	t.Helper()
	s := redistest.Start(t, args...)
	s.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	return s
}

func TestFollowConforms(t *testing.T) {
	s := redistest.Start(t)
	rdb := universal(t, s.URL())
	bare := func(n dnc.Number) string { return n.E164()[1:] }
	for name, opts := range map[string][]dnc.RedisOption{
		"E.164": {}, "in another format": {dnc.WithMemberFormat(bare)}, "in two formats": {dnc.WithMemberFormat(bare, dnc.Number.E164)},
	} {
		t.Run(name, func(t *testing.T) {
			dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
				tb.Helper()
				_, err := newWriter(tb, rdb, opts...).Replace(ctx, numbers(listed...))
				require.NoError(tb, err)
				return followed(tb, rdb, opts...)
			})
		})
	}
}

func TestFollowSeesAddRemoveAndReplace(t *testing.T) {
	s := serve(t)
	rdb := universal(t, s.URL())
	w := newWriter(t, universal(t, s.URL()))
	f, err := dnc.Follow(ctx, rdb, quiet) // with its own times
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, f.Wait(ctx))
	rightFrom(t, f)
	within := func(n dnc.Number, want dnc.Verdict) {
		t.Helper()
		begin := time.Now()
		says(t, f, n, want)
		assert.Less(t, time.Since(begin), time.Second)
	}
	some := many(t, 2500)
	n := some[2499]
	for range 2 {
		added, err := w.Add(ctx, some...)
		require.NoError(t, err)
		require.Equal(t, len(some), added)
		within(n, dnc.Block)
		removed, err := w.Remove(ctx, some...)
		require.NoError(t, err)
		require.Equal(t, len(some), removed)
		within(n, dnc.Allow)
	}
	rightFrom(t, f)
	_, err = w.Replace(ctx, numbers(some...))
	require.NoError(t, err)
	within(n, dnc.Block)
	within(numberAt(t, 0), dnc.Allow)
	_, err = w.Remove(ctx, n)
	require.NoError(t, err)
	within(n, dnc.Allow)
}

// The changes of RedisWriter are read from its stream: no load is needed for them, however many
// there are.
func TestFollowLoadsOnceForChangesOfRedisWriter(t *testing.T) {
	s := redistest.Start(t)
	rdb := universal(t, s.URL())
	w := newWriter(t, rdb)
	some := many(t, 3000)
	_, err := w.Replace(ctx, numbers(some[:1]...))
	require.NoError(t, err)
	f := followed(t, rdb, dnc.WithReload(time.Hour))
	scans := func() string {
		text, _ := s.Do(t, "info", "commandstats").(string)
		_, text, _ = strings.Cut(text, "cmdstat_sscan:calls=")
		text, _, _ = strings.Cut(text, ",")
		return text
	}
	before := scans()
	for from := 1; from < len(some); from += 999 {
		_, err := w.Add(ctx, some[from:min(from+999, len(some))]...)
		require.NoError(t, err)
	}
	says(t, f, some[2999], dnc.Block)
	_, err = w.Remove(ctx, some[1:]...)
	require.NoError(t, err)
	says(t, f, some[2999], dnc.Allow)
	d, err := f.Check(ctx, some[0])
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
	assert.Equal(t, before, scans())
}

func TestFollowChangesOfThisProcessCountAtOnce(t *testing.T) {
	s := serve(t)
	f := followed(t, universal(t, s.URL()), dnc.WithPolling(time.Hour, 2*time.Hour))
	w := newWriter(t, universal(t, s.URL()))
	for _, n := range many(t, 50) {
		added, err := f.Add(ctx, n)
		require.NoError(t, err)
		assert.Equal(t, 1, added)
		d, err := f.Check(ctx, n)
		require.NoError(t, err)
		assert.Equal(t, dnc.Block, d.Verdict)
		removed, err := f.Remove(ctx, n)
		require.NoError(t, err)
		assert.Equal(t, 1, removed)
		d, err = f.Check(ctx, n)
		require.NoError(t, err)
		assert.Equal(t, dnc.Allow, d.Verdict)
	}
	_, err := f.Add(ctx, dnc.Number{})
	require.ErrorIs(t, err, dnc.ErrInvalidNumber)
	n := must(t, "+14165550123")
	_, err = w.Add(ctx, n)
	require.NoError(t, err)
	says(t, followed(t, universal(t, s.URL())), n, dnc.Block)
	d, err := f.Check(ctx, n)
	require.NoError(t, err)
	require.Equal(t, dnc.Allow, d.Verdict, "its next poll is in an hour")
	_, err = f.Add(ctx, numberAt(t, 10)) // it reads all changes
	require.NoError(t, err)
	says(t, f, n, dnc.Block)
}

// The write succeeds, and the poll behind it does not.
func TestFollowAnAddCountsThoughThePollFails(t *testing.T) {
	s := serve(t)
	p := redistest.StartProxy(t, s)
	rdb := universal(t, p.URL(), noRetries)
	f := followed(t, rdb, dnc.WithPolling(time.Hour, 2*time.Hour))
	n := must(t, "+14165550123")
	lost := false
	for i := 0; i < 20 && !lost; i++ {
		before := p.Lost()
		p.LoseReply("xrange", 0)
		_, err := f.Add(ctx, n)
		require.NoError(t, err)
		d, err := f.Check(ctx, n)
		require.NoError(t, err)
		require.Equal(t, dnc.Block, d.Verdict)
		lost = p.Lost() > before
	}
	assert.True(t, lost, "a poll failed")
}

func TestFollowDuringTheFirstLoad(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	listed := many(t, 20_000)
	_, err := newWriter(t, universal(t, s.URL())).Replace(ctx, numbers(listed...))
	require.NoError(t, err)
	p := redistest.StartProxy(t, s)
	p.Set(redistest.Spoil{Delay: 20 * time.Millisecond})
	f := follow(t, universal(t, p.URL()))
	last := listed[len(listed)-1]
	seen := 0
	require.NoError(t, redistest.Eventually(func() error {
		d, err := f.Check(ctx, last)
		switch d.Verdict {
		case dnc.Unknown:
			seen++
			require.ErrorIs(t, err, dnc.ErrListIncomplete)
			shown(t, d, err)
			return errors.New("not loaded yet")
		case dnc.Allow:
			t.Error("half a load has answered")
		case dnc.Block:
		}
		return nil
	}))
	assert.Positive(t, seen)
	require.NoError(t, f.Wait(ctx))
	short, cancel := context.WithCancel(ctx)
	cancel()
	p.Refuse()
	p.Reset()
	late := follow(t, universal(t, p.URL()))
	require.ErrorIs(t, late.Wait(short), context.Canceled)
	require.ErrorIs(t, becomes(t, late, dnc.CodeStoreUnavailable), dnc.ErrStoreUnavailable)
	p.Accept(t)
	require.NoError(t, late.Wait(ctx), "it loads as soon as it can")
}

func TestFollowOutage(t *testing.T) {
	t.Parallel()
	s := serve(t)
	var logs logs
	opts := []dnc.RedisOption{dnc.WithPolling(10*time.Millisecond, 500*time.Millisecond)}
	for _, o := range logs.options() {
		opts = append(opts, o)
	}
	p := redistest.StartProxy(t, s)
	f := followed(t, universal(t, p.URL()), opts...)
	for _, fault := range []func(){
		func() { p.Set(redistest.Spoil{BlackHole: true}) },
		func() { p.Set(redistest.Spoil{Swallow: true}) },
		func() { p.Refuse(); p.Reset() },
	} {
		rightFrom(t, f)
		fault()
		rightFrom(t, f)
		err := becomes(t, f, dnc.CodeListStale)
		require.ErrorIs(t, err, dnc.ErrListStale)
		shown(t, err)
		d, err := f.Check(ctx, numberAt(t, 0))
		require.Error(t, err)
		assert.Equal(t, dnc.Unknown, d.Verdict, "what was listed may have been removed")
		n := must(t, "+14165550123")
		s.Do(t, "sadd", "dnc:blacklist", n.E164())
		p.Set(redistest.Spoil{})
		p.Refuse()
		p.Reset()
		p.Accept(t)
		require.NoError(t, redistest.Eventually(func() error {
			d, err := f.Check(ctx, n)
			assert.False(t, d.Callable())
			return err
		}))
		s.Do(t, "srem", "dnc:blacklist", n.E164())
		says(t, f, n, dnc.Allow)
	}
	assert.Contains(t, logs.events(), dnc.EventFollowFailed)
	logs.check(t)
}

// Each of these leaves the copy different from the list in a way that only a full load finds.
func TestFollowLoadsAgain(t *testing.T) {
	gone, come := numberAt(t, 0), must(t, "+14165550123")
	for name, change := range map[string]func(t *testing.T, s *redistest.Server, w *dnc.RedisWriter){
		"another tool adds": func(t *testing.T, s *redistest.Server, _ *dnc.RedisWriter) {
			s.Do(t, "sadd", "dnc:blacklist", come.E164())
			s.Do(t, "srem", "dnc:blacklist", gone.E164(), numberAt(t, 10).E164())
		},
		"another tool changes as many": func(t *testing.T, s *redistest.Server, _ *dnc.RedisWriter) {
			s.Do(t, "eval", "redis.call('SADD', KEYS[1], ARGV[1]) redis.call('SREM', KEYS[1], ARGV[2])", 1,
				"dnc:blacklist", come.E164(), gone.E164())
		},
		"another tool renames": func(t *testing.T, s *redistest.Server, _ *dnc.RedisWriter) {
			s.Do(t, "sadd", "new", come.E164(), "!complete")
			s.Do(t, "rename", "new", "dnc:blacklist")
		},
		"the stream is trimmed": func(t *testing.T, s *redistest.Server, w *dnc.RedisWriter) {
			s.Do(t, "eval", `redis.call('SADD', KEYS[1], ARGV[1]) redis.call('SREM', KEYS[1], ARGV[2])
				for i = 1, 3 do redis.call('XADD', KEYS[2], '*', 'op', 'add', 'member', '+14155550000') end
				redis.call('XTRIM', KEYS[2], 'MAXLEN', 1) redis.call('SREM', KEYS[1], '+14155550000')`, 2,
				"dnc:blacklist", "{dnc:blacklist}:changes", come.E164(), gone.E164())
		},
		"the stream is gone": func(t *testing.T, s *redistest.Server, _ *dnc.RedisWriter) {
			s.Do(t, "eval", `redis.call('SADD', KEYS[1], ARGV[1]) redis.call('SREM', KEYS[1], ARGV[2]) redis.call('DEL', KEYS[2])`, 2,
				"dnc:blacklist", "{dnc:blacklist}:changes", come.E164(), gone.E164())
		},
		"an operation of a later version": func(t *testing.T, s *redistest.Server, _ *dnc.RedisWriter) {
			s.Do(t, "eval", `redis.call('SADD', KEYS[1], ARGV[1]) redis.call('SREM', KEYS[1], ARGV[2]) redis.call('XADD', KEYS[2], '*', 'op', 'swap')`, 2,
				"dnc:blacklist", "{dnc:blacklist}:changes", come.E164(), gone.E164())
		},
		"everything is flushed and written anew": func(t *testing.T, s *redistest.Server, w *dnc.RedisWriter) {
			s.Do(t, "eval", "redis.call('FLUSHALL') redis.call('SADD', KEYS[1], ARGV[1], '!complete')", 1, "dnc:blacklist", come.E164())
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			rdb := universal(t, s.URL())
			w := newWriter(t, rdb)
			_, err := w.Add(ctx, numberAt(t, 20)) // there is a stream
			require.NoError(t, err)
			rescan := dnc.WithReload(time.Hour)
			if name == "another tool changes as many" {
				rescan = dnc.WithReload(50 * time.Millisecond)
			}
			f := followed(t, rdb, rescan)
			rightFrom(t, f)
			change(t, s, w)
			says(t, f, come, dnc.Block)
			says(t, f, gone, dnc.Allow)
			_, err = w.Remove(ctx, come) // and it goes on
			require.NoError(t, err)
			if name != "another tool renames" && name != "everything is flushed and written anew" {
				says(t, f, come, dnc.Allow)
			}
		})
	}
}
