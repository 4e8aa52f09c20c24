package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/hooks"
)

// store is one list's way to Redis: every command of this package goes through it.
type store struct {
	list     string
	keys     keys
	rdb      dnc.Client
	topology hooks.Topology
	logger   *slog.Logger // nil: slog.Default

	verified atomic.Int64 // when the server was last found to be a primary, in nanoseconds since epoch
	reloaded atomic.Int64 // when a cluster's topology was last asked for
}

const (
	verifyAgain = 5 * time.Second // after which the server's role is asked for again
	reloadAgain = 250 * time.Millisecond
)

var epoch = time.Now() // has a monotonic clock, which no change of the system's time moves

const never = math.MinInt64 / 2 // long before epoch

func newStore(rdb dnc.Client, list string, logger *slog.Logger) (*store, error) {
	t, err := hooks.Inspect(rdb)
	if err != nil {
		return nil, err
	}
	s := &store{list: list, keys: newKeys(list), rdb: rdb, topology: t, logger: logger}
	s.verified.Store(never)
	s.reloaded.Store(never)
	return s, nil
}

// command makes a command for run.
func command(ctx context.Context, args ...any) *redis.Cmd { return redis.NewCmd(ctx, args...) }

// run sends commands in one pipeline. Each command has an error of its own, which failure explains;
// an error of the pipeline as a whole, or a panic of one of the caller's hooks, is that of all.
func (s *store) run(ctx context.Context, cmds ...*redis.Cmd) { s.runOn(ctx, s.rdb, cmds...) }

type pipeliner interface{ Pipeline() redis.Pipeliner }

func (s *store) runOn(ctx context.Context, node pipeliner, cmds ...*redis.Cmd) {
	fail := func(err error) {
		for _, cmd := range cmds {
			cmd.SetErr(err)
		}
	}
	defer func() {
		if p := recover(); p != nil {
			fail(s.fail(dnc.CodeCheckerFailed, fmt.Sprintf("the Redis client panicked with a %T", p)))
		}
	}()
	p := node.Pipeline()
	for _, cmd := range cmds {
		_ = p.Process(ctx, cmd)
	}
	if _, err := p.Exec(ctx); err != nil {
		for _, cmd := range cmds {
			if cmd.Err() != nil {
				return
			}
		}
		fail(err)
	}
}

// do sends one command. A nil reply is no error.
func (s *store) do(ctx context.Context, args ...any) (any, error) {
	cmd := command(ctx, args...)
	s.run(ctx, cmd)
	if err := cmd.Err(); err != nil && !errors.Is(err, redis.Nil) {
		s.reload(ctx)
		return nil, s.failure(ctx, err)
	}
	return cmd.Val(), nil
}

// failure is why a command has no reply, as the reason of the numbers that it was to decide.
func (s *store) failure(ctx context.Context, err error) *dnc.Error {
	var e *dnc.Error
	if !errors.As(hooks.StoreError(ctx, s.list, err), &e) {
		e = s.fail(dnc.CodeStoreUnavailable, "Redis could not be asked")
	}
	return e
}

// ended is the error of a context that is over, nil while it is not.
func (s *store) ended(ctx context.Context) *dnc.Error {
	var e *dnc.Error
	if err := hooks.ContextError(ctx, s.list); err != nil && !errors.As(err, &e) {
		e = s.fail(dnc.CodeCanceled, err.Error())
	}
	return e
}

// fail makes an error of this list.
func (s *store) fail(code, hint string) *dnc.Error {
	return &dnc.Error{Code: code, List: s.list, Hint: hint}
}

func (s *store) malformed(hint string) *dnc.Error {
	return s.fail(dnc.CodeStoreMisconfigured, "a reply is not what Redis answers: "+hint)
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

// reload has a cluster client ask for the new primary of a shard that does not answer, at most four
// times a second: by itself it asks once a minute.
func (s *store) reload(ctx context.Context) {
	if s.topology.Reload == nil {
		return
	}
	now, last := int64(time.Since(epoch)), s.reloaded.Load()
	if now-last >= int64(reloadAgain) && s.reloaded.CompareAndSwap(last, now) {
		s.topology.Reload(ctx)
	}
}
