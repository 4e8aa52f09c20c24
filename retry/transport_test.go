package retry

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tries sends one request of the method to a server that always gives the answer, and returns how
// often it was sent.
func tries(t *testing.T, method string, a answer, change ...func(*http.Request)) int {
	t.Helper()
	s := serve(a)
	req := request(t, method, "")
	req.Method = method // NewRequest makes GET of ""
	for _, c := range change {
		c(req)
	}
	resp, err := (&Transport{Base: s}).RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	return s.count()
}

var (
	safeMethods   = []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", ""}
	unsafeMethods = []string{"POST", "PATCH", "CONNECT", "get"}
)

func TestTransportRepeatsOnlyWhatIsSafe(t *testing.T) {
	type row struct {
		name         string
		answer       answer
		safe, others int
	}
	rows := []row{
		{"connection refused", fail(errRefused), 4, 4},
		{"dial timeout", fail(&net.OpError{Op: "dial", Err: timeout{}}), 4, 4},
		{"proxy refused", fail(&net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: timeout{}}}), 4, 4},
		{"connection reset", fail(errReset), 4, 1},
		{"timeout", fail(errTimeout), 4, 1},
		{"deadline of a try", fail(context.DeadlineExceeded), 4, 1},
		{"EOF", fail(io.ErrUnexpectedEOF), 4, 1},
		{"connection lost", fail(errPlain), 4, 1},
		{"unknown host", fail(&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}), 1, 1},
		{"resolver down", fail(&net.OpError{Op: "dial", Err: &net.DNSError{IsTemporary: true}}), 4, 4},
		{"unknown authority", fail(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), 1, 1},
		{"wrong name", fail(x509.HostnameError{Certificate: &x509.Certificate{}}), 1, 1},
		{"bare unknown authority", fail(x509.UnknownAuthorityError{}), 1, 1},
		{"expired certificate", fail(x509.CertificateInvalidError{}), 1, 1},
		{"not TLS", fail(tls.RecordHeaderError{Msg: "x"}), 1, 1},
		{"plain HTTP", fail(http.ErrSchemeMismatch), 1, 1},
		{"cancelled elsewhere", fail(context.Canceled), 1, 1},
		{"says no", fail(spoken{retryable: false}), 1, 1},
		{"says yes", fail(spoken{retryable: true}), 4, 4},
	}
	for code := 200; code < 600; code++ {
		r := row{fmt.Sprint(code), status(code), 1, 1}
		switch code {
		case 429:
			r.safe, r.others = 4, 4
		case 408, 500, 502, 503, 504:
			r.safe = 4
		}
		rows = append(rows, r)
	}
	synctest.Test(t, func(t *testing.T) {
		for _, r := range rows {
			for _, m := range safeMethods {
				assert.Equal(t, r.safe, tries(t, m, r.answer), "%s %s", m, r.name)
			}
			for _, m := range unsafeMethods {
				assert.Equal(t, r.others, tries(t, m, r.answer), "%s %s", m, r.name)
			}
		}
	})
}

func TestTransportKnowsTheMarkOfNetHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, value := range [][]string{nil, {}, {"a-key"}} {
			for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
				mark := func(r *http.Request) { r.Header[name] = value }
				assert.Equal(t, 4, tries(t, "PATCH", status(503), mark))
				assert.Equal(t, 4, tries(t, "POST", fail(errReset), mark))
				assert.Equal(t, 1, tries(t, "PATCH", status(501), mark))
			}
		}
	})
}

func TestTransportMarkIsKeptButNeverSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(status(503), status(200))
		req := request(t, "PATCH", "payload")
		req.Header["Idempotency-Key"] = nil
		_, err := (&Transport{Base: s}).RoundTrip(req)
		require.NoError(t, err)
		for _, sent := range s.reqs {
			_, marked := sent.Header["Idempotency-Key"]
			assert.True(t, marked, "net/http repeats too, and needs the mark")
			var wire bytes.Buffer
			require.NoError(t, sent.Header.Write(&wire))
			assert.NotContains(t, wire.String(), "Idempotency")
		}
	})
}

func TestTransportWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		longest, shortest := make([]time.Duration, 3), []time.Duration{1 << 62, 1 << 62, 1 << 62}
		for range 200 {
			s := serve(status(503))
			resp, err := (&Transport{Base: s}).RoundTrip(request(t, "GET", ""))
			require.NoError(t, err)
			assert.Equal(t, 503, resp.StatusCode)
			require.Len(t, s.times, 4)
			for i := range longest {
				longest[i] = max(longest[i], s.times[i+1].Sub(s.times[i]))
				shortest[i] = min(shortest[i], s.times[i+1].Sub(s.times[i]))
			}
		}
		for i, bound := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
			assert.LessOrEqual(t, longest[i], bound)
			assert.Greater(t, longest[i], bound*9/10, "the jitter is full")
			assert.Less(t, shortest[i], bound/10, "the jitter is full")
		}
	})
}

