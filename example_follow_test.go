package dnc_test

import (
	"context"
	"fmt"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
)

func ExampleFollow() {
	server, _ := miniredis.Run() // your Redis
	defer server.Close()
	_, _ = server.SetAdd("crm:optouts", "+12125550123", "+12125550124")
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true})
	defer func() { _ = rdb.Close() }()

	ctx := context.Background()
	list, err := dnc.Follow(ctx, rdb, dnc.WithList("optouts", "crm:optouts"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer list.Close()
	if err := list.Wait(ctx); err != nil { // until the list is loaded every answer is Unknown
		fmt.Println(err)
		return
	}
	checker := dnc.Protect(list)
	caller := number("+12125550199")
	d, err := checker.Check(ctx, caller)
	fmt.Println(d, err)
	_, err = list.Add(ctx, caller) // "do not call me again"
	fmt.Println(err)
	d, err = checker.Check(ctx, caller)
	fmt.Println(d, err)
	// Output:
	// +1******0199 allow allowed list=optouts <nil>
	// <nil>
	// +1******0199 block dnc_optouts list=optouts <nil>
}
