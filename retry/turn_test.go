package retry

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/internal/tally"
	"github.com/dnc-go/dnc/internal/turn"
)

// ask sends a request with a context.
func ask(ctx context.Context, rt http.RoundTripper) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, things, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// within is a context that ends d from now.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// spent is a transport at a limit of one request a second, whose next token is a second away.
func spent(t *testing.T) *LimitTransport {
	t.Helper()
	lt := &LimitTransport{Base: serve(status(200)), Limiter: rate.NewLimiter(1, 1)}
	require.NoError(t, ask(t.Context(), lt))
	return lt
}

// Whoever cannot get a token in time learns it at once, and not when its turn comes.
func TestTooLateIsSaidAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lt := spent(t)
		for range 3 {
			go func() { assert.NoError(t, ask(t.Context(), lt)) }()
		}
		synctest.Wait()
		start := time.Now()
		var late *limitError
		require.ErrorAs(t, ask(within(t, 3*time.Second), lt), &late)
		assert.Zero(t, time.Since(start))
		assert.Equal(t, 4*time.Second, late.wait.Round(time.Millisecond))
		require.NoError(t, ask(within(t, 5*time.Second), lt))
	})
}

// A caller that leaves while it waits for its turn or its token gets the cause of its context.
func TestLeavingWhileATokenIsAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lt := spent(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second/2, func() { cancel(assert.AnError) })
		require.ErrorIs(t, ask(ctx, lt), assert.AnError)
		go func() { assert.NoError(t, ask(t.Context(), lt)) }()
		synctest.Wait()
		ctx, cancel = context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second/4, func() { cancel(assert.AnError) })
		require.ErrorIs(t, ask(ctx, lt), assert.AnError, "behind another, which waits for the token")
		require.NoError(t, ask(t.Context(), lt))
	})
}

// Others may take tokens of the limiter while a request waits for its turn. Then its token can come
// too late: it is told so, with the wait, and the limiter is not at fault.
func TestTokensThatOthersTook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lt := spent(t)
		go func() { assert.NoError(t, ask(t.Context(), lt)) }()
		synctest.Wait()
		got := make(chan error)
		go func() { got <- ask(within(t, 5*time.Second/2), lt) }()
		synctest.Wait()
		for range 5 {
			lt.Limiter.Reserve()
		}
		err := <-got
		var late *limitError
		require.ErrorAs(t, err, &late)
		require.NotErrorIs(t, err, ErrInvalidPolicy)
		assert.Greater(t, late.wait, 4*time.Second)
	})
}

// What an operation still needs goes before later requests: those that were sent are not needed any
// more, those that were not sent are.
func TestAnOperationNeedsWhatWasNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lt := spent(t)
		ctx, _, end := turn.Begin(t.Context(), 2)
		defer end()
		require.NoError(t, ask(ctx, lt))
		require.NoError(t, ask(within(t, 5*time.Second/2), lt), "one token for the operation, one for this")
	})
	synctest.Test(t, func(t *testing.T) {
		lt := spent(t)
		operation, _, end := turn.Begin(t.Context(), 2)
		defer end()
		ctx, cancel := context.WithCancel(operation)
		time.AfterFunc(time.Second/2, cancel)
		require.ErrorIs(t, ask(ctx, lt), context.Canceled)
		<-time.After(time.Second / 2)
		require.ErrorIs(t, ask(within(t, 3*time.Second/2), lt), ErrDeadline, "two for the operation, one for this")
	})
}

// A failure that is not repeated puts nothing back into the budget, whatever its status.
func TestServersThatFailPayNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &Budget{spent: 10}
		transport := &Transport{Base: serve(status(500)), Policy: Policy{Budget: b}}
		resp, err := transport.RoundTrip(request(t, http.MethodPost, "x"))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, 10, b.spent)
	})
}

// The tries of a request are counted, and its last response is handed back with a word in the log.
func TestTriesAreCountedAndLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		transport := &Transport{Base: serve(status(503), status(503, "Retry-After: 3600")), Policy: Policy{Logger: logger}}
		ctx, count := tally.Start(t.Context())
		require.NoError(t, ask(ctx, transport))
		assert.Equal(t, 1, count.Retries())
		assert.Contains(t, log.String(), "handing back the last response")
	})
}

// A body of exactly the length that is drained is drained, also where the server says its length.
func TestTheLongestBodyThatIsDrained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := func(r *http.Request) (*http.Response, error) {
			resp, err := content(503, string(make([]byte, drainBytes)))(r)
			resp.ContentLength = drainBytes
			return resp, err
		}
		s := serve(long, status(200))
		require.NoError(t, ask(t.Context(), &Transport{Base: s}))
		assert.Equal(t, drainBytes, s.got[0].read)
	})
}
