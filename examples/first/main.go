// First asks whether one number may be dialled.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
)

func main() {
	options, err := dnc.RedisOptions("redis://localhost:6379")
	if err != nil {
		log.Fatal(err)
	}
	list, err := dnc.NewRedisChecker(redis.NewUniversalClient(options)) // the SET "dnc:blacklist"
	if err != nil {
		log.Fatal(err)
	}
	checker := dnc.Protect(list) // with a time limit; it blocks when Redis has no full answer

	number, err := dnc.ParseNumber("+1 (415) 555-0123")
	if err != nil {
		log.Fatal(err) // the error says what to change
	}
	decision, err := checker.Check(context.Background(), number)
	fmt.Println(decision.Callable(), decision, err) // dial number.E164() only if Callable is true
}
