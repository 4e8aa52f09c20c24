package faulttest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/registry"
)

var errNotYet = errors.New("not yet")

// wrapped is what people write to add metrics: nothing of the client can be seen through it.
type wrapped struct{ rdb redis.UniversalClient }

func (w wrapped) Pipeline() redis.Pipeliner   { return w.rdb.Pipeline() }
func (w wrapped) TxPipeline() redis.Pipeliner { return w.rdb.TxPipeline() }

type embedded struct{ *redis.Client }

type embeddedUniversal struct{ redis.UniversalClient }

// The clients that are accepted are a closed list. Everything else is refused by every constructor,
// with what to do.
func TestClientsThatAreRefused(t *testing.T) {
	t.Parallel()
	rdb := single(t, &redis.Options{Addr: "127.0.0.1:1"})
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}, HeartbeatFrequency: time.Hour})
	t.Cleanup(func() { _ = ring.Close() })
	unverified := redis.NewRing(&redis.RingOptions{
		Addrs: map[string]string{"a": "127.0.0.1:1"}, HeartbeatFrequency: time.Hour, TLSConfig: &tls.Config{InsecureSkipVerify: true},
	})
	t.Cleanup(func() { _ = unverified.Close() })
	conn := rdb.Conn()
	t.Cleanup(func() { _ = conn.Close() })
	var none redis.UniversalClient
	for name, c := range map[string]dnc.RedisClient{
		"a Ring":                       ring,
		"a Ring that verifies nothing": unverified,
		"one connection":               conn,
		"a pipeline":                   rdb.Pipeline(),
		"a transaction":                rdb.TxPipeline(),
		"a wrapper":                    wrapped{rdb},
		"a pointer to a wrapper":       &wrapped{rdb},
		"an embedded client":           embedded{rdb},
		"an embedded interface":        embeddedUniversal{rdb},
		"a wrapper of nothing":         wrapped{},
		"nil as an interface":          none,
		"a nil Ring":                   (*redis.Ring)(nil),
		"a nil Conn":                   (*redis.Conn)(nil),
		"a nil Tx":                     (*redis.Tx)(nil),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dnc.NewRedisChecker(c)
			require.ErrorIs(t, err, dnc.ErrOption)
			hint(t, err, "redis")
			_, err = dnc.NewRedisWriter(c)
			require.ErrorIs(t, err, dnc.ErrOption)
			_, err = registry.New(c, "national")
			require.Error(t, err)
		})
	}
}

// Clients that reach a replica although nothing of them says so.
func TestClientsOnAReplica(t *testing.T) {
	t.Parallel()
	pair, added := stale(t)
	host, port, err := net.SplitHostPort(pair.Replica.Addr())
	require.NoError(t, err)
	slots := func(addr string) func(context.Context) ([]redis.ClusterSlot, error) {
		return func(context.Context) ([]redis.ClusterSlot, error) {
			return []redis.ClusterSlot{{Start: 0, End: 16383, Nodes: []redis.ClusterNode{{Addr: addr}}}}, nil
		}
	}
	cluster := func(o *redis.ClusterOptions) *redis.ClusterClient {
		o.ContextTimeoutEnabled, o.DisableIdentity, o.ReadTimeout, o.MaxRedirects = true, true, 300*time.Millisecond, 1
		return redis.NewClusterClient(o)
	}
	dialer := func(context.Context, string, string) (net.Conn, error) { return net.Dial("tcp", pair.Replica.Addr()) }
	claims := func(mode string) *redistest.Fake { return claimsAllSlots(t, mode) }
	cases := map[string]redis.UniversalClient{
		"its own address":           redis.NewClient(&redis.Options{Addr: pair.Replica.Addr(), ContextTimeoutEnabled: true}),
		"RESP2":                     redis.NewClient(&redis.Options{Addr: pair.Replica.Addr(), Protocol: 2, ContextTimeoutEnabled: true}),
		"a Dialer of one's own":     redis.NewClient(&redis.Options{Addr: pair.Primary.Addr(), Dialer: dialer, ContextTimeoutEnabled: true}),
		"ClusterSlots of one's own": cluster(&redis.ClusterOptions{ClusterSlots: slots(pair.Replica.Addr())}),
		"ClusterSlots and a seed":   cluster(&redis.ClusterOptions{Addrs: []string{pair.Primary.Addr()}, ClusterSlots: slots(pair.Replica.Addr())}),
		"a cluster of one replica":  cluster(&redis.ClusterOptions{Addrs: []string{net.JoinHostPort(host, port)}}),
		"claims all slots, cluster": cluster(&redis.ClusterOptions{Addrs: []string{claims("cluster").Addr()}}),
		"claims all slots, alone":   cluster(&redis.ClusterOptions{Addrs: []string{claims("standalone").Addr()}}),
	}
	for name, rdb := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(func() { _ = rdb.Close() })
			if c, err := dnc.NewRedisChecker(rdb); err != nil {
				require.ErrorIs(t, err, dnc.ErrOption)
			} else {
				result := press(c, added, 4, 5)
				assert.Zero(t, result.allow.Load()+result.block.Load(), "%v", result)
				_, err := c.Check(ctx, added)
				require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
			}
			if r, err := registry.New(rdb, "national"); err == nil {
				_, err = r.Check(ctx, added)
				require.Error(t, err)
			}
		})
	}
}

