package retry

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pipe is a network of one host: net.Pipe, which a synctest bubble can wait for.
type pipe struct {
	conns chan net.Conn
	done  chan struct{}
	dials atomic.Int32
}

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error {
	close(p.done)
	return nil
}

func (p *pipe) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipe) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.dials.Add(1)
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// wire starts a real HTTP server on a pipe, and returns a client with retries to it.
func wire(t *testing.T, p Policy, h http.HandlerFunc) (*http.Client, *pipe) {
	t.Helper()
	l := &pipe{conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: h}
	go func() { _ = srv.Serve(l) }()
	client := &http.Client{Transport: &Transport{Base: &http.Transport{DialContext: l.dial}, Policy: p}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		_ = srv.Close()
		synctest.Wait()
	})
	return client, l
}

func TestWireRetriesOnOneConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		client, l := wire(t, Policy{}, func(w http.ResponseWriter, r *http.Request) {
			sent, _ := io.ReadAll(r.Body)
			assert.Equal(t, "payload", string(sent))
			if n++; n < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = io.WriteString(w, strings.Repeat("x", 40_000))
				return
			}
			_, _ = io.WriteString(w, "done")
		})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://host/", strings.NewReader("payload"))
		require.NoError(t, err)
		resp, err := client.Do(req)
		require.NoError(t, err)
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, "done", string(b))
		assert.EqualValues(t, 1, l.dials.Load(), "drained bodies leave the connection usable")
	})
}

func TestWireBodyThatNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		client, _ := wire(t, Policy{AttemptTimeout: 5 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
			n++
			w.WriteHeader(map[bool]int{true: 503, false: 200}[n == 1])
			_, _ = io.WriteString(w, "and then")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		start := time.Now()
		resp, err := client.Get("http://host/")
		require.NoError(t, err)
		assert.Equal(t, 200, resp.StatusCode)
		assert.LessOrEqual(t, time.Since(start), 1500*time.Millisecond)
		start = time.Now()
		_, err = io.ReadAll(resp.Body)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 5*time.Second, time.Since(start))
		require.NoError(t, resp.Body.Close())
	})
}

func TestWireConnectionDroppedAfterTheServerActed(t *testing.T) {
	for method, want := range map[string]int{"POST": 1, "PATCH": 1, "GET": 4, "PUT": 4, "DELETE": 4} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				acted := 0
				client, _ := wire(t, Policy{}, func(http.ResponseWriter, *http.Request) {
					acted++
					panic(http.ErrAbortHandler)
				})
				req, err := http.NewRequestWithContext(t.Context(), method, "http://host/", nil)
				require.NoError(t, err)
				_, err = client.Do(req)
				require.Error(t, err)
				assert.Equal(t, want, acted)
			})
		})
	}
}

func TestWireClientTimeoutIsTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := wire(t, Policy{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		client.Timeout = 10 * time.Second
		start := time.Now()
		resp, err := client.Get("http://host/")
		require.NoError(t, err)
		assert.Equal(t, 429, resp.StatusCode)
		assert.Zero(t, time.Since(start))
		require.NoError(t, resp.Body.Close())
	})
}
