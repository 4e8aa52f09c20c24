package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// An interruption, at whichever point, leaves the version that was in force.
func TestInterrupted(t *testing.T) {
	server := redistest.Start(t)
	list := open(t, server)
	write(t, "415.txt", rows(415, 2000))
	require.Equal(t, exitOK, call(t, "-redis", server.URL(), "-obtained", today(), "415.txt").code)
	add(t, "415.txt", rows(415, 3000))
	for _, at := range []string{"SHA-256", "verify", "switch"} {
		t.Run(at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			var out bytes.Buffer
			stderr := &screen{see: func(text string) {
				if strings.Contains(text, at) {
					cancel()
				}
			}}
			code := run(ctx, []string{"-redis", server.URL(), "-obtained", today(), "415.txt"}, &out, stderr)
			assert.Equal(t, exitError, code)
			assert.Contains(t, stderr.String(), "interrupted: ")
			if at == "SHA-256" {
				assert.Empty(t, out.String())
			} else {
				assert.Contains(t, out.String(), "this import changed nothing")
			}
			verdicts(t, list, map[string]dnc.Verdict{"+14155551999": dnc.Block, "+14155552000": dnc.Allow})
		})
	}
	assert.Equal(t, exitOK, call(t, "-redis", server.URL(), "-obtained", today(), "415.txt").code, "and the next import takes its place")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	assert.Equal(t, exitError, run(ctx, []string{"-dry-run", "-obtained", today(), "415.txt"}, &stderr, &stderr))
	assert.Contains(t, stderr.String(), "interrupted: ")
}

// A file that is still being written is not imported.
func TestAFileThatChanges(t *testing.T) {
	server := redistest.Start(t)
	write(t, "415.txt", rows(415, 10))
	var once bool
	stderr := &screen{see: func(text string) {
		if strings.Contains(text, "SHA-256") && !once {
			once = true
			add(t, "415.txt", rows(415, 20))
		}
	}}
	var out bytes.Buffer
	path, err := filepath.Abs("415.txt")
	require.NoError(t, err)
	assert.Equal(t, exitError, run(t.Context(), []string{"-redis", server.URL(), "-obtained", today(), path}, &out, stderr))
	assert.Contains(t, stderr.String(), "was changed while it was read")
	assert.Contains(t, out.String(), "this import changed nothing")
}
