// Package noquote keeps the bytes of a reply out of errors. net/http quotes a malformed reply in
// its errors ("malformed HTTP response \"…\"", "malformed MIME header line: …"), and a reply may
// hold a token, the secret that the server was sent, or a telephone number.
package noquote

import (
	"context"
	"errors"
	"io"
	"net/http"
)

// Transport is base with errors that quote nothing: those of the exchange and those of reading the
// reply's body. A Location header that is no URL is dropped, since http.Client quotes it.
func Transport(base http.RoundTripper) http.RoundTripper { return &transport{base} }

var errNoResponse = errors.New("the transport returned neither a response nor an error")

type transport struct{ base http.RoundTripper }

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		if resp != nil && resp.Body != nil { // what others wrote does not always return one of the two
			_ = resp.Body.Close()
		}
		return nil, clean(err, context.Cause(req.Context()))
	}
	if resp == nil {
		return nil, errNoResponse
	}
	if location := resp.Header.Get("Location"); location != "" {
		if _, err := req.URL.Parse(location); err != nil {
			resp.Header.Del("Location")
		}
	}
	// A body that can be written to is a connection that has left HTTP.
	if _, upgraded := resp.Body.(io.Writer); resp.Body != nil && !upgraded {
		resp.Body = &body{resp.Body, ender(req)}
	}
	return resp, nil
}

// CloseIdleConnections passes the call on, as http.Client.CloseIdleConnections does.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// ender tells why the request's context has ended.
func ender(req *http.Request) func() error {
	ctx := req.Context()
	return func() error { return context.Cause(ctx) }
}

type body struct {
	io.ReadCloser
	cause func() error // of the end of the request's context
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	return n, clean(err, b.cause())
}

func (b *body) Close() error { return clean(b.ReadCloser.Close(), b.cause()) }
