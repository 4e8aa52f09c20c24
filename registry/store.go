package registry

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// store is one list's way to Redis.
type store struct {
	list   string
	keys   keys
	conn   *redisconn.Client
	logger *slog.Logger // nil: slog.Default

	headCmd redisconn.Cmd // shows whether a head is still the one in force
}

func newStore(rdb dnc.RedisClient, list string, c *config) (*store, error) {
	conn, err := redisconn.Open(rdb, redisconn.Settings{AssumePrimary: c.assumePrimary})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", dnc.ErrOption, err)
	}
	s := &store{list: list, keys: newKeys(list), conn: conn, logger: c.logger}
	s.headCmd = redisconn.Cmd{"hmget", s.keys.head, fieldGen, fieldVer, fieldLoaded}
	return s, nil
}

// part makes the commands of one key.
func part(key string, cmds ...redisconn.Cmd) *redisconn.Part {
	return &redisconn.Part{Key: key, Cmds: cmds}
}

// headPart makes a command of the head. A proxy that reads from replicas runs a transaction on the
// primary, so the head is in one with the role. Shards are not: a version never changes, so what a
// replica has of the version in force is right, and what it lacks is missed.
func (s *store) headPart(cmd redisconn.Cmd) *redisconn.Part {
	p := part(s.keys.head, cmd)
	p.Tx = true
	return p
}

// do runs one command on the node of a key.
func (s *store) do(ctx context.Context, key string, args ...any) (any, *redisconn.Fault) {
	replies, f := s.conn.Pipe(ctx, key, args)
	if f != nil {
		return nil, f
	}
	return replies[0], nil
}

// doAll runs commands of several keys. The failure is that of the first that has one.
func (s *store) doAll(ctx context.Context, parts ...*redisconn.Part) *dnc.Error {
	s.conn.PipeEach(ctx, parts...)
	for _, p := range parts {
		if p.Fault != nil {
			return s.failure(p.Fault)
		}
	}
	return nil
}

// failure makes a fault the reason of the numbers that have no answer.
func (s *store) failure(f *redisconn.Fault) *dnc.Error {
	return &dnc.Error{Code: f.Code(), List: s.list, Hint: f.Hint, Err: f.Err}
}

// ended is the error of a context that is over, nil while it is not.
func (s *store) ended(ctx context.Context) *dnc.Error {
	if redisconn.Ended(ctx) == nil {
		return nil
	}
	return s.failure(redisconn.ContextFault(ctx))
}

// fail makes an error of this list.
func (s *store) fail(code, hint string) *dnc.Error {
	return &dnc.Error{Code: code, List: s.list, Hint: hint}
}

func (s *store) malformed(hint string) *dnc.Error {
	return s.failure(redisconn.Malformed(hint))
}

func (s *store) warn(ctx context.Context, text string, err error) {
	l := s.logger
	if l == nil {
		l = slog.Default()
	}
	attrs := []slog.Attr{slog.String("list", s.list)}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	l.LogAttrs(context.WithoutCancel(ctx), slog.LevelWarn, "dnc: registry: "+text, attrs...)
}
