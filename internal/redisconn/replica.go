package redisconn

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	dropEvery = time.Second // at most: a balancer over replicas must not make the client dial without pause
	dropTime  = 250 * time.Millisecond
	dropLanes = 16
)

// dropReplicas closes the idle connections of a node's pool after one of them led to a replica:
// after a failover behind one name, a Service or a balancer, the old connections lead to the old
// primary as long as they live. It reports whether the question is worth asking again: connections
// were closed since there were that many drops, before it began.
func (n Node) dropReplicas(ctx context.Context, drops int64) bool {
	c := n.c
	c.drop.Lock()
	defer c.drop.Unlock()
	switch {
	case c.drops.Load() > drops: // while this call waited
		return true
	case sinceEpoch()-c.dropped.Load() < int64(dropEvery):
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTime)
	defer cancel()
	stats := n.rdb.PoolStats()
	var wg sync.WaitGroup
	closeIdle(&wg, int(stats.IdleConns), func() { _ = n.rdb.Process(ctx, closing(ctx)) })
	if stats.PipelineStats != nil {
		closeIdle(&wg, int(stats.PipelineStats.IdleConns), func() {
			p := n.rdb.Pipeline()
			_ = p.Process(ctx, closing(ctx))
			_, _ = p.Exec(ctx)
		})
	}
	wg.Wait()
	c.dropped.Store(sinceEpoch())
	c.drops.Add(1)
	return true
}

// closing is a command that closes the connection that it runs on. go-redis has no call for that,
// but it closes a connection whose reply it cannot read, as PING's read as an integer.
func closing(ctx context.Context) *redis.IntCmd { return redis.NewIntCmd(ctx, "ping") }

// closeIdle closes so many idle connections of a pool, some at the same time.
func closeIdle(wg *sync.WaitGroup, idle int, closeOne func()) {
	for lane := range dropLanes {
		wg.Go(func() {
			defer func() { _ = recover() }() // a hook of the caller; nothing depends on this
			for k := lane; k < idle; k += dropLanes {
				closeOne()
			}
		})
	}
}
