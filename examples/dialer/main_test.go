package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestItSaysWhatMayBeCalledAndWhenTheRestOpens(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	evening := time.Date(2026, 11, 26, 1, 30, 0, 0, time.UTC)
	require.NoError(t, run(context.Background(), []string{"-calls", "8", "-rate", "1000"}, &out, func() time.Time { return evening }))
	for _, want := range []string{
		"dnc_blacklist", "outside_hours list=us-fl/hours", "next opening: 2026-11-26T14:00:00Z", "zone_unknown", "not_forbidden", "next opening: not known",
		"8 calls decided: 3 may be made",
	} {
		assert.Contains(t, out.String(), want)
	}
	assert.NotContains(t, out.String(), "5550123")
}

func TestItRefusesArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-calls", "0"}, {"-rate", "0"}, {"-rate", "2000000000"}, {"-redis", "nothing"}} {
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
