package registry

import (
	"context"
	"fmt"
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

// importAt starts an import of newList and returns when it has come to a moment, one of the phases
// of Progress.
func importAt(r *Registry, moment Phase, replicas int) chan error {
	reached, imported := make(chan struct{}), make(chan error, 1)
	var once sync.Once
	reach := func() { once.Do(func() { close(reached) }) }
	imp := national()
	imp.MaxShrink, imp.Replicas = 1, replicas
	imp.Progress = func(p Progress) {
		if p.Phase == moment {
			reach()
		}
	}
	go func() {
		numbers := newList().Numbers()
		_, err := r.Replace(ctx, func(yield func(dnc.Number, error) bool) {
			i := 0
			for n, err := range numbers {
				if i++; i == 400_000 && moment == PhaseRead {
					reach()
				}
				if !yield(n, err) {
					return
				}
			}
		}, imp)
		reach()
		imported <- err
	}()
	<-reached
	return imported
}

// settled waits until the answers are those of one list, and demands the new one if the import has
// succeeded.
func (o *oracle) settled(t *testing.T, r *Registry, err error) {
	t.Helper()
	was := ""
	require.NoError(t, redistest.Eventually(func() error {
		if was = o.which(t, r); was == "" {
			return fmt.Errorf("it is neither list")
		}
		return nil
	}))
	t.Logf("it is the %s list", was)
	if err == nil {
		assert.Equal(t, "new", was)
	}
}

// watch asks all the time, and fails the test if a number is allowed that is on both lists.
func (o *oracle) watch(t *testing.T, c dnc.Checker) (stop func()) {
	over := make(chan struct{})
	var known, open atomic.Int64
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(3 * time.Millisecond) // the test's other half needs a core, too
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			ds, _ := c.CheckBatch(ctx, o.ns)
			for _, d := range ds {
				switch {
				case d.Verdict == dnc.Unknown:
					open.Add(1)
				case d.Callable() && o.in["old"][d.Number] && o.in["new"][d.Number]:
					t.Error("a listed number is allowed")
					return
				default:
					known.Add(1)
				}
			}
		}
	})
	return func() {
		close(over)
		wg.Wait()
		t.Logf("%d answers, and %d left open", known.Load(), open.Load())
		assert.Positive(t, known.Load())
	}
}

// Each master hands over to its replica while an import is at a different point.
func TestFailoverInTheMiddle(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 3)
	r := open(t, universal(t, c.URLs()))
	o := newOracle()
	put(t, r, oldList().Numbers())
	c.AwaitReplicas(t)
	defer o.watch(t, r)()
	for i, moment := range []Phase{PhaseRead, PhaseVerify, PhaseSwitch} {
		imported := importAt(r, moment, 1)
		c.Failover(t, i)
		err := <-imported
		t.Logf("during %q: %v", moment, err)
		o.settled(t, r, err)
		require.NoError(t, redistest.Eventually(func() error {
			_, err := r.Replace(ctx, oldList().Numbers(), func() Import { i := national(); i.MaxShrink, i.Replicas = 1, 1; return i }())
			return err
		}))
	}
}

// A master dies in the course of an import, and its replica takes over with what it has.
func TestMasterKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 3)
	r := open(t, universal(t, c.URLs()))
	r.leaseFor = 2 * time.Second // nobody gives it back when the server is gone
	o := newOracle()
	put(t, r, oldList().Numbers(), func(i *Import) { i.Replicas = 1 })
	cluster := c.Client(t)
	node, err := cluster.MasterForKey(ctx, "dnc:list:national:2:1201")
	require.NoError(t, err)
	defer o.watch(t, r)()
	imported := importAt(r, PhaseRead, 0)
	for i, m := range c.Masters {
		if m.Addr() == node.Options().Addr {
			m.Kill()
			c.AwaitMaster(t, c.Replicas[i])
		}
	}
	err = <-imported
	t.Logf("%v", err)
	o.settled(t, r, err)
	again(t, r, newList())
	require.Equal(t, "new", o.which(t, r))
}

func TestSentinelFailoverInTheMiddle(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinels(t)
	r := open(t, universal(t, s.URLs()))
	r.leaseFor = 2 * time.Second // nobody gives it back when the server is gone
	o := newOracle()
	put(t, r, oldList().Numbers(), func(i *Import) { i.Replicas = 2 })
	defer o.watch(t, r)()
	imported := importAt(r, PhaseRead, 1)
	s.Primary.Kill()
	err := <-imported
	t.Logf("%v", err)
	o.settled(t, r, err)
	again(t, r, newList())
	require.Equal(t, "new", o.which(t, r))
}

// Slots move to other nodes while an import writes to them.
func TestSlotsMoveDuringAnImport(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 3)
	r := open(t, universal(t, c.URLs()))
	o := newOracle()
	put(t, r, oldList().Numbers())
	defer o.watch(t, r)()
	moved := map[int64]int{} // to which master
	for round, replicas := range []int{0, 1} {
		id := 2 + 2*round
		imported := importAt(r, PhaseRead, replicas)
		for _, key := range []string{"dnc:list:national", fmt.Sprintf("dnc:list:national:%d:1201", id), fmt.Sprintf("dnc:list:national:%d:meta", id)} {
			slot, _ := c.Masters[0].Do(t, "cluster", "keyslot", key).(int64)
			from, known := moved[slot]
			if !known {
				from = int(slot) * 3 / 16384
			}
			moved[slot] = (from + 1) % 3
			c.MoveSlot(t, key, from, moved[slot])
		}
		err := <-imported
		t.Logf("with %d replicas: %v", replicas, err)
		o.settled(t, r, err)
		again(t, r, oldList())
	}
}

// A frozen node leaves its own numbers open, and no others.
func TestOneNodeOfThreeFrozen(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 0)
	for _, m := range c.Masters {
		m.Do(t, "config", "set", "cluster-require-full-coverage", "no")
	}
	o, err := dnc.RedisOptions(c.URLs())
	require.NoError(t, err)
	rdb := redis.NewUniversalClient(o)
	defer func() { _ = rdb.Close() }()
	r := open(t, rdb)
	var list []uint64
	var ns []dnc.Number
	for a := range uint64(60) {
		list = append(list, (1201+a)*shardSize+5550000)
		ns = append(ns, digits.Number((1201+a)*shardSize+5550000), digits.Number((1201+a)*shardSize+5550001))
	}
	put(t, r, plain(list...))
	_, err = r.CheckBatch(ctx, ns)
	require.NoError(t, err)
	cluster := c.Client(t)
	headNode, err := cluster.MasterForKey(ctx, "dnc:list:national")
	require.NoError(t, err)
	for _, m := range c.Masters {
		if m.Addr() == headNode.Options().Addr {
			continue
		}
		m.Freeze()
		late, cancel := context.WithTimeout(ctx, 20*time.Second)
		ds, err := r.CheckBatch(late, ns)
		cancel()
		m.Thaw()
		require.Error(t, err)
		open := 0
		for i, d := range ds {
			if d.Verdict == dnc.Unknown {
				open++
			} else {
				assert.Equal(t, []dnc.Verdict{dnc.Block, dnc.Allow}[i%2], d.Verdict)
			}
		}
		assert.Positive(t, open)
		assert.Less(t, open, len(ns)*2/3, "numbers of healthy nodes are decided")
		break
	}
}
