package retry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"

	"github.com/dnc-go/dnc/internal/notsent"
	"github.com/dnc-go/dnc/internal/servertime"
)

// idempotent reports whether sending the request twice does no more than sending it once: by its
// method (RFC 9110, section 9.2.2), or because it is marked the way net/http knows, by an entry
// Idempotency-Key among its headers. An entry without a value is a mark that is never sent.
func idempotent(req *http.Request) bool {
	switch req.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace:
		return true
	}
	_, marked := req.Header["Idempotency-Key"]
	if !marked {
		_, marked = req.Header["X-Idempotency-Key"]
	}
	return marked
}

// rewindable reports whether the request's body can be sent again. A body without GetBody is gone
// after one try: to keep a copy of it would buffer what the caller chose to stream.
func rewindable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// judgeResponse decides about a response. 429 says that the request was not acted upon; of the
// others nobody knows.
func judgeResponse(req *http.Request, resp *http.Response) verdict {
	var v verdict
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		v.repeat, v.throttled = true, true
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		v.repeat = idempotent(req)
	default:
		return v
	}
	var said bool
	v.wait, said = ParseRetryAfter(resp.Header.Get("Retry-After"), servertime.Of(resp.Header))
	v.silent = v.throttled && !said
	return v
}

// judgeError decides about an error of the base transport.
func judgeError(req *http.Request, err error) verdict {
	v, said := judgeMarks(err)
	switch {
	case said:
	case errors.Is(err, context.Canceled), hopeless(err):
		v.repeat = false
	case notsent.Is(err):
		v.repeat = true
	default:
		v.repeat = idempotent(req)
	}
	return v
}

// hopeless reports whether the error is about the configuration: the host does not exist, or its
// certificate is not trusted. Another try would fail too.
func hopeless(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsNotFound
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	return errors.Is(err, http.ErrSchemeMismatch)
}
