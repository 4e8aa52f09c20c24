package genesys_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/internal/gzipbomb"
	"github.com/dnc-go/dnc/retry"
)

// A reply of two megabytes that inflates to two gigabytes is not read beyond the bounds, with any
// status.
func TestGzipBomb(t *testing.T) {
	bomb := gzipbomb.Of(2 << 30)
	for _, status := range []int{200, 400, 503} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(status)
			_, _ = w.Write(bomb)
		}))
		region, err := auth.CustomRegion(server.URL, server.URL)
		require.NoError(t, err)
		transport := &http.Transport{}
		c, err := genesys.NewCampaignClient(auth.FromOAuth2(region, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"})),
			genesys.WithRetry(retry.Policy{MaxAttempts: 1}), genesys.WithTransport(transport))
		require.NoError(t, err)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = c.Campaign(t.Context(), "11111111-1111-4111-8111-111111111111")
		runtime.ReadMemStats(&after)
		require.Error(t, err)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<20), "status %d", status)
		transport.CloseIdleConnections()
		server.Close()
	}
}
