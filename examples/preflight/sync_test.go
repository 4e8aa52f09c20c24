package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redistest"
)

func TestSyncCommand(t *testing.T) {
	t.Parallel()
	store := redistest.Start(t)
	store.Do(t, "sadd", "dnc:blacklist", "+14155550123", "!complete")
	p, env, urls, _ := remote(t)
	agents, sent := p.AddDNCList("agents", "+14155550170"), p.AddDNCList("ours")
	record := filepath.Join(t.TempDir(), "optouts.csv")
	do := func(args ...string) ran {
		t.Helper()
		return start(t, env, append(append([]string{"sync", "-redis", store.URL(), "-from-dnc-list", agents, "-to-dnc-list", sent}, urls...), args...)...)
	}
	r := do("-record", record, "-dry-run")
	require.Equal(t, exitOK, r.code, r.errOut)
	assert.NoFileExists(t, record)
	assert.Empty(t, p.DNCEntries(sent))

	r = do("-record", record)
	require.Equal(t, exitOK, r.code, r.errOut)
	assert.Equal(t, "opt-outs on the platform: 1, added to the list: 1; numbers of the list: 2, sent to the platform: 2, entries there that are not on the list: 0\n", r.out)
	assert.Equal(t, []string{"+14155550123", "+14155550170"}, p.DNCEntries(sent))
	text, err := os.ReadFile(record)
	require.NoError(t, err)
	assert.Contains(t, string(text), ",+14155550170,dnc_list,"+agents+",,,\n")

	r = do("-record", record)
	require.Equal(t, exitOK, r.code, r.errOut)
	assert.Contains(t, r.out, "added to the list: 0; numbers of the list: 2, sent to the platform: 0")
	r = do()
	assert.Equal(t, exitUsage, r.code)
	assert.Contains(t, r.errOut, "-record is missing")
	store.Do(t, "sadd", "dnc:blacklist", "x")
	r = do("-record", record)
	assert.Equal(t, exitError, r.code)
	assert.NotContains(t, r.errOut, "55501")
}
