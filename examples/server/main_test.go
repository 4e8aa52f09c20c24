package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// canary is what the numbers of these tests look like in every spelling. It may stand in a report
// and nowhere else.
var canary = regexp.MustCompile(`[4-9][0-9]{2}[-. )(]{0,3}555[-. ]?[0-9]{2,4}`)

// logged is everything that the tests' servers write beside answers.
var logged lockedBuffer

func TestMain(m *testing.M) {
	redis.SetLogger(redisLog{})
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if canary.MatchString(logged.String()) {
			_, _ = os.Stderr.WriteString("FAIL: a full telephone number was logged\n")
			code = 1
		}
		os.Exit(code)
	}))
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// running is the whole program.
type running struct {
	url  string
	stop context.CancelFunc
	code chan int
}

// start runs the program on a free port, and ends it with the test.
func start(t *testing.T, env map[string]string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	s := &running{stop: cancel, code: make(chan int, 1)}
	go func() {
		s.code <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), func(k string) string { return env[k] }, w, &logged)
		_ = w.Close()
	}()
	line := make([]byte, 200)
	n, err := r.Read(line)
	require.NoError(t, err, "it did not start: %s", logged.String())
	go func() { _, _ = io.Copy(io.Discard, r) }()
	url, ok := strings.CutPrefix(strings.TrimSpace(string(line[:n])), "listening on ")
	require.True(t, ok)
	s.url = url
	t.Cleanup(func() {
		cancel()
		http.DefaultClient.CloseIdleConnections()
		assert.Equal(t, exitOK, <-s.code)
	})
	return s
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) code(t *testing.T) string {
	t.Helper()
	assert.Equal(t, "application/json", r.header.Get("Content-Type"))
	var e struct{ Code, Message string }
	require.NoError(t, json.Unmarshal([]byte(r.body), &e), r.body)
	assert.NotEmpty(t, e.Message)
	assert.NotRegexp(t, canary, r.body)
	return e.Code
}

// send makes a request; headers are "Name: value".
func (s *running) send(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if req.Header.Set(name, value); value == "" {
			req.Header.Del(name)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return reply{resp.StatusCode, resp.Header, string(text)}
}
