package main

import (
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
)

// newChecker makes the Checker that requests are answered by, and the function that lets go of its
// connections. It dials nothing: a Redis that is not there yet is for /healthz to tell.
func newChecker(c config) (dnc.Checker, func(), error) {
	if len(c.redisURLs) == 0 {
		list, err := sampleList(c.geoRules)
		if err != nil {
			return nil, nil, err
		}
		return dnc.Protect(list), func() {}, nil
	}
	options, err := dnc.RedisOptions(c.redisURLs...)
	if err != nil {
		return nil, nil, fmt.Errorf("-redis: %w", err)
	}
	var extra []dnc.RedisOption
	if c.geoRules {
		extra = append(extra, dnc.WithGeoRules("dnc:geo_rules"))
	}
	rdb := redis.NewUniversalClient(options)
	list, err := dnc.NewRedisChecker(rdb, extra...)
	if err != nil {
		_ = rdb.Close()
		return nil, nil, fmt.Errorf("-redis: %w", err)
	}
	return dnc.Protect(list), func() { _ = rdb.Close() }, nil
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
