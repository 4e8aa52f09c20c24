package auth

import (
	"bytes"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/dnc-go/dnc/internal/noquote/garbage"
	"github.com/dnc-go/dnc/retry"
)

// shared is a buffer that a renewal still writes to when its caller has the answer.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// A login that answers with no HTTP, and in it what it was sent, is not quoted in errors nor in
// logs.
func TestMalformedRepliesAreNotQuoted(t *testing.T) {
	for name, reply := range garbage.Replies(testSecret) {
		t.Run(name, func(t *testing.T) {
			url := garbage.Serve(t, reply)
			region, err := CustomRegion(url, url)
			require.NoError(t, err)
			var said shared
			s, err := ClientCredentials{
				Region: region, ClientID: testID, ClientSecret: NewSecret(testSecret), Retry: retry.Policy{MaxAttempts: 2, BaseDelay: time.Nanosecond},
				Logger: slog.New(slog.NewJSONHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug})),
			}.Source()
			require.NoError(t, err)
			other := &clientcredentials.Config{ClientID: testID, ClientSecret: testSecret, TokenURL: url, AuthStyle: oauth2.AuthStyleInHeader}
			for _, s := range []*Source{s, FromOAuth2(region, other.TokenSource(t.Context()))} {
				_, err = s.Token(t.Context())
				require.Error(t, err)
				_, _ = fmt.Fprintf(&said, "%v %+v %#v %q", err, err, err, err)
			}
			assert.NotContains(t, said.String(), "s3cr3t")
		})
	}
}
