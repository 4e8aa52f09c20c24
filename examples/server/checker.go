package main

import (
	"log/slog"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
)

// newChecker makes what every request asks: the list in Redis, or a sample in memory, under Protect.
func newChecker(c config, log *slog.Logger) (dnc.Checker, func(), error) {
	slog.SetDefault(log) // where Protect reports outages
	if len(c.redis) == 0 {
		log.Warn("no -redis: answering from sample data in memory")
		list, err := sample(c.geoRules)
		return dnc.Protect(list), func() {}, err
	}
	options, err := dnc.RedisOptions(c.redis...)
	if err != nil {
		return nil, nil, err
	}
	rdb := redis.NewUniversalClient(options)
	opts := []dnc.Option{dnc.WithLogger(log)}
	if c.geoRules {
		opts = append(opts, dnc.WithGeoRules("dnc:geo_rules"))
	}
	list, err := dnc.NewRedisChecker(rdb, opts...)
	if err != nil {
		_ = rdb.Close()
		return nil, nil, err
	}
	return dnc.Protect(list), func() { _ = rdb.Close() }, nil
}

func sample(geoRules bool) (*dnc.Memory, error) {
	listed, err := dnc.ParseNumber("+12125550123")
	if err != nil {
		return nil, err
	}
	list := dnc.NewMemory("blacklist", listed)
	if geoRules {
		err = list.SetGeoRule("+1900", dnc.GeoRule{Allowed: false, RiskLevel: "high"})
	}
	return list, err
}
