package noquote_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/noquote"
	"github.com/dnc-go/dnc/internal/notsent"
)

// net/http has no types for the errors of proxies. What they say is told in words of this side.
func TestProxies(t *testing.T) {
	t.Parallel()
	answering := func(status int) func(*http.Request) (*url.URL, error) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(s.Close)
		u, err := url.Parse(s.URL)
		require.NoError(t, err)
		u.User = url.UserPassword("joe", "canary")
		return http.ProxyURL(u)
	}
	for name, test := range map[string]struct {
		proxy   func(*http.Request) (*url.URL, error)
		text    string
		notSent bool
	}{
		"wants a password": {answering(http.StatusProxyAuthRequired), `the proxy answered "Proxy Authentication Required"`, true},
		"denies the host":  {answering(http.StatusForbidden), `a proxy answered "Forbidden"`, false},
		"has no way":       {answering(http.StatusBadGateway), `a proxy answered "Bad Gateway"`, false},
		"is not a URL": {
			func(*http.Request) (*url.URL, error) {
				return nil, fmt.Errorf("invalid proxy address %q: %w", "http://joe:canary@:x", errors.New("canary"))
			},
			"look at HTTPS_PROXY and HTTP_PROXY", true,
		},
	} {
		base := &http.Transport{Proxy: test.proxy}
		t.Cleanup(base.CloseIdleConnections)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.invalid/", http.NoBody)
		require.NoError(t, err)
		_, err = noquote.Transport(base).RoundTrip(req)
		require.ErrorContains(t, err, test.text, name)
		assert.Equal(t, test.notSent, notsent.Is(err), name)
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "canary", name)
	}
}

// net/http has no exported types for many other errors. Its own words are kept, those of the server
// are not.
func TestWordsOfNetHTTP(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"stream error: stream ID 5; INTERNAL_ERROR; received from peer":                                         "the exchange failed: stream error: stream ID 5; INTERNAL_ERROR",
		"stream error: stream ID 5; PROTOCOL_ERROR; canary":                                                     "the exchange failed: stream error: stream ID 5; PROTOCOL_ERROR",
		"connection error: ENHANCE_YOUR_CALM":                                                                   "the exchange failed: connection error: ENHANCE_YOUR_CALM",
		"net/http: server response headers exceeded 10485760 bytes; aborted":                                    "the exchange failed: net/http: server response headers exceeded 10485760 bytes",
		`http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, debug="canary"`: "the exchange failed: http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR",
		`net/http: HTTP/1.x transport connection broken: malformed HTTP response "canary"`:                      "the exchange failed: net/http: HTTP/1.x transport connection broken: malformed HTTP response",
		"a canary: connection error: X":                                                                         "the exchange failed with a *errors.errorString, whose text may quote the reply",
	} {
		err := noquote.Error(errors.New(text))
		require.EqualError(t, err, want)
		assert.NotContains(t, fmt.Sprintf("%+v %#v", err, err), "canary")
	}
}

type odd func() (*http.Response, error)

func (f odd) RoundTrip(*http.Request) (*http.Response, error) { return f() }

type closes struct{ n *int }

func (closes) Read([]byte) (int, error) { return 0, io.EOF }

func (c closes) Close() error {
	*c.n++
	return nil
}

// A transport of the user's own that returns both a response and an error, or neither.
func TestTransportsThatReturnBothOrNeither(t *testing.T) {
	t.Parallel()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.invalid/", http.NoBody)
	require.NoError(t, err)
	resp, err := noquote.Transport(odd(func() (*http.Response, error) { return nil, nil })).RoundTrip(req) //nolint:nilnil // That is the case.
	require.ErrorContains(t, err, "neither a response nor an error")
	assert.Nil(t, resp)
	closed := 0
	resp, err = noquote.Transport(odd(func() (*http.Response, error) {
		return &http.Response{Body: closes{&closed}}, io.ErrUnexpectedEOF
	})).RoundTrip(req)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Nil(t, resp)
	assert.Equal(t, 1, closed)
}
