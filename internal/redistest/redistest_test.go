package redistest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

func TestServer(t *testing.T) {
	s := Start(t)
	rdb := s.Client(t)
	require.NoError(t, rdb.Set(ctx, "k", "v", 0).Err())
	s.Freeze()
	late, cancel := context.WithTimeout(ctx, 1)
	defer cancel()
	require.Error(t, rdb.Get(late, "k").Err())
	s.Thaw()
	assert.Equal(t, "v", rdb.Get(ctx, "k").Val())
	pid := s.Pid()
	s.Restart()
	assert.NotEqual(t, pid, s.Pid())
	assert.Zero(t, s.Do(t, "exists", "k"))
	s.Kill()
	require.Error(t, rdb.Ping(ctx).Err())
}

func TestLoading(t *testing.T) {
	s := Start(t)
	s.RestartLoading()
	require.ErrorContains(t, s.Client(t).Get(ctx, "k").Err(), "LOADING")
}

func TestCluster(t *testing.T) {
	c := StartCluster(t, 3, 3)
	rdb := c.Client(t)
	for i := range c.Masters {
		key := c.KeyOn(t, i, "key")
		require.NoError(t, rdb.Set(ctx, key, i, 0).Err())
		assert.EqualValues(t, 1, c.Masters[i].Do(t, "exists", key))
	}
	key := c.KeyOn(t, 0, "key")
	c.MoveSlot(t, key, 0, 1)
	assert.Equal(t, "0", rdb.Get(ctx, key).Val())
	c.AwaitReplicas(t)
	c.Failover(t, 2)
	require.NoError(t, Eventually(func() error { return rdb.Set(ctx, c.KeyOn(t, 2, "key"), 3, 0).Err() }))
}

func TestSentinels(t *testing.T) {
	s := StartSentinels(t)
	addr, ok := s.Sentinels[0].Do(t, "sentinel", "get-master-addr-by-name", MasterName).([]any)
	require.True(t, ok)
	require.Len(t, addr, 2)
}

func TestFake(t *testing.T) {
	f := StartFake(t, func(cmd []string) (string, bool) { return "$4\r\nfake\r\n", cmd[0] == "get" })
	assert.Equal(t, "fake", client(t, f.Addr()).Get(ctx, "k").Val())
}
