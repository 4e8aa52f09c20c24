package redisconn_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redisconn"
	"github.com/dnc-go/dnc/internal/redistest"
)

type hook struct {
	redis.Hook
	pipeline func(redis.ProcessPipelineHook) redis.ProcessPipelineHook
}

func (h hook) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (h hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (h hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return h.pipeline(next)
}

// A hook of the caller can panic, swallow an error, or answer by itself. None of that is an answer.
func TestHooks(t *testing.T) {
	s := redistest.Start(t)
	for name, c := range map[string]struct {
		pipeline func(redis.ProcessPipelineHook) redis.ProcessPipelineHook
		kind     redisconn.Kind
	}{
		"panics": {func(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
			return func(context.Context, []redis.Cmder) error { panic("boom") }
		}, redisconn.Panicked},
		"asks nobody": {func(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
			return func(context.Context, []redis.Cmder) error { return nil }
		}, redisconn.Misconfigured},
		"fails afterwards": {func(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
			return func(ctx context.Context, cmds []redis.Cmder) error {
				_ = next(ctx, cmds)
				return context.DeadlineExceeded
			}
		}, redisconn.Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			client, rdb := open(t, s.Addr())
			rdb.AddHook(hook{pipeline: c.pipeline})
			for _, tx := range []bool{true, false} {
				_, f := members(client, tx)
				require.NotNil(t, f)
				assert.Equal(t, c.kind, f.Kind, f.Error())
			}
			part := &redisconn.Part{Key: "set", Cmds: []redisconn.Cmd{{"scard", "set"}}}
			client.PipeEach(context.Background(), part)
			assert.NotNil(t, part.Fault)
		})
	}
}

// counting counts pipelines.
type counting struct{ n *atomic.Int64 }

func (counting) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (counting) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (c counting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmds)
	}
}
