package dnc

import (
	"context"
	"errors"
	"math"
	"time"
)

const (
	defaultTimeout = 2 * time.Second
	timePerNumber  = time.Second / 100_000
)

var errTimeLimit = errors.New("the time limit of TimeLimit passed")

// TimeLimit gives each check of c a time limit: d for one number, and for a batch 1 s more per
// 100,000 numbers. Zero or less means the default, 2 s. An earlier deadline of the caller stays. c
// must return when its context ends, as all Checkers of this module do.
func TimeLimit(c Checker, d time.Duration) Checker { return newTimeout[Number](c, d) }

func newTimeout[Q subject](c source[Q], d time.Duration) *timeout[Q] {
	if d <= 0 {
		d = defaultTimeout
	}
	return &timeout[Q]{c, d}
}

type timeout[Q subject] struct {
	c source[Q]
	d time.Duration
}

func (t *timeout[Q]) Check(ctx context.Context, q Q) (Decision, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.d, errTimeLimit)
	defer cancel()
	return ask(ctx, t.c, q)
}

func (t *timeout[Q]) CheckBatch(ctx context.Context, qs []Q) ([]Decision, error) {
	limit := t.d
	if more := time.Duration(len(qs)) * timePerNumber; more <= math.MaxInt64-limit { // else it is no limit anyway
		limit += more
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTimeLimit)
	defer cancel()
	return askBatch(ctx, t.c, qs)
}
