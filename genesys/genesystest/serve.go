package genesystest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// reply is an answer of the platform.
type reply struct {
	status int
	header http.Header
	body   []byte
	stream io.Reader // in place of body
	code   string    // of an error
}

// RoundTrip answers a request without a network. It knows the hosts of [Platform.Source]'s region.
// Any other host is an error, as for a name that DNS does not know.
func (p *Platform) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if host := r.URL.Host; host != strings.TrimPrefix(apiURL, "https://") &&
		host != strings.TrimPrefix(loginURL, "https://") && host != filesHost {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	got, err := p.serve(r.Context(), r, r.URL.Host)
	if err != nil {
		return nil, err
	}
	body := got.stream
	length := int64(-1)
	if body == nil {
		body, length = bytes.NewReader(got.body), int64(len(got.body))
	}
	if r.Method == http.MethodHead {
		body = http.NoBody
	}
	return &http.Response{
		Status:     strconv.Itoa(got.status) + " " + http.StatusText(got.status),
		StatusCode: got.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: got.header, Body: &bodyReader{ctx: r.Context(), r: body}, ContentLength: length, Request: r,
	}, nil
}

// bodyReader ends with its request's context, as a body from the network does.
type bodyReader struct {
	ctx context.Context //nolint:containedctx // The request's own, as in net/http.
	r   io.Reader
}

func (b *bodyReader) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, context.Cause(b.ctx)
	}
	return b.r.Read(p)
}

func (b *bodyReader) Close() error { return nil }

// ServeHTTP answers the login at /oauth/token and the API below /api, for
// [net/http/httptest.NewServer]. Clients need the server's URL twice, as login and as API, in
// auth.CustomRegion.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got, err := p.serve(r.Context(), r, "")
	if err != nil {
		panic(http.ErrAbortHandler) // cuts the connection
	}
	maps.Copy(w.Header(), got.header)
	w.WriteHeader(got.status)
	if got.stream != nil {
		_, _ = io.Copy(w, got.stream)
		return
	}
	_, _ = w.Write(got.body)
}

// serve is one request from its arrival to its answer.
func (p *Platform) serve(ctx context.Context, r *http.Request, host string) (reply, error) {
	entry := Request{At: time.Now(), Method: r.Method, Host: host, Path: r.URL.Path, Query: r.URL.RawQuery}
	body, tooLarge := p.readBody(r)
	if r.URL.Path != "/oauth/token" && json.Valid(body) {
		entry.Body = body
	}
	p.mu.Lock()
	fault := p.strikes(r)
	p.mu.Unlock()
	var got reply
	if fault != nil && fault.ActFirst {
		got = p.act(r, host, body, tooLarge)
	}
	if fault != nil {
		if err := fault.wait(ctx); err != nil {
			p.record(entry, reply{})
			return reply{}, err
		}
	}
	if fault == nil || !fault.ActFirst && fault.Status == 0 && !fault.Drop {
		got = p.act(r, host, body, tooLarge)
	}
	if fault != nil {
		if fault.Drop {
			p.record(entry, reply{})
			return reply{}, errDropped
		}
		got = fault.answer(got)
	}
	p.record(entry, got)
	return got, nil
}

func (p *Platform) readBody(r *http.Request) (body []byte, tooLarge bool) {
	if r.Body == nil {
		return nil, false
	}
	body, _ = io.ReadAll(io.LimitReader(r.Body, p.options.maxBody+1))
	return body, int64(len(body)) > p.options.maxBody
}

func (p *Platform) record(e Request, got reply) {
	e.Status, e.Code = got.status, got.code
	p.mu.Lock()
	defer p.mu.Unlock()
	p.journal = append(p.journal, e)
}

func (p *Platform) act(r *http.Request, host string, body []byte, tooLarge bool) reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	var got reply
	switch {
	case r.URL.Path == "/oauth/token" && host != strings.TrimPrefix(apiURL, "https://"):
		got = p.login(r, body)
	case strings.HasPrefix(r.URL.Path, "/signed/"):
		got = p.file(r, host)
	case strings.HasPrefix(r.URL.Path, "/uploads/"):
		got = p.put(r, host, body)
	case strings.HasPrefix(r.URL.Path, "/api/") && (host == "" || host == strings.TrimPrefix(apiURL, "https://")):
		got = p.api(r, host, body, tooLarge)
	default:
		got = fail(http.StatusNotFound, "not.found", "HTTP 404 Not Found")
	}
	if got.header == nil {
		got.header = http.Header{}
	}
	p.serial++
	got.header.Set("Inin-Correlation-Id", fmt.Sprintf("%08x-1111-4000-8000-%012x", p.serial, p.serial))
	if len(got.body) > 0 && got.header.Get("Content-Type") == "" {
		got.header.Set("Content-Type", "application/json")
	}
	return got
}

// fail is the platform's ErrorBody.
func fail(status int, code, message string) reply {
	return failWith(status, code, message, nil)
}

func failWith(status int, code, message string, more map[string]any) reply {
	body := map[string]any{
		"message": message, "code": code, "status": status,
		"messageParams": map[string]string{}, "details": []any{}, "errors": []any{},
	}
	maps.Copy(body, more)
	return reply{status: status, code: code, body: quoted(body)}
}

func ok(body []byte) reply { return reply{status: http.StatusOK, body: body} }

var noContent = reply{status: http.StatusNoContent}
