package retry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/retry"
)

// try is what a fake server does with one request.
type try struct {
	status int
	header map[string]string
	err    error
}

// server is a RoundTripper that plays tries, the last one for ever.
type server struct {
	tries  []try
	bodies []string
	seen   []*http.Request
	open   int // bodies of replies that were not closed
}

type body struct {
	io.Reader
	s      *server
	closed bool
}

func (b *body) Close() error {
	if !b.closed {
		b.closed = true
		b.s.open--
	}
	return nil
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.seen = append(s.seen, r)
	if r.Body != nil {
		text, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		s.bodies = append(s.bodies, string(text))
	}
	t := s.tries[min(len(s.seen), len(s.tries))-1]
	if t.err != nil {
		return nil, t.err
	}
	s.open++
	resp := &http.Response{StatusCode: t.status, Header: http.Header{}, Body: &body{strings.NewReader("reply"), s, false}, Request: r}
	for k, v := range t.header {
		resp.Header.Set(k, v)
	}
	return resp, nil
}

var (
	errRefused = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	errLost    = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
)

func TestTransport(t *testing.T) {
	ok := try{status: 200}
	for name, c := range map[string]struct {
		method string
		marked bool
		tries  []try
		want   int // tries
		status int // 0: an error
	}{
		"GET 200":              {"GET", false, []try{ok}, 1, 200},
		"GET 503":              {"GET", false, []try{{status: 503}, ok}, 2, 200},
		"GET 503 for ever":     {"GET", false, []try{{status: 503}}, 4, 503},
		"GET 500":              {"GET", false, []try{{status: 500}, ok}, 2, 200},
		"GET 502":              {"GET", false, []try{{status: 502}, ok}, 2, 200},
		"GET 504":              {"GET", false, []try{{status: 504}, ok}, 2, 200},
		"GET 408":              {"GET", false, []try{{status: 408}, ok}, 2, 200},
		"GET 501":              {"GET", false, []try{{status: 501}, ok}, 1, 501},
		"GET 404":              {"GET", false, []try{{status: 404}, ok}, 1, 404},
		"GET 409":              {"GET", false, []try{{status: 409}, ok}, 1, 409},
		"GET 302":              {"GET", false, []try{{status: 302}, ok}, 1, 302},
		"PUT 503":              {"PUT", false, []try{{status: 503}, ok}, 2, 200},
		"DELETE lost":          {"DELETE", false, []try{{err: errLost}, ok}, 2, 200},
		"POST 503":             {"POST", false, []try{{status: 503}, ok}, 1, 503},
		"POST lost":            {"POST", false, []try{{err: errLost}, ok}, 1, 0},
		"POST 408":             {"POST", false, []try{{status: 408}, ok}, 1, 408},
		"POST refused":         {"POST", false, []try{{err: errRefused}, ok}, 2, 200},
		"POST 429":             {"POST", false, []try{{status: 429}, ok}, 2, 200},
		"POST 503, marked":     {"POST", true, []try{{status: 503}, ok}, 2, 200},
		"PATCH 503":            {"PATCH", false, []try{{status: 503}, ok}, 1, 503},
		"PATCH 503, marked":    {"PATCH", true, []try{{status: 503}, ok}, 2, 200},
		"PATCH lost, marked":   {"PATCH", true, []try{{err: errLost}, ok}, 2, 200},
		"PATCH 501, marked":    {"PATCH", true, []try{{status: 501}, ok}, 1, 501},
		"GET lost for ever":    {"GET", false, []try{{err: errLost}}, 4, 0},
		"POST 429 for ever":    {"POST", false, []try{{status: 429, header: map[string]string{"Retry-After": "1"}}}, 4, 429},
		"Retry-After too long": {"GET", false, []try{{status: 429, header: map[string]string{"Retry-After": "10000000000"}}}, 1, 429},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{tries: c.tries}
				r, err := http.NewRequestWithContext(t.Context(), c.method, "https://api.example/x", strings.NewReader("body"))
				require.NoError(t, err)
				if c.marked {
					r.Header["Idempotency-Key"] = []string{}
				}
				resp, err := (&retry.Transport{Base: s}).RoundTrip(r)
				assert.Len(t, s.seen, c.want)
				for _, b := range s.bodies {
					assert.Equal(t, "body", b, "each try has the whole body")
				}
				if c.status == 0 {
					require.Error(t, err)
					assert.Zero(t, s.open)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, c.status, resp.StatusCode)
				text, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				assert.Equal(t, "reply", string(text), "the last reply has its body")
				require.NoError(t, resp.Body.Close())
				assert.Zero(t, s.open, "the others are closed")
				for _, seen := range s.seen {
					assert.NotSame(t, r, seen, "the caller's request is left alone")
				}
			})
		})
	}
}

