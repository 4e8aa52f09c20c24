package dnc_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
	"github.com/dnc-go/dnc/internal/redistest"
)

func TestClusterConformance(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 0)
	dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
		rdb := universal(tb, c.URLs())
		w := newWriter(tb, rdb)
		_, err := w.Replace(ctx, numbers(listed...))
		require.NoError(tb, err)
		require.NoError(tb, w.SetGeoRule(ctx, "+1900", dnc.GeoRule{RiskLevel: "high"}))
		checker, err := dnc.NewRedisChecker(rdb, dnc.RequireMarker(), dnc.WithGeoRules("dnc:geo_rules"))
		require.NoError(tb, err)
		return checker
	})
	t.Run("large geo hash", func(t *testing.T) {
		rdb := universal(t, c.URLs())
		_, err := c.Client(t).Pipelined(ctx, func(p redis.Pipeliner) error {
			for i := range 10_001 {
				p.HSet(ctx, "dnc:geo_rules", fmt.Sprintf("+888%05d", i), `{"allowed":false,"riskLevel":"bulk"}`)
			}
			return nil
		})
		require.NoError(t, err)
		checker, err := dnc.NewRedisChecker(rdb, dnc.WithGeoRules("dnc:geo_rules"))
		require.NoError(t, err)
		d, err := checkBoth(t, checker, must(t, "+88800007123456"))
		require.NoError(t, err)
		assert.Equal(t, "geo_blocked_bulk", d.Reason().Code)
	})
	t.Run("one node of it", func(t *testing.T) {
		for i, m := range c.Masters {
			b := &bed{T: t, server: m, rdb: universal(t, m.URL())}
			elsewhere := c.KeyOn(t, (i+1)%len(c.Masters), "list:")
			b.unknownFrom(b.checker(b.rdb, dnc.WithList("elsewhere", elsewhere)), dnc.CodeStoreMisconfigured)
			rightSeed := universal(t, m.URL()+"?cluster=true")
			_, err := b.checker(rightSeed).Check(ctx, numberAt(t, 1))
			require.NoError(t, err)
		}
	})
	t.Run("rights", func(t *testing.T) {
		for _, m := range c.Masters {
			user(t, m, "checker", rights(t, "redis.go", true))
		}
		o, err := dnc.RedisOptions(c.URLs())
		require.NoError(t, err)
		o.Username, o.Password = "checker", "secret-canary"
		rdb := redis.NewUniversalClient(o)
		t.Cleanup(func() { _ = rdb.Close() })
		checker, err := dnc.NewRedisChecker(rdb, dnc.WithGeoRules("dnc:geo_rules"))
		require.NoError(t, err)
		_, err = checker.Check(ctx, numberAt(t, 1))
		require.NoError(t, err)
	})
}

// three lists, one on each shard, as one Checker under ByPrefix: what a list of several countries
// looks like.
func onThreeShards(t *testing.T, c *redistest.Cluster, rdb redis.UniversalClient) (checker dnc.Checker, numbersOf [3][]dnc.Number) {
	t.Helper()
	routes := make(map[string]dnc.Checker)
	for i, area := range []string{"+1415", "+1416", "+1417"} {
		list := dnc.WithList(fmt.Sprintf("shard%d", i), c.KeyOn(t, i, "list:"))
		var listed []dnc.Number
		for k := range 200 {
			n := must(t, fmt.Sprintf("%s555%04d", area, k))
			numbersOf[i] = append(numbersOf[i], n)
			if k%10 == 0 {
				listed = append(listed, n)
			}
		}
		_, err := newWriter(t, rdb, list).Replace(ctx, numbers(listed...))
		require.NoError(t, err)
		routes[area], err = dnc.NewRedisChecker(rdb, list, dnc.RequireMarker(), quiet)
		require.NoError(t, err)
	}
	return dnc.ByPrefix(routes), numbersOf
}

