package main

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/optout"
)

// rules is what requests are answered by.
type rules struct {
	rule  dnc.Rule // everything that /validate asks
	lists dnc.Rule // the lists alone, for /healthz
	close func()   // lets go of connections
}

// newRules makes the Rules that requests are answered by. It dials nothing: a Redis that is not
// there yet is for /healthz to tell.
func newRules(c config, optOuts *optout.Intake) (rules, error) {
	lists, closeLists, err := newLists(c, optOuts)
	if err != nil {
		return rules{}, err
	}
	all, err := c.withHours(lists)
	if err != nil {
		closeLists()
		return rules{}, err
	}
	out := rules{rule: dnc.ProtectRule(all, dnc.WithIncidents(c.metrics.incident)), close: closeLists}
	out.lists = out.rule
	if c.askHours {
		out.lists = dnc.ProtectRule(lists, dnc.WithIncidents(c.metrics.incident))
	}
	return out, nil
}

// newLists makes the Rule of the lists, and the function that lets go of its connections.
func newLists(c config, optOuts *optout.Intake) (dnc.Rule, func(), error) {
	if len(c.redisURLs) == 0 {
		list, err := sampleList(c.geoRules)
		if err != nil {
			return nil, nil, err
		}
		return withOptOuts(optOuts, dnc.RuleOf(list)), func() {}, nil
	}
	options, err := dnc.RedisOptions(c.redisURLs...)
	if err != nil {
		return nil, nil, fmt.Errorf("-redis: %w", err)
	}
	extra := []dnc.RedisOption{dnc.WithIncidents(c.metrics.incident)}
	if c.geoRules {
		extra = append(extra, dnc.WithGeoRules("dnc:geo_rules"))
	}
	rdb := redis.NewUniversalClient(options)
	list, err := dnc.NewRedisChecker(rdb, extra...)
	if err != nil {
		_ = rdb.Close()
		return nil, nil, fmt.Errorf("-redis: %w", err)
	}
	rules := []dnc.Rule{dnc.RuleOf(list)}
	if c.campaignLists != "off" {
		rules = append(rules, campaignLists(rdb, c.campaignLists == "required"))
	}
	return withOptOuts(optOuts, rules...), func() { _ = rdb.Close() }, nil
}

// campaignID is an id that may stand in a Redis key: it comes from outside.
var campaignID = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,128}$`)

var errCampaignID = errors.New("a campaignId must be 1 to 128 letters, digits and _ . : -")

// campaignLists asks the list of each call's own campaign. Where a list is not required, a campaign
// without one is taken to have none: see dnc.DangerouslyAllowMissingList for what that cannot tell
// apart.
func campaignLists(rdb redis.UniversalClient, required bool) dnc.Rule {
	return dnc.ByCampaign(func(id string) (dnc.Checker, error) {
		if !campaignID.MatchString(id) {
			return nil, errCampaignID
		}
		options := []dnc.RedisOption{dnc.WithList("campaign", "dnc:campaign:"+id)}
		if !required {
			options = append(options, dnc.DangerouslyAllowMissingList())
		}
		return dnc.NewRedisChecker(rdb, options...)
	})
}

// sampleList is something to try the server with. Its numbers are from the range that is reserved
// for fiction.
func sampleList(geoRules bool) (*dnc.Memory, error) {
	var numbers []dnc.Number
	for _, s := range []string{"+14155550123", "+14155550142", "+442079460018"} {
		n, err := dnc.ParseNumber(s)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	list := dnc.NewMemory("blacklist", numbers...)
	if geoRules {
		if err := list.SetGeoRule("+1900", dnc.GeoRule{RiskLevel: "high"}); err != nil {
			return nil, err
		}
	}
	return list, nil
}
