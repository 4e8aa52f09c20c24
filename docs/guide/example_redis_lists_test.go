package guide_test

import (
	"context"
	"fmt"

	"github.com/dnc-go/dnc"
)

func Example_campaignLists() {
	rdb, server, stop := connect()
	defer stop()
	_, _ = server.SetAdd("dnc:campaign:spring", "+12125550123")
	rule := campaignLists(rdb, dnc.NewMemory("blacklist", number("+12125550142")))
	for _, campaign := range []string{"spring", "", "autumn"} {
		d, err := rule.Check(context.Background(), dnc.Call{Number: number("+12125550123"), Campaign: campaign})
		fmt.Println(d, err)
	}
	// Output:
	// +1******0123 block dnc_campaign list=campaign <nil>
	// +1******0123 allow allowed list=blacklist <nil>
	// +1******0123 block list_missing list=campaign (fallback) <nil>
}

func Example_redisLists() {
	ctx := context.Background()
	rdb, server, stop := connect()
	defer stop()
	_, _ = server.SetAdd("dnc:blacklist", "+12125550123")
	server.HSet("dnc:geo_rules", "+1900", `{"allowed":false,"riskLevel":"high"}`)
	fmt.Println(newOptOuts(ctx, rdb, number("+12125550142")))
	checker, err := protectedLists(rdb)
	if err != nil {
		panic(err)
	}
	list, err := dialer(ctx, rdb)
	if err != nil {
		panic(err)
	}
	defer list.Close()
	for _, s := range []string{"+12125550123", "+12125550142", "+19005550100", "+12125550199"} {
		d, err := checker.Check(ctx, number(s))
		followed, _ := list.Check(ctx, number(s))
		fmt.Println(d, err, followed.Verdict)
	}
	// Output:
	// <nil>
	// +1******0123 block dnc_blacklist list=blacklist <nil> allow
	// +1******0142 block dnc_optouts list=optouts <nil> block
	// +1******0100 block geo_blocked_high list=geo_rules <nil> allow
	// +1******0199 allow allowed list=blacklist <nil> allow
}

func Example_memberFormat() {
	rdb, server, stop := connect()
	defer stop()
	_, _ = server.SetAdd("crm:dnc", "12125550123")
	list, err := withoutPlus(rdb)
	if err != nil {
		panic(err)
	}
	for _, s := range []string{"+12125550123", "+12125550199"} {
		d, _ := list.Check(context.Background(), number(s))
		fmt.Println(d)
	}
	// Output:
	// +1******0123 block dnc_crm list=crm
	// +1******0199 unknown list_incomplete list=crm
}
