package dnc

import (
	"context"
	"errors"
	"time"
)

const (
	defaultTimeout = 2 * time.Second
	timePerNumber  = time.Second / 100_000
)

var errTimeLimit = errors.New("the time limit of TimeLimit passed")

// TimeLimit gives each call of c a time limit: d for one number, and for a batch 1 s more per
// 100,000 numbers. Zero or less is the default, 2 s. A deadline of the caller that comes first
// stays. It relies on c to heed its context, as all Checkers here do.
func TimeLimit(c Checker, d time.Duration) Checker {
	if d <= 0 {
		d = defaultTimeout
	}
	return &timeout{c, d}
}

type timeout struct {
	c Checker
	d time.Duration
}

func (t *timeout) Check(ctx context.Context, n Number) (Decision, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.d, errTimeLimit)
	defer cancel()
	return ask(ctx, t.c, n)
}

func (t *timeout) CheckBatch(ctx context.Context, ns []Number) ([]Decision, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.d+time.Duration(len(ns))*timePerNumber, errTimeLimit)
	defer cancel()
	return askBatch(ctx, t.c, ns)
}
