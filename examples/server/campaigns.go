package main

import (
	"errors"
	"fmt"

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

// newCampaigns makes the client of the platform. It sends nothing. sample is the campaign of the platform in memory, "" otherwise.
func newCampaigns(p platform) (client *genesys.CampaignClient, sample string, err error) {
	if p.region == "" && p.clientID == "" && p.secret.IsZero() && p.apiURL == "" {
		return embedded()
	}
	if p.clientID == "" || p.secret.IsZero() || p.region == "" && p.apiURL == "" {
		return nil, "", errors.New("GENESYSCLOUD_REGION (or -api-url and -login-url), GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET go together: set all or none")
	}
	var region auth.Region
	if p.apiURL != "" {
		region, err = auth.CustomRegion(p.apiURL, p.loginURL)
	} else {
		region, err = auth.ParseRegion(p.region)
	}
	if err != nil {
		return nil, "", fmt.Errorf("the platform: %w", err)
	}
	source, err := auth.ClientCredentials{Region: region, ClientID: p.clientID, ClientSecret: p.secret}.Source()
	if err != nil {
		return nil, "", fmt.Errorf("the platform: %w", err)
	}
	client, err = genesys.NewCampaignClient(source)
	return client, "", err
}

// embedded is a platform in memory with one campaign.
func embedded() (client *genesys.CampaignClient, sample string, err error) {
	p := genesystest.New()
	list := p.AddContactList("Spring", "name", "phone")
	sample, err = p.AddCampaign(fmt.Sprintf(`{"name":"Spring","contactList":{"id":%q},"phoneColumns":[{"columnName":"phone","type":"cell"}]}`, list))
	if err != nil {
		return nil, "", err
	}
	client, err = genesys.NewCampaignClient(p.Source())
	return client, sample, err
}
