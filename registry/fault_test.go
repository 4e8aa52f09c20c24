package registry

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

const (
	listed = 14155550000
	clean  = 14155550001
)

// What is missing or damaged in Redis is Unknown, never Allow, whichever way it is asked.
func TestWhatIsMissingOrDamaged(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	rdb := universal(t, s.URL())
	head := "dnc:list:national"
	shard := func() string { return head + ":" + field(t, s, "ver") + ":1415" }
	block := string(make([]byte, 1251))
	for name, c := range map[string]struct {
		damage func()
		code   string
	}{
		"head lost":             {func() { s.Do(t, "del", head) }, dnc.CodeListMissing},
		"flushed":               {func() { s.Do(t, "flushall") }, dnc.CodeListMissing},
		"shard evicted":         {func() { s.Do(t, "del", shard()) }, dnc.CodeListIncomplete},
		"marker lost":           {func() { s.Do(t, "hdel", shard(), "_") }, dnc.CodeListIncomplete},
		"marker no count":       {func() { s.Do(t, "hset", shard(), "_", "x") }, dnc.CodeListIncomplete},
		"block too long":        {func() { s.Do(t, "hset", shard(), "555", block) }, dnc.CodeListIncomplete},
		"block of odd length":   {func() { s.Do(t, "hset", shard(), "555", "abc") }, dnc.CodeListIncomplete},
		"shard of another type": {func() { s.Do(t, "del", shard()); s.Do(t, "set", shard(), "x") }, dnc.CodeStoreMisconfigured},
		"head of another type":  {func() { s.Do(t, "del", head); s.Do(t, "set", head, "x") }, dnc.CodeStoreMisconfigured},
		"no generation":         {func() { s.Do(t, "hdel", head, "gen") }, dnc.CodeListIncomplete},
		"odd generation":        {func() { s.Do(t, "hset", head, "gen", "1e3") }, dnc.CodeListIncomplete},
		"no version":            {func() { s.Do(t, "hdel", head, "ver") }, dnc.CodeListMissing},
		"odd version":           {func() { s.Do(t, "hset", head, "ver", "x") }, dnc.CodeListIncomplete},
		"no count":              {func() { s.Do(t, "hset", head, "count", "-1") }, dnc.CodeListIncomplete},
		"no shards":             {func() { s.Do(t, "hdel", head, "shards") }, dnc.CodeListIncomplete},
		"odd shards":            {func() { s.Do(t, "hset", head, "shards", "1415,x") }, dnc.CodeListIncomplete},
		"shard with a zero":     {func() { s.Do(t, "hset", head, "shards", "01415") }, dnc.CodeListIncomplete},
		"shard too large":       {func() { s.Do(t, "hset", head, "shards", "1415,100000000") }, dnc.CodeListIncomplete},
		"block of nothing":      {func() { s.Do(t, "hset", shard(), "555", "") }, dnc.CodeListIncomplete},
		"no coverage":           {func() { s.Do(t, "hset", head, "coverage", "") }, dnc.CodeListIncomplete},
		"odd coverage":          {func() { s.Do(t, "hset", head, "coverage", "+1") }, dnc.CodeListIncomplete},
		"other coverage":        {func() { s.Do(t, "hset", head, "coverage", "1212,44") }, dnc.CodeNotCovered},
		"no date":               {func() { s.Do(t, "hdel", head, "obtained") }, dnc.CodeListStale},
		"odd date":              {func() { s.Do(t, "hset", head, "obtained", "2026-11-01") }, dnc.CodeListStale},
		"future":                {func() { s.Do(t, "hset", head, "obtained", time.Now().Add(time.Hour).Format(time.RFC3339)) }, dnc.CodeListStale},
		"too old": {func() {
			s.Do(t, "hset", head, "obtained", time.Now().Add(-31*24*time.Hour-time.Minute).Format(time.RFC3339))
		}, dnc.CodeListStale},
		"lower generation": {func() { s.Do(t, "hset", head, "gen", "0") }, dnc.CodeListIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			s.Do(t, "flushall")
			r := open(t, rdb)
			put(t, r, plain(listed, 14156660000, 12125550000))
			got, _ := verdict(t, r, clean)
			require.Equal(t, dnc.Allow, got)
			c.damage()
			// a Registry that knew the list, as far as what it reads with each question tells
			fresh := open(t, rdb)
			unknownAll(t, fresh, c.code, clean, listed)
			_, err := fresh.Check(ctx, digits.Number(clean))
			require.Error(t, err)
			if d, _ := r.Check(ctx, digits.Number(clean)); d.Callable() {
				switch name { // these change nothing that a running process goes by: gen, ver and loaded are the same
				case "no count", "no shards", "odd shards", "shard with a zero", "shard too large", "no coverage", "odd coverage", "other coverage", "no date", "odd date", "future", "too old":
				default:
					t.Fatalf("it is allowed: %v", d)
				}
			}
			snapshot, err := fresh.Snapshot(ctx)
			if c.code == dnc.CodeNotCovered || c.code == dnc.CodeListStale { // it loads, and says so
				require.NoError(t, err)
				defer snapshot.Close()
				unknownAll(t, snapshot, c.code, clean, listed)
			} else {
				require.Error(t, err)
			}
		})
	}
}

