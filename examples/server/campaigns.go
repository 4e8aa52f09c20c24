package main

import (
	"errors"
	"fmt"

	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// platform says where campaigns live. The zero value is a platform in memory.
type platform struct {
	region, clientID string
	secret           auth.Secret
	apiURL, loginURL string
}

// campaigns are the platform's, and the rate at which it answers.
type campaigns struct {
	client  *genesys.CampaignClient
	limiter *rate.Limiter
}

// newLimiter stays under the platform's 300 requests a minute for each token, as the client does by
// itself: 60 s x 4.1 + 50 = 296. The server has it in its own hands to see what is left of it.
// Requests of its clients come in crowds, so more of the minute is kept in store than the client
// keeps; the steady rate is a seventh lower.
func newLimiter() *rate.Limiter { return rate.NewLimiter(4.1, 50) }

func connect(source *auth.Source) (campaigns, error) {
	limiter := newLimiter()
	client, err := genesys.NewCampaignClient(source, genesys.WithLimiter(limiter))
	return campaigns{client, limiter}, err
}

// newCampaigns makes the client of the platform. It sends nothing. samples are what there is on the
// platform in memory, by name.
func newCampaigns(p platform) (c campaigns, samples []any, err error) {
	if p.region == "" && p.clientID == "" && p.secret.IsZero() && p.apiURL == "" && p.loginURL == "" {
		return embedded()
	}
	urls := p.apiURL != "" && p.loginURL != ""
	if p.clientID == "" || p.secret.IsZero() || p.region == "" && !urls {
		return c, nil, errors.New("GENESYSCLOUD_REGION (or both -api-url and -login-url), GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET go together: set all or none")
	}
	region, err := p.where()
	if err != nil {
		return c, nil, fmt.Errorf("the platform: %w", err)
	}
	source, err := auth.ClientCredentials{Region: region, ClientID: p.clientID, ClientSecret: p.secret}.Source()
	if err != nil {
		return c, nil, fmt.Errorf("the platform: %w", err)
	}
	c, err = connect(source)
	return c, nil, err
}

// where is the region, with the hosts that the flags put in the place of its own.
func (p platform) where() (region auth.Region, err error) {
	if p.region != "" {
		if region, err = auth.ParseRegion(p.region); err != nil || p.apiURL == "" && p.loginURL == "" {
			return region, err
		}
	}
	api, login := p.apiURL, p.loginURL
	if api == "" {
		api = region.APIURL()
	}
	if login == "" {
		login = region.LoginURL()
	}
	return auth.CustomRegion(api, login)
}

// sampleCampaign is the campaign of the platform in memory.
const sampleCampaign = "11111111-1111-4111-8111-111111111111"

// embedded is a platform in memory with something to try the server with.
func embedded() (campaigns, []any, error) {
	p := genesystest.New()
	spring := p.AddContactList("Spring", "name", "phone")
	summer := p.AddContactList("Summer", "name", "phone")
	campaign, err := p.AddCampaign(fmt.Sprintf(`{"id":%q,"name":"Spring","contactList":{"id":%q},"phoneColumns":[{"columnName":"phone","type":"cell"}]}`,
		sampleCampaign, spring))
	if err != nil {
		return campaigns{}, nil, err
	}
	c, err := connect(p.Source())
	optOuts := p.AddDNCList("Opt-outs", "+14155550123")
	return c, []any{"campaign", campaign, "other_contact_list", summer, "dnc_list", optOuts}, err
}
