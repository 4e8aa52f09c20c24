package retry_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/retry"
)

type oddBase func() (*http.Response, error)

func (f oddBase) RoundTrip(*http.Request) (*http.Response, error) { return f() }

type countedBody struct{ closed *int }

func (countedBody) Read([]byte) (int, error) { return 0, io.EOF }

func (b countedBody) Close() error {
	*b.closed++
	return nil
}

// A base that does not keep the contract of a RoundTripper ends no process, and holds no connection.
func TestBaseThatReturnsBothOrNeither(t *testing.T) {
	t.Parallel()
	once := retry.Policy{MaxAttempts: 1}
	for name, wrap := range map[string]func(http.RoundTripper) http.RoundTripper{
		"Transport":      func(base http.RoundTripper) http.RoundTripper { return &retry.Transport{Base: base, Policy: once} },
		"LimitTransport": func(base http.RoundTripper) http.RoundTripper { return &retry.LimitTransport{Base: base} },
		"both": func(base http.RoundTripper) http.RoundTripper {
			return &retry.Transport{Base: &retry.LimitTransport{Base: base}, Policy: once}
		},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.net/", http.NoBody)
		require.NoError(t, err)
		resp, err := wrap(oddBase(func() (*http.Response, error) { return nil, nil })).RoundTrip(req) //nolint:nilnil // That is the case.
		require.ErrorContains(t, err, "neither a response nor an error", name)
		assert.Nil(t, resp, name)

		closed, broken := 0, errors.New("broken")
		resp, err = wrap(oddBase(func() (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: countedBody{&closed}}, broken
		})).RoundTrip(req)
		require.ErrorIs(t, err, broken, name)
		assert.Nil(t, resp, name)
		assert.Equal(t, 1, closed, name)
	}
}
