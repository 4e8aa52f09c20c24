package dnc_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

func TestRedisRefused(t *testing.T) {
	b := newBed(t, redistest.Start(t), dnc.WithMinSize(10))
	b.server.Kill()
	b.unknown(dnc.CodeStoreUnavailable)
	b.unknownFrom(b.checker(universal(t, b.server.URL())), dnc.CodeStoreUnavailable) // also if it was never there
	b.server.Restart()
	b.unknown(dnc.CodeListMissing) // it came back empty
	b.server.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	b.rightAgain()
}

func TestRedisFrozen(t *testing.T) {
	t.Parallel()
	b := newBed(t, redistest.Start(t))
	b.server.Freeze()
	b.unknown(dnc.CodeStoreTimeout)
	b.unknownFrom(b.checker(universal(t, b.server.URL())), dnc.CodeStoreTimeout)

	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	d, err := b.list.Check(short, numberAt(t, 1))
	t.Logf("a deadline of 100ms is kept at %v", time.Since(begin).Round(time.Millisecond))
	assert.Equal(t, dnc.CodeStoreTimeout, d.Reason().Code)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, time.Since(begin), 3*time.Second)

	d, err = dnc.Fallback(dnc.TimeLimit(b.list, 200*time.Millisecond), quiet).Check(ctx, numberAt(t, 1))
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
	assert.True(t, d.Fallback)
	b.server.Thaw()
	b.rightAgain()
}

// The client that services bring along: no context in its reads. Answers come late, and they are
// right.
func TestRedisFrozenUnderAnotherClient(t *testing.T) {
	s := redistest.Start(t)
	s.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	rdb := redis.NewClient(&redis.Options{Addr: s.Addr(), ReadTimeout: time.Second, MaxRetries: -1})
	t.Cleanup(func() { _ = rdb.Close() })
	b := &bed{T: t, server: s}
	b.list = b.checker(rdb)
	b.right()
	assert.Equal(t, []string{dnc.EventClientOptions}, b.logs.events(), "it is said once")
	s.Freeze()
	d, err := dnc.TimeLimit(b.list, 100*time.Millisecond).Check(ctx, numberAt(t, 1))
	assert.Equal(t, dnc.CodeStoreTimeout, d.Reason().Code)
	require.ErrorIs(t, err, dnc.ErrStoreTimeout)
	s.Thaw()
	b.rightAgain()
	assert.Len(t, b.logs.events(), 1)
}

func TestRedisPoolExhausted(t *testing.T) {
	s := redistest.Start(t)
	s.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	b := &bed{T: t, server: s, rdb: universal(t, s.URL(), func(o *redis.UniversalOptions) { o.PoolSize, o.PipelinePoolSize = 1, -1 })}
	b.list = b.checker(b.rdb)
	b.right()
	s.Freeze()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			defer cancel()
			if d, err := b.list.Check(ctx, numberAt(t, 1)); err == nil || d.Reason().Code != dnc.CodeStoreTimeout {
				t.Errorf("%v, %v", d, err)
			}
		})
	}
	wg.Wait()
	s.Thaw()
	b.rightAgain()
}

func TestRedisLoading(t *testing.T) {
	b := newBed(t, redistest.Start(t))
	b.server.RestartLoading()
	b.unknown(dnc.CodeStoreUnavailable)
	_, err := b.list.Check(ctx, numberAt(t, 1))
	require.ErrorContains(t, err, "LOADING")
}

// kill -9 in the middle of a batch: every number has one decision, none is allowed that was not
// asked.
func TestRedisKilledInABatch(t *testing.T) {
	b := newBed(t, redistest.Start(t))
	ns := make([]dnc.Number, 100_000)
	for i := range ns {
		ns[i] = numberAt(t, i)
	}
	for round := range 5 {
		var killer sync.WaitGroup
		var calls atomic.Int32
		killed := make(chan struct{})
		kill := sync.OnceFunc(func() { close(killed) })
		rdb := universal(t, b.server.URL())
		rdb.AddHook(onPipeline(func() {
			if calls.Add(1) == int32(3+round*5) {
				kill()
			}
		}))
		killer.Go(func() { <-killed; b.server.Kill() })
		ds, err := b.checker(rdb).CheckBatch(ctx, ns)
		kill() // a machine that is too busy to answer in time ends the batch before that call
		killer.Wait()
		require.Error(t, err)
		require.Len(t, ds, len(ns))
		open := 0
		for i, d := range ds {
			if d.Number != ns[i] || d.Callable() && onList(i) {
				t.Fatalf("decision %d is %v", i, d)
			}
			if d.Verdict == dnc.Unknown {
				open++
			}
		}
		t.Logf("%d of %d were left open", open, len(ns))
		require.Positive(t, open)
		b.server.Restart()
		b.server.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	}
	b.rightAgain()
}

