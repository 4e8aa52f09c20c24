package genesys_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dnc-go/dnc/genesys"
)

func ExampleCampaignClient_MarkAllUncallable() {
	ctx := context.Background()
	_, client, _, list := sample()
	contacts := []genesys.Contact{
		{ID: "CUST-1001", Data: map[string]string{"name": "Ann", "phone": "+12125550123"}},
		{ID: "CUST-1002", Data: map[string]string{"name": "Bob", "phone": "+12125550142"}},
	}
	if _, err := client.AddContacts(ctx, list, contacts, genesys.AddOptions{}); err != nil {
		panic(err)
	}
	failed, err := client.MarkAllUncallable(ctx, list, []genesys.Mark{
		{ContactID: "CUST-1001", Part: genesys.PhoneColumn("phone")},
		{ContactID: "CUST-1002", Part: genesys.PhoneColumn("fax")},
	})
	for _, f := range failed {
		fmt.Println(f.Mark, "-", f.Err)
	}
	fmt.Println(err)
	// Output:
	// mark of contact CUST-1002 - genesys: invalid input: the contact has no column of that name
	// <nil>
}

func ExampleCampaignClient_MissingDNCNumbers() {
	p, client, _, _ := sample()
	list := p.AddDNCList("Opt-outs", "+12125550123")
	missing, err := client.MissingDNCNumbers(context.Background(), list, []string{"+12125550123", "+12125550142"}, time.Time{})
	fmt.Println(len(missing), err)
	// Output: 1 <nil>
}

func ExampleCampaignClient_UploadDNCNumbers() {
	p, client, _, _ := sample()
	list := p.AddDNCList("Opt-outs")
	numbers := make([]string, 50_000)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("+1212%07d", 2_000_000+i)
	}
	err := client.UploadDNCNumbers(context.Background(), list, numbers, time.Time{})
	fmt.Println(len(p.DNCEntries(list)), err)
	// Output: 50000 <nil>
}

func ExampleCampaignClient_SetAttemptLimits() {
	ctx := context.Background()
	p, client, campaign, list := sample()
	id, err := p.AddObject("attemptlimits", `{"name":"three a day","maxAttemptsPerContact":3,"resetPeriod":"TODAY","timeZoneId":"America/New_York"}`)
	if err != nil {
		panic(err)
	}
	for limits, err := range client.AllAttemptLimits(ctx, genesys.AttemptLimitsQuery{Name: "three a day"}) {
		fmt.Println(limits.MaxPerContact, limits.ResetPeriod, err)
	}
	fmt.Println(client.SetAttemptLimits(ctx, list, id))
	d, err := client.Diagnostics(ctx, campaign)
	fmt.Println(d.AttemptLimitsID == id, err)
	// Output:
	// 3 TODAY <nil>
	// <nil>
	// true <nil>
}
