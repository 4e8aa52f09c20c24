package guide_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

func Example_genesys() {
	ctx := context.Background()
	client, campaign := campaignInMemory("+12125550100", "+12125550123")
	optOuts := dnc.NewMemory("optouts", number("+12125550123"))
	fmt.Println(protectCampaign(ctx, dnc.Protect(optOuts), client, campaign))
	_, err := login("nowhere", "id", "secret")
	fmt.Println(err != nil)
	// Output:
	// numbers allowed: 1 blocked: 1
	// started: true
	// <nil>
	// true
}

// memoryWriter is dnc.Memory with the method of dnc.RedisWriter.
type memoryWriter struct{ *dnc.Memory }

func (w memoryWriter) Add(_ context.Context, numbers ...dnc.Number) (int, error) {
	return len(numbers), w.Memory.Add(numbers...)
}

func Example_genesysLoadAndSync() {
	ctx := context.Background()
	platform := genesystest.New()
	list, agents := platform.AddContactList("Spring", "phone"), platform.AddDNCList("agents", "+12125550123", "+12125550145")
	client, err := genesys.NewCampaignClient(platform.Source(), genesys.WithLimiter(nil)) // in memory nothing is limited
	if err != nil {
		panic(err)
	}
	optOuts := dnc.NewMemory("optouts", number("+12125550123"))
	fmt.Println(syncOptOuts(ctx, client, agents, optOuts, memoryWriter{optOuts}))
	file := strings.NewReader("customer,phone\nC-1,+12125550100\nC-2,+12125550145\n")
	fmt.Println(loadContacts(ctx, client, dnc.Protect(optOuts), list, file))
	// Output:
	// opt-out by DNC list 00000002-0000-4000-8000-000000000002
	// 1 added
	// <nil>
	// rows: 2; 1 loaded, 0 already on the list, 1 blocked, 0 unknown, 0 invalid
	// row 3 (contact C-2), column "phone": dnc_optouts list=optouts
	// <nil>
}
