package genesys

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/internal/notsent"
	"github.com/dnc-go/dnc/internal/tally"
	"github.com/dnc-go/dnc/retry"
)

// bearer puts the token on each request. A 401 says that the platform has not acted: the token is
// dropped and the request sent once more.
type bearer struct {
	base   http.RoundTripper
	source *auth.Source
}

func (b *bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, token, err := b.send(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	b.source.Invalidate(token)
	body, ok := again(req)
	if !ok {
		return resp, nil
	}
	second := req.Clone(req.Context())
	second.Body = body
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10)
	_ = resp.Body.Close()
	tally.Of(req.Context()).Try()
	resp, token, err = b.send(second)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		b.source.Invalidate(token)
	}
	return resp, err
}

// again is the request's body from its beginning, if it can be had.
func again(req *http.Request) (io.ReadCloser, bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return req.Body, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	return body, err == nil
}

func (b *bearer) send(req *http.Request) (*http.Response, auth.Token, error) {
	token, err := b.source.Token(req.Context())
	if err != nil {
		closeBody(req)
		return nil, token, err
	}
	signed := req.Clone(req.Context())
	token.SetAuthHeader(signed)
	resp, err := b.base.RoundTrip(signed)
	o := watched(req.Context())
	if err == nil && o.whole {
		resp, err = readWhole(resp)
	}
	o.note(resp, err)
	if o.once && o.doubt.Load() {
		// Marked, because retry does not believe what an error says of itself once the time of its
		// try is up.
		return nil, token, retry.Permanent(lastTry(req, resp, err))
	}
	return resp, token, err
}

// lastTry is an error that says of itself that it may not be repeated: retry would repeat a DELETE
// by its method.
func lastTry(req *http.Request, resp *http.Response, err error) *Error {
	e := &Error{Method: req.Method, Path: req.URL.Path, Err: err}
	if err == nil {
		e = readError(call{method: req.Method, path: req.URL.Path}, resp)
		_ = resp.Body.Close()
	}
	e.Uncertain = true
	return e
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// outcome watches the tries of one call, as httptrace watches a connection: what remains in doubt
// is whether the platform has acted on one of them.
type outcome struct {
	once  bool // no further try once there is doubt
	whole bool // a reply counts when its body is there
	doubt atomic.Bool
}

type outcomeKey struct{}

func watch(ctx context.Context, once bool) (context.Context, *outcome) {
	o := &outcome{once: once, whole: true}
	return context.WithValue(ctx, outcomeKey{}, o), o
}

func watched(ctx context.Context) *outcome {
	if o, ok := ctx.Value(outcomeKey{}).(*outcome); ok {
		return o
	}
	return new(outcome)
}

func (o *outcome) note(resp *http.Response, err error) {
	switch {
	case err != nil && !notsent.Is(err):
		o.doubt.Store(true)
	case err == nil && unclear(resp.StatusCode):
		o.doubt.Store(true)
	}
}

// unclear is a status that does not tell whether the platform has acted.
func unclear(status int) bool {
	return status == http.StatusRequestTimeout || status >= 500 && status != http.StatusNotImplemented
}
