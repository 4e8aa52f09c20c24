package registry

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc/internal/redistest"
)

// canary is what every number of these tests looks like. Nothing that is logged or returned may
// match it.
var canary = regexp.MustCompile(`1?(415|212|646)[-. )]{0,2}[0-9]{3}[-. ]?[0-9]{4}`)

type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logs) Printf(_ context.Context, format string, v ...any) {
	_, _ = fmt.Fprintf(l, format, v...)
}

func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		child(name)
		return
	}
	var said logs
	slog.SetDefault(slog.New(slog.NewTextHandler(&said, nil)))
	redis.SetLogger(&said)
	code := m.Run()
	if canary.Match(said.b.Bytes()) {
		fmt.Fprintln(os.Stderr, "FAIL: a full telephone number was logged")
		code = 1
	}
	if err := goleak.Find(goleak.IgnoreAnyFunction(redistest.ClosedPoolDial)); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		code = 1
	}
	os.Exit(code)
}
