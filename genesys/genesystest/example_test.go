package genesystest_test

import (
	"context"
	"fmt"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

func Example() {
	p := genesystest.New()
	list := p.AddContactList("Spring", "name", "phone")
	campaign, err := p.AddCampaign(`{"name":"Spring","contactList":{"id":"` + list + `"}}`)
	if err != nil {
		panic(err)
	}
	client, err := genesys.NewCampaignClient(p.Source())
	if err != nil {
		panic(err)
	}
	p.AddFault(genesystest.Fault{Method: "POST", Path: "/start", ActFirst: true, Drop: true}) // it acts, and the reply is lost
	fmt.Println(client.StartCampaign(context.Background(), campaign))
	for _, e := range p.Requests() {
		fmt.Println(e)
	}
	// Output:
	// <nil>
	// POST /oauth/token 200
	// POST /api/v2/outbound/campaigns/00000002-0000-4000-8000-000000000002/start 0
	// GET /api/v2/outbound/campaigns/00000002-0000-4000-8000-000000000002 200
}