func TestClusterShardDies(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(s *redistest.Server){
		"killed": (*redistest.Server).Kill,
		"frozen": (*redistest.Server).Freeze,
	} {
		t.Run(name, func(t *testing.T) {
			c := redistest.StartCluster(t, 3, 3)
			rdb := universal(t, c.URLs())
			lists, ns := onThreeShards(t, c, rdb)
			protected := dnc.Fallback(dnc.Breaker(dnc.TimeLimit(lists, 50*time.Millisecond), quiet), quiet)
			all := append(append(append([]dnc.Number{}, ns[0]...), ns[1]...), ns[2]...)
			ds, err := lists.CheckBatch(ctx, all)
			require.NoError(t, err)
			require.True(t, ds[1].Callable())
			c.AwaitReplicas(t)
			for _, r := range c.Replicas { // so that the shard stays dead
				r.Do(t, "config", "set", "cluster-replica-no-failover", "yes")
			}
			fault(c.Masters[1])
			begin := time.Now()
			_, err = lists.Check(ctx, ns[1][1])
			require.Error(t, err)
			t.Logf("a number on the dead shard is unknown after %v", time.Since(begin).Round(time.Millisecond))

			// The batch: numbers on healthy shards are decided, those on the dead one are open.
			ds, err = lists.CheckBatch(ctx, all)
			require.Error(t, err)
			for i, d := range ds {
				switch dead := i/200 == 1; {
				case d.Number != all[i]:
					t.Fatalf("decision %d is for another number", i)
				case dead && d.Verdict != dnc.Unknown, !dead && d.Callable() == (i%10 == 0):
					t.Fatalf("decision %d is %v", i, d)
				}
			}
			shown(t, err, ds[:5])

			// One by one, a third of them on the dead shard: the breaker stays closed for the others.
			for i := range 120 {
				n, dead := ns[i%3][1+i%7], i%3 == 1
				d, err := protected.Check(ctx, n)
				for try := 0; try < 100 && !dead && d.Reason().Code == dnc.CodeStoreTimeout; try++ { // 50 ms can be too short on a busy machine; an open breaker says otherwise
					d, err = protected.Check(ctx, n)
				}
				require.NoError(t, err)
				if d.Callable() == dead {
					t.Fatalf("call %d is %v", i, d)
				}
			}

			for _, r := range c.Replicas {
				r.Do(t, "config", "set", "cluster-replica-no-failover", "no")
			}
			begin = time.Now()
			require.NoError(t, redistest.Eventually(func() error {
				ds, err := lists.CheckBatch(ctx, all)
				for i, d := range ds {
					if d.Callable() && i%10 == 0 {
						t.Errorf("decision %d is %v", i, d)
					}
				}
				return err
			}))
			t.Logf("right again %v after the replica was let go", time.Since(begin).Round(time.Millisecond))
			c.Masters[1].Thaw()
		})
	}
}

// A graceful failover and a slot that moves, under load: no answer is wrong, and none is missing.
func TestClusterMovesUnderLoad(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 3)
	rdb := universal(t, c.URLs())
	key := c.KeyOn(t, 0, "list:")
	list := dnc.WithList("moving", key)
	_, err := newWriter(t, rdb, list).Replace(ctx, numbers(theList(t)...))
	require.NoError(t, err)
	c.AwaitReplicas(t)
	b := &bed{T: t, rdb: rdb}
	b.list = b.checker(rdb, list, dnc.RequireMarker())
	b.right()

	stop := make(chan struct{})
	var wg sync.WaitGroup
	var asked, open atomic.Int64
	for range 2 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				d, err := b.list.Check(ctx, numberAt(t, i))
				asked.Add(1)
				if d.Verdict == dnc.Unknown {
					open.Add(1)
				}
				if d.Callable() && onList(i%1000) || d.Verdict == dnc.Block && !onList(i%1000) || (err != nil) != (d.Verdict == dnc.Unknown) {
					t.Errorf("%v, %v", d, err)
					return
				}
			}
		})
	}
	c.MoveSlot(t, key, 0, 1)
	c.MoveSlot(t, key, 1, 2)
	c.MoveSlot(t, key, 2, 0)
	c.AwaitReplicas(t)
	c.Failover(t, 0)
	require.NoError(t, redistest.Eventually(func() error { return answersRight(t, b.list) }))
	close(stop)
	wg.Wait()
	t.Logf("%d of %d checks were left open", open.Load(), asked.Load())
	b.rightAgain()
}

func TestClusterDown(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 0)
	b := &bed{T: t, rdb: universal(t, c.URLs())}
	key := c.KeyOn(t, 0, "list:")
	list := dnc.WithList("blacklist", key)
	_, err := newWriter(t, b.rdb, list).Replace(ctx, numbers(theList(t)...))
	require.NoError(t, err)
	b.list = b.checker(b.rdb, list)
	b.right()
	c.Masters[1].Kill()
	c.Masters[2].Kill()
	require.NoError(t, redistest.Eventually(func() error {
		d, _ := b.list.Check(ctx, numberAt(t, 1))
		if d.Callable() {
			return fmt.Errorf("the nodes have not noticed yet")
		}
		return nil
	}))
	b.unknown(dnc.CodeStoreUnavailable)
}

func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinels(t)
	b := &bed{T: t, server: s.Primary, rdb: universal(t, s.URLs())}
	_, err := newWriter(t, b.rdb).Replace(ctx, numbers(theList(t)...))
	require.NoError(t, err)
	require.NoError(t, s.Primary.Client(t).Do(ctx, "wait", 2, 10_000).Err())
	b.list = b.checker(b.rdb, dnc.RequireMarker())
	b.right()
	s.Primary.Kill()
	begin := time.Now()
	require.NoError(t, redistest.Eventually(func() error {
		for _, i := range []int{0, 1} {
			d, err := b.list.Check(ctx, numberAt(t, i))
			if d.Callable() && onList(i) || (err != nil) != (d.Verdict == dnc.Unknown) {
				t.Errorf("%v, %v", d, err)
			}
		}
		return answersRight(t, b.list)
	}))
	t.Logf("right again %v after the primary was killed", time.Since(begin).Round(time.Millisecond))
}
