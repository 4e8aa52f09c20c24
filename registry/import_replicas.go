package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// touchScript writes the head without changing it, for WAIT to have a write to wait for.
const touchScript = `if redis.call('HGET', KEYS[1], 'gen') == ARGV[1] then return redis.call('HSET', KEYS[1], 'gen', ARGV[1]) end return 0`

const waitMillis = 100 // of one WAIT: shorter than the read timeout of RedisOptions

// errNode is that of a node which could not be written to: after a failover, another one can.
var errNode = errors.New("the node could not be written to")

// write is a command that changes nothing when it is repeated.
type write struct {
	key string
	cmd redisconn.Cmd
}

// writeReplicated sends writes and, where replicas is above 0, waits until so many replicas of each
// node have them. WAIT is about what its own connection has written, so the writes are sent in each
// of its pipelines. A slot that moves, or a failover, is followed until the timeout.
func (s *store) writeReplicated(ctx context.Context, writes []write, replicas int, timeout time.Duration) error {
	if replicas == 0 {
		return s.writeAll(ctx, writes)
	}
	deadline := time.Now().Add(timeout)
	for {
		err := s.writeToNodes(ctx, writes, replicas, deadline)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !time.Now().Before(deadline) || !errors.Is(err, errNode):
			return err
		}
		if !wait(ctx, 50*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}

// writeAll sends writes, and waits for no replica.
func (s *store) writeAll(ctx context.Context, writes []write) error {
	for some := range slices.Chunk(writes, maxFields) {
		parts := make([]*redisconn.Part, len(some))
		for i, w := range some {
			parts[i] = part(w.key, w.cmd)
		}
		if failure := s.doAll(ctx, parts...); failure != nil {
			return failure
		}
	}
	return nil
}

// writeToNodes sends each write to the node that owns its key. WAIT has no key, so its pipeline
// must go to that very node.
func (s *store) writeToNodes(ctx context.Context, writes []write, replicas int, deadline time.Time) error {
	var nodes []redisconn.Node
	of := map[redisconn.Node][]redisconn.Cmd{}
	for _, w := range writes {
		node, fault := s.conn.NodeOf(ctx, w.key)
		if fault != nil {
			return fmt.Errorf("%w: %w", errNode, s.failure(fault))
		}
		if of[node] == nil {
			nodes = append(nodes, node)
		}
		of[node] = append(of[node], w.cmd)
	}
	for _, node := range nodes {
		for some := range slices.Chunk(of[node], maxFields) {
			if err := s.writeUntilCopied(ctx, node, some, replicas, deadline); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeUntilCopied sends writes to one node until enough of its replicas have them.
func (s *store) writeUntilCopied(ctx context.Context, node redisconn.Node, writes []redisconn.Cmd, replicas int, deadline time.Time) error {
	cmds := append(slices.Clone(writes), redisconn.Cmd{"wait", strconv.Itoa(replicas), waitMillis})
	for {
		replies, fault := node.Pipe(ctx, cmds...)
		if fault != nil {
			if fault.Retryable() || fault.Moved() {
				return fmt.Errorf("%w: %w", errNode, s.failure(fault))
			}
			return s.failure(fault)
		}
		n, ok := replies[len(writes)].(int64)
		switch {
		case !ok:
			return s.malformed("WAIT answers no number")
		case n >= int64(replicas):
			return nil
		case !time.Now().Before(deadline):
			return fmt.Errorf("%w: list %q: %d of %d in time", ErrTooFewReplicas, s.list, n, replicas)
		}
		if !wait(ctx, 10*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}
