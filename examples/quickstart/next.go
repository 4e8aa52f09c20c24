package main

import (
	"context"
	"fmt"
	"io"
)

// next tells what takes the place of the sample list.
func next(_ context.Context, out io.Writer) error {
	_, err := fmt.Fprint(out, `With your own Redis, which holds the numbers in a SET and the geo rules in a HASH:

  redis-cli SADD  dnc:blacklist +14155550123
  redis-cli HSET  dnc:geo_rules +1 '{"allowed":true}' +1900 '{"allowed":false,"riskLevel":"high"}'

these lines make the checker, and the rest stays as it is:

  options, err := dnc.RedisOptions("redis://localhost:6379")
  rdb := redis.NewUniversalClient(options)
  list, err := dnc.NewRedisChecker(rdb, dnc.WithGeoRules("dnc:geo_rules"))
  checker := dnc.Protect(list)

With your own Genesys Cloud, a region and an OAuth client make the source of tokens:

  region, err := auth.ParseRegion("eu-west-1")
  source, err := auth.ClientCredentials{Region: region, ClientID: id, ClientSecret: auth.NewSecret(secret)}.Source()
  client, err := genesys.NewCampaignClient(source)

The other examples do that:

  go run ./examples/server -redis redis://localhost:6379
  go run ./examples/batch  -redis redis://localhost:6379 -in contacts.csv -out decisions.csv
  go run ./examples/preflight plan -redis redis://localhost:6379 -campaign ID
`)
	return err
}
