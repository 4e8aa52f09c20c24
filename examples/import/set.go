package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

// connectSet makes the writer of a SET, and the function that lets go of its connections. It
// returns how many numbers it has.
func connectSet(ctx context.Context, c config) (*dnc.RedisWriter, uint64, func(), error) {
	options, err := dnc.RedisOptions(c.redisURLs...)
	if err != nil {
		return nil, 0, nil, fmt.Errorf("%w: -redis: %w", errUsage, err)
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = patience, patience, patience
	rdb := redis.NewUniversalClient(options)
	writer, err := dnc.NewRedisWriter(rdb, dnc.WithList(c.list, c.set))
	if err != nil {
		_ = rdb.Close()
		return nil, 0, nil, fmt.Errorf("%w: -redis, -list, -set: %w", errUsage, err)
	}
	p := rdb.TxPipeline()
	size, marked := p.SCard(ctx, c.set), p.SIsMember(ctx, c.set, marker)
	if _, err := p.Exec(ctx); err != nil {
		_ = rdb.Close()
		return nil, 0, nil, fmt.Errorf("the SET %s cannot be read: %w", c.set, err)
	}
	numbers := size.Val()
	if marked.Val() {
		numbers--
	}
	return writer, uint64(max(numbers, 0)), func() { _ = rdb.Close() }, nil
}

// marker is the member by which dnc.RequireMarker knows that a SET is complete.
const marker = "!complete"

// fillSet puts the numbers of the files in the place of the SET, as a whole. The limits are checked
// before it is replaced.
func (j *job) fillSet(ctx context.Context) (r registry.ImportReport, err error) {
	start := time.Now()
	defer func() { r.Elapsed = time.Since(start) }()
	n, err := j.writer.Replace(ctx, func(yield func(dnc.Number, error) bool) {
		for n, err := range j.reading.all {
			if row, ok := errors.AsType[*listfile.RowError](err); ok {
				reject(&r, row.Line, row)
				continue
			}
			if j.reading.rows%lookEvery == 1 {
				j.progress.set(registry.PhaseRead, r.Read, r.Rejected)
			}
			r.Read++
			if !yield(n, err) || err != nil {
				return
			}
		}
		if err := j.refuses(r, false); err != nil {
			yield(dnc.Number{}, err)
		}
	})
	r.Numbers, r.Duplicates = int64(n), max(r.Read-int64(n), 0)
	return r, err
}
