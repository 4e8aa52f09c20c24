package guide_test

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
)

// protectedLists asks the opt-outs and the blacklist, with geo rules.
func protectedLists(rdb redis.UniversalClient) (dnc.Checker, error) {
	blacklist, err := dnc.NewRedisChecker(rdb, dnc.WithGeoRules("dnc:geo_rules"))
	if err != nil {
		return nil, err
	}
	optOuts, err := dnc.NewRedisChecker(rdb, dnc.WithList("optouts", "crm:optouts"), dnc.RequireMarker())
	if err != nil {
		return nil, err
	}
	return dnc.Protect(dnc.Union(blacklist, optOuts)), nil
}

// newOptOuts creates an opt-out list that may be empty, and adds a number.
func newOptOuts(ctx context.Context, rdb redis.UniversalClient, caller dnc.Number) error {
	w, err := dnc.NewRedisWriter(rdb, dnc.WithList("optouts", "crm:optouts"), dnc.AllowEmpty())
	if err != nil {
		return err
	}
	none := func(func(dnc.Number, error) bool) {} // or the numbers of your CRM
	if _, err := w.Replace(ctx, none); err != nil {
		return err // the old list is in force, unless the error is dnc.ErrOutcomeUnknown
	}
	_, err = w.Add(ctx, caller) // takes effect at once, in every process
	return err
}

// withoutPlus reads a list whose members are written without the plus.
func withoutPlus(rdb redis.UniversalClient) (*dnc.RedisChecker, error) {
	return dnc.NewRedisChecker(rdb,
		dnc.WithList("crm", "crm:dnc"),
		dnc.WithMemberFormat(func(n dnc.Number) string { return n.E164()[1:] }, dnc.Number.E164),
		dnc.WithMinSize(1000))
}

// dialer holds the opt-outs in this process. Close the list at the end.
func dialer(ctx context.Context, rdb redis.UniversalClient) (*dnc.FollowedList, error) {
	list, err := dnc.Follow(ctx, rdb, dnc.WithList("optouts", "crm:optouts"), dnc.RequireMarker())
	if err != nil {
		return nil, err
	}
	if err := list.Wait(ctx); err != nil { // until the list is loaded every answer is Unknown
		list.Close()
		return nil, err
	}
	return list, nil
}

// campaignLists asks the blacklist, and the list of the campaign that the call is for.
func campaignLists(rdb redis.UniversalClient, blacklist dnc.Checker) dnc.Rule {
	campaigns := dnc.ByCampaign(func(id string) (dnc.Checker, error) {
		return dnc.NewRedisChecker(rdb, dnc.WithList("campaign", "dnc:campaign:"+id))
	})
	return dnc.ProtectRule(dnc.All(dnc.RuleOf(blacklist), campaigns))
}
