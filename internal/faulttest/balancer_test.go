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

// A balancer over a primary and a replica that was cut off. What one connection said of its server
// is not true of the next.
func TestBalancer(t *testing.T) {
	t.Parallel()
	pair, added := stale(t)
	for name, rule := range map[string]redistest.Rule{
		"connection 0 to the primary": redistest.FirstAlone,
		"in turn":                     redistest.RoundRobin(2),
	} {
		for proto, protocol := range map[string]int{"RESP2": 2, "RESP3": 3} {
			t.Run(name+", "+proto, func(t *testing.T) {
				t.Parallel()
				b := redistest.StartBalancer(t, rule, pair.Primary, pair.Replica)
				rdb := connect(t, b.URL(), func(o *redis.UniversalOptions) { o.Protocol, o.PipelinePoolSize, o.PoolSize = protocol, -1, 8 })
				c := newChecker(t, rdb)
				_, _ = c.Check(ctx, number(t, 2)) // the server is looked at through connection 0
				busy := rdb.(*redis.Client).Conn()
				defer func() { _ = busy.Close() }()
				require.NoError(t, busy.Ping(ctx).Err()) // it is now in use elsewhere
				for range 3 {
					d, _ := c.Check(ctx, added)
					assert.False(t, d.Callable())
				}
				result := press(c, added, 16, 100)
				assert.Zero(t, result.allow.Load(), "%v", result)
				require.Positive(t, b.Count(1)+int(result.unknown.Load()), "no connection led to the replica")
			})
		}
	}
}

// Every decorator and every kind of check asks through the same pool.
func TestBalancerBehindDecorators(t *testing.T) {
	t.Parallel()
	pair, added := stale(t)
	b := redistest.StartBalancer(t, redistest.FirstAlone, pair.Primary, pair.Replica)
	list := newChecker(t, connect(t, b.URL()))
	optOuts, err := dnc.NewRedisChecker(connect(t, b.URL()), dnc.WithList("optouts", "dnc:blacklist"))
	require.NoError(t, err)
	for name, c := range map[string]dnc.Checker{
		"Protect":       dnc.Protect(dnc.Union(list, optOuts)),
		"ByPrefix":      dnc.ByPrefix(map[string]dnc.Checker{"+1": list}),
		"least careful": dnc.Fallback(list, dnc.DangerouslyAllowUnchecked()),
	} {
		result := press(c, added, 16, 50)
		assert.Zero(t, result.allow.Load(), "%s: %v", name, result)
	}
}

// The same for a registry: the version that the replica has lacks the number.
func TestBalancerRegistry(t *testing.T) {
	t.Parallel()
	pair := redistest.StartPair(t)
	imp := registry.Import{Coverage: []string{"1415"}, Obtained: time.Now(), MaxShrink: 1}
	replace := func(ns ...dnc.Number) {
		national, err := registry.New(connect(t, pair.Primary.URL()), "national")
		require.NoError(t, err)
		_, err = national.Replace(ctx, sequence(ns...), imp)
		require.NoError(t, err)
	}
	replace(theList(t)...)
	pair.Sync(t)
	pair.Cut(t)
	added := number(t, 1)
	replace(append(theList(t), added)...)
	for name, rule := range map[string]redistest.Rule{"first alone": redistest.FirstAlone, "in turn": redistest.RoundRobin(2), "replica": redistest.To(1)} {
		b := redistest.StartBalancer(t, rule, pair.Primary, pair.Replica)
		national, err := registry.New(connect(t, b.URL()), "national")
		require.NoError(t, err)
		result := press(national, added, 16, 50)
		assert.Zero(t, result.allow.Load(), "%s: %v", name, result)
		if s, err := national.Snapshot(ctx); err == nil {
			result := press(s, added, 2, 10)
			assert.Zero(t, result.allow.Load(), "%s, snapshot: %v", name, result)
			s.Close()
		}
	}
}