// Each shard by itself: the numbers of the one that is gone are Unknown, all others are decided.
func TestAnyOneShardEvicted(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	areas := []uint64{1201, 1212, 1415, 1907}
	var list []uint64
	for _, a := range areas {
		list = append(list, a*shardSize+5550000)
	}
	for _, gone := range areas {
		put(t, r, plain(list...))
		s.Do(t, "del", fmt.Sprintf("dnc:list:national:%s:%d", field(t, s, "ver"), gone))
		var ns []dnc.Number
		for _, a := range areas {
			ns = append(ns, digits.Number(a*shardSize+5550000), digits.Number(a*shardSize+5550001))
		}
		ds, err := r.CheckBatch(ctx, ns)
		require.ErrorIs(t, err, dnc.ErrListIncomplete)
		for i, d := range ds {
			want := []dnc.Verdict{dnc.Block, dnc.Allow}[i%2]
			if areas[i/2] == gone {
				want = dnc.Unknown
			}
			assert.Equal(t, want, d.Verdict)
			one, _ := r.Check(ctx, ns[i])
			assert.Equal(t, want, one.Verdict)
		}
	}
}

func TestAllKeysLRU(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, oldList().Numbers())
	o := newOracle()
	require.Equal(t, "old", o.which(t, r))
	s.Do(t, "config", "set", "maxmemory", "3mb")
	s.Do(t, "config", "set", "maxmemory-policy", "allkeys-lru")
	for i := range 3000 {
		s.Do(t, "set", fmt.Sprintf("cache:%d", i), strings.Repeat("x", 1000))
	}
	ds, err := r.CheckBatch(ctx, o.ns)
	require.Error(t, err)
	for _, d := range ds {
		if d.Callable() && o.in["old"][d.Number] {
			t.Fatal("a listed number is allowed")
		}
	}
}

// A primary that comes back with an old copy is not believed, neither as it is nor after an import
// that it has never heard was made.
func TestRestartedFromAnOldDump(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()), WithPolling(10*time.Millisecond, time.Minute))
	put(t, r, plain(listed))
	s.Do(t, "save")
	put(t, r, plain(listed, clean))
	snapshot, err := r.Snapshot(ctx)
	require.NoError(t, err)
	defer snapshot.Close()
	s.Restart()
	require.NoError(t, redistest.Eventually(func() error {
		if got, _ := r.Check(ctx, digits.Number(clean)); got.Reason().Code != dnc.CodeListStale {
			return fmt.Errorf("it is %v", got)
		}
		return nil
	}))
	unknownAll(t, r, dnc.CodeListStale, listed, clean)
	require.NoError(t, redistest.Eventually(func() error {
		if d, err := snapshot.Check(ctx, digits.Number(14155550002)); err == nil {
			return fmt.Errorf("the snapshot says %v", d)
		}
		return nil
	}))

	// Another process imports to it: the same generation and id, other data.
	other := open(t, universal(t, s.URL()))
	put(t, other, plain(listed, 14155550009))
	assert.Equal(t, "2", field(t, s, "ver"))
	unknownAll(t, r, dnc.CodeListStale, listed, clean)
	// The process that knows better imports: it goes above everything that it has seen.
	put(t, r, plain(listed, clean))
	got, _ := verdict(t, r, clean)
	assert.Equal(t, dnc.Block, got)
	got, _ = verdict(t, other, clean)
	assert.Equal(t, dnc.Block, got)
	require.NoError(t, redistest.Eventually(func() error {
		d, err := snapshot.Check(ctx, digits.Number(clean))
		if err == nil && d.Verdict != dnc.Block {
			return fmt.Errorf("the snapshot says %v", d)
		}
		return err
	}))
}

func TestReplicaAndNodeOfAClusterAreRefused(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	put(t, open(t, universal(t, primary.URL())), plain(listed))
	replica := redistest.Start(t, "--replicaof", fmt.Sprintf("127.0.0.1 %d", primary.Port))
	require.NoError(t, redistest.Eventually(func() error {
		if n, _ := replica.Do(t, "exists", "dnc:list:national").(int64); n != 1 {
			return fmt.Errorf("it is not in sync")
		}
		return nil
	}))
	unknownAll(t, open(t, universal(t, replica.URL())), dnc.CodeStoreMisconfigured, clean, listed)
	c := redistest.StartCluster(t, 3, 0)
	put(t, open(t, universal(t, c.URLs())), plain(listed, 12125550000))
	for _, m := range c.Masters { // it sends to another one, or has a part of the list
		r := open(t, universal(t, m.URL()))
		for _, v := range []uint64{clean, listed} {
			d, err := r.Check(ctx, digits.Number(v))
			require.True(t, err != nil || d.Verdict == map[uint64]dnc.Verdict{clean: dnc.Allow, listed: dnc.Block}[v], "%v", d)
		}
	}
}

