package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

var update = flag.Bool("update", false, "write the golden output")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhatItPrints(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	const golden = "testdata/output.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String())
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAnOutputThatFails(t *testing.T) {
	require.ErrorIs(t, run(t.Context(), full{}), errFull)
}

// While the list is missing nobody is blocked for good, and nobody is uploaded.
func TestDoubtIsNotWritten(t *testing.T) {
	allowed, blocked, err := split(t.Context(), dnc.Protect(dnc.NewMemory("blacklist")), lines(contactFile))
	require.ErrorContains(t, err, "list_missing")
	assert.Empty(t, allowed)
	assert.Empty(t, blocked)
}

// What it says about a real Redis must be true: its commands and its lines make the same decisions.
func TestItsAdviceOnRealRedis(t *testing.T) {
	server := redistest.Start(t)
	server.Do(t, "sadd", "dnc:blacklist", "+14155550123")
	server.Do(t, "hset", "dnc:geo_rules", "+1", `{"allowed":true}`, "+1900", `{"allowed":false,"riskLevel":"high"}`)

	options, err := dnc.RedisOptions(server.URL())
	require.NoError(t, err)
	rdb := redis.NewUniversalClient(options)
	defer func() { require.NoError(t, rdb.Close()) }()
	list, err := dnc.NewRedisChecker(rdb, dnc.WithGeoRules("dnc:geo_rules"))
	require.NoError(t, err)
	checker := dnc.Protect(list)

	report, err := dnc.Validate(context.Background(), checker, contacts, dnc.Parser{Country: "1"}.Parse)
	require.NoError(t, err)
	var codes []string
	for _, c := range report.Decisions {
		codes = append(codes, c.Decision.Reason().Code)
	}
	assert.Equal(t, []string{
		"allowed", "dnc_blacklist", "dnc_blacklist", "allowed", "geo_blocked_high", "allowed", "allowed", "invalid_number", "invalid_number",
	}, codes)
}
