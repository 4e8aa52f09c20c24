package noquote_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/noquote"
	"github.com/dnc-go/dnc/internal/noquote/garbage"
)

// Nothing that net/http makes of a malformed reply reaches whoever asks, with any verb.
func TestMalformedRepliesAreNotQuoted(t *testing.T) {
	for name, reply := range garbage.Replies("canary+14155550123") {
		t.Run(name, func(t *testing.T) {
			url := garbage.Serve(t, reply)
			get := func(rt http.RoundTripper) error {
				client := &http.Client{
					Transport:     rt,
					CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
				}
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
				require.NoError(t, err)
				resp, err := client.Do(req)
				if err != nil {
					return err
				}
				defer func() { assert.NoError(t, resp.Body.Close()) }()
				_, err = io.Copy(io.Discard, resp.Body)
				_, _ = io.WriteString(io.Discard, fmt.Sprint(resp.Trailer))
				return err
			}
			plain := &http.Transport{DisableKeepAlives: true}
			raw := get(plain)
			err := get(noquote.Transport(plain))
			if strings.Contains(name, "Location") {
				require.ErrorContains(t, raw, "canary")
				require.NoError(t, err, "a redirect that leads nowhere is the caller's to judge by its status")
				return
			}
			require.Error(t, err)
			for _, e := range []error{err, errors.Unwrap(err)} {
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
					text := fmt.Sprintf(verb, e)
					assert.NotContains(t, text, "canary", "%s", verb)
					assert.NotContains(t, text, fmt.Sprintf("%x", "canary"), "%s", verb)
				}
			}
			assert.Equal(t, errors.Is(raw, io.ErrUnexpectedEOF), errors.Is(err, io.ErrUnexpectedEOF))
		})
	}
}

// What a connection's own errors say stays.
func TestErrorsOfTheNetworkStay(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String(), nil)
	require.NoError(t, err)
	_, err = noquote.Transport(http.DefaultTransport).RoundTrip(req)
	require.ErrorContains(t, err, "connection refused")
	_, ok := err.(*net.OpError) //nolint:errorlint // As it is.
	assert.True(t, ok)
}
