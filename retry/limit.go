package retry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/internal/tally"
	"github.com/dnc-go/dnc/internal/turn"
)

// LimitTransport is an [http.RoundTripper] that sends no faster than a [rate.Limiter] allows. Under
// a [Transport] it takes one token for each try, not for each call:
//
//	&retry.Transport{Base: &retry.LimitTransport{Limiter: rate.NewLimiter(4.8, 10)}}
//
// If it is the Base of a Transport, [Policy].AttemptTimeout begins after its wait. If another
// RoundTripper is between the two, the wait is part of the try.
//
// A limiter of r a second with a burst of b sends at most 60 r + b in any minute: 4.8 and 10 stay
// under 300.
//
// It also obeys the counts that Genesys Cloud sends with a response (inin-ratelimit-count,
// -allowed, and -reset in seconds). They are counts of one resource. When the resource is used up,
// later requests to it wait for its reset, at most five minutes. After a 429 with a Retry-After of
// up to a minute they wait that long, and after a 429 without one for a second. All this only
// delays requests. It never changes the Limiter, so the Limiter may be shared.
//
// If a wait would end after the context's deadline, RoundTrip fails at once. The error wraps
// [ErrRateLimitWait] and [ErrDeadline]. Its RetryAfter() is the wait, and its Retryable() is true,
// because nothing was sent.
//
// Requests are sent in the order in which they arrive, with one exception. If a method of package
// genesys sends several requests, all of them go before the requests of methods that were called
// later. Without a deadline a request waits for as long as its resource is throttled, and for all
// requests before it.
//
// The zero value obeys only the counts. A LimitTransport is safe for concurrent use, and must not
// be copied or changed after first use.
type LimitTransport struct {
	// Base makes the request. nil means http.DefaultTransport.
	Base http.RoundTripper

	// Limiter gives one token to each request. nil means no limit. It may be shared.
	Limiter *rate.Limiter

	queue  turn.Queue
	mu     sync.Mutex
	pauses map[string]time.Time // resource → when its next request may be sent
}

// RoundTrip waits for its turn and sends the request.
func (t *LimitTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resource := resourceOf(req)
	if err := t.wait(req.Context(), resource); err != nil {
		closeBody(req)
		return nil, err
	}
	return t.send(req, resource)
}

// send is for a request whose turn it is.
func (t *LimitTransport) send(req *http.Request, resource string) (*http.Response, error) {
	resp, err := exchange(t.Base, req)
	if err == nil {
		t.heed(resource, resp)
	}
	return resp, err
}

// CloseIdleConnections passes the call on to Base, as [http.Client.CloseIdleConnections] does.
func (t *LimitTransport) CloseIdleConnections() { closeIdle(t.Base) }

// wait returns when the resource is not paused and the limiter has given its token. The token comes
// second, so that those who waited for a reset set off at the limiter's pace. A pause that began
// meanwhile is waited for with all the others, and another token taken after it: those who had
// theirs would set off all at once.
func (t *LimitTransport) wait(ctx context.Context, resource string) error {
	defer tally.Of(ctx).Wait()()
	for {
		if err := t.waitReset(ctx, resource); err != nil {
			return err
		}
		if err := t.waitToken(ctx); err != nil {
			return err
		}
		if t.Limiter == nil || t.paused(resource) <= 0 {
			return nil
		}
	}
}

func (t *LimitTransport) waitReset(ctx context.Context, resource string) error {
	for {
		d := t.paused(resource)
		if d <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && !time.Now().Add(d).Before(deadline) {
			return &limitError{wait: d}
		}
		if pause(ctx, d) != nil {
			return cause(ctx)
		}
	}
}

func (t *LimitTransport) waitToken(ctx context.Context) error {
	if t.Limiter == nil {
		return nil
	}
	place := t.queue.Join(ctx)
	sent := false
	defer func() { place.Leave(sent) }()
	if wait := t.until(place.Before()); wait > 0 {
		if deadline, ok := ctx.Deadline(); ok && !time.Now().Add(wait).Before(deadline) {
			return &limitError{wait: wait}
		}
	}
	if !place.Wait(ctx) {
		return cause(ctx)
	}
	err := t.Limiter.Wait(ctx)
	switch {
	case err == nil:
		sent = true
		return nil
	case ctx.Err() != nil:
		return cause(ctx)
	case t.Limiter.Burst() < 1:
		return Permanent(fmt.Errorf("%w: a limiter with a burst of 0 lets nothing pass", ErrInvalidPolicy))
	}
	// Wait has found that the token comes too late, and taken none.
	return &limitError{wait: max(t.until(1), 1)}
}

// until is how long it takes until the limiter has given a number of tokens.
func (t *LimitTransport) until(tokens int64) time.Duration {
	limit := t.Limiter.Limit()
	if limit == rate.Inf {
		return 0
	}
	missing := max(float64(tokens)-t.Limiter.Tokens(), 0)
	if missing == 0 {
		return 0
	}
	return time.Duration(min(missing/float64(limit), 1<<32) * float64(time.Second))
}

// cause keeps what a context that ended has to say.
func cause(ctx context.Context) error {
	return fmt.Errorf("retry: waiting for the rate limit: %w", errors.Join(endings(ctx)...))
}

// limitError is a wait that the caller's deadline does not allow.
type limitError struct{ wait time.Duration }

func (e *limitError) Error() string {
	return fmt.Sprintf("retry: the rate limit allows the next request in %v: %v", e.wait, ErrDeadline)
}
func (e *limitError) Unwrap() []error           { return []error{ErrDeadline, ErrRateLimitWait} }
func (e *limitError) Retryable() bool           { return true }
func (e *limitError) RetryAfter() time.Duration { return e.wait }
