package auth

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/gzipbomb"
	"github.com/dnc-go/dnc/retry"
)

// A login's reply of two megabytes that inflate to two gigabytes costs no more memory than any
// other that is too long.
func TestGzipBomb(t *testing.T) {
	bomb := gzipbomb.Of(2 << 30)
	for _, status := range []int{200, 400, 503} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(status)
			_, _ = w.Write(bomb)
		}))
		region, err := CustomRegion(server.URL, server.URL)
		require.NoError(t, err)
		s, err := ClientCredentials{
			Region: region, ClientID: testID, ClientSecret: NewSecret(testSecret), Retry: retry.Policy{MaxAttempts: 1},
		}.Source()
		require.NoError(t, err)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = s.Token(t.Context())
		runtime.ReadMemStats(&after)
		require.Error(t, err)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), "status %d", status)
		server.Close()
	}
}