// onPipeline is a hook that calls a function before each pipeline.
type onPipeline func()

func (f onPipeline) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (f onPipeline) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (f onPipeline) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		f()
		return next(ctx, cmds)
	}
}

func TestRedisBehindABadNetwork(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	s.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	for name, c := range map[string]struct {
		spoil redistest.Spoil
		code  string
	}{
		"black hole":     {redistest.Spoil{Swallow: true}, dnc.CodeStoreTimeout},
		"cut in a reply": {redistest.Spoil{CutAfter: 300}, dnc.CodeStoreUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			p := redistest.StartProxy(t, s)
			b := &bed{T: t, server: s, rdb: universal(t, p.URL())}
			b.list = b.checker(b.rdb)
			b.right()
			p.Set(c.spoil)
			p.Reset()
			ns := make([]dnc.Number, 2000)
			for i := range ns {
				ns[i] = numberAt(t, i)
			}
			ds, err := b.list.CheckBatch(ctx, ns)
			require.Error(t, err)
			for i, d := range ds {
				if d.Number != ns[i] || d.Callable() && onList(i) {
					t.Fatalf("decision %d is %v", i, d)
				}
			}
			assert.Equal(t, c.code, ds[1].Reason().Code, "%v", err)
			shown(t, err)
			p.Set(redistest.Spoil{})
			p.Reset()
			b.rightAgain()
		})
	}
	t.Run("in slices", func(t *testing.T) {
		p := redistest.StartProxy(t, s)
		p.Set(redistest.Spoil{Slices: 3})
		b := &bed{T: t, server: s, rdb: universal(t, p.URL())}
		rightFrom(t, b.checker(b.rdb))
	})
	t.Run("reset under load", func(t *testing.T) {
		p := redistest.StartProxy(t, s)
		b := &bed{T: t, server: s, rdb: universal(t, p.URL())}
		b.list = b.checker(b.rdb)
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					p.Reset()
					runtime.Gosched()
				}
			}
		})
		for i := range 3000 {
			d, err := b.list.Check(ctx, numberAt(t, i))
			if d.Callable() && onList(i) || (err != nil) != (d.Verdict == dnc.Unknown) {
				t.Errorf("%v, %v", d, err)
			}
		}
		close(stop)
		wg.Wait()
		b.rightAgain()
	})
}

// A replica is not asked, however fresh it may be.
func TestRedisReplica(t *testing.T) {
	primary := redistest.Start(t)
	b := newBed(t, primary)
	for name, args := range map[string][]string{
		"in sync":      {"--replicaof", fmt.Sprintf("127.0.0.1 %d", primary.Port)},
		"never synced": {"--replicaof", "127.0.0.1 1"},
		"no stale":     {"--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "no"},
	} {
		t.Run(name, func(t *testing.T) {
			r := redistest.Start(t, args...)
			c := &bed{T: t, server: r, rdb: universal(t, r.URL())}
			code := dnc.CodeStoreMisconfigured
			if name == "no stale" {
				code = dnc.CodeStoreUnavailable // MASTERDOWN hides the rest
			}
			d, err := c.checker(c.rdb).Check(ctx, numberAt(t, 1))
			require.Error(t, err)
			assert.Contains(t, []string{dnc.CodeStoreMisconfigured, code}, d.Reason().Code)
		})
	}
	t.Run("a primary that comes back as one", func(t *testing.T) {
		again := b.checker(b.rdb, often)
		rightFrom(t, again)
		primary.Do(t, "replicaof", "127.0.0.1", 1)
		require.NoError(t, redistest.Eventually(func() error {
			if d, _ := again.Check(ctx, numberAt(t, 1)); d.Callable() {
				return fmt.Errorf("not looked at yet")
			}
			return nil
		}))
		b.unknownFrom(again, dnc.CodeStoreMisconfigured)
		primary.Do(t, "replicaof", "no", "one")
		require.NoError(t, redistest.Eventually(func() error { return answersRight(t, again) }))
	})
}
