package retry

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

func TestLimitTransportNeverWaitsPastTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		send := func(lt *LimitTransport) error {
			req := request(t, "POST", "x").WithContext(ctx)
			sent := &body{Reader: strings.NewReader("")}
			req.Body = sent
			start := time.Now()
			_, err := lt.RoundTrip(req)
			if err != nil {
				assert.Zero(t, time.Since(start))
				assert.True(t, sent.closed)
			}
			return err
		}
		for name, lt := range map[string]*LimitTransport{
			"token": {Base: serve(status(200)), Limiter: rate.NewLimiter(0.1, 1)},
			"reset": {Base: serve(used(180, 180, "10"))},
		} {
			require.NoError(t, send(lt), name)
			err := send(lt)
			require.ErrorIs(t, err, ErrDeadline, name)
			e, ok := errors.AsType[*limitError](err)
			require.True(t, ok)
			assert.Equal(t, 10*time.Second, e.RetryAfter().Round(time.Millisecond), name)
			assert.True(t, e.Retryable())

			// Under retries it is not tried in vain.
			start := time.Now()
			_, err = (&Transport{Base: lt}).RoundTrip(request(t, "GET", "").WithContext(ctx))
			if name == "token" {
				require.ErrorIs(t, err, ErrDeadline)
				assert.Zero(t, time.Since(start))
			}
		}
	})
}

// between is a RoundTripper of somebody else's.
type between struct{ http.RoundTripper }

func TestLimitTransportWithinATryThatIsTooShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(status(200))
		tr := &Transport{
			Base:   between{&LimitTransport{Base: s, Limiter: rate.NewLimiter(0.1, 1)}},
			Policy: Policy{AttemptTimeout: 5 * time.Second},
		}
		get(t, tr, things)
		waited := get(t, tr, things)
		assert.GreaterOrEqual(t, waited, 10*time.Second, "the retry waits for the token that the try could not wait for")
		assert.Less(t, waited, 11*time.Second)
	})
}

// A queue that is longer than the timeout of a try makes nobody time out, and costs no tries.
func TestWaitingForATurnIsNotPartOfATry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(func(r *http.Request) (*http.Response, error) {
			<-time.After(4 * time.Second)
			return content(200, "done")(r)
		})
		tr := &Transport{
			Base:   &LimitTransport{Base: s, Limiter: rate.NewLimiter(4.8, 10)},
			Policy: Policy{AttemptTimeout: 5 * time.Second},
		}
		start := time.Now()
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				resp, err := tr.RoundTrip(request(t, "POST", "x"))
				if assert.NoError(t, err) {
					assert.NoError(t, resp.Body.Close())
				}
			})
		}
		wg.Wait()
		assert.Equal(t, 1000, s.count(), "one try each")
		assert.InDelta(t, 990/4.8+4, time.Since(start).Seconds(), 0.1)
	})
}

// The same for a resource that is used up, and for a wait that ends with its caller.
func TestWaitingForAResetIsNotPartOfATry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(used(180, 180, "30"), status(200))
		tr := &Transport{Base: &LimitTransport{Base: s}, Policy: Policy{AttemptTimeout: 5 * time.Second}}
		get(t, tr, things)
		assert.Equal(t, 30*time.Second, get(t, tr, things))
		assert.Equal(t, 2, s.count())

		s = serve(used(180, 180, "30"))
		tr = &Transport{Base: &LimitTransport{Base: s}, Policy: Policy{AttemptTimeout: 5 * time.Second}}
		get(t, tr, things)
		ctx, cancel := context.WithCancelCause(t.Context())
		errHungUp := errors.New("the user hung up")
		time.AfterFunc(7*time.Second, func() { cancel(errHungUp) })
		req, sent := request(t, "POST", "x"), &body{Reader: strings.NewReader("x")}
		req.URL.Path, req.Method, req.Body = "/api/v2/things", "GET", sent
		start := time.Now()
		_, err := tr.RoundTrip(req.WithContext(ctx))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errHungUp)
		assert.Equal(t, 7*time.Second, time.Since(start))
		assert.True(t, sent.closed, "a request that is not sent is closed")
		assert.Equal(t, 1, s.count())
	})
}

func TestLimitTransportContextEndsWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errShutdown := errors.New("shutting down")
		for name, lt := range map[string]*LimitTransport{
			"token": {Base: serve(status(200)), Limiter: rate.NewLimiter(0.1, 1)},
			"reset": {Base: serve(used(180, 180, "10"))},
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(3*time.Second, func() { cancel(errShutdown) })
			_, err := lt.RoundTrip(request(t, "GET", "").WithContext(ctx))
			require.NoError(t, err, name)
			start := time.Now()
			_, err = lt.RoundTrip(request(t, "GET", "").WithContext(ctx))
			require.ErrorIs(t, err, context.Canceled, name)
			require.ErrorIs(t, err, errShutdown, name)
			assert.Equal(t, 3*time.Second, time.Since(start), name)
		}
	})
}
