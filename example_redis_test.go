package dnc_test

import (
	"context"
	"fmt"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
)

func ExampleNewRedisChecker() {
	server, _ := miniredis.Run() // your Redis
	defer server.Close()
	_, _ = server.SetAdd("dnc:blacklist", "+12125550123")
	server.HSet("dnc:geo_rules", "+1900", `{"allowed":false,"riskLevel":"high"}`)

	options, err := dnc.RedisOptions("redis://" + server.Addr())
	if err != nil {
		fmt.Println(err)
		return
	}
	rdb := redis.NewUniversalClient(options)
	defer func() { _ = rdb.Close() }()

	list, err := dnc.NewRedisChecker(rdb, dnc.WithGeoRules("dnc:geo_rules"), dnc.WithMinSize(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range []string{"+12125550123", "+19005550123", "+12125550199"} {
		d, err := list.Check(context.Background(), number(s))
		fmt.Println(d, err)
	}
	// Output:
	// +1******0123 block dnc_blacklist list=blacklist <nil>
	// +1******0123 block geo_blocked_high list=geo_rules <nil>
	// +1******0199 allow allowed list=blacklist <nil>
}

func ExampleRedisWriter() {
	server, _ := miniredis.Run()
	defer server.Close()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true})
	defer func() { _ = rdb.Close() }()

	ctx := context.Background()
	optOuts := dnc.WithList("optouts", "crm:optouts")
	w, err := dnc.NewRedisWriter(rdb, optOuts)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = w.Add(ctx, number("+12125550123"))
	fmt.Println(err)
	count, err := w.Replace(ctx, func(yield func(dnc.Number, error) bool) {
		_ = yield(dnc.ParseNumber("+12125550123")) && yield(dnc.ParseNumber("+12125550124"))
	})
	fmt.Println(count, err)

	list, _ := dnc.NewRedisChecker(rdb, optOuts, dnc.RequireMarker())
	d, err := list.Check(ctx, number("+12125550124"))
	fmt.Println(d, err)
	// Output:
	// dnc: list "optouts": list_missing: key "crm:optouts" does not exist: load the list with Replace first
	// 2 <nil>
	// +1******0124 block dnc_optouts list=optouts <nil>
}

func ExampleRedisOptions() {
	cluster, err := dnc.RedisOptions("redis://one:6379,redis://two:6379")
	fmt.Println(cluster.Addrs, cluster.ReadTimeout, err)
	_, err = dnc.RedisOptions("rediss://one:6379?skip_verify=true")
	fmt.Println(err)
	// Output:
	// [one:6379 two:6379] 300ms <nil>
	// dnc: option refused: a Redis URL has a parameter that is not known here; known are cluster=true and master_name
}
