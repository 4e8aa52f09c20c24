package dnc

import (
	"context"

	"github.com/dnc-go/dnc/internal/hooks"
)

// What other packages of this module need of the dealings with Redis.
func init() { // package registry imports this one, so it cannot be the other way round
	hooks.Inspect = func(client any) (hooks.Topology, error) {
		rdb, _ := client.(Client)
		t, err := inspect(rdb)
		return hooks.Topology{Single: t.single, Version: t.version, Reload: t.reload, Warning: t.warning}, err
	}
	hooks.StoreError = func(ctx context.Context, list string, err error) error { return storeError(ctx, list, err) }
	hooks.ContextError = func(ctx context.Context, list string) error {
		if ended(ctx) == nil {
			return nil
		}
		return contextError(ctx, list)
	}
	hooks.Hello = func(list string, reply any) error { return asError(judgeHello(list, reply)) }
}
