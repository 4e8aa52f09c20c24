package faulttest

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// Firewalls and balancers forget idle connections and tell nobody: Azure after 4 minutes, AWS after
// 350 s (learn.microsoft.com/azure/load-balancer/load-balancer-tcp-reset,
// docs.aws.amazon.com/elasticloadbalancing network: idle timeout).
func TestConnectionsDoNotGetOldIdle(t *testing.T) {
	t.Parallel()
	o, err := dnc.RedisOptions("redis://127.0.0.1:6379")
	require.NoError(t, err)
	assert.Positive(t, o.ConnMaxIdleTime, "0 is 30 minutes in go-redis")
	assert.LessOrEqual(t, o.ConnMaxIdleTime, 2*time.Minute)
}

// 16 pooled connections died in silence: no answer is wrong, no call hangs, and there is an end to
// it.
func TestConnectionsThatDiedInSilence(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	load(t, s)
	p := redistest.StartProxy(t, s)
	rdb := connect(t, p.URL(), recommended, func(o *redis.UniversalOptions) { o.PoolSize = 16 })
	c := newChecker(t, rdb)
	press(c, number(t, 1), 16, 10)
	open(t, rdb.(*redis.Client), p, 16)
	p.Forget()
	begin := time.Now()
	calls := 0
	for {
		d, err := c.Check(ctx, number(t, 10))
		if err == nil {
			require.Equal(t, dnc.Block, d.Verdict)
			break
		}
		require.Equal(t, dnc.Unknown, d.Verdict)
		require.ErrorIs(t, err, dnc.ErrStoreTimeout)
		calls++
		require.Less(t, calls, 20)
	}
	t.Logf("%d calls timed out in %v", calls, time.Since(begin).Round(time.Millisecond))
	require.NoError(t, redistest.Eventually(func() error { return right(t, c) }))
}
