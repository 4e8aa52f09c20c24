package registry

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// A client that hangs, is closed or whose hooks panic.
func TestClientFailures(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	o, err := dnc.RedisOptions(s.URL())
	require.NoError(t, err)
	rdb := redis.NewClient(o.Simple())
	defer func() { _ = rdb.Close() }()
	quick := open(t, rdb)
	got, _ := verdict(t, quick, clean)
	require.Equal(t, dnc.Allow, got)
	s.Freeze()
	unknownAll(t, quick, dnc.CodeStoreTimeout, clean)
	s.Thaw()
	require.NoError(t, rdb.Close())
	unknownAll(t, quick, dnc.CodeStoreMisconfigured, clean)

	panics := universal(t, s.URL())
	panics.AddHook(panicking{})
	unknownAll(t, open(t, panics), dnc.CodeCheckerFailed, clean)
	s.Kill()
	unknownAll(t, r, dnc.CodeStoreUnavailable, clean)
	_, err = r.Replace(ctx, plain(listed), national())
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
}

type panicking struct{}

func (panicking) DialHook(next redis.DialHook) redis.DialHook { return next }

func (panicking) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (panicking) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(context.Context, []redis.Cmder) error { panic("+14155550000") }
}

func TestOptions(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{})
	defer func() { _ = rdb.Close() }()
	for name, f := range map[string]func() (*Registry, error){
		"no client":     func() (*Registry, error) { return New(nil, "x") },
		"name":          func() (*Registry, error) { return New(rdb, "a:b") },
		"no name":       func() (*Registry, error) { return New(rdb, "") },
		"nil option":    func() (*Registry, error) { return New(rdb, "x", nil) },
		"age":           func() (*Registry, error) { return New(rdb, "x", WithMaxAge(0)) },
		"follow":        func() (*Registry, error) { return New(rdb, "x", WithPolling(0, 1)) },
		"follow behind": func() (*Registry, error) { return New(rdb, "x", WithPolling(2, 2)) },
		"replicas": func() (*Registry, error) {
			c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, ReadOnly: true})
			defer func() { _ = c.Close() }()
			return New(c, "x")
		},
	} {
		_, err := f()
		require.ErrorIs(t, err, dnc.ErrOption, name)
	}
	_, err := New(rdb, "x", WithMaxAge(time.Hour), WithPolling(1, 2), WithLogger(slog.New(slog.DiscardHandler)))
	require.NoError(t, err)
}
