package auth

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slowly answers after a while, unless the request's context ends before.
func slowly(d time.Duration, answer func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return answer(req)
		case <-req.Context().Done():
			return nil, context.Cause(req.Context())
		}
	}
}

type traceKey struct{}

// The renewal that a caller began is everybody's: neither the caller's cancellation nor its
// deadline ends it. What its context carries goes along.
func TestARenewalOutlivesWhoeverBeganIt(t *testing.T) {
	for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		},
		"deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, l := source(t, slowly(3*time.Second, granted("one")))
			ctx, cancel := end(context.WithValue(t.Context(), traceKey{}, "trace"))
			defer cancel()
			start := time.Now()
			_, err := s.Token(ctx)
			require.ErrorIs(t, err, ctx.Err(), name)
			assert.Equal(t, time.Second, time.Since(start), name)

			token, err := s.Token(t.Context())
			require.NoError(t, err, name)
			assert.Equal(t, "one", token.Value.Reveal())
			assert.Equal(t, 3*time.Second, time.Since(start), name)
			assert.Equal(t, 1, l.count(), name)
			assert.Equal(t, "trace", l.requests[0].Context().Value(traceKey{}))
		})
	}
}

// A renewal that nobody waits for any more ends by itself.
func TestARenewalEndsAfterItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := source(t, slowly(time.Hour, granted("one")))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := s.Token(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		start := time.Now()
		_, err = s.Token(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, defaultTimeout-time.Second, time.Since(start))
		assert.LessOrEqual(t, l.count(), 4)
	})
}

// Tokens that the API refuses after they have served are no series, however many there are: each is
// replaced at once.
func TestTokensThatDieNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := source(t, granted("one"))
		for range 3 * mostRejected {
			token, err := s.Token(t.Context())
			require.NoError(t, err)
			<-time.After(freshFor + time.Second)
			s.Invalidate(token)
		}
		assert.Equal(t, 3*mostRejected, l.count())
	})
}

// A reply that breaks off behind its last brace may be one that said more.
func TestAReplyThatBreaksOffIsNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := source(t, func(req *http.Request) (*http.Response, error) {
			resp, err := granted("one")(req)
			resp.Body = io.NopCloser(io.MultiReader(resp.Body, iotest.ErrReader(io.ErrUnexpectedEOF)))
			return resp, err
		}, granted("two"))
		token, err := s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "two", token.Value.Reveal())
		assert.Equal(t, 2, l.count())
	})
}
