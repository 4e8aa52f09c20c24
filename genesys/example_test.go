package genesys_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// sample is a platform in memory with one campaign.
func sample() (p *genesystest.Platform, client *genesys.CampaignClient, campaign, list string) {
	p = genesystest.New()
	list = p.AddContactList("Spring", "name", "phone")
	campaign, err := p.AddCampaign(`{"id":"11111111-1111-4111-8111-111111111111","name":"Spring","contactList":{"id":"` + list + `"}}`)
	if err != nil {
		panic(err)
	}
	client, err = genesys.NewCampaignClient(p.Source())
	if err != nil {
		panic(err)
	}
	return p, client, campaign, list
}

func ExampleCampaignClient_ApplyRules() {
	ctx := context.Background()
	p, client, campaign, _ := sample()
	done, err := client.ApplyRules(ctx, campaign, genesys.Rules{BlockedNumbers: []string{"+12125550123", "+12125550142"}})
	if err != nil {
		panic(err)
	}
	fmt.Println(done.DNCListCreated, done.NumbersSent, len(done.After.DNCListIDs()))
	fmt.Println(client.StartCampaign(ctx, campaign), len(p.DNCEntries(done.DNCListID)))
	// Output:
	// true 2 1
	// <nil> 2
}

func ExampleCampaignClient_UpdateCampaign() {
	_, client, campaign, _ := sample()
	after, err := client.UpdateCampaign(context.Background(), campaign, func(c *genesys.Campaign) error {
		return c.SetField("abandonRate", 2.5) // every other field stays as it is
	})
	fmt.Println(string(after.Field("abandonRate")), after, err)
	// Output: 2.5 campaign 11111111-1111-4111-8111-111111111111 (off) <nil>
}

func ExampleCampaignClient_AddDNCNumbers() {
	p, client, _, _ := sample()
	list := p.AddDNCList("Opt-outs")
	numbers := []string{"+12125550123", "212-555-0142"}
	err := client.AddDNCNumbers(context.Background(), list, numbers, time.Time{})
	fmt.Println(errors.Is(err, genesys.ErrInvalidInput))
	fmt.Println(err)
	// Output:
	// true
	// genesys: invalid input: number 1 of 2 (counted from 0) is not E.164: want "+", a country code and the number, 7 to 15 digits in all
}

func ExampleCampaignClient_MarkUncallable() {
	ctx := context.Background()
	p, client, _, list := sample()
	added, err := client.AddContacts(ctx, list, []genesys.Contact{{Data: map[string]string{"name": "Ann", "phone": "+12125550123"}}}, genesys.AddOptions{})
	if err != nil {
		panic(err)
	}
	err = client.MarkUncallable(ctx, list, added[0].ID, genesys.WholeContact())
	fmt.Println(p.Contacts(list)[0].Callable, err)
	// Output: false <nil>
}

func ExampleError() {
	p, _, campaign, _ := sample()
	source, err := p.AddClient("outbound:campaign:view").Source()
	if err != nil {
		panic(err)
	}
	client, err := genesys.NewCampaignClient(source)
	if err != nil {
		panic(err)
	}
	err = client.StartCampaign(context.Background(), campaign)
	if e, ok := errors.AsType[*genesys.Error](err); ok {
		fmt.Println(e.Status, e.Code, e.MissingPermissions, e.Retryable())
	}
	// Output: 403 missing.permissions [outbound:campaign:start] false
}