// claimsAllSlots is a server that says it has all slots of a cluster, has none of the numbers, and
// says it is a replica.
func claimsAllSlots(t *testing.T, mode string) *redistest.Fake {
	t.Helper()
	var self *redistest.Fake
	bulk := func(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }
	started := make(chan struct{})
	self = redistest.StartFake(t, func(cmd []string) (string, bool) {
		<-started
		_, port, _ := net.SplitHostPort(self.Addr())
		switch cmd[0] {
		case "hello":
			return "%3\r\n+proto\r\n:3\r\n+mode\r\n+" + mode + "\r\n+role\r\n+replica\r\n", true
		case "role":
			return "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$7\r\nconnect\r\n:-1\r\n", true
		case "info":
			return bulk("# Replication\r\nrole:slave\r\nmaster_link_status:down\r\n# Cluster\r\ncluster_enabled:0\r\n"), true
		case "cluster":
			if len(cmd) > 1 && strings.EqualFold(cmd[1], "slots") {
				return "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n" + bulk("127.0.0.1") + ":" + port + "\r\n" + bulk(strings.Repeat("a", 40)), true
			}
			return "-ERR This instance has cluster support disabled\r\n", true
		}
		return "", false
	})
	close(started)
	return self
}

// One node of a cluster, asked alone: a replica, a master for a list of its own, and for one that
// another master has.
func TestOneNodeOfACluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 3)
	here, elsewhere := c.KeyOn(t, 0, "l"), c.KeyOn(t, 1, "l")
	for name, one := range map[string]struct {
		server *redistest.Server
		key    string
		owner  bool
	}{
		"the owner": {c.Masters[0], here, true}, "a replica": {c.Replicas[0], here, false}, "another master": {c.Masters[0], elsewhere, false},
	} {
		t.Run(name, func(t *testing.T) {
			list := newChecker(t, connect(t, one.server.URL()), dnc.WithList("l", one.key), dnc.DangerouslyAllowMissingList())
			result := press(list, number(t, 1), 4, 5)
			if one.owner && result.unknown.Load() == 0 { // what it says of its own slots is right
				return
			}
			assert.Zero(t, result.allow.Load(), "%v", result)
			_, err := list.Check(ctx, number(t, 1))
			require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
			if name != "a replica" {
				hint(t, err, "cluster")
			}
		})
	}
	t.Run("ClusterSlots that lead to a replica", func(t *testing.T) {
		rdb := redis.NewClusterClient(&redis.ClusterOptions{
			ContextTimeoutEnabled: true, DisableIdentity: true, ReadTimeout: 300 * time.Millisecond, MaxRedirects: -1,
			ClusterSlots: func(context.Context) ([]redis.ClusterSlot, error) {
				return []redis.ClusterSlot{{Start: 0, End: 16383, Nodes: []redis.ClusterNode{{Addr: c.Replicas[0].Addr()}}}}, nil
			},
		})
		t.Cleanup(func() { _ = rdb.Close() })
		list, err := dnc.NewRedisChecker(rdb, dnc.WithList("l", c.KeyOn(t, 0, "l")), dnc.DangerouslyAllowMissingList())
		if err != nil {
			require.ErrorIs(t, err, dnc.ErrOption)
			return
		}
		result := press(list, number(t, 1), 4, 5)
		assert.Zero(t, result.allow.Load(), "%v", result)
	})
}
