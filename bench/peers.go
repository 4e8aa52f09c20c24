package main

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// What people write by hand, from the simplest to the best.

// naive asks two questions, one after the other, for each number.
func (e *environment) naive(ctx context.Context, numbers []string) error {
	for _, n := range numbers {
		if err := e.rdb.SIsMember(ctx, listKey, n).Err(); err != nil {
			return err
		}
		if err := e.rdb.HGet(ctx, geoKey, n[:5]).Err(); err != nil && err != redis.Nil { //nolint:errorlint // as such code does
			return err
		}
	}
	return nil
}

// pipelined asks the two questions of each number in pipelines of 1,000 numbers.
func (e *environment) pipelined(ctx context.Context, numbers []string, chunk int) error {
	for len(numbers) > 0 {
		part := numbers[:min(chunk, len(numbers))]
		numbers = numbers[len(part):]
		p := e.rdb.Pipeline()
		for _, n := range part {
			p.SIsMember(ctx, listKey, n)
			p.HGet(ctx, geoKey, n[:5])
		}
		if _, err := p.Exec(ctx); err != nil && err != redis.Nil { //nolint:errorlint // as such code does
			return err
		}
	}
	return nil
}

// inChunks runs f on chunks of 1,000 numbers with some workers.
func inChunks(numbers []string, workers int, f func(part []string) error) error {
	var next atomic.Int64
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for errs[w] == nil {
				from := int(next.Add(1)-1) * 1000
				if from >= len(numbers) {
					return
				}
				errs[w] = f(numbers[from:min(from+1000, len(numbers))])
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// tuned is SMISMEMBER of 1,000 numbers on two connections, with go-redis and numbers that are
// strings already: no formatting, no guards, a bool for each number.
func (e *environment) tuned(ctx context.Context, numbers []string) error {
	out := make([]bool, 0, len(numbers))
	var mu sync.Mutex
	return inChunks(numbers, 2, func(part []string) error {
		args := make([]any, len(part))
		for i := range part {
			args[i] = &part[i]
		}
		hits, err := e.rdb.SMIsMember(ctx, listKey, args...).Result()
		mu.Lock()
		out = append(out, hits...)
		mu.Unlock()
		return err
	})
}

// tunedRueidis is the same with rueidis, which pipelines its callers on one connection.
func (e *environment) tunedRueidis(ctx context.Context, numbers []string) error {
	return inChunks(numbers, 4, func(part []string) error {
		cmd := e.rueidis.B().Smismember().Key(listKey).Member(part...).Build()
		_, err := e.rueidis.Do(ctx, cmd).AsIntSlice()
		return err
	})
}
