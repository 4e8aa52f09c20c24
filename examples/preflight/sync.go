package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/preflight"
)

const listKey = "dnc:blacklist"

// sync brings opt-outs of the platform into the Redis list, and the list to the platform. It may be
// ended and repeated.
func (p *program) sync(ctx context.Context, c config, out io.Writer) error {
	options, err := dnc.RedisOptions(c.redisURLs...)
	if err != nil {
		return fmt.Errorf("%w: -redis: %w", errUsage, err)
	}
	rdb := redis.NewUniversalClient(options)
	defer func() { _ = rdb.Close() }()
	list, err := dnc.NewRedisChecker(rdb)
	if err != nil {
		return err
	}
	writer, err := dnc.NewRedisWriter(rdb)
	if err != nil {
		return err
	}
	opts := []preflight.SyncOption{preflight.WithParse(c.parser.Parse)}
	if len(c.fromLists) > 0 {
		opts = append(opts, preflight.FromDNCLists(c.fromLists...))
	}
	if len(c.wrapUps) > 0 {
		opts = append(opts, preflight.FromWrapUps(c.contactList, c.wrapUps...))
	}
	if c.record != "" {
		opts = append(opts, preflight.IntoList(list, writer, recorder(c.record)))
	}
	if c.toList != "" {
		opts = append(opts, preflight.ToDNCList(c.toList, members(ctx, rdb, c.parser.Parse)))
	}
	if c.dryRun {
		opts = append(opts, preflight.SyncDryRun())
	}
	report, err := preflight.Sync(ctx, p.client, opts...)
	if _, printErr := fmt.Fprintln(out, report); err == nil {
		err = printErr
	}
	return err
}

// members are the numbers of the Redis list. A number that is there all the time is among them, one
// that comes or goes meanwhile may be.
func members(
	ctx context.Context, rdb redis.UniversalClient, parse func(string) (dnc.Number, error),
) iter.Seq2[dnc.Number, error] {
	return func(yield func(dnc.Number, error) bool) {
		scan := rdb.SScan(ctx, listKey, 0, "", 1000).Iterator()
		for scan.Next(ctx) {
			member := scan.Val()
			if strings.HasPrefix(member, "!") { // the marker of a whole list
				continue
			}
			n, err := parse(member)
			if err != nil {
				err = errors.New("the Redis list has a member that is not a phone number: see RedisWriter.Repair")
			}
			if !yield(n, err) || err != nil {
				return
			}
		}
		if err := scan.Err(); err != nil {
			yield(dnc.Number{}, errors.New("the Redis list cannot be read to its end"))
		}
	}
}

// recorder adds a row for each opt-out to a file, and has it on the disk before it returns.
func recorder(name string) func(context.Context, []preflight.OptOut) error {
	return func(_ context.Context, outs []preflight.OptOut) error {
		file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // named by the user
		if err != nil {
			return err
		}
		w := csv.NewWriter(file)
		at := time.Now().UTC().Format(time.RFC3339)
		for _, o := range outs {
			// w.Error returns the first error.
			_ = w.Write([]string{at, o.Number.E164(), o.Source, o.ListID, o.ContactID, o.Column, o.Code})
		}
		w.Flush()
		return errors.Join(w.Error(), file.Sync(), file.Close())
	}
}
