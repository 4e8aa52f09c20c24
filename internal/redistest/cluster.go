package redistest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Cluster is a Redis Cluster. The slots are dealt evenly among the masters; the i-th replica
// follows the i-th master.
type Cluster struct {
	Masters  []*Server
	Replicas []*Server
	ids      map[*Server]string
}

const slots = 16384

// StartCluster starts three or more masters and as many replicas as are asked for, at most one for
// each master.
func StartCluster(tb testing.TB, masters, replicas int) *Cluster {
	tb.Helper()
	c := &Cluster{ids: make(map[*Server]string)}
	for i := range masters + replicas {
		s := Start(tb, "--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--cluster-config-file", "nodes.conf",
			"--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0", "--cluster-allow-replica-migration", "no", "--cluster-require-full-coverage", "no")
		c.ids[s], _ = s.Do(tb, "cluster", "myid").(string)
		if i < masters {
			c.Masters = append(c.Masters, s)
		} else {
			c.Replicas = append(c.Replicas, s)
		}
	}
	for i, m := range c.Masters {
		m.Do(tb, "cluster", "addslotsrange", i*slots/masters, (i+1)*slots/masters-1)
		m.Do(tb, "cluster", "set-config-epoch", i+1)
	}
	for _, s := range c.all()[1:] {
		s.Do(tb, "cluster", "meet", "127.0.0.1", c.Masters[0].Port)
	}
	c.await(tb, "every node knows every other", func(s *Server) bool {
		text, _ := s.Do(tb, "cluster", "nodes").(string)
		return strings.Count(text, "connected") == masters+replicas && !strings.Contains(text, "handshake")
	}, c.all()...)
	for i, r := range c.Replicas {
		r.Do(tb, "cluster", "replicate", c.ids[c.Masters[i]])
	}
	// Without full coverage the state is ok also on a node that has not heard yet who has a slot.
	c.await(tb, "cluster_state:ok with all slots", func(s *Server) bool {
		text, _ := s.Do(tb, "cluster", "info").(string)
		return strings.Contains(text, "cluster_state:ok\r\n") &&
			strings.Contains(text, fmt.Sprintf("cluster_slots_ok:%d\r\n", slots))
	}, c.all()...)
	c.await(tb, "the replicas are in sync", func(s *Server) bool {
		text, _ := s.Do(tb, "info", "replication").(string)
		return strings.Contains(text, "master_link_status:up")
	}, c.Replicas...)
	return c
}

func (c *Cluster) all() []*Server { return append(append([]*Server{}, c.Masters...), c.Replicas...) }

func (c *Cluster) await(tb testing.TB, what string, ok func(*Server) bool, servers ...*Server) {
	tb.Helper()
	for _, s := range servers {
		if err := Eventually(func() error {
			if !ok(s) {
				return errors.New("not yet: " + what)
			}
			return nil
		}); err != nil {
			tb.Fatal(err)
		}
	}
}

// URLs are the addresses of all masters, comma-separated, as dnc.RedisOptions reads them.
func (c *Cluster) URLs() string {
	var urls []string
	for _, m := range c.Masters {
		urls = append(urls, m.URL())
	}
	return strings.Join(urls, ",")
}

// Client is a cluster client for preparing a test. It is closed when the test ends.
func (c *Cluster) Client(tb testing.TB) *redis.ClusterClient {
	tb.Helper()
	o := &redis.ClusterOptions{
		ContextTimeoutEnabled: true, ClusterStateReloadInterval: time.Second,
		DisableIdentity: true, MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	for _, m := range c.all() {
		o.Addrs = append(o.Addrs, m.Addr())
	}
	rdb := redis.NewClusterClient(o)
	tb.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// KeyOn is a key that begins with a prefix and lies on the i-th master, as the slots were dealt.
func (c *Cluster) KeyOn(tb testing.TB, i int, prefix string) string {
	tb.Helper()
	for k := range 10_000 {
		key := fmt.Sprintf("%s%d", prefix, k)
		slot, _ := c.Masters[0].Do(tb, "cluster", "keyslot", key).(int64)
		if int(slot)*len(c.Masters)/slots == i {
			return key
		}
	}
	tb.Fatal("no key was found")
	return ""
}

// Failover has the i-th replica take the place of its living master, without losing a write, and
// waits until it has.
func (c *Cluster) Failover(tb testing.TB, i int) {
	tb.Helper()
	rdb := c.Replicas[i].Client(tb)
	asked := 0
	if err := Eventually(func() error {
		text, _ := c.Replicas[i].Do(tb, "info", "replication").(string)
		if strings.Contains(text, "role:master") {
			return nil
		}
		if asked%100 == 0 { // it gives up after 5 s, on a busy machine before it has won
			_ = rdb.Do(context.Background(), "cluster", "failover").Err()
		}
		asked++
		return errors.New("the replica has not taken over")
	}); err != nil {
		tb.Fatal(err)
	}
}

// AwaitMaster waits until a node is a master.
func (c *Cluster) AwaitMaster(tb testing.TB, s *Server) {
	tb.Helper()
	c.await(tb, "it is a master", func(s *Server) bool {
		text, _ := s.Do(tb, "info", "replication").(string)
		return strings.Contains(text, "role:master")
	}, s)
}

// MoveSlot moves the slot of a key from one master to another while clients go on.
func (c *Cluster) MoveSlot(tb testing.TB, key string, from, to int) {
	tb.Helper()
	slot := c.HalfMoveSlot(tb, key, from, to)
	src, dst := c.Masters[from], c.Masters[to]
	dst.Do(tb, "cluster", "setslot", slot, "node", c.ids[dst])
	src.Do(tb, "cluster", "setslot", slot, "node", c.ids[dst])
	for _, m := range c.Masters {
		if m != dst && m != src {
			m.Do(tb, "cluster", "setslot", slot, "node", c.ids[dst])
		}
	}
}

// HalfMoveSlot moves the keys of a key's slot, and leaves the slot with its old master, which
// answers ASK. It returns the slot.
func (c *Cluster) HalfMoveSlot(tb testing.TB, key string, from, to int) int64 {
	tb.Helper()
	src, dst := c.Masters[from], c.Masters[to]
	slot, _ := src.Do(tb, "cluster", "keyslot", key).(int64)
	dst.Do(tb, "cluster", "setslot", slot, "importing", c.ids[src])
	src.Do(tb, "cluster", "setslot", slot, "migrating", c.ids[dst])
	for {
		keys, _ := src.Do(tb, "cluster", "getkeysinslot", slot, 100).([]any)
		if len(keys) == 0 {
			return slot
		}
		for _, k := range keys {
			src.Do(tb, "migrate", "127.0.0.1", dst.Port, k, 0, 10_000)
		}
	}
}

// AwaitReplicas waits until every replica has what its master has acknowledged.
func (c *Cluster) AwaitReplicas(tb testing.TB) {
	tb.Helper()
	for _, m := range c.Masters {
		rdb := m.Client(tb)
		if err := rdb.Do(context.Background(), "wait", 1, 10_000).Err(); err != nil {
			tb.Fatal(err)
		}
	}
}
