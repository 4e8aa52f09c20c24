package guide_test

import (
	"context"
	"fmt"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/preflight"
)

// login makes a client of Genesys Cloud. It dials nothing yet.
func login(regionName, id, secret string) (*genesys.CampaignClient, error) {
	region, err := auth.ParseRegion(regionName) // "eu-west-1", or "mypurecloud.ie"
	if err != nil {
		return nil, err
	}
	source, err := auth.ClientCredentials{Region: region, ClientID: id, ClientSecret: auth.NewSecret(secret)}.Source()
	if err != nil {
		return nil, err
	}
	return genesys.NewCampaignClient(source)
}

// protectCampaign checks every number of a campaign, blocks what must not be dialled, and starts it.
func protectCampaign(ctx context.Context, checker dnc.Checker, client *genesys.CampaignClient, campaignID string) error {
	plan, err := preflight.NewPlan(ctx, checker, client, campaignID, // changes nothing on the platform
		preflight.StartWhenVerified(preflight.NoAttemptLimits, preflight.NoCallableTimes)) // the gaps that you accept
	if err != nil {
		return err
	}
	fmt.Println(plan.Counts().Allowed, "numbers allowed,", plan.Counts().Blocked, "blocked")
	result, err := plan.Apply(ctx) // blocks, attaches, reads back, starts
	if err != nil {
		return err // ended half-way? Apply again: it goes on where it was
	}
	fmt.Println("started:", result.Started)
	return nil
}

func Example_genesys() {
	ctx := context.Background()
	client, campaign := campaignInMemory("+12125550100", "+12125550123")
	optOuts := dnc.NewMemory("optouts", number("+12125550123"))
	fmt.Println(protectCampaign(ctx, dnc.Protect(optOuts), client, campaign))
	_, err := login("nowhere", "id", "secret")
	fmt.Println(err != nil)
	// Output:
	// 1 numbers allowed, 1 blocked
	// started: true
	// <nil>
	// true
}
