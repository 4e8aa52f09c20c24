package registry

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

// splitting is a proxy that reads from a replica, as hosted services offer: it sends reads there,
// and transactions and every other command to the primary.
type splitting struct{ replica *redis.Client }

func (splitting) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s splitting) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (s splitting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		var rest []redis.Cmder
		inside := false
		for _, c := range cmds {
			inside = inside && c.Name() != "exec" || c.Name() == "multi"
			if read := c.Name() == "hmget" || c.Name() == "hgetall"; read && !inside {
				reply, err := s.replica.Do(ctx, c.Args()...).Result()
				c.(*redis.Cmd).SetVal(reply)
				c.SetErr(err)
				continue
			}
			rest = append(rest, c)
		}
		return next(ctx, rest)
	}
}

// Behind a proxy that reads from a replica the version in force is that of the primary. What a
// replica that was cut off lacks of it is missed.
func TestAProxyThatReadsFromAReplica(t *testing.T) {
	t.Parallel()
	pair := redistest.StartPair(t)
	primary := open(t, universal(t, pair.Primary.URL()))
	put(t, primary, plain(clean))
	pair.Sync(t)
	rdb := universal(t, pair.Primary.URL())
	rdb.AddHook(splitting{pair.Replica.Client(t)})
	whole := open(t, rdb)
	d, err := whole.Check(ctx, digits.Number(clean))
	require.NoError(t, err)
	require.Equal(t, dnc.Block, d.Verdict)
	pair.Cut(t)
	put(t, primary, plain(listed, clean))
	for name, list := range map[string]*Registry{"a process that runs": whole, "a process that starts": open(t, rdb)} {
		_, err = list.Snapshot(ctx)
		require.ErrorIs(t, err, dnc.ErrListIncomplete, name)
		unknownAll(t, list, dnc.CodeListIncomplete, listed)
		info, err := list.Info(ctx)
		require.NoError(t, err, name)
		assert.EqualValues(t, 2, info.Numbers, name)
	}
}

// A server at its maxmemory refuses every transaction, and is asked without one.
func TestAFullServer(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "--maxmemory-policy", "noeviction")
	rdb := universal(t, s.URL())
	put(t, open(t, rdb), plain(listed))
	s.Do(t, "config", "set", "maxmemory", 1)
	list := open(t, rdb)
	for _, c := range []struct {
		number uint64
		want   dnc.Verdict
	}{{listed, dnc.Block}, {clean, dnc.Allow}} {
		got, _ := verdict(t, list, c.number)
		assert.Equal(t, c.want, got)
		ds, err := list.CheckBatch(ctx, []dnc.Number{digits.Number(c.number)})
		require.NoError(t, err)
		assert.Equal(t, c.want, ds[0].Verdict)
	}
	snapshot, err := list.Snapshot(ctx)
	require.NoError(t, err)
	snapshot.Close()
}

// A proxy without transactions is refused, unless the caller vouches for the role.
func TestAProxyWithoutTransactions(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "--rename-command", "multi", "", "--rename-command", "exec", "")
	rdb := universal(t, s.URL())
	put(t, open(t, rdb, DangerouslyAssumePrimary()), plain(listed))
	unknownAll(t, open(t, rdb), dnc.CodeStoreMisconfigured, listed, clean)
	got, _ := verdict(t, open(t, rdb, DangerouslyAssumePrimary()), clean)
	assert.Equal(t, dnc.Allow, got)
}
