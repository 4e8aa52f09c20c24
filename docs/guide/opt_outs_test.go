package guide_test

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/optout"
	"github.com/dnc-go/dnc/optout/genesysoptout"
)

func openOptOuts(dir string, rdb redis.UniversalClient, client *genesys.CampaignClient, dncListID string) (*optout.Intake, error) {
	optOuts, err := dnc.NewRedisWriter(rdb, dnc.WithList("optouts", "dnc:optouts"))
	if err != nil {
		return nil, err
	}
	return optout.Open(dir,
		optout.WithTarget("redis", optout.ListTarget(optOuts)),
		optout.WithTarget("genesys", genesysoptout.ListTarget(client, dncListID)))
}

func onWebForm(ctx context.Context, intake *optout.Intake, n dnc.Number, formID string) error {
	_, err := intake.Add(ctx, optout.Request{Number: n, Source: "web", SourceID: formID})
	return err // not nil: nothing was acknowledged, send it again
}

func dialerGate(national, redisOptOuts dnc.Checker, intake *optout.Intake) dnc.Checker {
	return dnc.Protect(dnc.Union(national, dnc.BlockOnly(redisOptOuts), intake.Checker()))
}

func callAgain(ctx context.Context, intake *optout.Intake, n dnc.Number) error {
	_, err := intake.Withdraw(ctx, n, optout.DecidedBy{Actor: "ann", Reason: "letter of 2026-11-20"})
	return err
}
