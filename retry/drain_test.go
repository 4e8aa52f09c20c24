package retry

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDiscardedBodiesAreDrainedAndClosed(t *testing.T) {
	for size, read := range map[int]int{0: 0, 100: 100, 64 << 10: 64 << 10, 64<<10 + 1: 64 << 10, 10 << 20: 64 << 10} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(content(503, strings.Repeat("x", size)), status(200))
			resp, err := (&Transport{Base: s}).RoundTrip(request(t, "GET", ""))
			require.NoError(t, err)
			assert.Equal(t, read, s.got[0].read, "of %d", size)
			assert.True(t, s.got[0].closed)
			assert.False(t, s.got[1].closed, "the last one is the caller's")
			require.NoError(t, resp.Body.Close())
			assert.True(t, s.got[1].closed)
		})
	}
}

func TestLongBodiesAreNotDrained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := func(r *http.Request) (*http.Response, error) {
			resp, err := content(503, strings.Repeat("x", 1<<20))(r)
			resp.ContentLength = 1 << 20
			return resp, err
		}
		s := serve(long, status(200))
		_, err := (&Transport{Base: s}).RoundTrip(request(t, "GET", ""))
		require.NoError(t, err)
		assert.Zero(t, s.got[0].read)
		assert.True(t, s.got[0].closed)
	})
}

// endless is a body that has no data and no end until the context of its request ends, as
// net/http's bodies do.
type endless func() context.Context

func (ctx endless) Read([]byte) (int, error) {
	<-ctx().Done()
	return 0, context.Cause(ctx())
}

func hanging(code int) answer {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := status(code)(r)
		resp.Body = &body{Reader: endless(r.Context)}
		return resp, err
	}
}

func TestABodyThatNeverEndsIsDrainedForASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(hanging(503), status(200))
		resp, err := (&Transport{Base: s}).RoundTrip(request(t, "GET", ""))
		require.NoError(t, err)
		assert.Equal(t, 200, resp.StatusCode)
		assert.True(t, s.got[0].closed)
		assert.LessOrEqual(t, s.times[1].Sub(s.times[0]), 1500*time.Millisecond)
	})
}

func TestAttemptTimeoutCoversTheBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := &Transport{Base: serve(hanging(200)), Policy: Policy{AttemptTimeout: 3 * time.Second}}
		start := time.Now()
		resp, err := tr.RoundTrip(request(t, "GET", ""))
		require.NoError(t, err)
		assert.Zero(t, time.Since(start))
		_, err = io.ReadAll(resp.Body)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestAttemptTimeoutBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		}
		s := serve(hang, hang, content(200, "late"))
		tr := &Transport{Base: s, Policy: Policy{AttemptTimeout: 3 * time.Second}}
		resp, err := tr.RoundTrip(request(t, "GET", ""))
		require.NoError(t, err)
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, "late", string(b))
		assert.Equal(t, 3, s.count())

		s = serve(hang)
		tr = &Transport{Base: s, Policy: Policy{AttemptTimeout: 3 * time.Second}}
		_, err = tr.RoundTrip(request(t, "POST", "x"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualError(t, err, "retry: the try took longer than 3s")
		assert.Equal(t, 1, s.count(), "nobody knows whether a POST that timed out was acted upon")
	})
}

func TestAContextOfATryEndsWithItsBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, finish := range []func(io.ReadCloser){
			func(b io.ReadCloser) { _ = b.Close() },
			func(b io.ReadCloser) { _, _ = io.Copy(io.Discard, b) },
		} {
			s := serve(content(200, "hello"))
			resp, err := (&Transport{Base: s}).RoundTrip(request(t, "GET", ""))
			require.NoError(t, err)
			require.NoError(t, s.reqs[0].Context().Err(), "alive while the body is unread")
			finish(resp.Body)
			require.Error(t, s.reqs[0].Context().Err(), "nothing is left behind")
		}
	})
}

type upgraded struct {
	body
	wrote string
}

func (u *upgraded) Write(p []byte) (int, error) {
	u.wrote += string(p)
	return len(p), nil
}

func TestAnUpgradedConnectionCanStillBeWritten(t *testing.T) {
	conn := &upgraded{body: body{Reader: strings.NewReader("")}}
	s := serve(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusSwitchingProtocols, Body: conn}, nil
	})
	resp, err := (&Transport{Base: s}).RoundTrip(request(t, "GET", ""))
	require.NoError(t, err)
	w, ok := resp.Body.(io.ReadWriteCloser)
	require.True(t, ok)
	_, err = io.WriteString(w, "ping")
	require.NoError(t, err)
	assert.Equal(t, "ping", conn.wrote)
	require.NoError(t, w.Close())

	resp, err = (&Transport{Base: serve(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusNoContent}, nil
	})}).RoundTrip(request(t, "GET", ""))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close(), "a base that gives no body does no harm")
}
