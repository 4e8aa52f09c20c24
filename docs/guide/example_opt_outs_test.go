package guide_test

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

func Example_optOuts() {
	rdb, server, stop := connect()
	defer stop()
	_, _ = server.SetAdd("dnc:optouts", "+12025550199")
	platform := genesystest.New()
	listID := platform.AddDNCList("Opt-outs")
	client, err := genesys.NewCampaignClient(platform.Source())
	if err != nil {
		panic(err)
	}
	intake, err := openOptOuts(filepath.Join(files, "optouts"), rdb, client, listID)
	if err != nil {
		panic(err)
	}
	defer func() { _ = intake.Close() }()
	ctx := context.Background()
	n, _ := dnc.ParseNumber("+12025550123")
	national := dnc.NewMemory("national")
	national.SetEmpty()
	shared := dnc.NewMemory("shared")
	shared.SetEmpty()
	gate := dialerGate(national, shared, intake)

	fmt.Println(onWebForm(ctx, intake, n, "form-17"))
	d, _ := gate.Check(ctx, n)
	fmt.Println(d.Reason().Code)
	if err := intake.Wait(ctx); err != nil {
		panic(err)
	}
	fmt.Println(len(platform.DNCEntries(listID)), len(intake.Overdue(time.Now())))
	fmt.Println(callAgain(ctx, intake, n))
	d, _ = gate.Check(ctx, n)
	fmt.Println(d.Verdict)
	// Output:
	// <nil>
	// dnc_optouts
	// 1 0
	// <nil>
	// allow
}
