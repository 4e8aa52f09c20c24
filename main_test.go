package dnc_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc/internal/redistest"
)

// canaryNumber is what every telephone number in these tests looks like, in any spelling. Nothing
// that the tests, the library or its dependencies write may match it.
var canaryNumber = regexp.MustCompile(`415[-. )(]{0,3}555[-. ]?[0-9]{4}`)

// TestMain watches everything that is written in the run, and what is still running after it.
func TestMain(m *testing.M) {
	stdout, stderr := os.Stdout, os.Stderr
	var seen bytes.Buffer
	var mu sync.Mutex
	var wg sync.WaitGroup
	watch := func(to *os.File) *os.File {
		r, w, err := os.Pipe()
		if err != nil {
			panic(err)
		}
		wg.Go(func() {
			buf := make([]byte, 64<<10)
			for {
				n, err := r.Read(buf)
				mu.Lock()
				seen.Write(buf[:n])
				mu.Unlock()
				_, _ = to.Write(buf[:n])
				if err == io.EOF {
					return
				}
			}
		})
		return w
	}
	out, errs := watch(stdout), watch(stderr)
	os.Stdout, os.Stderr = out, errs
	hidden := writer(func(b []byte) {
		mu.Lock()
		defer mu.Unlock()
		seen.Write(b)
	})
	slog.SetDefault(slog.New(slog.NewTextHandler(hidden, &slog.HandlerOptions{Level: slog.LevelDebug})))
	redis.SetLogger(hidden)
	code := m.Run()
	_ = out.Close() // with go test -json, os.Stderr is os.Stdout by now
	_ = errs.Close()
	wg.Wait()
	os.Stdout, os.Stderr = stdout, stderr
	if canaryNumber.Match(seen.Bytes()) {
		fmt.Fprintln(os.Stderr, "FAIL: a full telephone number was written in this run")
		code = 1
	}
	if err := goleak.Find(goleak.IgnoreAnyFunction(redistest.ClosedPoolDial)); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		code = 1
	}
	os.Exit(code)
}

type writer func(b []byte)

func (w writer) Printf(_ context.Context, format string, v ...any) { w(fmt.Appendf(nil, format, v...)) }

func (w writer) Write(b []byte) (int, error) {
	w(b)
	return len(b), nil
}
