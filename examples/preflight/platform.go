package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// program is what the commands work with.
type program struct {
	client   *genesys.CampaignClient
	campaign string // of the platform in memory
	list     string // its contact list
}

// connect makes the client of the platform. It logs in with the first request.
func connect(ctx context.Context, c config) (*program, error) {
	if c.inMemory() {
		return sample(ctx)
	}
	if c.clientID == "" || c.secret.IsZero() || c.region == "" && (c.apiURL == "" || c.loginURL == "") {
		return nil, fmt.Errorf("%w: GENESYSCLOUD_REGION (or both -api-url and -login-url), GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET go together",
			errUsage)
	}
	region, err := c.where()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	source, err := auth.ClientCredentials{Region: region, ClientID: c.clientID, ClientSecret: c.secret}.Source()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	client, err := genesys.NewCampaignClient(source)
	return &program{client: client, campaign: c.campaign}, err
}

// where is the region, with the hosts that the flags put in the place of its own.
func (c config) where() (region auth.Region, err error) {
	if c.region != "" {
		if region, err = auth.ParseRegion(c.region); err != nil || c.apiURL == "" && c.loginURL == "" {
			return region, err
		}
	}
	api, login := c.apiURL, c.loginURL
	if api == "" {
		api = region.APIURL()
	}
	if login == "" {
		login = region.LoginURL()
	}
	return auth.CustomRegion(api, login)
}

// newChecker makes what a dialer should ask, and the function that lets go of its connections.
func newChecker(c config) (dnc.Checker, func(), error) {
	if len(c.redisURLs) == 0 {
		list, err := sampleList()
		return dnc.Protect(list), func() {}, err
	}
	options, err := dnc.RedisOptions(c.redisURLs...)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: -redis: %w", errUsage, err)
	}
	var extra []dnc.RedisOption
	if c.geoRules {
		extra = append(extra, dnc.WithGeoRules("dnc:geo_rules"))
	}
	rdb := redis.NewUniversalClient(options)
	list, err := dnc.NewRedisChecker(rdb, extra...)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%w: -redis: %w", errUsage, err), rdb.Close())
	}
	return dnc.Protect(list), func() { _ = rdb.Close() }, nil
}

// sampleCampaign is the campaign of the platform in memory.
const sampleCampaign = "11111111-1111-4111-8111-111111111111"

// sample is a platform in memory with a campaign of 300 contacts. It is the same each time, so a
// plan's file fits it.
func sample(ctx context.Context) (*program, error) {
	p := genesystest.New()
	list := p.AddContactList("Spring", "name", "phone", "phone2")
	_, err := p.AddCampaign(fmt.Sprintf(`{"id":%q,"name":"Spring","contactList":{"id":%q},"phoneColumns":[{"columnName":"phone"},{"columnName":"phone2"}]}`,
		sampleCampaign, list))
	if err != nil {
		return nil, err
	}
	client, err := genesys.NewCampaignClient(p.Source(), genesys.WithLimiter(nil)) // in memory nothing is limited
	if err != nil {
		return nil, err
	}
	spellings := []string{"+1%s5550%d", "(%s) 555-0%d", "%s-555-0%d", "+1 %s 555 0%d"}
	contacts := make([]genesys.Contact, 0, 300)
	for i := range 300 {
		area := []string{"212", "415", "312", "617", "206", "305"}[i%6]
		data := map[string]string{
			"name":   fmt.Sprintf("Contact %d", i),
			"phone":  fmt.Sprintf(spellings[i/6%4], area, 100+i%100),
			"phone2": "",
		}
		switch {
		case i%50 == 7:
			data["phone2"] = "see notes"
		case i%5 == 0:
			data["phone2"] = fmt.Sprintf("+44207946%04d", i)
		}
		contacts = append(contacts, genesys.Contact{ID: fmt.Sprintf("CUST-%04d", i), Data: data})
	}
	_, err = client.AddContacts(ctx, list, contacts, genesys.AddOptions{})
	return &program{client: client, campaign: sampleCampaign, list: list}, err
}

// sampleList is a Do-Not-Call list for the platform in memory. Its numbers are from ranges that are
// reserved for fiction.
func sampleList() (*dnc.Memory, error) {
	var numbers []dnc.Number
	for i := 0; i < 100; i += 7 {
		for _, area := range []string{"212", "415", "305"} {
			n, err := dnc.ParseNumber(fmt.Sprintf("+1%s5550%d", area, 100+i))
			if err != nil {
				return nil, err
			}
			numbers = append(numbers, n)
		}
	}
	list := dnc.NewMemory("blacklist", numbers...)
	return list, list.SetGeoRule("+44", dnc.GeoRule{RiskLevel: "high"})
}
