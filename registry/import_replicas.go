package registry

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// touchScript writes the head without changing it, for WAIT to have a write to wait for.
const touchScript = `if redis.call('HGET', KEYS[1], 'gen') == ARGV[1] then return redis.call('HSET', KEYS[1], 'gen', ARGV[1]) end return 0`

const waitMillis = 100 // of one WAIT: shorter than the read timeout of RedisOptions

// errNode is that of a node which could not be written to: after a failover, another one can.
var errNode = errors.New("the node could not be written to")

// writeReplicated sends writes and, where replicas is above 0, waits until so many replicas of each
// node have them. WAIT is about what its own connection has written, so the writes, which change
// nothing when they are repeated, are sent in each of its pipelines. A slot that moves, or a
// failover, is followed until the timeout.
func (s *store) writeReplicated(ctx context.Context, writes [][]any, replicas int, timeout time.Duration) error {
	if replicas == 0 {
		return inParts(writes, func(part [][]any) error {
			_, err := s.writeAndCount(ctx, s.rdb, part, 0)
			return err
		})
	}
	deadline := time.Now().Add(timeout)
	for {
		groups, err := s.byNode(ctx, writes)
		for _, group := range groups {
			if err == nil {
				err = inParts(group.writes, func(part [][]any) error {
					return s.writeUntilCopied(ctx, group.node, part, replicas, deadline)
				})
			}
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !time.Now().Before(deadline) || !errors.Is(err, errNode):
			return err
		}
		s.reload(ctx)
		if !wait(ctx, 50*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}

func inParts(writes [][]any, do func([][]any) error) error {
	for from := 0; from < len(writes); from += maxFields {
		if err := do(writes[from:min(from+maxFields, len(writes))]); err != nil {
			return err
		}
	}
	return nil
}

type nodeWrites struct {
	node   pipeliner
	writes [][]any
}

// byNode groups writes by the node that they go to: WAIT has no key, so its pipeline must go to that
// node by itself.
func (s *store) byNode(ctx context.Context, writes [][]any) ([]nodeWrites, error) {
	nodes, ok := s.rdb.(nodeFinder)
	if !ok {
		return []nodeWrites{{s.rdb, writes}}, nil
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
			return nil, fmt.Errorf("%w: %w", errNode, s.failure(ctx, err))
		}
		i, known := at[node]
		if !known {
			i = len(out)
			at[node] = i
			out = append(out, nodeWrites{node: node})
		}
		out[i].writes = append(out[i].writes, w)
	}
	return out, nil
}

// nodeFinder is a client of a cluster.
type nodeFinder interface {
	MasterForKey(ctx context.Context, key string) (*redis.Client, error)
}

// writeUntilCopied sends writes to one node until enough of its replicas have them.
func (s *store) writeUntilCopied(ctx context.Context, node pipeliner, writes [][]any, replicas int, deadline time.Time) error {
	for {
		n, err := s.writeAndCount(ctx, node, writes, replicas)
		switch {
		case err != nil:
			return err
		case n >= int64(replicas):
			return nil
		case !time.Now().Before(deadline):
			return fmt.Errorf("%w: list %q: %d of %d in time", ErrReplicas, s.list, n, replicas)
		}
		if !wait(ctx, 10*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}

// writeAndCount sends writes in one pipeline. It returns how many replicas have them, where that is
// asked for.
func (s *store) writeAndCount(ctx context.Context, node pipeliner, writes [][]any, replicas int) (int64, error) {
	cmds := make([]*redis.Cmd, 0, len(writes)+1)
	for _, w := range writes {
		cmds = append(cmds, command(ctx, w...))
	}
	if replicas > 0 {
		cmds = append(cmds, command(ctx, "wait", strconv.Itoa(replicas), waitMillis))
	}
	s.runOn(ctx, node, cmds...)
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil {
			s.reload(ctx)
			failure := s.failure(ctx, err)
			if failure.Retryable() || redis.HasErrorPrefix(err, "MOVED") {
				return 0, fmt.Errorf("%w: %w", errNode, failure)
			}
			return 0, failure
		}
	}
	if replicas == 0 {
		return 0, nil
	}
	n, ok := cmds[len(writes)].Val().(int64)
	if !ok {
		return 0, s.malformed("WAIT answers no number")
	}
	return n, nil
}
