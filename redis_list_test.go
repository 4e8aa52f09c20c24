package dnc_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
	"github.com/dnc-go/dnc/internal/redistest"
)

func TestRedisConformance(t *testing.T) {
	s := redistest.Start(t)
	fill := func(tb testing.TB, listed []dnc.Number) redis.UniversalClient {
		s.Do(tb, "flushall")
		rdb := universal(tb, s.URL())
		w, err := dnc.NewRedisWriter(rdb)
		require.NoError(tb, err)
		_, err = w.Replace(ctx, numbers(listed...))
		require.NoError(tb, err)
		require.NoError(tb, w.SetGeoRule(ctx, "+1900", dnc.GeoRule{RiskLevel: "high"}))
		return rdb
	}
	for name, wrap := range map[string]func(c dnc.Checker) dnc.Checker{
		"alone":   func(c dnc.Checker) dnc.Checker { return c },
		"Protect": func(c dnc.Checker) dnc.Checker { return dnc.Protect(dnc.Union(c, other(t))) },
	} {
		t.Run(name, func(t *testing.T) {
			dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
				c, err := dnc.NewRedisChecker(fill(tb, listed), dnc.RequireMarker(), dnc.WithGeoRules("dnc:geo_rules"))
				require.NoError(tb, err)
				return wrap(c)
			})
		})
	}
	t.Run("RESP2", func(t *testing.T) {
		dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
			fill(tb, listed)
			c, err := dnc.NewRedisChecker(universal(tb, s.URL(), func(o *redis.UniversalOptions) { o.Protocol = 2 }), dnc.WithGeoRules("dnc:geo_rules"))
			require.NoError(tb, err)
			return c
		})
	})
	t.Run("another spelling", func(t *testing.T) {
		dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
			s.Do(tb, "flushall")
			bare := func(n dnc.Number) string { return n.E164()[1:] }
			for _, n := range listed {
				s.Do(tb, "sadd", "crm:optouts", bare(n))
			}
			c, err := dnc.NewRedisChecker(universal(tb, s.URL()), dnc.WithList("optouts", "crm:optouts"), dnc.WithMemberFormat(bare))
			require.NoError(tb, err)
			return c
		})
	})
}

// What naive code takes for "not on the list".
func TestRedisListThatIsNotThere(t *testing.T) {
	for name, fault := range map[string]func(b *bed){
		"deleted":  func(b *bed) { b.server.Do(b, "del", "dnc:blacklist") },
		"flushed":  func(b *bed) { b.server.Do(b, "flushall") },
		"expired":  func(b *bed) { b.server.Do(b, "pexpireat", "dnc:blacklist", 1) },
		"restart":  func(b *bed) { b.server.Restart() },
		"renamed":  func(b *bed) { b.server.Do(b, "rename", "dnc:blacklist", "DNC:blacklist") },
		"moved":    func(b *bed) { b.server.Do(b, "move", "dnc:blacklist", 1) },
		"emptied":  func(b *bed) { b.server.Do(b, append([]any{"srem", "dnc:blacklist"}, members(b)...)...) },
		"swapped":  func(b *bed) { b.server.Do(b, "swapdb", 0, 1) },
		"replaced": func(b *bed) { b.server.Do(b, "del", "dnc:blacklist"); b.server.Do(b, "sadd", "other", "x") },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, redistest.Start(t))
			fault(b)
			b.unknown(dnc.CodeListMissing)
			_, err := b.list.Check(ctx, numberAt(b, 1))
			require.ErrorIs(t, err, dnc.ErrListMissing)
			require.ErrorContains(t, err, "dnc:blacklist")
			b.server.Do(b, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
			b.rightAgain()
		})
	}
	t.Run("another key, another database", func(t *testing.T) {
		b := newBed(t, redistest.Start(t))
		b.unknownFrom(b.checker(b.rdb, dnc.WithList("blacklist", "wrong:blacklist")), dnc.CodeListMissing)
		b.unknownFrom(b.checker(universal(t, b.server.URL()+"/3")), dnc.CodeListMissing)
	})
	t.Run("allowed to be missing", func(t *testing.T) {
		s := redistest.Start(t)
		c, err := dnc.NewRedisChecker(universal(t, s.URL()), dnc.DangerouslyAllowMissingList())
		require.NoError(t, err)
		d, err := c.Check(ctx, numberAt(t, 1))
		require.NoError(t, err)
		assert.True(t, d.Callable())
		w, err := dnc.NewRedisWriter(universal(t, s.URL()))
		require.NoError(t, err)
		_, err = w.Replace(ctx, numbers(theList(t)...))
		require.NoError(t, err)
		rightFrom(t, c)
		s.Do(t, "flushall")
		_, err = c.Check(ctx, numberAt(t, 1))
		require.ErrorIs(t, err, dnc.ErrListMissing, "it was seen complete once")
	})
}

