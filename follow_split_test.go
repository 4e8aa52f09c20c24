package dnc_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// splitting is a proxy that reads from a replica, as hosted services offer: it sends SSCAN there,
// and transactions and every other command to the primary.
type splitting struct{ replica *redis.Client }

func (splitting) DialHook(next redis.DialHook) redis.DialHook { return next }

func (splitting) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (s splitting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if cmds[0].Name() == "multi" {
			return next(ctx, cmds)
		}
		var rest []redis.Cmder
		for _, c := range cmds {
			if c.Name() == "sscan" {
				c.(*redis.Cmd).SetVal(s.replica.Do(ctx, c.Args()...).Val())
				continue
			}
			rest = append(rest, c)
		}
		return next(ctx, rest)
	}
}

// A replica that lacks a number never fills a copy, also where a proxy sends the commands of one
// pipeline to several servers.
func TestFollowAProxyThatReadsFromAReplica(t *testing.T) {
	t.Parallel()
	s, stale := redistest.Start(t), redistest.Start(t)
	some := many(t, 500)
	_, err := newWriter(t, universal(t, stale.URL())).Replace(ctx, numbers(some[1:]...))
	require.NoError(t, err)
	_, err = newWriter(t, universal(t, s.URL())).Replace(ctx, numbers(some...))
	require.NoError(t, err)
	rdb := universal(t, s.URL())
	rdb.AddHook(splitting{stale.Client(t)})
	f := followed(t, rdb)
	d, err := f.Check(ctx, some[0])
	require.NoError(t, err)
	require.Equal(t, dnc.Block, d.Verdict)
}
