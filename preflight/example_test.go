package preflight_test

import (
	"context"
	"errors"
	"fmt"
	"os"

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
		preflight.StartWhenVerified(preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes))
	if err != nil {
		panic(err)
	}
	fmt.Println(plan)
	result, err := plan.Apply(ctx)
	fmt.Println(result.Applied.NumbersSent, result.Started, err)
	// Output:
	// campaign 11111111-1111-4111-8111-111111111111, contacts: 2; numbers: 1 allowed, 1 blocked, 0 unknown, 0 invalid, 0 already uncallable
	// 1 true <nil>
}

// The rows of a plan, for those who work with the contact list. With dnc.Number.E164 in place of
// nil they hold the full numbers.
func ExamplePlan_WriteCSV() {
	ctx := context.Background()
	platform := genesystest.New()
	list := platform.AddContactList("Spring", "phone")
	campaign, err := platform.AddCampaign(`{"contactList":{"id":"` + list + `"}}`)
	if err != nil {
		panic(err)
	}
	client, err := genesys.NewCampaignClient(platform.Source(), genesys.WithLimiter(nil))
	if err != nil {
		panic(err)
	}
	_, err = client.AddContacts(ctx, list, []genesys.Contact{
		{ID: "CUST-1", Data: map[string]string{"phone": "+12125550100"}},
		{ID: "CUST-2", Data: map[string]string{"phone": "(212) 555-0123"}},
		{ID: "CUST-3", Data: map[string]string{"phone": "n/a"}},
	}, genesys.AddOptions{})
	if err != nil {
		panic(err)
	}
	optOut, err := dnc.ParseNumber("+12125550123")
	if err != nil {
		panic(err)
	}
	checker := dnc.Protect(dnc.NewMemory("optouts", optOut))
	plan, err := preflight.NewPlan(ctx, checker, client, campaign, preflight.WithParse(dnc.Parser{Country: "1"}.Parse))
	if err != nil {
		panic(err)
	}
	if err := plan.WriteCSV(os.Stdout, nil); err != nil {
		panic(err)
	}
	// Output:
	// contact_id,column,number,decision,reason,list,version,date,in_dnc_list,marked_uncallable
	// CUST-2,phone,+1******0123,block,dnc_optouts,optouts,,,yes,yes
	// CUST-3,phone,,invalid,invalid_number,,,,no,yes
}

// What a campaign lacks is named, gap by gap.
func ExamplePlan_AssertProtected() {
	ctx := context.Background()
	platform := genesystest.New()
	list := platform.AddContactList("Spring", "phone")
	campaign, err := platform.AddCampaign(`{"id":"11111111-1111-4111-8111-111111111111","contactList":{"id":"` + list + `"}}`)
	if err != nil {
		panic(err)
	}
	client, err := genesys.NewCampaignClient(platform.Source(), genesys.WithLimiter(nil))
	if err != nil {
		panic(err)
	}
	_, err = client.AddContacts(ctx, list, []genesys.Contact{{Data: map[string]string{"phone": "+12125550123"}}}, genesys.AddOptions{})
	if err != nil {
		panic(err)
	}
	optOut, err := dnc.ParseNumber("+12125550123")
	if err != nil {
		panic(err)
	}
	plan, err := preflight.NewPlan(ctx, dnc.NewMemory("optouts", optOut), client, campaign)
	if err != nil {
		panic(err)
	}
	if _, err := plan.Apply(ctx); err != nil {
		panic(err)
	}
	err = plan.AssertProtected(ctx)
	if unprotected, ok := errors.AsType[*preflight.UnprotectedError](err); ok {
		for _, gap := range unprotected.Gaps {
			fmt.Printf("%s: %s\n", gap.Kind, gap.Text)
		}
	}
	fmt.Println(plan.AssertProtected(ctx, preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes))
	// Output:
	// no_attempt_limits: no attempt limits are in force: set them on the contact list
	// no_callable_times: no callable times are in force: set them on the campaign
	// <nil>
}