// With a server that is full an import fails, and the old version stays.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, oldList().Numbers())
	s.Do(t, "config", "set", "maxmemory", "2100kb")
	imp := national()
	imp.MaxShrink = 1
	report, err := r.Replace(ctx, newList().Numbers(), imp)
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
	assert.Contains(t, err.Error(), "OOM")
	assert.Empty(t, report.Version)
	o := newOracle()
	require.Equal(t, "old", o.which(t, r))
	assert.Len(t, versionsOf(keysOf(t, s)), 1, "what was written is removed")
	s.Do(t, "config", "set", "maxmemory", "0")
	put(t, r, newList().Numbers())
	require.Equal(t, "new", o.which(t, r))
}

// A thousand swaps and rollbacks under constant checks: every answer is one of a version that was
// in force, and a number that is in all of them is never allowed.
func TestSwapsUnderConstantChecks(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) string{
		"single":  func(t *testing.T) string { return redistest.Start(t).URL() },
		"cluster": func(t *testing.T) string { return redistest.StartCluster(t, 3, 0).URLs() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			urls := start(t)
			const rounds, size = 1000, 150 // in more blocks than one pipeline asks for
			writer := open(t, patient(t, urls))
			// numbers at 0 mod 3 are in all versions, 1 mod 3 in none, 2 mod 3 in every other one
			list := func(second bool) (vs []uint64) {
				for i := range uint64(size) {
					v := 12010000000 + i*26_660_003
					if i%3 == 0 || i%3 == 2 && second {
						vs = append(vs, v)
					}
				}
				return vs
			}
			put(t, writer, plain(list(false)...))
			put(t, writer, plain(list(true)...))
			var ns []dnc.Number
			for i := range uint64(size) {
				ns = append(ns, digits.Number(12010000000+i*26_660_003))
			}
			// Over a line with delays a question is still under way when its version is replaced and removed.
			line := patient(t, urls)
			late := onPipeline(func(_ []redis.Cmder, send func() error) error {
				<-time.After(rand.N(4 * time.Millisecond))
				return send()
			})
			if c, ok := line.(*redis.ClusterClient); ok {
				c.OnNewNode(func(node *redis.Client) { node.AddHook(late) })
			} else {
				line.AddHook(late)
			}
			checked := open(t, line, WithPolling(time.Millisecond, time.Minute))
			snapshot, err := checked.Snapshot(ctx)
			require.NoError(t, err)
			defer snapshot.Close()
			var stop atomic.Bool
			var wg sync.WaitGroup
			type tally struct{ asked, open atomic.Int64 }
			count := func(c *tally, i int, d dnc.Decision) {
				c.asked.Add(1)
				switch {
				case d.Verdict == dnc.Unknown:
					if c.open.Add(1) == 1 {
						t.Logf("%v", d)
					}
				case i%3 == 0 && d.Verdict != dnc.Block, i%3 == 1 && d.Verdict != dnc.Allow:
					t.Errorf("number %d is %v", i, d)
					stop.Store(true)
				}
			}
			tallies := map[string]*tally{"Check": new(tally), "CheckBatch": new(tally), "Snapshot": new(tally)}
			wg.Go(func() {
				for i := 0; !stop.Load(); i = (i + 1) % len(ns) {
					d, _ := checked.Check(ctx, ns[i])
					count(tallies["Check"], i, d)
				}
			})
			// The snapshot answers from memory. It is asked once for each answer of the server: without a
			// pause it would take a processor from the writer, and the swaps would take twice as long.
			answered := make(chan struct{}, 1)
			for kind, c := range map[string]dnc.Checker{"CheckBatch": checked, "Snapshot": snapshot} {
				wg.Go(func() {
					if c == checked {
						defer close(answered)
					}
					tally := tallies[kind]
					for !stop.Load() {
						if c == snapshot {
							<-answered
						} else {
							select {
							case answered <- struct{}{}:
							default:
							}
						}
						ds, _ := c.CheckBatch(ctx, ns)
						second := dnc.Unknown
						for i, d := range ds {
							count(tally, i, d)
							if i%3 == 2 && d.Verdict != dnc.Unknown {
								if second != dnc.Unknown && d.Verdict != second {
									t.Errorf("a batch has answers of two versions")
									stop.Store(true)
								}
								second = d.Verdict
							}
						}
					}
				})
			}
			for round := range rounds {
				if stop.Load() {
					break
				}
				err := redistest.Eventually(func() (err error) { // a starved node of the cluster is down for a moment
					if round%3 == 0 {
						_, err = writer.Rollback(ctx)
						return err
					}
					imp := national()
					imp.MaxShrink = 1
					_, err = writer.Replace(ctx, plain(list(round%2 == 0)...), imp)
					return err
				})
				if !assert.NoError(t, err, "round %d", round) { //nolint:testifylint // in a loop that must stop the checkers
					break
				}
			}
			stop.Store(true)
			wg.Wait()
			for kind, c := range tallies {
				t.Logf("%s: %d answers, %d of them unknown", kind, c.asked.Load(), c.open.Load())
				assert.Positive(t, c.asked.Load())
				assert.Less(t, c.open.Load(), c.asked.Load(), kind)
			}
		})
	}
}
