package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
)

// newChecker makes the Checker that rows are checked by, and the function that lets go of its
// connections.
func newChecker(ctx context.Context, c config, stderr io.Writer) (dnc.Checker, func(), error) {
	var checkers []dnc.Checker
	closeRedis := func() {}
	if len(c.lists) > 0 {
		list, err := readLists(ctx, c, stderr)
		if err != nil {
			return nil, nil, err
		}
		checkers = append(checkers, list)
	}
	if len(c.redisURLs) > 0 {
		options, err := dnc.RedisOptions(c.redisURLs...)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: -redis: %w", errUsage, err)
		}
		var extra []dnc.RedisOption
		if c.geoRules {
			extra = append(extra, dnc.WithGeoRules("dnc:geo_rules"))
		}
		rdb := redis.NewUniversalClient(options)
		list, err := dnc.NewRedisChecker(rdb, extra...)
		if err != nil {
			_ = rdb.Close()
			return nil, nil, fmt.Errorf("%w: -redis: %w", errUsage, err)
		}
		checkers = append(checkers, list)
		closeRedis = func() { _ = rdb.Close() }
	}
	return dnc.Protect(dnc.Union(checkers...)), closeRedis, nil
}

const shownRows = 20

// readLists reads the files of -list. A row that cannot be read would be a number that is called,
// so it is an error; all are shown, up to a bound.
func readLists(ctx context.Context, c config, stderr io.Writer) (*dnc.Memory, error) {
	format := listfile.Lines(c.parse)
	if c.listColumn != "" {
		format = listfile.CSV(c.listColumn, c.parse)
	}
	var numbers []dnc.Number
	bad := 0
	for n, err := range listfile.Files(format, c.lists...) {
		if cause := context.Cause(ctx); cause != nil {
			return nil, orInterrupted(ctx, cause)
		}
		row, isRow := errors.AsType[*listfile.RowError](err)
		switch {
		case isRow:
			if bad++; bad <= shownRows {
				_, _ = fmt.Fprintln(stderr, "batch: -list:", row)
			}
		case err != nil:
			return nil, fmt.Errorf("-list: %w", err)
		default:
			numbers = append(numbers, n)
		}
	}
	switch {
	case bad > 0:
		return nil, fmt.Errorf("-list: %d rows cannot be read, and a number that is lost there would be called: put them right, or give -list-column or -country", bad)
	case len(numbers) == 0:
		return nil, errors.New("-list: the files have no number, so everything would be allowed: is it the right file?")
	}
	return dnc.NewMemory("list", numbers...), nil
}
