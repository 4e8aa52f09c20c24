package auth

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTokenIsCached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := source(t, granted("one"), granted("two"))
		for range 10 {
			token, err := s.Token(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "one", token.Value.Reveal())
			assert.Equal(t, time.Now().Add(time.Hour), token.Expiry)
		}
		assert.Equal(t, 1, l.count())
	})
}

func TestTokenRequestIsWhatThePlatformWants(t *testing.T) {
	s, l := source(t, granted("one"))
	_, err := s.Token(t.Context())
	require.NoError(t, err)
	req := l.requests[0]
	assert.Equal(t, http.MethodPost, req.Method)
	assert.Equal(t, "https://login.mypurecloud.ie/oauth/token", req.URL.String())
	id, secret, ok := req.BasicAuth()
	assert.True(t, ok)
	assert.Equal(t, testID, id)
	assert.Equal(t, testSecret, secret)
	assert.Equal(t, "grant_type=client_credentials", l.bodies[0], "no scope, no secret in the body")
	assert.Equal(t, "application/x-www-form-urlencoded", req.Header.Get("Content-Type"))
}

func TestOneRenewalForAHundredFirstCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(req *http.Request) (*http.Response, error) {
			<-time.After(3 * time.Second)
			return granted("one")(req)
		}
		s, l := source(t, slow)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				token, err := s.Token(t.Context())
				if assert.NoError(t, err) {
					assert.Equal(t, "one", token.Value.Reveal())
				}
			})
		}
		wg.Wait()
		assert.Equal(t, 1, l.count())
	})
}

func TestEarlyExpiry(t *testing.T) {
	for name, test := range map[string]struct {
		early, first time.Duration // the first renewal
	}{
		"default":                  {0, 3540 * time.Second},
		"given":                    {10 * time.Second, 3590 * time.Second},
		"never before half a life": {2 * time.Hour, 1800 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := credentials(t, granted("one"), granted("two"))
				c.EarlyExpiry = test.early
				s, err := c.Source()
				require.NoError(t, err)
				start := time.Now()
				for {
					token, err := s.Token(t.Context())
					require.NoError(t, err)
					if token.Value.Reveal() == "two" {
						break
					}
					<-time.After(time.Second)
				}
				assert.Equal(t, test.first, time.Since(start))
			})
		})
	}
}

func TestWaitersLeaveWhenTheirContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hang := func(req *http.Request) (*http.Response, error) {
			<-release
			return granted("one")(req)
		}
		s, l := source(t, hang)
		errGone := errors.New("the user hung up")
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				ctx, cancel := context.WithCancelCause(t.Context())
				after := time.Duration(i+1) * 10 * time.Millisecond
				time.AfterFunc(after, func() { cancel(errGone) })
				start := time.Now()
				_, err := s.Token(ctx)
				assert.Equal(t, after, time.Since(start))
				assert.True(t, isBoth(err, context.Canceled, errGone), "%v", err)
				e, ok := errors.AsType[*Error](err)
				assert.True(t, ok)
				assert.False(t, e.Retryable())
			})
		}
		wg.Wait()
		// The first caller is long gone, and the renewal that it began serves others.
		time.AfterFunc(time.Second, func() { close(release) })
		token, err := s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "one", token.Value.Reveal())
		assert.Equal(t, 1, l.count())
	})
}

func TestEndedContextGetsNoToken(t *testing.T) {
	s, l := source(t, granted("one"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Token(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, l.count())
}

func TestInvalidateDropsExactlyThatToken(t *testing.T) {
	s, l := source(t, granted("one"), granted("two"))
	first, err := s.Token(t.Context())
	require.NoError(t, err)

	s.Invalidate(Token{})
	s.Invalidate(Token{Value: NewSecret("another")})
	same, err := s.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "one", same.Value.Reveal())
	assert.Equal(t, 1, l.count())

	for range 100 { // a hundred requests with the same dead token
		s.Invalidate(first)
		second, err := s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "two", second.Value.Reveal())
	}
	assert.Equal(t, 2, l.count())
}

func isBoth(err, one, other error) bool { return errors.Is(err, one) && errors.Is(err, other) }