func TestTransportWithoutGetBody(t *testing.T) {
	s := &server{tries: []try{{status: 503}, {status: 200}}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://api.example/x", io.NopCloser(strings.NewReader("body")))
	require.NoError(t, err)
	resp, err := (&retry.Transport{Base: s}).RoundTrip(r)
	require.NoError(t, err)
	_ = resp.Body.Close()
	assert.Equal(t, 503, resp.StatusCode)
	assert.Len(t, s.seen, 1)
}

func TestRetryAfter(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "1": time.Second, "59": 59 * time.Second, " 7 ": 7 * time.Second, "007": 7 * time.Second,
		"Sat, 01 Jan 2000 00:00:30 GMT": 30 * time.Second, // synctest's clock begins with 2000
		"Fri, 31 Dec 1999 23:59:59 GMT": 0,
	} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{tries: []try{{status: 429, header: map[string]string{"Retry-After": text}}, {status: 200}}}
				begin := time.Now()
				resp, err := (&retry.Transport{Base: s}).RoundTrip(get(t.Context(), t))
				require.NoError(t, err)
				_ = resp.Body.Close()
				assert.Equal(t, want, time.Since(begin))
				assert.Equal(t, 200, resp.StatusCode)
			})
		})
	}
	for _, text := range []string{"", "-1", "+1", "1.5", "1 s", "soon", "１"} { // no wish: the usual wait
		synctest.Test(t, func(t *testing.T) {
			s := &server{tries: []try{{status: 429, header: map[string]string{"Retry-After": text}}, {status: 200}}}
			begin := time.Now()
			resp, err := (&retry.Transport{Base: s}).RoundTrip(get(t.Context(), t))
			require.NoError(t, err)
			_ = resp.Body.Close()
			assert.LessOrEqual(t, time.Since(begin), 200*time.Millisecond)
		})
	}
}

func get(ctx context.Context, t testing.TB) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example/x", nil)
	require.NoError(t, err)
	return r
}

func TestTransportAndTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := []try{{status: 429, header: map[string]string{"Retry-After": "60"}}}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begin := time.Now()
		resp, err := (&retry.Transport{Base: &server{tries: slow}}).RoundTrip(get(ctx, t))
		require.NoError(t, err)
		_ = resp.Body.Close()
		assert.Equal(t, 429, resp.StatusCode, "the last reply, at once")
		assert.Zero(t, time.Since(begin))

		ctx, stop := context.WithCancelCause(t.Context())
		cause := errors.New("shutting down")
		time.AfterFunc(time.Second, func() { stop(cause) })
		s := &server{tries: slow}
		_, err = (&retry.Transport{Base: s}).RoundTrip(get(ctx, t))
		require.ErrorIs(t, err, cause)
		require.ErrorContains(t, err, "429")
		assert.Zero(t, s.open)
	})
}

func TestLimitTransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{tries: []try{{status: 503}, {status: 503}, {status: 200}}}
		limiter := rate.NewLimiter(1, 1)
		rt := &retry.Transport{Base: &retry.LimitTransport{Base: s, Limiter: limiter}, Policy: retry.Policy{BaseDelay: 1}}
		begin := time.Now()
		resp, err := rt.RoundTrip(get(t.Context(), t))
		require.NoError(t, err)
		_ = resp.Body.Close()
		assert.Equal(t, 2*time.Second, time.Since(begin), "each try takes a token")

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		tries := len(s.seen)
		var closed bytes.Buffer
		r := get(ctx, t)
		r.Body = closer{&closed}
		_, err = rt.RoundTrip(r)
		require.Error(t, err)
		assert.Len(t, s.seen, tries, "no token before the deadline: nothing is sent")
		assert.Equal(t, "closed", closed.String())
	})
}

type closer struct{ *bytes.Buffer }

func (c closer) Close() error { c.WriteString("closed"); return nil }

func TestLimitTransportHeedsTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		used := map[string]string{"inin-ratelimit-count": "180", "inin-ratelimit-allowed": "180", "inin-ratelimit-reset": "30"}
		s := &server{tries: []try{{status: 200, header: used}, {status: 200}}}
		limiter := rate.NewLimiter(5, 1)
		rt := &retry.LimitTransport{Base: s, Limiter: limiter}
		send := func(path string) time.Duration {
			r := get(t.Context(), t)
			r.URL.Path = path
			begin := time.Now()
			resp, err := rt.RoundTrip(r)
			require.NoError(t, err)
			_ = resp.Body.Close()
			return time.Since(begin)
		}
		assert.Zero(t, send("/users/11111111-1111-1111-1111-111111111111"))
		assert.Equal(t, 200*time.Millisecond, send("/campaigns"), "another resource")
		assert.Equal(t, 30*time.Second-200*time.Millisecond, send("/users/22222222-2222-2222-2222-222222222222"), "the same one waits for the reset")
		assert.InDelta(t, 5, float64(limiter.Limit()), 0, "the caller's limiter is as it was")

		for _, h := range []map[string]string{
			{"inin-ratelimit-count": "179", "inin-ratelimit-allowed": "180", "inin-ratelimit-reset": "30"},
			{"inin-ratelimit-count": "x", "inin-ratelimit-allowed": "180", "inin-ratelimit-reset": "30"},
			{"inin-ratelimit-count": "180", "inin-ratelimit-allowed": "0", "inin-ratelimit-reset": "30"},
			{"inin-ratelimit-count": "180", "inin-ratelimit-allowed": "180", "inin-ratelimit-reset": "-1"},
			{"inin-ratelimit-count": "180"},
		} {
			rt := &retry.LimitTransport{Base: &server{tries: []try{{status: 200, header: h}}}}
			begin := time.Now()
			for range 3 {
				resp, err := rt.RoundTrip(get(t.Context(), t))
				require.NoError(t, err)
				_ = resp.Body.Close()
			}
			assert.Zero(t, time.Since(begin))
		}
	})
}

func TestLimitTransportFailsBeforeTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		used := map[string]string{"inin-ratelimit-count": "9", "inin-ratelimit-allowed": "9", "inin-ratelimit-reset": "999999"}
		s := &server{tries: []try{{status: 200, header: used}}}
		rt := &retry.Transport{Base: &retry.LimitTransport{Base: s}}
		resp, err := rt.RoundTrip(get(t.Context(), t))
		require.NoError(t, err)
		_ = resp.Body.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		_, err = rt.RoundTrip(get(ctx, t))
		require.ErrorContains(t, err, "limit")
		assert.Zero(t, time.Since(begin))
		begin = time.Now()
		resp, err = rt.RoundTrip(get(t.Context(), t))
		require.NoError(t, err)
		_ = resp.Body.Close()
		assert.Equal(t, 2*time.Minute, time.Since(begin), "an absurd reset is cut")
	})
}