// FLUSHALL and one SADD: a list of one, which looks like a list.
func TestRedisListOfWhatIsLeft(t *testing.T) {
	for name, opts := range map[string][]dnc.RedisOption{
		"RequireMarker": {dnc.RequireMarker()},
		"marker seen":   nil,
		"WithMinSize":   {dnc.WithMinSize(100)},
	} {
		t.Run(name, func(t *testing.T) {
			s := redistest.Start(t)
			w, err := dnc.NewRedisWriter(universal(t, s.URL()))
			require.NoError(t, err)
			_, err = w.Replace(ctx, numbers(theList(t)...))
			require.NoError(t, err)
			b := newBed(t, s, opts...)
			if name == "WithMinSize" {
				b = &bed{T: t, server: s, rdb: b.rdb}
				b.list = b.checker(b.rdb, opts...) // one that has never seen the marker
			}
			s.Do(t, "flushall")
			s.Do(t, "sadd", "dnc:blacklist", numberAt(t, 0).E164())
			b.unknown(dnc.CodeListIncomplete)
			d, err := b.list.Check(ctx, numberAt(t, 0))
			require.NoError(t, err)
			assert.Equal(t, []string{"dnc_blacklist", "list_incomplete"}, codes(d), "what is on it stays blocked")
			_, err = w.Replace(ctx, numbers(theList(t)...))
			require.NoError(t, err)
			b.rightAgain()
		})
	}
	t.Run("marker alone", func(t *testing.T) {
		s := redistest.Start(t)
		s.Do(t, "sadd", "dnc:blacklist", "!complete")
		b := &bed{T: t, server: s, rdb: universal(t, s.URL())}
		b.unknownFrom(b.checker(b.rdb, dnc.WithMinSize(1)), dnc.CodeListIncomplete)
	})
}

func TestRedisEviction(t *testing.T) {
	s := redistest.Start(t, "--maxmemory", "6mb", "--maxmemory-policy", "allkeys-lru", "--maxmemory-samples", "10")
	b := newBed(t, s)
	rdb := s.Client(t)
	for range 400 {
		_, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			for range 100 {
				p.Set(ctx, fmt.Sprint("cache:", time.Now().UnixNano()), strings.Repeat("x", 1000), 0)
			}
			return nil
		})
		require.NoError(t, err)
		if rdb.Exists(ctx, "dnc:blacklist").Val() == 0 {
			break
		}
	}
	require.Zero(t, rdb.Exists(ctx, "dnc:blacklist").Val(), "the list was not evicted")
	b.unknown(dnc.CodeListMissing)
}

// A server at its maxmemory refuses every transaction. A list with its marker can be asked without
// one.
func TestRedisFull(t *testing.T) {
	s := redistest.Start(t, "--maxmemory-policy", "noeviction")
	marked := dnc.WithList("marked", "dnc:marked")
	_, err := newWriter(t, s.Client(t), marked).Replace(ctx, numbers(theList(t)...))
	require.NoError(t, err)
	b := newBed(t, s)
	s.Do(t, "config", "set", "maxmemory", 1)
	b.unknown(dnc.CodeStoreUnavailable)
	_, err = b.list.Check(ctx, numberAt(t, 1))
	require.ErrorContains(t, err, "maxmemory")
	complete := b.checker(b.rdb, marked)
	rightFrom(t, complete)
	s.Do(t, "srem", "dnc:marked", "!complete")
	b.unknownFrom(complete, dnc.CodeStoreUnavailable)
	s.Do(t, "config", "set", "maxmemory", 0)
	b.rightAgain()
	b.unknownFrom(complete, dnc.CodeListIncomplete)
}

func TestRedisMembersInAnotherSpelling(t *testing.T) {
	s := redistest.Start(t)
	b := newBed(t, s, often)
	s.Do(t, "sadd", "dnc:blacklist", "n/a", "+1000") // two of more than a hundred that are not numbers: an incident
	require.NoError(t, redistest.Eventually(func() error {
		b.right()
		if !slices.Contains(b.logs.events(), dnc.EventMembersIgnored) {
			return fmt.Errorf("no incident yet")
		}
		return nil
	}))
	s.Do(t, "sadd", "dnc:blacklist", "1 (415) 555-0001") // one that is a number
	require.NoError(t, redistest.Eventually(func() error {
		d, _ := b.list.Check(ctx, numberAt(b, 1))
		if d.Callable() {
			return fmt.Errorf("not looked at yet")
		}
		return nil
	}))
	b.unknown(dnc.CodeStoreMisconfigured)
	_, err := b.list.Check(ctx, numberAt(b, 1))
	require.ErrorContains(t, err, "WithMemberFormat")

	for name, spelled := range map[string]func(dnc.Number) string{
		"bare":     func(n dnc.Number) string { return n.E164()[1:] },
		"national": func(n dnc.Number) string { return n.E164()[2:] },
		"dashes":   func(n dnc.Number) string { e := n.E164(); return e[2:5] + "-" + e[5:8] + "-" + e[8:] },
		"tel":      func(n dnc.Number) string { return "tel:" + n.E164() },
		"spaces":   func(n dnc.Number) string { return n.E164() + " " },
		"newline":  func(n dnc.Number) string { return n.E164() + "\n" },
	} {
		t.Run(name, func(t *testing.T) {
			key := "list:" + name
			for _, n := range theList(t) {
				s.Do(t, "sadd", key, spelled(n))
			}
			b := &bed{T: t, server: s, rdb: universal(t, s.URL())}
			b.unknownFrom(b.checker(b.rdb, dnc.WithList("x", key)), dnc.CodeStoreMisconfigured)
			rightFrom(t, b.checker(b.rdb, dnc.WithList("x", key), dnc.WithMemberFormat(spelled)))
		})
	}
}

