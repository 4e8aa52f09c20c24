package main

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEverythingRunsAndIsWritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "performance.md")
	require.NoError(t, os.WriteFile(path, []byte("before\n"+beginMark+"old"+endMark+"\nafter\n"), 0o600))
	require.NoError(t, run(t.Context(), sizes{
		rounds: 1, contacts: 3000, singles: 20, naive: 50, stream: 60_000, rules: 20,
		list: 20_000, shuffled: 5000, lists: []int{2000, 20_000}, process: 10_000,
	}, dir))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(text), "dnc CheckBatch")
	for _, title := range []string{"Importing 20,000", "Memory", "Follow, 3,000", "contacts from everywhere", "One number against a registry", "on a cluster of three", "As the list grows", "As the contacts grow"} {
		assert.Contains(t, string(text), title)
	}
	assert.NotContains(t, string(text), "old")
	assert.True(t, strings.HasSuffix(string(text), endMark+"\nafter\n"))
	picture, err := os.ReadFile(filepath.Join(dir, "performance-2.svg"))
	require.NoError(t, err)
	require.NoError(t, xml.Unmarshal(picture, new(struct{ XMLName xml.Name })))

	require.NoError(t, os.WriteFile(path, []byte("no marks"), 0o600))
	require.Error(t, new(report).write(dir))
}

func TestQuantile(t *testing.T) {
	ds := []time.Duration{5, 1, 4, 2, 3}
	assert.Equal(t, time.Duration(3), quantile(ds, 0.5))
	assert.Equal(t, time.Duration(5), quantile(ds, 0.99))
	assert.Equal(t, []time.Duration{5, 1, 4, 2, 3}, ds)
	assert.Equal(t, "1,234,567", count(1234567))
	assert.Equal(t, "999", count(999))
	assert.Equal(t, "1.23M", short(1234567))
}
