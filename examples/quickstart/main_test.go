package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/preflight"
)

var update = flag.Bool("update", false, "write the golden output")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhatItPrints(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	path := regexp.MustCompile(`/\S*dnc-report-\S*\.html`)
	page, err := os.ReadFile(path.FindString(out.String()))
	require.NoError(t, err)
	assert.Contains(t, string(page), "Protected: yes")
	text := path.ReplaceAll(out.Bytes(), []byte("/tmp/dnc-report.html"))
	text = regexp.MustCompile(`[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}`).ReplaceAll(text, []byte("00000000-0000-4000-8000-000000000000"))
	const golden = "testdata/output.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, text, 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(text))
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAnOutputThatFails(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	require.ErrorIs(t, run(t.Context(), full{}), errFull)
}

// While the list is missing nobody is blocked for good, and nothing is started.
func TestDoubtIsNotWritten(t *testing.T) {
	platform := genesystest.New()
	list := platform.AddContactList("Spring", "name", "phone")
	id, err := platform.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q}}`, list))
	require.NoError(t, err)
	client, err := genesys.NewCampaignClient(platform.Source(), genesys.WithLimiter(nil))
	require.NoError(t, err)
	_, err = client.AddContacts(t.Context(), list, lines(contactFile), genesys.AddOptions{})
	require.NoError(t, err)
	_, err = protect(t.Context(), io.Discard, dnc.Protect(dnc.NewMemory("blacklist")), client, id)
	require.ErrorIs(t, err, preflight.ErrUndecided)
	assert.Zero(t, platform.CountRequests("PUT", "")+platform.CountRequests("PATCH", "")+platform.CountRequests("POST", "/start"))
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
