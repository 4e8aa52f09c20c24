package guide_test

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/optout"
	"github.com/dnc-go/dnc/optout/genesysoptout"
)

func openOptOuts(dir string, rdb redis.UniversalClient, client *genesys.CampaignClient, dncListID string) (*optout.Intake, error) {
	optOuts, err := dnc.NewRedisWriter(rdb, dnc.WithList("optouts", "dnc:optouts"))
	if err != nil {
		return nil, err
	}
	return optout.Open(dir,
		optout.To("redis", optout.List(optOuts)),
		optout.To("genesys", genesysoptout.List(client, dncListID)))
}

func onWebForm(ctx context.Context, intake *optout.Intake, n dnc.Number, formID string) error {
	_, err := intake.Add(ctx, optout.Request{Number: n, Source: "web", SourceID: formID})
	return err // not nil: nothing was acknowledged, send it again
}

func dialerGate(national, redisOptOuts dnc.Checker, intake *optout.Intake) dnc.Checker {
	return dnc.Protect(dnc.Union(national, dnc.BlockOnly(redisOptOuts), intake.Checker()))
}

func callAgain(ctx context.Context, intake *optout.Intake, n dnc.Number) error {
	_, err := intake.Withdraw(ctx, n, optout.By{Actor: "ann", Reason: "letter of 2026-11-20"})
	return err
}

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
