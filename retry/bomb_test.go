package retry

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/gzipbomb"
)

// counting notes how much is read of the first body that passes, after it was inflated.
type counting struct {
	base  http.RoundTripper
	inner io.Closer
	got   *body
}

func (c *counting) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.base.RoundTrip(req)
	if err == nil && c.got == nil {
		c.got = &body{Reader: resp.Body}
		c.inner, resp.Body = resp.Body, c.got
	}
	return resp, err
}

// A body that inflates to gigabytes is drained as any other: 64 KiB of it.
func TestGzipBombIsNotDrained(t *testing.T) {
	bomb := gzipbomb.Of(2 << 30)
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write(bomb)
		}
	}))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c := &counting{base: transport}
	client := &http.Client{Transport: &Transport{Base: c, Policy: Policy{BaseDelay: time.Nanosecond}}}
	resp, err := client.Get(server.URL)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 200, resp.StatusCode)
	assert.True(t, c.got.closed)
	require.NoError(t, c.inner.Close())
	assert.LessOrEqual(t, c.got.read, 64<<10)
	assert.NotZero(t, c.got.read)
}
