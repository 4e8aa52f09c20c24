package faulttest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

var ctx = context.Background()

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	redis.SetLogger(silent{})
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction(redistest.ClosedPoolDial))
}

// The numbers of the tests are +14155550000 to +14155559999. Each tenth is on the list from the
// start.
func number(tb testing.TB, i int) dnc.Number {
	tb.Helper()
	n, err := dnc.ParseNumber(fmt.Sprintf("+1415555%04d", i))
	require.NoError(tb, err)
	return n
}

const known = 1000 // how many of the numbers the tests of right answers ask for

func listed(i int) bool { return i%10 == 0 }

// load writes the list as other tools do.
func load(tb testing.TB, s *redistest.Server) {
	tb.Helper()
	args := []any{"sadd", "dnc:blacklist"}
	for i := range known {
		if listed(i) {
			args = append(args, number(tb, i).E164())
		}
	}
	s.Do(tb, args...)
}

// sequence is what Replace reads.
func sequence(ns ...dnc.Number) func(func(dnc.Number, error) bool) {
	return func(yield func(dnc.Number, error) bool) {
		for _, n := range ns {
			if !yield(n, nil) {
				return
			}
		}
	}
}

// theList is the list as numbers.
func theList(tb testing.TB) (ns []dnc.Number) {
	tb.Helper()
	for i := range known {
		if listed(i) {
			ns = append(ns, number(tb, i))
		}
	}
	return ns
}

// recommended are the timeouts of RedisOptions: 300 ms. Tests that are not about time have longer
// ones, for busy machines.
func recommended(o *redis.UniversalOptions) {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = 300*time.Millisecond, 300*time.Millisecond, 300*time.Millisecond, 300*time.Millisecond
}

// connect makes a client with the options that the library recommends, but for the timeouts.
func connect(tb testing.TB, urls string, change ...func(*redis.UniversalOptions)) redis.UniversalClient {
	tb.Helper()
	o, err := dnc.RedisOptions(urls)
	require.NoError(tb, err)
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = 5*time.Second, 5*time.Second, 5*time.Second, 5*time.Second
	for _, c := range change {
		c(o)
	}
	rdb := redis.NewUniversalClient(o)
	tb.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// single makes a client of the caller's own, with the defaults of go-redis where nothing else is
// said.
func single(tb testing.TB, o *redis.Options) *redis.Client {
	tb.Helper()
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	o.ContextTimeoutEnabled, o.DisableIdentity = true, true
	rdb := redis.NewClient(o)
	tb.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func newChecker(tb testing.TB, rdb dnc.RedisClient, opts ...dnc.RedisOption) *dnc.RedisChecker {
	tb.Helper()
	c, err := dnc.NewRedisChecker(rdb, opts...)
	require.NoError(tb, err)
	return c
}

func newWriter(tb testing.TB, rdb dnc.RedisClient, opts ...dnc.RedisOption) *dnc.RedisWriter {
	tb.Helper()
	w, err := dnc.NewRedisWriter(rdb, opts...)
	require.NoError(tb, err)
	return w
}

// right is nil if a checker answers rightly for numbers of the list: one alone and a batch over all
// of it.
func right(tb testing.TB, c dnc.Checker) error {
	tb.Helper()
	ns := make([]dnc.Number, known)
	for i := range ns {
		ns[i] = number(tb, i)
	}
	for i := range 3 {
		if d, err := c.Check(ctx, ns[i*5]); err != nil || d.Callable() == listed(i*5) {
			return fmt.Errorf("number %d is %v: %w", i*5, d.Verdict, err)
		}
	}
	ds, err := c.CheckBatch(ctx, ns)
	if err != nil {
		return err
	}
	for i, d := range ds {
		if d.Number != ns[i] || d.Callable() == listed(i) {
			return fmt.Errorf("number %d of a batch is %v", i, d.Verdict)
		}
	}
	return nil
}

// tally counts verdicts about one number.
type tally struct{ allow, block, unknown atomic.Int64 }

func (t *tally) String() string {
	return fmt.Sprintf("%d allow, %d block, %d unknown", t.allow.Load(), t.block.Load(), t.unknown.Load())
}

func (t *tally) count(d dnc.Decision) {
	switch d.Verdict {
	case dnc.Allow:
		t.allow.Add(1)
	case dnc.Block:
		t.block.Add(1)
	default:
		t.unknown.Add(1)
	}
}

// press asks for a number from many goroutines, alone and in batches.
func press(c dnc.Checker, n dnc.Number, goroutines, each int) *tally {
	var t tally
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range each {
				d, _ := c.Check(ctx, n)
				t.count(d)
			}
			ds, _ := c.CheckBatch(ctx, []dnc.Number{n, n})
			for _, d := range ds {
				t.count(d)
			}
		})
	}
	wg.Wait()
	return &t
}

// stale starts a primary and a replica that was cut off, after which the number 1 was added at the
// primary.
func stale(tb testing.TB, args ...string) (pair *redistest.Pair, added dnc.Number) {
	tb.Helper()
	pair = redistest.StartPair(tb, args...)
	load(tb, pair.Primary)
	pair.Sync(tb)
	pair.Cut(tb)
	added = number(tb, 1)
	pair.Primary.Do(tb, "sadd", "dnc:blacklist", added.E164())
	return pair, added
}

// hint is the text of an error, which must hold every one of some words.
func hint(tb testing.TB, err error, words ...string) {
	tb.Helper()
	require.Error(tb, err)
	for _, w := range words {
		require.Contains(tb, strings.ToLower(err.Error()), strings.ToLower(w))
	}
	require.NotContains(tb, err.Error(), "canary", "an error shows no secret")
}
