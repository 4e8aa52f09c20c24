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

// dropReplicas closes the idle connections of a node's pool after one of them led to a replica: after a failover behind one
// name, a Service or a balancer, the old connections lead to the old primary as long as they live. It reports whether
// the question is worth asking again: connections were closed after it began.
func (n Node) dropReplicas(ctx context.Context, began int64) bool {
	c := n.c
	c.drop.Lock()
	defer c.drop.Unlock()
	last := c.dropped.Load()
	switch {
	case last > began: // while this call waited
		return true
	case sinceEpoch()-last < int64(dropEvery):
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTime)
	defer cancel()
	stats := n.rdb.PoolStats()
	size := int(stats.IdleConns)
	if stats.PipelineStats != nil {
		size = max(size, int(stats.PipelineStats.IdleConns))
	}
	var wg sync.WaitGroup
	for lane := range dropLanes {
		wg.Go(func() {
			for k := lane; k <= size; k += dropLanes {
				closeOne(ctx, n.rdb)
			}
		})
	}
	wg.Wait()
	c.dropped.Store(sinceEpoch())
	return true
}

// closeOne closes one idle connection of the pool that questions use. go-redis has no call for that. It closes a connection whose
// reply it cannot read, as PING's reply read as an integer.
func closeOne(ctx context.Context, rdb *redis.Client) {
	defer func() { _ = recover() }() // a hook of the caller; nothing depends on this
	p := rdb.Pipeline()
	_ = p.Process(ctx, redis.NewIntCmd(ctx, "ping"))
	_, _ = p.Exec(ctx)
}
