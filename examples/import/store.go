package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/registry"
)

// patience is how long Redis may take for an answer. Nobody waits for a call here, as they do
// behind a check.
const patience = 5 * time.Second

// connect makes the list, and the function that lets go of its connections. It looks whether Redis
// answers, before files of gigabytes are read in vain, and returns what is in force: a zero Info if
// that is nothing that can be read, which an import replaces.
func connect(ctx context.Context, c config, logs io.Writer) (*registry.Registry, registry.Info, func(), error) {
	options, err := dnc.RedisOptions(c.redisURLs...)
	if err != nil {
		return nil, registry.Info{}, nil, fmt.Errorf("%w: -redis: %w", errUsage, err)
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = patience, patience, patience
	rdb := redis.NewUniversalClient(options)
	logger := slog.New(slog.NewTextHandler(logs, nil))
	list, err := registry.New(rdb, c.list, registry.WithMaxAge(c.maxAge), registry.WithLogger(logger))
	if err != nil {
		_ = rdb.Close()
		return nil, registry.Info{}, nil, fmt.Errorf("%w: -redis, -list: %w", errUsage, err)
	}
	info, err := list.Info(ctx)
	for _, serious := range []error{dnc.ErrStoreUnavailable, dnc.ErrStoreTimeout, dnc.ErrStoreMisconfigured, context.Canceled} {
		if errors.Is(err, serious) {
			_ = rdb.Close()
			return nil, registry.Info{}, nil, err
		}
	}
	return list, info, func() { _ = rdb.Close() }, nil
}

// rollBack goes back to the version before.
func rollBack(ctx context.Context, c config, out io.Writer) error {
	list, before, closeList, err := connect(ctx, c, io.Discard)
	if err != nil {
		return err
	}
	defer closeList()
	now, err := list.Rollback(ctx)
	if err != nil {
		return err
	}
	var t text
	t.line("list %q: version %s is in force again, in place of version %s", c.list, now.Version, orNone(before.Version))
	t.item("numbers", "%s", grouped(int64(now.Numbers))) //nolint:gosec // a count of numbers
	t.item("obtained", "%s", now.Obtained.Format(time.RFC3339))
	return t.print(out)
}
