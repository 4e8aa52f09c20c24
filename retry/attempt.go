package retry

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/dnc-go/dnc/internal/tally"
)

const (
	drainBytes = 64 << 10
	drainTime  = time.Second
)

// try sends the request once. It waits for its turn as long as the caller does: the timeout of a
// try begins when it is sent. Otherwise the calls in a long queue would time out before they are
// sent. The context of a try lives until its response's body has been read or closed: a timeout
// that ended with the header would let a body hang without end.
func (t *Transport) try(r *run, req *http.Request, body io.ReadCloser) (*http.Response, error) {
	r.tries++
	tally.Of(req.Context()).Try()
	send := func(clone *http.Request) (*http.Response, error) { return exchange(t.Base, clone) }
	if l, ok := t.Base.(*LimitTransport); ok {
		resource := resourceOf(req)
		if err := l.wait(req.Context(), resource); err != nil {
			if body != nil {
				_ = body.Close()
			}
			return nil, err
		}
		send = func(clone *http.Request) (*http.Response, error) { return l.send(clone, resource) }
	}
	ctx, cancel := r.policy.attempt(req.Context())
	clone := req.Clone(ctx)
	clone.Body = body
	resp, err := send(clone)
	if err != nil {
		cancel()
		return nil, err
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	resp.Body = newAttemptBody(resp.Body, cancel)
	return resp, nil
}

// attemptBody is a response's body that ends the context of its try when it is done.
type attemptBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// writableBody is the body of 101 Switching Protocols, which is an io.Writer too.
type writableBody struct {
	*attemptBody
	io.Writer
}

func newAttemptBody(body io.ReadCloser, cancel context.CancelFunc) io.ReadCloser {
	b := &attemptBody{ReadCloser: body, cancel: cancel}
	if w, ok := body.(io.Writer); ok {
		return &writableBody{attemptBody: b, Writer: w}
	}
	return b
}

func (b *attemptBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.cancel()
	}
	return n, err
}

func (b *attemptBody) Close() error {
	err := b.ReadCloser.Close()
	b.cancel()
	return err
}

func (b *attemptBody) end() { b.cancel() }

// discard reads what is left of a body, so that its connection can be used again, and closes it. A
// long or slow rest costs more than a new connection.
func discard(resp *http.Response) {
	defer func() { _ = resp.Body.Close() }()
	if resp.ContentLength > drainBytes {
		return
	}
	if b, ok := resp.Body.(interface{ end() }); ok {
		defer time.AfterFunc(drainTime, b.end).Stop()
	}
	_, _ = io.CopyN(io.Discard, resp.Body, drainBytes)
}
