package genesystest_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// 3,000 calls that come all at once, where 300 a minute are allowed: no 429, no call that times out
// in the queue, at most 11 minutes; and a token that is revoked meanwhile costs one login.
func TestThreeThousandCallsAtOnce(t *testing.T) {
	for name, sliding := range map[string]bool{"fixed window": false, "sliding window": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := genesystest.New(genesystest.WithRateLimit(300, sliding))
				campaign, err := p.AddCampaign(`{"contactList":{"id":"` + p.AddContactList("Spring", "phone") + `"}}`)
				require.NoError(t, err)
				c, err := genesys.NewCampaignClient(p.Source())
				require.NoError(t, err)
				start := time.Now()
				time.AfterFunc(5*time.Minute, p.RevokeTokens)
				var wg sync.WaitGroup
				for range 3000 {
					wg.Go(func() {
						_, err := c.Campaign(t.Context(), campaign)
						assert.NoError(t, err)
					})
				}
				wg.Wait()
				assert.LessOrEqual(t, time.Since(start), 11*time.Minute)
				statuses := map[int]int{}
				for _, e := range p.Requests() {
					if e.Method == http.MethodGet {
						statuses[e.Status]++
					}
				}
				assert.Equal(t, 3000, statuses[200])
				assert.LessOrEqual(t, statuses[401], 1)
				assert.Zero(t, statuses[429])
				assert.Equal(t, 2, p.CountRequests("POST", "/oauth/token"))
			})
		})
	}
}

// silent is a platform that does not tell its counts.
type silent struct{ *genesystest.Platform }

func (s silent) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.Platform.RoundTrip(req)
	if err == nil {
		for _, name := range []string{"Count", "Allowed", "Reset"} {
			resp.Header.Del("Inin-Ratelimit-" + name)
		}
	}
	return resp, err
}

// A platform that allows less than the client's limiter does: its counts slow the client down, or
// its 429, and no call fails.
func TestAThousandCallsAtOnceAboveTheLimit(t *testing.T) {
	for name, test := range map[string]struct{ sliding, silent bool }{
		"fixed window": {false, false}, "sliding window": {true, false}, "without counts": {false, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := genesystest.New(genesystest.WithRateLimit(100, test.sliding))
				campaign, err := p.AddCampaign(`{"contactList":{"id":"` + p.AddContactList("Spring", "phone") + `"}}`)
				require.NoError(t, err)
				var platform http.RoundTripper = p
				if test.silent {
					platform = silent{p}
				}
				c, err := genesys.NewCampaignClient(p.Source(), genesys.WithTransport(platform))
				require.NoError(t, err)
				start := time.Now()
				var wg sync.WaitGroup
				for range 1000 {
					wg.Go(func() {
						_, err := c.Campaign(t.Context(), campaign)
						assert.NoError(t, err)
					})
				}
				wg.Wait()
				assert.LessOrEqual(t, time.Since(start), 11*time.Minute)
				throttled := 0
				for _, e := range p.Requests() {
					if e.Status == http.StatusTooManyRequests {
						throttled++
					}
				}
				assert.LessOrEqual(t, throttled, 10, "about one a minute")
			})
		})
	}
}
