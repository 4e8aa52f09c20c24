package retry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTransportSendsTheBodyAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(status(429), fail(errRefused), status(200))
		_, err := (&Transport{Base: s}).RoundTrip(request(t, "POST", "payload"))
		require.NoError(t, err)
		assert.Equal(t, []string{"payload", "payload", "payload"}, s.bodies)
	})
}

func TestTransportDoesNotBufferABody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := &body{Reader: strings.NewReader("streamed")}
		req := request(t, "PUT", "")
		req.Body = sent
		s := serve(status(503), status(200))
		resp, err := (&Transport{Base: s}).RoundTrip(req)
		require.NoError(t, err)
		assert.Equal(t, 503, resp.StatusCode)
		assert.Equal(t, 1, s.count(), "a body without GetBody gets one try")
		assert.True(t, sent.closed)

		s = serve(fail(errRefused))
		req = request(t, "PUT", "")
		req.Body = &body{Reader: strings.NewReader("streamed")}
		_, err = (&Transport{Base: s}).RoundTrip(req)
		require.ErrorIs(t, err, errRefused)
		assert.Equal(t, 1, s.count())
	})
}

func TestTransportGetBodyFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errGone := errors.New("file is gone")
		req := request(t, "PUT", "x")
		req.GetBody = func() (io.ReadCloser, error) { return nil, errGone }
		_, err := (&Transport{Base: serve(status(503))}).RoundTrip(req)
		require.ErrorIs(t, err, errGone)
		assert.ErrorContains(t, err, "503")
	})
}

func TestTransportDoesNotTouchTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spoil := func(next answer) answer {
			return func(r *http.Request) (*http.Response, error) {
				r.Header.Set("Authorization", "one try's token")
				r.URL.Path = "/spoiled"
				return next(r)
			}
		}
		s := serve(spoil(status(503)), func(r *http.Request) (*http.Response, error) {
			assert.Empty(t, r.Header.Get("Authorization"), "one try must not see what another did")
			return status(200)(r)
		})
		req := request(t, "PUT", "x")
		before := req.Clone(t.Context())
		sent := req.Body
		_, err := (&Transport{Base: s}).RoundTrip(req)
		require.NoError(t, err)
		assert.Equal(t, before.Header, req.Header)
		assert.Equal(t, before.URL, req.URL)
		assert.Equal(t, sent, req.Body)
	})
}

func TestTransportClosesTheBodyOfARequestItDoesNotSend(t *testing.T) {
	for _, tr := range []*Transport{{Policy: Policy{MaxAttempts: -1}}, {}} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		req := request(t, "PUT", "").WithContext(ctx)
		sent := &body{Reader: strings.NewReader("")}
		req.Body = sent
		_, err := tr.RoundTrip(req)
		require.Error(t, err)
		assert.True(t, sent.closed)
	}
}
