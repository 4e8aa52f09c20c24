package registry

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/hooks"
)

// headQuery is the part of a pipeline that shows whether a head is still the one in force.
type headQuery struct {
	role, head *redis.Cmd
}

// askHead makes one. The server's role is asked for as well where that is due.
func (s *store) askHead(ctx context.Context) headQuery {
	var q headQuery
	if s.topology.Single && int64(time.Since(epoch))-s.verified.Load() > int64(verifyAgain) {
		q.role = s.askRole(ctx)
	}
	q.head = command(ctx, "hmget", s.keys.head, fieldGen, fieldVer, fieldLoaded)
	return q
}

// commands are those of the query, and others behind them.
func (q headQuery) commands(more ...*redis.Cmd) []*redis.Cmd {
	cmds := make([]*redis.Cmd, 0, 2+len(more))
	if q.role != nil {
		cmds = append(cmds, q.role)
	}
	return append(append(cmds, q.head), more...)
}

// isCurrent reads the reply: whether h is in force.
func (s *store) isCurrent(ctx context.Context, q headQuery, h *head) (bool, *dnc.Error) {
	if failure := s.checkRole(ctx, q.role); failure != nil {
		return false, failure
	}
	v, failure := s.readFields(ctx, q.head, 3)
	if failure != nil {
		return false, failure
	}
	gen, okGen := v[0].(string)
	version, okVersion := v[1].(string)
	stamp, _ := v[2].(string)
	return okGen && okVersion && h.same(gen, version, stamp), nil
}

// inForce asks whether a head still is.
func (s *store) inForce(ctx context.Context, h *head) (bool, *dnc.Error) {
	q := s.askHead(ctx)
	s.run(ctx, q.commands()...)
	return s.isCurrent(ctx, q, h)
}

func (s *store) askRole(ctx context.Context) *redis.Cmd {
	return command(ctx, "hello", s.topology.Version)
}

// checkRole refuses a server that is no primary. nil is a role that was not asked for.
func (s *store) checkRole(ctx context.Context, role *redis.Cmd) *dnc.Error {
	if role == nil {
		return nil
	}
	if err := role.Err(); err != nil {
		return s.failure(ctx, err)
	}
	if err := hooks.Hello(s.list, role.Val()); err != nil {
		return s.failure(ctx, err)
	}
	s.verified.Store(int64(time.Since(epoch)))
	return nil
}

// readHead reads all fields of the head.
func (s *store) readHead(ctx context.Context) (map[string]string, *dnc.Error) {
	q := headQuery{head: command(ctx, "hgetall", s.keys.head)}
	if s.topology.Single {
		q.role = s.askRole(ctx)
	}
	s.run(ctx, q.commands()...)
	if failure := s.checkRole(ctx, q.role); failure != nil {
		return nil, failure
	}
	return s.readMap(ctx, q.head)
}

// current reads the head that is in force.
func (r *Registry) current(ctx context.Context) (*head, *dnc.Error) {
	r.warned.Do(func() {
		if r.store.topology.Warning != "" {
			r.store.warn(ctx, r.store.topology.Warning, nil)
		}
	})
	least := r.heads.highestSeen() // what is read from here on is not lower, unless the server has an old copy
	f, failure := r.store.readHead(ctx)
	if failure != nil {
		r.store.reload(ctx)
		return nil, failure
	}
	return r.heads.accept(r.store, f, least)
}
