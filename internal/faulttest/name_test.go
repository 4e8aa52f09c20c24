package faulttest

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/registry"
)

// healed is how long a failover behind one name may be felt.
const healed = 10 * time.Second

// A failover behind one name, as a Kubernetes Service or a DNS record has: connections that exist
// stay with the old primary, now a replica that was cut off; new ones go to the new primary.
func TestFailoverBehindAName(t *testing.T) {
	t.Parallel()
	for name, old := range map[string]int{"3 of 8 connections are old": 3, "all connections are old": 8, "two pools": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair := redistest.StartPair(t)
			load(t, pair.Primary)
			pair.Sync(t)
			b := redistest.StartBalancer(t, redistest.To(0), pair.Primary, pair.Replica)
			rdb := connect(t, b.URL(), recommended, func(o *redis.UniversalOptions) {
				o.PoolSize = 8
				if old > 0 { // one pool, whose connections are opened here
					o.PipelinePoolSize = -1
				}
			})
			c := newChecker(t, rdb)
			require.NoError(t, redistest.Eventually(func() error { return right(t, c) }))
			press(c, number(t, 2), 8-old, 5)
			open(t, rdb.(*redis.Client), b, old)

			pair.Switch(t)
			b.Use(redistest.To(1))
			added := number(t, 1)
			pair.Replica.Do(t, "sadd", "dnc:blacklist", added.E164())
			begin := time.Now()
			healthy := 0 // looks in a row at which every answer was right
			for healthy < 3 {
				result := press(c, added, 8, 20)
				require.Zero(t, result.allow.Load(), "%v after the failover: %v", time.Since(begin), result)
				if healthy++; result.unknown.Load() > 0 || old > 0 && b.Count(0) > 0 {
					healthy = 0
				}
				require.Less(t, time.Since(begin), healed, "%v, and %d connections to the old primary", result, b.Count(0))
			}
			t.Logf("right again after %v", time.Since(begin).Round(time.Millisecond))
		})
	}
}

// The same for a client of one's own, with the defaults of go-redis: its connections live as long
// as they are used.
func TestFailoverBehindANameWithAnotherClient(t *testing.T) {
	t.Parallel()
	pair := redistest.StartPair(t)
	load(t, pair.Primary)
	pair.Sync(t)
	b := redistest.StartBalancer(t, redistest.To(0), pair.Primary, pair.Replica)
	rdb := redis.NewClient(&redis.Options{Addr: b.Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	c := newChecker(t, rdb)
	press(c, number(t, 2), 8, 5)
	require.NoError(t, redistest.Eventually(func() error { return right(t, c) }))
	pair.Switch(t)
	b.Use(redistest.To(1))
	added := number(t, 1)
	pair.Replica.Do(t, "sadd", "dnc:blacklist", added.E164())
	begin := time.Now()
	for healthy := 0; healthy < 3; healthy++ {
		result := press(c, added, 8, 20)
		require.Zero(t, result.allow.Load(), "%v after the failover: %v", time.Since(begin), result)
		if result.unknown.Load() > 0 {
			healthy = 0
		}
		require.Less(t, time.Since(begin), healed, "%v", result)
	}
	t.Logf("right again after %v", time.Since(begin).Round(time.Millisecond))
}

// open has the pool hold a number of connections, all idle.
func open(t *testing.T, rdb *redis.Client, b *redistest.Proxy, n int) {
	t.Helper()
	var held []*redis.Conn
	for range n {
		conn := rdb.Conn()
		require.NoError(t, conn.Ping(ctx).Err())
		held = append(held, conn)
	}
	for _, conn := range held {
		require.NoError(t, conn.Close())
	}
	require.GreaterOrEqual(t, b.Count(0), n)
}

// The same for a registry, whose new version the old primary lacks.
func TestFailoverBehindANameRegistry(t *testing.T) {
	t.Parallel()
	pair := redistest.StartPair(t)
	imp := registry.Import{Coverage: []string{"1415"}, Obtained: time.Now(), MaxShrink: 1}
	at := func(url string, change ...func(*redis.UniversalOptions)) *registry.Registry {
		r, err := registry.New(connect(t, url, change...), "national")
		require.NoError(t, err)
		return r
	}
	_, err := at(pair.Primary.URL()).Replace(ctx, sequence(theList(t)...), imp)
	require.NoError(t, err)
	pair.Sync(t)
	b := redistest.StartBalancer(t, redistest.To(0), pair.Primary, pair.Replica)
	national := at(b.URL(), recommended)
	require.NoError(t, redistest.Eventually(func() error { return right(t, national) }))
	pair.Switch(t)
	b.Use(redistest.To(1))
	added := number(t, 1)
	_, err = at(pair.Replica.URL()).Replace(ctx, sequence(append(theList(t), added)...), imp)
	require.NoError(t, err)
	begin := time.Now()
	for healthy := 0; healthy < 3; healthy++ {
		result := press(national, added, 8, 20)
		require.Zero(t, result.allow.Load(), "%v after the failover: %v", time.Since(begin), result)
		if result.unknown.Load() > 0 {
			healthy = 0
		}
		require.Less(t, time.Since(begin), healed, "%v", result)
	}
}

// The old primary is reachable again and again: no answer is taken from it, and the breaker of
// Protect lets the healthy connections be used again.
func TestANameThatFlaps(t *testing.T) {
	t.Parallel()
	pair, added := stale(t)
	b := redistest.StartBalancer(t, redistest.To(0), pair.Primary, pair.Replica)
	list := newChecker(t, connect(t, b.URL(), recommended))
	protected := dnc.Protect(list)
	for round := range 6 {
		b.Use(redistest.To(round % 2))
		b.Reset()
		result := press(protected, added, 8, 20)
		assert.Zero(t, result.allow.Load(), "round %d: %v", round, result)
	}
	b.Use(redistest.To(0))
	begin := time.Now()
	require.NoError(t, redistest.Eventually(func() error {
		d, err := protected.Check(ctx, number(t, 2))
		if err == nil && !d.Callable() {
			err = errNotYet
		}
		return err
	}))
	assert.Less(t, time.Since(begin), healed+3*time.Second, "the pause of the breaker is 3 s")
}
