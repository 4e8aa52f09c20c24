package registry

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// touchScript writes the head without changing it, for WAIT to have a write to wait for.
const touchScript = `if redis.call('HGET', KEYS[1], 'gen') == ARGV[1] then return redis.call('HSET', KEYS[1], 'gen', ARGV[1]) end return 0`

const waitMillis = 100 // of one WAIT: shorter than the read timeout of RedisOptions

// replicated sends writes, in pipelines to one node each, and waits until enough replicas of that node have them. WAIT speaks for what its
// own connection has written, so the writes, which change nothing when they are repeated, are sent in each of its pipelines.
func (r *Registry) replicated(ctx context.Context, writes [][]any, replicas int, timeout time.Duration) error {
	groups, err := r.byNode(ctx, writes)
	if err != nil {
		return err
	}
	for _, group := range groups {
		for from := 0; from < len(group.writes); from += maxFields {
			part := group.writes[from:min(from+maxFields, len(group.writes))]
			if err := r.send(ctx, group.rdb, part, replicas, timeout); err != nil {
				return err
			}
		}
	}
	return nil
}

type pipeliner interface{ Pipeline() redis.Pipeliner }

type nodeWrites struct {
	rdb    pipeliner
	writes [][]any
}

// byNode groups writes by the node that they go to: WAIT has no key, so its pipeline must go to that node by itself.
func (r *Registry) byNode(ctx context.Context, writes [][]any) ([]nodeWrites, error) {
	nodes, ok := r.rdb.(interface {
		MasterForKey(ctx context.Context, key string) (*redis.Client, error)
	})
	if !ok {
		return []nodeWrites{{r.rdb, writes}}, nil
	}
	var out []nodeWrites
	at := map[*redis.Client]int{}
	for _, w := range writes {
		key, _ := w[1].(string)
		if w[0] == "eval" {
			key, _ = w[3].(string)
		}
		node, err := nodes.MasterForKey(ctx, key)
		if err != nil {
			r.reload(ctx)
			return nil, r.storeError(ctx, err)
		}
		i, known := at[node]
		if !known {
			i = len(out)
			at[node] = i
			out = append(out, nodeWrites{rdb: node})
		}
		out[i].writes = append(out[i].writes, w)
	}
	return out, nil
}

func (r *Registry) send(ctx context.Context, rdb pipeliner, writes [][]any, replicas int, timeout time.Duration) error {
	deadline := time.Now().Add(timeout)
	for {
		p := rdb.Pipeline()
		cmds := make([]*redis.Cmd, len(writes))
		for i, w := range writes {
			cmds[i] = p.Do(ctx, w...)
		}
		var wait *redis.Cmd
		if replicas > 0 {
			wait = p.Do(ctx, "wait", strconv.Itoa(replicas), waitMillis)
		}
		_, _ = p.Exec(ctx)
		for _, cmd := range cmds {
			if err := cmd.Err(); err != nil {
				r.reload(ctx)
				return r.storeError(ctx, err)
			}
		}
		if wait == nil {
			return nil
		}
		n, ok := wait.Val().(int64)
		switch {
		case wait.Err() == nil && ok && n >= int64(replicas):
			return nil
		case !time.Now().Before(deadline):
			if err := wait.Err(); err != nil {
				return fmt.Errorf("%w: list %q: %w", ErrReplicas, r.name, r.storeError(ctx, err))
			}
			return fmt.Errorf("%w: list %q: %d of %d within %v", ErrReplicas, r.name, n, replicas, timeout)
		}
		if !pause(ctx, 10*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}
