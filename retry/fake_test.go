package retry

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type answer func(*http.Request) (*http.Response, error)

// server is a RoundTripper without a network: each request gets the next answer, and all further
// ones the last.
type server struct {
	mu      sync.Mutex
	answers []answer
	reqs    []*http.Request
	bodies  []string
	times   []time.Time
	got     []*body // the bodies of the responses, in order
}

func serve(answers ...answer) *server { return &server{answers: answers} }

func (s *server) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent string
	if req.Body != nil {
		b, _ := io.ReadAll(req.Body)
		sent = string(b)
		_ = req.Body.Close()
	}
	s.mu.Lock()
	s.reqs = append(s.reqs, req)
	s.bodies = append(s.bodies, sent)
	s.times = append(s.times, time.Now())
	next := s.answers[min(len(s.reqs), len(s.answers))-1]
	s.mu.Unlock()
	resp, err := next(req)
	if resp != nil {
		if b, ok := resp.Body.(*body); ok {
			s.mu.Lock()
			s.got = append(s.got, b)
			s.mu.Unlock()
		}
	}
	return resp, err
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.reqs)
}

// body is a response's body that knows what was done to it.
type body struct {
	io.Reader
	read   int
	closed bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.read += n
	return n, err
}

func (b *body) Close() error {
	b.closed = true
	return nil
}

// status answers with a status and header lines "Name: value".
func status(code int, header ...string) answer { return content(code, "", header...) }

func content(code int, text string, header ...string) answer {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{}
		for _, line := range header {
			name, value, _ := strings.Cut(line, ": ")
			h.Set(name, value)
		}
		return &http.Response{
			StatusCode: code, Header: h, Request: req, ContentLength: -1,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Body: &body{Reader: strings.NewReader(text)},
		}, nil
	}
}

func fail(err error) answer {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

var (
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	errReset   = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errTimeout = &net.OpError{Op: "read", Net: "tcp", Err: timeout{}}
	errPlain   = errors.New("http2: client connection lost")
)

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

func request(t *testing.T, method, payload string) *http.Request {
	t.Helper()
	var r io.Reader
	if payload != "" {
		r = strings.NewReader(payload)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, "https://api.example.net/v2/things", r)
	require.NoError(t, err)
	return req
}
