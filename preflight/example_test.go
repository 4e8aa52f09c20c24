package preflight_test

import (
	"context"
	"fmt"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

func ExampleNewPlan() {
	ctx := context.Background()
	platform := genesystest.New()
	list := platform.AddContactList("Spring", "phone")
	campaign, err := platform.AddCampaign(`{"id":"11111111-1111-4111-8111-111111111111","contactList":{"id":"` + list + `"}}`)
	if err != nil {
		panic(err)
	}
	client, err := genesys.NewCampaignClient(platform.Source(), genesys.WithLimiter(nil)) // in memory nothing is limited
	if err != nil {
		panic(err)
	}
	_, err = client.AddContacts(ctx, list, []genesys.Contact{
		{Data: map[string]string{"phone": "+12125550100"}}, {Data: map[string]string{"phone": "+12125550123"}},
	}, genesys.AddOptions{})
	if err != nil {
		panic(err)
	}
	optOut, err := dnc.ParseNumber("+12125550123")
	if err != nil {
		panic(err)
	}

	checker := dnc.Protect(dnc.NewMemory("blacklist", optOut))
	plan, err := preflight.NewPlan(ctx, checker, client, campaign,
		preflight.StartWhenVerified(preflight.NoAttemptLimits, preflight.NoCallableTimes))
	if err != nil {
		panic(err)
	}
	fmt.Println(plan)
	result, err := plan.Apply(ctx)
	fmt.Println(result.Applied.NumbersSent, result.Started, err)
	// Output:
	// campaign 11111111-1111-4111-8111-111111111111: 2 contacts, 1 numbers allowed, 1 blocked, 0 unknown, 0 invalid, 0 uncallable already
	// 1 true <nil>
}
