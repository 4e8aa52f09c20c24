package redisconn_test

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redisconn"
	"github.com/dnc-go/dnc/internal/redistest"
)

func TestACluster(t *testing.T) {
	cluster := redistest.StartCluster(t, 3, 3)
	rdb := cluster.Client(t)
	c, err := redisconn.Open(rdb, redisconn.Settings{})
	require.NoError(t, err)
	ctx := context.Background()
	key := cluster.KeyOn(t, 0, "k")
	added, f := c.Tx(ctx, key, redisconn.Cmd{"sadd", key, "a"})
	require.Nil(t, f)
	assert.Equal(t, []any{int64(1)}, added)

	holds := func() error {
		for _, tx := range []bool{true, false} {
			got, f := membersOf(c, key, tx)
			if f != nil {
				return f
			}
			assert.Equal(t, []string{"a"}, got)
		}
		return nil
	}
	cluster.MoveSlot(t, key, 0, 1)
	require.NoError(t, holds(), "MOVED is followed at once")

	// The slot moves back, and stays in between: the key is at its new node already, which answers
	// after ASKING only.
	_ = cluster.HalfMoveSlot(t, key, 1, 0)
	require.NoError(t, holds(), "ASK is followed")
}

// In a cluster the parts of one node share a pipeline, and a command that fails is the fault of its
// own part.
func TestPartsOfACluster(t *testing.T) {
	cluster := redistest.StartCluster(t, 3, 0)
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{cluster.Masters[0].Addr()}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = rdb.Close() })
	var pipelines atomic.Int64
	rdb.OnNewNode(func(node *redis.Client) { node.AddHook(counting{&pipelines}) })
	c, err := redisconn.Open(rdb, redisconn.Settings{})
	require.NoError(t, err)
	ctx := context.Background()
	var parts []*redisconn.Part
	for i := range 30 {
		key := fmt.Sprintf("key:%d", i)
		require.NoError(t, rdb.Set(ctx, key, i, 0).Err())
		cmd := redisconn.Cmd{"get", key}
		if i == 7 {
			cmd = redisconn.Cmd{"smembers", key}
		}
		parts = append(parts, &redisconn.Part{Key: key, Cmds: []redisconn.Cmd{cmd}})
	}
	c.PipeEach(ctx, parts...) // connections are set up with pipelines, too
	pipelines.Store(0)
	c.PipeEach(ctx, parts...)
	for i, p := range parts {
		if i == 7 {
			require.NotNil(t, p.Fault)
			assert.True(t, p.Fault.WrongType)
			continue
		}
		require.Nil(t, p.Fault)
		assert.Equal(t, []any{strconv.Itoa(i)}, p.Replies)
	}
	assert.EqualValues(t, 3, pipelines.Load())
}
