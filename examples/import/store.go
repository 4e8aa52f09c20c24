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

// patience is how long Redis may take for an answer. Nobody waits for a call here, as they do behind a check.
const patience = 5 * time.Second

// connect makes the list, and the function that lets go of its connections. It looks whether Redis answers, before files of gigabytes are
// read in vain, and returns what is in force: a zero Info if that is nothing that can be read, which an import replaces.
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

// showVersions prints what is in force and what was before.
func showVersions(ctx context.Context, c config, out io.Writer) error {
	list, _, closeList, err := connect(ctx, c, io.Discard)
	if err != nil {
		return err
	}
	defer closeList()
	versions, err := list.Versions(ctx)
	if err != nil {
		return err
	}
	var t text
	for i, v := range versions {
		if i == 0 {
			t.line("list %q: version %s is in force, generation %d", c.list, v.Version, v.Generation)
		} else {
			t.line("version %s was before it, for -rollback", v.Version)
		}
		t.item("numbers", "%s of %d shards", grouped(int64(v.Numbers)), v.Shards) //nolint:gosec // a count of numbers
		t.item("coverage", "%s", shown(v.Coverage))
		age := time.Since(v.Obtained)
		t.item("obtained", "%s, %.1f days ago", v.Obtained.Format(time.RFC3339), age.Hours()/24)
		if age > c.maxAge {
			t.item("", "that is older than -max-age, %v: every number is unknown, list_stale", c.maxAge)
		}
		t.item("loaded", "%s", v.Loaded.Format(time.RFC3339))
		t.item("source", "%s", orNone(v.Source))
		t.item("SHA-256", "%s", orNone(v.SHA256))
	}
	return t.print(out)
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
