package dnc_test

import (
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

func noRetries(o *redis.UniversalOptions) { o.MaxRetries = -1 }

// patient has a client wait for a busy machine.
func patient(o *redis.UniversalOptions) {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = 20*time.Second, 20*time.Second, 20*time.Second, 20*time.Second
}

// Behind a balancer each connection can lead to another server: here connection 0 to the primary,
// and all others to a replica that was cut off before the number was added.
func TestABalancerOverACutOffReplica(t *testing.T) {
	for _, marked := range []bool{false, true} {
		pair := redistest.StartPair(t)
		pair.Primary.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
		pair.Primary.Do(t, "hset", "dnc:geo_rules", "+1", `{"allowed":true}`)
		if marked {
			pair.Primary.Do(t, "sadd", "dnc:blacklist", "!complete")
		}
		pair.Sync(t)
		pair.Cut(t)
		n := must(t, "+14165550123")
		pair.Primary.Do(t, "sadd", "dnc:blacklist", n.E164())
		pair.Primary.Do(t, "hset", "dnc:geo_rules", "+44", `{"allowed":false}`)
		balancer := redistest.StartBalancer(t, redistest.FirstAlone, pair.Primary, pair.Replica)
		list, err := dnc.NewRedisChecker(universal(t, balancer.URL()), dnc.WithGeoRules("dnc:geo_rules"), quiet, often)
		require.NoError(t, err)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range 50 {
					for _, listed := range []dnc.Number{n, must(t, "+442079460000")} {
						d, err := list.Check(ctx, listed)
						assert.False(t, d.Callable())
						if d.Verdict == dnc.Unknown {
							assert.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
						}
					}
				}
			})
		}
		wg.Wait()
	}
}

// After a failover behind one name the answers are right again by themselves.
func TestAFailoverBehindOneName(t *testing.T) {
	pair := redistest.StartPair(t)
	pair.Primary.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	pair.Sync(t)
	name := redistest.StartBalancer(t, redistest.To(0), pair.Primary, pair.Replica)
	b := &bed{T: t, server: pair.Primary, rdb: universal(t, name.URL())}
	list := b.checker(b.rdb)
	var wg sync.WaitGroup
	for range 8 { // several connections to what will be a replica
		wg.Go(func() {
			for range 20 {
				_, err := list.Check(ctx, numberAt(t, 1))
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	pair.Switch(t)
	name.Use(redistest.To(1))
	n := must(t, "+14165550123")
	pair.Replica.Do(t, "sadd", "dnc:blacklist", n.E164())
	require.NoError(t, redistest.Eventually(func() error {
		d, err := list.Check(ctx, n)
		assert.False(t, d.Callable())
		return err
	}))
	for range 50 {
		d, err := list.Check(ctx, n)
		require.NoError(t, err)
		require.Equal(t, dnc.Block, d.Verdict)
	}
}

// A proxy that answers none of the questions about the role needs an option that says what is given
// up.
func TestAProxyThatTellsNoRole(t *testing.T) {
	s := redistest.Start(t, "--rename-command", "ROLE", "", "--rename-command", "HELLO", "", "--rename-command", "INFO", "",
		"--rename-command", "MULTI", "")
	s.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	rdb := universal(t, s.URL())
	b := &bed{T: t, server: s, rdb: rdb}
	_, err := b.checker(rdb).Check(ctx, numberAt(t, 1))
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	require.ErrorContains(t, err, "DangerouslyAssumePrimary")
	vouched := b.checker(rdb, dnc.DangerouslyAssumePrimary())
	_, err = vouched.Check(ctx, numberAt(t, 1))
	require.Error(t, err, "without transactions a list needs its marker")
	s.Do(t, "sadd", "dnc:blacklist", "!complete")
	for range 3 {
		rightFrom(t, vouched)
	}
}
