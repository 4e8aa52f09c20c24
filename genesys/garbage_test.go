package genesys_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/internal/noquote/garbage"
	"github.com/dnc-go/dnc/retry"
)

// A reply that is no HTTP, and holds the token or a number, is not quoted in errors nor in logs.
func TestMalformedRepliesAreNotQuoted(t *testing.T) {
	const token, number = "canary-t0ken", "+14155550123"
	for name, reply := range garbage.Replies(token + number) {
		t.Run(name, func(t *testing.T) {
			url := garbage.Serve(t, reply)
			region, err := auth.CustomRegion(url, url)
			require.NoError(t, err)
			var said bytes.Buffer
			log := slog.New(slog.NewJSONHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
			source := auth.FromOAuth2(region, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}))
			c, err := genesys.NewCampaignClient(source, genesys.WithLogger(log),
				genesys.WithRetry(retry.Policy{MaxAttempts: 2, BaseDelay: time.Nanosecond, Logger: log}))
			require.NoError(t, err)
			const id = "11111111-1111-4111-8111-111111111111"
			_, err = c.Campaign(t.Context(), id)
			require.Error(t, err)
			_, _ = fmt.Fprintf(&said, "%v %+v %q", err, err, err)
			for _, err := range c.ExportDNCList(t.Context(), id) {
				require.Error(t, err)
				_, _ = fmt.Fprintf(&said, "%v %+v %q", err, err, err)
			}
			assert.NotContains(t, said.String(), "t0ken")
			assert.NotContains(t, said.String(), "4155550123")
		})
	}
}
