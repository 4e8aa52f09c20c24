package retry

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// Transport is an http.RoundTripper that repeats requests which it is safe to repeat: see the table of the package. Its zero value
// works. When it gives up it hands back what the last try brought: a reply with its body, or the error.
type Transport struct {
	Base   http.RoundTripper // nil means http.DefaultTransport
	Policy Policy
}

// drainLimit is what is read of a body that is thrown away, so that its connection can be used again.
const drainLimit = 64 << 10

// RoundTrip sends clones of the request, with a new body from GetBody for each try but the first.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	p := t.Policy.withDefaults()
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	safe := repeatable(r)
	for try := 1; ; try++ {
		clone, err := cloneFor(r, try)
		if err != nil {
			return nil, err
		}
		resp, err := base.RoundTrip(clone)
		asked, isAsked, again := judge(resp, err, safe)
		if !again {
			if try == 1 && err == nil {
				p.Budget.succeeded()
			}
			return resp, err
		}
		if r.Body != nil && r.Body != http.NoBody && r.GetBody == nil {
			return resp, err // its body is gone
		}
		delay, e := p.plan(r.Context(), try, asked, isAsked)
		if e != nil && err == nil {
			return resp, nil
		}
		if e == nil {
			if err == nil {
				err = &statusError{resp.StatusCode}
				_, _ = io.CopyN(io.Discard, resp.Body, drainLimit)
				_ = resp.Body.Close()
			}
			e = p.sleep(r.Context(), try, delay)
		}
		if e != nil {
			e.Err = err
			return nil, e
		}
	}
}

// statusError is the last thing that happened when the context ended in the wait after a reply.
type statusError struct{ status int }

func (e *statusError) Error() string {
	return "the server answered " + strconv.Itoa(e.status) + " " + http.StatusText(e.status)
}

func cloneFor(r *http.Request, try int) (*http.Request, error) {
	clone := r.Clone(r.Context())
	if try == 1 || r.GetBody == nil {
		return clone, nil
	}
	body, err := r.GetBody()
	clone.Body = body
	return clone, err
}

// marks are the headers that mark a request as safe to repeat, as in net/http.
var marks = []string{"Idempotency-Key", "X-Idempotency-Key"}

func repeatable(r *http.Request) bool {
	switch r.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	for _, m := range marks {
		if _, ok := r.Header[m]; ok {
			return true
		}
	}
	return false
}

// judge says whether a try is to be repeated, and when the server wishes for it.
func judge(resp *http.Response, err error, safe bool) (asked time.Duration, isAsked, again bool) {
	if err != nil {
		if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok || errors.Is(err, context.Canceled) || errors.Is(err, errLimited) {
			return 0, false, false
		}
		return 0, false, safe || refused(err)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		again = true
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		again = safe
	}
	if again {
		asked, isAsked = retryAfter(resp.Header, time.Now())
	}
	return asked, isAsked, again
}

// refused reports whether no connection came about, so that nothing can have been done.
func refused(err error) bool {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}
