package auth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/retry"
)

// A login that takes longer than most callers wait: each leaves at its own time, one login is made,
// and it serves those who stayed.
func TestSlowLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := genesystest.New()
		s := p.Source()
		p.AddFault(genesystest.Fault{Path: "/oauth/token", Delay: 9 * time.Second})
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				patience := time.Duration(i)*100*time.Millisecond + 50*time.Millisecond
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				start := time.Now()
				_, err := s.Token(ctx)
				assert.Equal(t, patience < 9*time.Second, errors.Is(err, context.DeadlineExceeded), "%v", err)
				assert.Equal(t, patience > 9*time.Second, err == nil, "%v", err)
				assert.Equal(t, min(patience, 9*time.Second), time.Since(start))
			})
		}
		wg.Wait()
		assert.Equal(t, 1, p.CountRequests("POST", "/oauth/token"))
	})
}

// A login that takes longer than a try of the API's client may take: the next try finds the token.
func TestLoginSlowerThanATry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := genesystest.New()
		campaign, err := p.AddCampaign(`{"contactList":{"id":"` + p.AddContactList("Spring", "phone") + `"}}`)
		require.NoError(t, err)
		c, err := genesys.NewCampaignClient(p.Source(), genesys.WithRetry(retry.Policy{AttemptTimeout: 5 * time.Second}))
		require.NoError(t, err)
		p.AddFault(genesystest.Fault{Path: "/oauth/token", Delay: 9 * time.Second})
		start := time.Now()
		_, err = c.Campaign(t.Context(), campaign)
		require.NoError(t, err)
		assert.Equal(t, 9*time.Second, time.Since(start))
		assert.Equal(t, 1, p.CountRequests("POST", "/oauth/token"))
	})
}

// A login that is down: callers learn it or leave when their context ends, it is not hammered, and
// it is used soon after it is back.
func TestLoginDown(t *testing.T) {
	for name, fault := range map[string]genesystest.Fault{
		"cut": {Drop: true}, "hangs": {Hang: true}, "503": {Status: 503, Body: "<html>"}, "throttled": {Status: 400, Body: `{"error":"invalid_request","description":"rate limit exceeded; x"}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := genesystest.New()
			s := p.Source()
			fault.Path, fault.Times = "/oauth/token", -1
			p.AddFault(fault)
			var wg sync.WaitGroup
			for range 100 { // for ten minutes
				wg.Go(func() {
					for range 300 {
						ctx, cancel := context.WithTimeout(t.Context(), time.Second)
						start := time.Now()
						_, err := s.Token(ctx)
						cancel()
						assert.LessOrEqual(t, time.Since(start), time.Second)
						if err == nil {
							t.Error("there is a token, and no login")
						}
						<-time.After(2*time.Second - time.Since(start))
					}
				})
			}
			wg.Wait()
			assert.LessOrEqual(t, p.CountRequests("POST", "/oauth/token"), 40, "%s: in ten minutes", name)
			p.ClearFaults()
			back := time.Now()
			for {
				if _, err := s.Token(t.Context()); err == nil {
					break
				}
				<-time.After(time.Second)
			}
			assert.LessOrEqual(t, time.Since(back), time.Minute, name)
		})
	}
}

// A token that dies before its time, as the platform's do after 15 idle minutes in some
// organisations: 401, one more login, and no call fails.
func TestTokenThatExpiresOnThePlatform(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := genesystest.New(genesystest.WithTokenLifetime(20 * time.Second))
		campaign, err := p.AddCampaign(`{"contactList":{"id":"` + p.AddContactList("Spring", "phone") + `"}}`)
		require.NoError(t, err)
		login := p.AddClient("outbound:campaign:view")
		// Nobody says when these tokens expire; they are taken to serve for 30 s.
		s := auth.FromOAuth2(login.Region, tokenFunc(func() (*oauth2.Token, error) {
			once, err := login.Source()
			if err != nil {
				return nil, err
			}
			token, err := once.Token(t.Context())
			return &oauth2.Token{AccessToken: token.Value.Reveal()}, err
		}))
		c, err := genesys.NewCampaignClient(s, genesys.WithTransport(p))
		require.NoError(t, err)
		for range 100 {
			_, err := c.Campaign(t.Context(), campaign)
			require.NoError(t, err)
			<-time.After(time.Second)
		}
		refused := 0
		for _, e := range p.Requests() {
			if e.Status == 401 {
				refused++
			}
		}
		assert.Equal(t, 4, refused, "once every 20 s")
		assert.Equal(t, 5, p.CountRequests("POST", "/oauth/token"))
	})
}

type tokenFunc func() (*oauth2.Token, error)

func (f tokenFunc) Token() (*oauth2.Token, error) { return f() }