func TestTransportRetryAfter(t *testing.T) {
	const none, silent = -1, 4 * time.Second // what cannot be read says nothing
	for value, want := range map[string]time.Duration{
		"":                                 silent,
		"0":                                none,
		"1":                                time.Second,
		"60":                               60 * time.Second,
		"-5":                               silent,
		"+5":                               silent,
		"5.5":                              silent,
		"5 s":                              silent,
		"１":                                silent,
		"Sat, 01 Jan 2000 00:00:20 GMT":    20 * time.Second, // the fake clock starts at 2000-01-01
		"Saturday, 01-Jan-00 00:00:20 GMT": 20 * time.Second,
		"Fri, 31 Dec 1999 23:00:00 GMT":    none,
	} {
		t.Run(value, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(status(429, "Retry-After: "+value), status(200))
				resp, err := (&Transport{Base: s}).RoundTrip(request(t, "POST", "x"))
				require.NoError(t, err)
				assert.Equal(t, 200, resp.StatusCode)
				waited := s.times[1].Sub(s.times[0])
				if want == none {
					assert.LessOrEqual(t, waited, 500*time.Millisecond)
					return
				}
				assert.GreaterOrEqual(t, waited, want)
				assert.LessOrEqual(t, waited, min(want+500*time.Millisecond, 60*time.Second))
			})
		})
	}
}

// A 429 that does not say how long to wait is waited for longer and longer, until a minute is over.
func TestTransportThrottledWithoutRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(status(429))
		resp, err := (&Transport{Base: s}).RoundTrip(request(t, "POST", "x"))
		require.NoError(t, err)
		assert.Equal(t, 429, resp.StatusCode)
		require.Len(t, s.times, 4)
		for i, want := range []time.Duration{4 * time.Second, 16 * time.Second, 60 * time.Second} {
			waited := s.times[i+1].Sub(s.times[i])
			assert.GreaterOrEqual(t, waited, want)
			assert.LessOrEqual(t, waited, want+500*time.Millisecond)
		}
	})
}

func TestTransportDoesNotComeBackEarlierThanAsked(t *testing.T) {
	for _, value := range []string{
		"61", "10000000000", "9223372036854775807", "99999999999999999999999999", "Tue, 01 Feb 2000 00:00:00 GMT",
		"Fri, 31 Dec 9999 23:59:59 GMT",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(content(429, "slow down", "Retry-After: "+value), status(200))
			start := time.Now()
			resp, err := (&Transport{Base: s}).RoundTrip(request(t, "GET", ""))
			require.NoError(t, err)
			assert.Equal(t, 429, resp.StatusCode)
			assert.Equal(t, value, resp.Header.Get("Retry-After"), "the caller learns how long")
			b, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.Equal(t, "slow down", string(b))
			assert.Equal(t, 1, s.count())
			assert.Zero(t, time.Since(start))
		})
	}
}

func TestTransportNeverWaitsPastTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, left := range []time.Duration{time.Second, 10 * time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), left)
			start := time.Now()
			s := serve(content(503, "busy", "Retry-After: 10"), status(200))
			resp, err := (&Transport{Base: s}).RoundTrip(request(t, "GET", "").WithContext(ctx))
			require.NoError(t, err)
			b, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.Equal(t, "busy", string(b), "the last response is handed back unread")
			assert.Zero(t, time.Since(start))
			cancel()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := (&Transport{Base: serve(fail(spoken{true, 5 * time.Second}))}).
			RoundTrip(request(t, "GET", "").WithContext(ctx))
		require.ErrorIs(t, err, ErrDeadline)
		require.ErrorIs(t, err, spoken{true, 5 * time.Second})
	})
}

func TestTransportContextEndsDuringWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errShutdown := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(errShutdown) })
		s := serve(status(503, "Retry-After: 10"))
		start := time.Now()
		_, err := (&Transport{Base: s}).RoundTrip(request(t, "GET", "").WithContext(ctx))
		assert.Equal(t, 3*time.Second, time.Since(start))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errShutdown)
		assert.Equal(t, "retry: stopped after 1 try, shutting down: the server answered 503 Service Unavailable", err.Error())
		e, ok := errors.AsType[*Error](err)
		require.True(t, ok)
		assert.Equal(t, 10*time.Second, e.RetryAfter())

		s = serve(status(200))
		_, err = (&Transport{Base: s}).RoundTrip(request(t, "GET", "").WithContext(ctx))
		require.ErrorIs(t, err, errShutdown)
		assert.Zero(t, s.count(), "an ended context sends nothing")
	})
}

func TestTransportContextEndsDuringTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errShutdown := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		s := serve(func(*http.Request) (*http.Response, error) {
			cancel(errShutdown)
			return nil, errReset
		})
		_, err := (&Transport{Base: s}).RoundTrip(request(t, "POST", "x").WithContext(ctx))
		require.ErrorIs(t, err, errReset)
		require.ErrorIs(t, err, errShutdown)
		assert.Equal(t, 1, s.count())
	})
}

// gaveUp is an error of somebody below who takes the end of a try for the end of its caller.
type gaveUp struct{ cause error }

func (e gaveUp) Error() string { return "my caller has gone: " + e.cause.Error() }
func (e gaveUp) Unwrap() error { return e.cause }
func (gaveUp) Retryable() bool { return false }

