package main

import (
	"bytes"
	"context"
	"iter"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/registry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestItSaysWhatMayBeCalledAndWhenTheRestOpens(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	evening := time.Date(2026, 11, 26, 1, 30, 0, 0, time.UTC)
	require.NoError(t, run(context.Background(), []string{"-calls", "8", "-rate", "1000"}, &out, func() time.Time { return evening }))
	for _, want := range []string{
		"dnc_blacklist", "outside_hours list=us-fl/hours", "next opening: 2026-11-26T14:00:00Z", "zone_unknown", "not_forbidden", "next opening: not known",
		"calls decided: 8; 3 may be made",
	} {
		assert.Contains(t, out.String(), want)
	}
	assert.NotContains(t, out.String(), "5550123")
}

func TestItRefusesArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-calls", "0"}, {"-rate", "0"}, {"-rate", "2000000000"}, {"-redis", "nothing"}, {"-registry", "national"}, {"500", "-redis", "redis://127.0.0.1:1"}} {
		require.Error(t, run(context.Background(), args, &bytes.Buffer{}, time.Now), args)
	}
}

func TestItStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := dial(ctx, dnc.RuleOf(dnc.NewMemory("x")), 1000, 1, &bytes.Buffer{}, time.Now)
	require.ErrorIs(t, err, context.Canceled)
}

// The set of opt-outs and the registry are both asked, in the process. What cannot be loaded ends the
// program before a call is decided.
func TestListsInRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	options, err := dnc.RedisOptions(server.URL())
	require.NoError(t, err)
	rdb := redis.NewUniversalClient(options)
	t.Cleanup(func() { _ = rdb.Close() })
	ctx := t.Context()
	noon := func() time.Time { return time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC) }
	dialer := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(ctx, append([]string{"-redis", server.URL(), "-calls", "8", "-rate", "1000"}, args...), &out, noon)
		return out.String(), err
	}
	out, err := dialer()
	require.ErrorIs(t, err, dnc.ErrListMissing)
	assert.Empty(t, out)

	require.NoError(t, rdb.SAdd(ctx, "dnc:blacklist", "+12025550123").Err())
	out, err = dialer()
	require.NoError(t, err)
	assert.Contains(t, out, "dnc_blacklist")
	assert.Contains(t, out, "calls decided: 8; 6 may be made, 2 blocked")
	out, err = dialer("-registry", "national")
	require.ErrorIs(t, err, dnc.ErrListMissing)
	assert.Empty(t, out)

	national, err := registry.New(rdb, "national")
	require.NoError(t, err)
	_, err = national.Replace(ctx, numbers(t, "+14155550123", "+13035550100"), registry.Import{
		Coverage: []string{"1"}, Obtained: time.Now(),
	})
	require.NoError(t, err)
	out, err = dialer("-registry", "national")
	require.NoError(t, err)
	for _, want := range []string{"dnc_blacklist", "dnc_national", "not_covered", "calls decided: 8; 3 may be made, 5 blocked"} {
		assert.Contains(t, out, want)
	}
	assert.NotContains(t, out, "5550123")
	_, err = dialer("-registry", "No Name")
	require.ErrorIs(t, err, dnc.ErrOption)
}

func numbers(t *testing.T, all ...string) iter.Seq2[dnc.Number, error] {
	t.Helper()
	return func(yield func(dnc.Number, error) bool) {
		for _, s := range all {
			if !yield(dnc.ParseNumber(s)) {
				return
			}
		}
	}
}
