// Package tally counts what happens to a request on its way: tries, and time spent at a rate limit.
// Package retry counts, and package genesys reads.
package tally

import (
	"context"
	"sync/atomic"
	"time"
)

// A Tally is that of one request. A nil Tally counts nothing.
type Tally struct{ tries, waited atomic.Int64 }

type key struct{}

// Start makes a Tally, and a context that carries it.
func Start(ctx context.Context) (context.Context, *Tally) {
	t := new(Tally)
	return context.WithValue(ctx, key{}, t), t
}

// Of is the Tally of a context, nil without one.
func Of(ctx context.Context) *Tally {
	t, _ := ctx.Value(key{}).(*Tally)
	return t
}

// Try counts a try.
func (t *Tally) Try() {
	if t != nil {
		t.tries.Add(1)
	}
}

// Wait begins to wait. The function that it returns ends the wait.
func (t *Tally) Wait() (end func()) {
	if t == nil {
		return func() {}
	}
	start := time.Now()
	return func() { t.waited.Add(int64(time.Since(start))) }
}

// Retries is how many tries there were after the first.
func (t *Tally) Retries() int { return int(max(t.tries.Load()-1, 0)) }

// Waited is how long the waits were, all together.
func (t *Tally) Waited() time.Duration { return time.Duration(t.waited.Load()) }