func TestTransportTheEndOfATryIsNotTheCallersEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, gaveUp{context.Cause(r.Context())}
		}
		for method, want := range map[string]int{"GET": 2, "POST": 1} {
			s := serve(slow, status(200))
			_, err := (&Transport{Base: s, Policy: Policy{AttemptTimeout: 5 * time.Second}}).RoundTrip(request(t, method, ""))
			assert.Equal(t, want == 1, err != nil, method)
			assert.Equal(t, want, s.count(), method)
		}
		calls := 0
		require.NoError(t, Do(t.Context(), Policy{AttemptTimeout: 5 * time.Second}, func(ctx context.Context) error {
			if calls++; calls > 1 {
				return nil
			}
			<-ctx.Done()
			return gaveUp{context.Cause(ctx)}
		}))

		calls = 0
		err := Do(t.Context(), Policy{AttemptTimeout: 5 * time.Second}, func(ctx context.Context) error {
			calls++
			<-ctx.Done()
			return Permanent(context.Cause(ctx))
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 1, calls, "Permanent is Permanent")

		s := serve(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, Permanent(context.Cause(r.Context()))
		}, status(200))
		_, err = (&Transport{Base: s, Policy: Policy{AttemptTimeout: 5 * time.Second}}).RoundTrip(request(t, "DELETE", ""))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.IsType(t, &timeoutError{}, err, "handed back without the mark") //nolint:testifylint // the type itself: a mark around it is the fault
		assert.Equal(t, 1, s.count())

		// A caller that has really gone is not called back.
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		s = serve(slow)
		_, err = (&Transport{Base: s, Policy: Policy{AttemptTimeout: 5 * time.Second}}).RoundTrip(request(t, "GET", "").WithContext(ctx))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 1, s.count())
	})
}

func TestTransportLastErrorIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := (&Transport{Base: serve(fail(errRefused))}).RoundTrip(request(t, "POST", "x"))
		require.ErrorIs(t, err, errRefused)
		e, ok := errors.AsType[*Error](err)
		require.True(t, ok)
		assert.Equal(t, 4, e.Attempts)

		s := serve(fail(errReset))
		_, err = (&Transport{Base: s}).RoundTrip(request(t, "POST", "x"))
		assert.Equal(t, errReset, err, "what may not be repeated is returned as it is")
		require.Error(t, s.reqs[0].Context().Err(), "the context of a failed try is not left behind")
	})
}

func TestTransportInvalidPolicy(t *testing.T) {
	s := serve(status(200))
	_, err := (&Transport{Base: s, Policy: Policy{BaseDelay: -1}}).RoundTrip(request(t, "GET", ""))
	require.ErrorIs(t, err, ErrInvalidPolicy)
	assert.Zero(t, s.count())
}

func TestTransportLogsOneWarnARepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&out, nil))
		req := request(t, "GET", "")
		req.URL.RawQuery = "number=+14155550123"
		req.Header.Set("Authorization", "Bearer canary")
		_, err := (&Transport{Base: serve(status(503), fail(errReset), status(200)), Policy: Policy{Logger: logger}}).RoundTrip(req)
		require.NoError(t, err)
		assert.Equal(t, 2, strings.Count(out.String(), "level=WARN"))
		assert.Contains(t, out.String(), "try=1")
		assert.Contains(t, out.String(), "host=api.example.net")
		assert.NotContains(t, out.String(), "4155550123")
		assert.NotContains(t, out.String(), "canary")
	})
}

func TestTransportPassesCloseIdleConnectionsOn(t *testing.T) {
	c := &closer{}
	client := &http.Client{Transport: &Transport{Base: &LimitTransport{Base: c}}}
	client.CloseIdleConnections()
	assert.True(t, c.closed)
}

type closer struct {
	server
	closed bool
}

func (c *closer) CloseIdleConnections() { c.closed = true }

// A date is compared with the server's own: its clock may be an hour apart from ours.
func TestTransportRetryAfterOfAnotherClock(t *testing.T) {
	for _, apart := range []time.Duration{time.Hour, -time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			at := func(d time.Duration) string { return time.Now().Add(apart + d).UTC().Format(http.TimeFormat) }
			throttled := status(429, "Retry-After: "+at(20*time.Second), "Date: "+at(0))
			s := serve(throttled, status(200), throttled, status(200))
			limited := &LimitTransport{Base: s}
			resp, err := (&Transport{Base: limited}).RoundTrip(request(t, "POST", "x"))
			require.NoError(t, err)
			assert.Equal(t, 200, resp.StatusCode)
			assert.InDelta(t, 20, s.times[1].Sub(s.times[0]).Seconds(), 0.5)
			resp, err = limited.RoundTrip(request(t, "GET", ""))
			require.NoError(t, err)
			assert.Equal(t, 429, resp.StatusCode)
			_, err = limited.RoundTrip(request(t, "GET", ""))
			require.NoError(t, err)
			assert.InDelta(t, 20, s.times[3].Sub(s.times[2]).Seconds(), 0.5)
		})
	}
}
