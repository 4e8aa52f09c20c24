package dnc

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc/internal/hooks"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// What package registry needs of the dealings with Redis, until it asks through internal/redisconn.
func init() {
	hooks.Inspect = func(client any) (hooks.Topology, error) {
		c, err := redisconn.Open(client, redisconn.Settings{})
		if err != nil {
			return hooks.Topology{}, badOption("%w", err)
		}
		t := hooks.Topology{Warning: c.Warning()}
		switch rdb := client.(type) {
		case *redis.Client:
			t.Single, t.Version = true, rdb.Options().Protocol
		case *redis.ClusterClient:
			t.Reload = rdb.ReloadState
		}
		return t, nil
	}
	hooks.StoreError = func(ctx context.Context, list string, err error) error {
		return storeError(list, redisconn.Classify(ctx, err))
	}
	hooks.ContextError = func(ctx context.Context, list string) error {
		if ended(ctx) == nil {
			return nil
		}
		return contextError(ctx, list)
	}
	hooks.Hello = func(list string, reply any) error {
		if f := redisconn.Hello(reply); f != nil {
			return storeError(list, f)
		}
		return nil
	}
}
