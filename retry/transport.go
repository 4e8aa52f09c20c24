package retry

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
)

// Transport is an [http.RoundTripper] that repeats requests, for any [http.Client]:
//
//	client := &http.Client{Transport: &retry.Transport{}}
//
// It repeats only what is safe to repeat; the package comment has the table. At the end it returns
// the last response, whatever its status, with its body unread, or the last error. It keeps the
// contract of a RoundTripper and clones the request. It never buffers a body: it sends a body again
// only with GetBody, and a request with a body but no GetBody gets one try. It reads the body of a
// response that it does not return, up to 64 KiB and for at most a second, so that the connection
// can be used again, and closes it.
//
// If an error of Base has a method Retryable() bool, that method decides whether the request is
// sent again, whatever the HTTP method. A method RetryAfter() time.Duration sets the least wait.
//
// The zero value is ready to use. A Transport is safe for concurrent use, and must not be copied or
// changed after first use. Give each client one Transport, because the budget belongs to the
// client.
type Transport struct {
	// Base makes each try. nil means http.DefaultTransport.
	Base http.RoundTripper

	// Policy sets the tries and waits. Its Budget, when nil, is a budget of 500 tokens that belongs to
	// this Transport.
	Policy Policy

	own Budget
}

// RoundTrip sends the request, and repeats it if that is safe and can help.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	r, err := newRun(t.Policy)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	if r.policy.Budget == nil {
		r.policy.Budget = &t.own
	}
	ctx := req.Context()
	if ctx.Err() != nil {
		closeBody(req)
		return nil, r.ended(ctx, nil, verdict{})
	}
	again := rewindable(req)
	for body := req.Body; ; {
		resp, err := t.try(r, req, body)
		var v verdict
		if err != nil {
			v = judgeError(req, err)
		} else {
			v = judgeResponse(req, resp)
		}
		switch {
		case err == nil && !v.repeat:
			if resp.StatusCode < 500 {
				r.succeeded()
			}
			return resp, nil
		case err != nil && ctx.Err() != nil:
			return nil, r.ended(ctx, err, v)
		case !v.repeat || !again:
			return resp, unmark(err)
		}
		delay, why := r.next(ctx, v)
		if why != nil {
			if err == nil {
				r.policy.Logger.LogAttrs(ctx, slog.LevelDebug, "retry: handing back the last response",
					slog.Int("try", r.tries), slog.Int("status", resp.StatusCode), slog.Any("reason", why))
				return resp, nil
			}
			return nil, r.giveUp(err, v, why)
		}
		if err == nil {
			err = statusError(resp.StatusCode)
			discard(resp)
		}
		if !r.sleep(ctx, delay, err, slog.String("method", req.Method), slog.String("host", req.URL.Host)) {
			return nil, r.ended(ctx, err, v)
		}
		if req.GetBody != nil {
			last := err
			if body, err = req.GetBody(); err != nil {
				return nil, fmt.Errorf("retry: the request's body cannot be sent again: %w", errors.Join(err, last))
			}
		}
	}
}

// CloseIdleConnections passes the call on to Base, as [http.Client.CloseIdleConnections] does.
func (t *Transport) CloseIdleConnections() { closeIdle(t.Base) }

func base(rt http.RoundTripper) http.RoundTripper {
	if rt == nil {
		return http.DefaultTransport
	}
	return rt
}

func closeIdle(rt http.RoundTripper) {
	if c, ok := base(rt).(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

var errNoResponse = errors.New("retry: the base transport returned neither a response nor an error")

// exchange is base's RoundTrip, with exactly one of a response and an error: what others wrote does
// not always keep to that.
func exchange(rt http.RoundTripper, req *http.Request) (*http.Response, error) {
	resp, err := base(rt).RoundTrip(req)
	switch {
	case err != nil && resp != nil && resp.Body != nil:
		_ = resp.Body.Close()
	case err == nil && resp == nil:
		err = errNoResponse
	}
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// closeBody is what a RoundTripper owes a request that it does not send.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
