package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc/internal/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// batch runs the program on the text of a file, and returns the output, what it said, and its exit code.
func batch(t *testing.T, contacts string, args ...string) (out, said string, code int) {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "contacts.csv")
	require.NoError(t, os.WriteFile(in, []byte(contacts), 0o600))
	var stderr bytes.Buffer
	code = run(t.Context(), append([]string{"-in", in, "-out", filepath.Join(dir, "out.csv")}, args...), nil, nil, &stderr)
	text, err := os.ReadFile(filepath.Join(dir, "out.csv"))
	if code == 0 || code == exitUnknown {
		require.NoError(t, err)
	} else {
		require.Error(t, err, "nothing stands under the name of the output")
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.LessOrEqual(t, len(left), 2, "nothing else is left")
	assert.NotContains(t, stderr.String(), "5550", "a number was written")
	return string(text), stderr.String(), code
}

func TestBatch(t *testing.T) {
	out, said, code := batch(t, "name,Phone Number,note\r\nAnn,+1 (212) 555-0123,\"a, b\"\r\nBob,+12125550199,\"two\nlines\"\r\nEve,nonsense,\r\n")
	assert.Zero(t, code)
	assert.Equal(t, "name,Phone Number,note,verdict,blocked,reason,fallback\n"+
		"Ann,+1 (212) 555-0123,\"a, b\",block,true,dnc_blacklist,false\n"+
		"Bob,+12125550199,\"two\nlines\",allow,false,allowed,false\n"+
		"Eve,nonsense,,block,true,invalid_number,false\n", out)
	assert.Contains(t, said, "3 contacts, 1 allowed, 2 blocked (0 unknown)")
}

func TestBatchInputs(t *testing.T) {
	for name, c := range map[string]struct {
		contacts string
		args     []string
		code     int
		want     string
	}{
		"byte order mark":   {"\ufeffphone\n+12125550199\n", nil, 0, "allowed"},
		"header alone":      {"phone\n", nil, 0, "verdict"},
		"no last newline":   {"phone\n+12125550199", nil, 0, "allowed"},
		"a column by name":  {"a,b\nx,+12125550123\n", []string{"-column", "b"}, 0, "dnc_blacklist"},
		"a country":         {"phone\n(212) 555-0123\n", []string{"-country", "1"}, 0, "dnc_blacklist"},
		"no country":        {"phone\n(212) 555-0123\n", nil, 0, "invalid_number"},
		"empty":             {"", nil, exitError, "empty"},
		"unknown column":    {"phone\n", []string{"-column", "b"}, exitUsage, "no column"},
		"no known column":   {"a,b\n", nil, exitUsage, "-column"},
		"no header":         {"+12125550123\n+12125550199\n", nil, exitUsage, "has digits"},
		"too few cells":     {"name,phone\nAnn,+12125550199\nBob\n", nil, exitError, "line 3"},
		"a broken quote":    {"phone\n+12125550199\n\"+12125550123\n", nil, exitError, "line"},
		"a wrong Redis URL": {"phone\n", []string{"-redis", "nonsense"}, exitError, "Redis URL"},
		"an argument":       {"phone\n", []string{"x"}, exitUsage, "argument"},
		"a flag":            {"phone\n", []string{"-x"}, exitUsage, "-x"},
	} {
		t.Run(name, func(t *testing.T) {
			out, said, code := batch(t, c.contacts, c.args...)
			assert.Equal(t, c.code, code, said)
			assert.Contains(t, out+said, c.want)
		})
	}
	var stderr bytes.Buffer
	assert.Equal(t, exitUsage, run(t.Context(), nil, nil, nil, &stderr))
	assert.Equal(t, exitUsage, run(t.Context(), []string{"-in", "a.csv", "-out", "./a.csv"}, nil, nil, &stderr))
	assert.Equal(t, exitError, run(t.Context(), []string{"-in", "/nonexistent", "-out", "-"}, nil, nil, &stderr))
	assert.Zero(t, run(t.Context(), []string{"-h"}, nil, nil, &stderr))
}

func TestBatchThroughPipes(t *testing.T) {
	in, feed := io.Pipe()
	go func() {
		_, _ = io.WriteString(feed, "phone\n")
		for i := range 250_000 {
			_, _ = fmt.Fprintf(feed, "+1212555%04d\n", i%10_000)
		}
		_ = feed.Close()
	}()
	var out, stderr bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"-in", "-", "-out", "-"}, in, &out, &stderr), stderr.String())
	assert.Equal(t, 250_001, strings.Count(out.String(), "\n"))
	assert.Equal(t, 25, strings.Count(out.String(), "dnc_blacklist"))
	assert.Contains(t, stderr.String(), "checked: 200000 contacts")
}

func TestBatchCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, stderr bytes.Buffer
	assert.Equal(t, exitError, run(ctx, []string{"-in", "-", "-out", "-"}, strings.NewReader("phone\n+12125550199\n"), &out, &stderr))
	assert.Contains(t, stderr.String(), "context canceled")
}

func TestBatchOnRedis(t *testing.T) {
	s := redistest.Start(t)
	const contacts = "phone\n+12125550123\n+12125550199\n"
	out, _, code := batch(t, contacts, "-redis", s.URL(), "-geo-rules=false")
	assert.Equal(t, exitUnknown, code)
	assert.Equal(t, 2, strings.Count(out, "block,true,list_missing,true"))
	s.Do(t, "sadd", "dnc:blacklist", "+12125550123")
	out, _, code = batch(t, contacts, "-redis", s.URL(), "-geo-rules=false")
	assert.Zero(t, code)
	assert.Contains(t, out, "+12125550199,allow,false,allowed,false")
}