func TestRedisMemberOfTheRightShapeOnly(t *testing.T) {
	s := redistest.Start(t)
	dashes := func(n dnc.Number) string { e := n.E164(); return e[2:5] + "-" + e[5:8] + "-" + e[8:] }
	for i, n := range theList(t) {
		e := n.E164()
		s.Do(t, "sadd", "shape", e[2:5]+"-"+e[5:9]+"-"+e[9:])
		s.Do(t, "sadd", "trunk", fmt.Sprintf("0%s", e[1:]), fmt.Sprintf("020794%05d", i)) // another country's code is undone too
	}
	b := &bed{T: t, server: s, rdb: universal(t, s.URL())}
	b.unknownFrom(b.checker(b.rdb, dnc.WithList("x", "shape"), dnc.WithMemberFormat(dashes)), dnc.CodeStoreMisconfigured)
	rightFrom(t, b.checker(b.rdb, dnc.WithList("x", "trunk"), dnc.WithMemberFormat(func(n dnc.Number) string {
		if rest, uk := strings.CutPrefix(n.E164(), "+44"); uk {
			return "0" + rest
		}
		return "0" + n.E164()[1:]
	})))
}

func TestRedisWrongType(t *testing.T) {
	s := redistest.Start(t)
	for _, make := range [][]any{
		{"set", "k", "x"},
		{"hset", "k", "+14155550001", "1"},
		{"rpush", "k", "+14155550001"},
		{"zadd", "k", 1, "+14155550001"},
		{"xadd", "k", "*", "a", "b"},
	} {
		s.Do(t, "del", "k")
		s.Do(t, make...)
		b := &bed{T: t, server: s, rdb: universal(t, s.URL())}
		b.unknownFrom(b.checker(b.rdb, dnc.WithList("k", "k")), dnc.CodeStoreMisconfigured)
	}
	b := newBed(t, s)
	s.Do(t, "del", "dnc:blacklist")
	s.Do(t, "set", "dnc:blacklist", "x")
	b.unknown(dnc.CodeStoreMisconfigured) // behind a look that found it in order
	_, err := b.list.Check(ctx, numberAt(b, 1))
	require.ErrorContains(t, err, "SET")
}

func TestRedisBatches(t *testing.T) {
	b := newBed(t, redistest.Start(t))
	for _, size := range []int{0, 1, 999, 1000, 1001, 100_000} {
		for kind, number := range map[string]func(i int) dnc.Number{
			"mixed":   func(i int) dnc.Number { return numberAt(t, i) },
			"same":    func(int) dnc.Number { return numberAt(t, 1) },
			"invalid": func(int) dnc.Number { return dnc.Number{} },
			"one invalid": func(i int) dnc.Number {
				if i == size/2 {
					return dnc.Number{}
				}
				return numberAt(t, i)
			},
		} {
			ns := make([]dnc.Number, size)
			for i := range ns {
				ns[i] = number(i)
			}
			ds, err := b.list.CheckBatch(ctx, ns)
			require.NoError(t, err, kind)
			require.Len(t, ds, size)
			for i, d := range ds {
				want := dnc.Allow
				if ns[i].IsZero() || kind != "same" && onList(i) {
					want = dnc.Block
				}
				if d.Number != ns[i] || d.Verdict != want {
					t.Fatalf("%s %d: decision %d is %v", kind, size, i, d)
				}
			}
		}
	}
}

func TestRedisBatchAllocations(t *testing.T) {
	b := newBed(t, redistest.Start(t))
	ns := make([]dnc.Number, 10_000)
	for i := range ns {
		ns[i] = must(t, fmt.Sprintf("+1415666%04d", i)) // none is listed
	}
	allocs := testing.AllocsPerRun(5, func() {
		if _, err := b.list.CheckBatch(ctx, ns); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%.4f allocations a number", allocs/float64(len(ns)))
	assert.Less(t, allocs/float64(len(ns)), 0.05)
}

func TestRedisCallsThatAreOver(t *testing.T) {
	b := newBed(t, redistest.Start(t))
	for want, over := range map[error]func() (context.Context, context.CancelFunc){
		context.Canceled: func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		},
		context.DeadlineExceeded: func() (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, -1) },
	} {
		ctx, cancel := over()
		for _, c := range []dnc.Checker{b.list, b.checker(b.rdb)} { // also at the first call
			d, err := c.Check(ctx, numberAt(t, 1))
			assert.Equal(t, dnc.Unknown, d.Verdict)
			require.ErrorIs(t, err, want)
		}
		cancel()
	}
	b.right()
}
