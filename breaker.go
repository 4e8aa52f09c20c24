package dnc

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// BreakerPolicy says when a breaker opens and for how long. The zero value of each field is its
// default. With the defaults one dead shard of a cluster of three, a third of the calls, opens
// nothing.
type BreakerPolicy struct {
	Window  time.Duration // over which calls are counted, in steps of a tenth; 10 s
	Calls   int           // fewest calls in the window for it to open; 20
	Percent int           // share of failures at which it opens, 1 to 100; 80
	Pause   time.Duration // after which one call tries again; 3 s
}

func (p BreakerPolicy) withDefaults() BreakerPolicy {
	if p.Window <= 0 {
		p.Window = 10 * time.Second
	}
	if p.Calls <= 0 {
		p.Calls = 20
	}
	if p.Percent <= 0 || p.Percent > 100 {
		p.Percent = 80
	}
	if p.Pause <= 0 {
		p.Pause = 3 * time.Second
	}
	return p
}

// Breaker stops asking c for 3 s when it fails: at 80 % of at least 20 calls within 10 s, or as
// WithBreakerPolicy sets. Meanwhile its numbers are Unknown, store_unavailable, at once. Then one
// call tries. If it succeeds, all calls go through again. Only store_unavailable and store_timeout
// are failures, and of a batch only if none of its numbers was decided. A call that the caller
// canceled, or whose own deadline passed before a time limit did, counts neither way. Give each
// list a breaker of its own. Opening and closing are incidents.
func Breaker(c Checker, opts ...GuardOption) Checker { return newBreaker[Number](c, opts) }

func newBreaker[Q subject](c source[Q], opts []GuardOption) *breaker[Q] {
	b := &breaker[Q]{c: c, config: newGuardConfig(opts)}
	p := b.config.policy
	b.cb = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: 1, Interval: p.Window, BucketPeriod: max(p.Window/10, time.Millisecond), Timeout: p.Pause,
		ReadyToTrip: func(n gobreaker.Counts) bool {
			asked := uint64(n.TotalSuccesses) + uint64(n.TotalFailures)
			return asked >= uint64(p.Calls) && uint64(n.TotalFailures)*100 >= asked*uint64(p.Percent) //nolint:gosec // both are above 0
		},
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch {
			case from == gobreaker.StateClosed:
				b.changed.Store(nowOpen)
			case to == gobreaker.StateClosed:
				b.changed.Store(nowClosed)
			}
		},
		IsSuccessful: func(err error) bool { return err == nil },
		IsExcluded:   func(err error) bool { return errors.Is(err, errNotCounted) },
	})
	return b
}

// What the breaker has turned to and nobody has reported yet. A probe that fails is the same outage
// going on.
const (
	nowOpen   = 1
	nowClosed = 2
)

var (
	errNotCounted = errors.New("the caller gave up")
	errCounted    = errors.New("the store failed")
)

type breaker[Q subject] struct {
	c       source[Q]
	config  guardConfig
	cb      *gobreaker.TwoStepCircuitBreaker[struct{}]
	changed atomic.Int32 // set under the breaker's lock, reported outside it
	last    atomic.Pointer[Error]
}

func (b *breaker[Q]) Check(ctx context.Context, q Q) (Decision, error) {
	n := q.number()
	if n.IsZero() {
		return blockInvalid(), nil
	}
	done, refused := b.admit()
	if refused != nil {
		return unknown(n, refused), refused
	}
	d, err := ask(ctx, b.c, q)
	b.settle(ctx, done, []Decision{d}, err)
	return d, err
}

func (b *breaker[Q]) CheckBatch(ctx context.Context, qs []Q) ([]Decision, error) {
	if len(qs) == 0 {
		return []Decision{}, nil
	}
	done, refused := b.admit()
	if refused != nil {
		return failBatch(numbersOf(qs), refused)
	}
	ds, err := askBatch(ctx, b.c, qs)
	b.settle(ctx, done, ds, err)
	return ds, err
}

func (b *breaker[Q]) admit() (done func(error), refused *Error) {
	if b.config.broken != nil {
		return nil, b.config.broken
	}
	done, err := b.cb.Allow()
	if err == nil {
		return done, nil
	}
	e := &Error{Code: CodeStoreUnavailable, Hint: "the breaker is open after too many failures; it tries again within seconds"}
	if last := b.last.Load(); last != nil {
		e.List, e.Err = last.List, last
	}
	return nil, e
}

// settle tells the breaker how a call went.
func (b *breaker[Q]) settle(ctx context.Context, done func(error), ds []Decision, err error) {
	failure, decided := false, false
	for i := range ds {
		if ds[i].Verdict != Unknown {
			if decided = ds[i].Number.v != 0; decided {
				break
			}
			continue
		}
		failure = failure || storeFailed(ds[i])
	}
	switch {
	case ended(ctx) != nil, !decided && !failure && err == nil:
		done(errNotCounted) // the caller's end, or nothing but invalid numbers
	case failure && !decided:
		if e, ok := errors.AsType[*Error](err); ok {
			b.last.Store(e)
		}
		done(errCounted)
	default:
		done(nil)
	}
	if to := b.changed.Swap(0); to != 0 {
		b.announce(ctx, to == nowOpen)
	}
}

func (b *breaker[Q]) announce(ctx context.Context, open bool) {
	i := Incident{Event: EventBreakerClosed}
	last := b.last.Load()
	if last != nil {
		i.List = last.List
	}
	if open {
		i.Event = EventBreakerOpen
		if last != nil {
			i.Err = last
		}
	}
	b.config.reporter.report(ctx, i)
}

func storeFailed(d Decision) bool {
	for _, r := range d.Reasons.all() {
		if r.Code == CodeStoreUnavailable || r.Code == CodeStoreTimeout {
			return true
		}
	}
	return false
}
