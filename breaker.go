package dnc

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// BreakerPolicy says when a breaker opens, and for how long. A field that is zero, or out of range,
// has its default. With the defaults, one dead shard of a cluster of three opens no breaker: only a
// third of the checks fail.
type BreakerPolicy struct {
	Window         time.Duration // the span of time in which checks are counted; default 10 s
	MinChecks      int           // it does not open with fewer checks in the window; a batch is one check; default 20
	FailurePercent int           // it opens when at least this share of them failed, 1 to 100; default 80
	Pause          time.Duration // how long it stays open, until one check tries the list again; default 3 s
}

// longestWindow is 73 years: gobreaker adds to a duration, which must not overflow.
const longestWindow = time.Duration(math.MaxInt64 / 4)

func (p BreakerPolicy) withDefaults() BreakerPolicy {
	if p.Window <= 0 {
		p.Window = 10 * time.Second
	}
	if p.MinChecks <= 0 {
		p.MinChecks = 20
	}
	if p.FailurePercent <= 0 || p.FailurePercent > 100 {
		p.FailurePercent = 80
	}
	if p.Pause <= 0 {
		p.Pause = 3 * time.Second
	}
	p.Window, p.Pause = min(p.Window, longestWindow), min(p.Pause, longestWindow)
	return p
}

// Breaker opens, and stops asking c for 3 s, when 80 % of at least 20 checks within 10 s failed.
// WithBreakerPolicy changes these numbers. While it is open, every number is at once Unknown,
// store_unavailable. Then one check tries c again. If it succeeds, the breaker closes. Only
// store_unavailable and store_timeout are failures. A batch failed if none of its numbers was
// decided. A check that its caller canceled, or whose own deadline passed, is not counted. Give
// each list a breaker of its own. Opening and closing are incidents.
func Breaker(c Checker, opts ...ProtectOption) Checker { return newBreaker[Number](c, opts) }

func newBreaker[Q subject](c source[Q], opts []ProtectOption) *breaker[Q] {
	b := &breaker[Q]{c: c, config: newProtectConfig(opts)}
	p := b.config.policy
	b.cb = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: 1, Interval: p.Window, BucketPeriod: max(p.Window/10, time.Millisecond), Timeout: p.Pause,
		ReadyToTrip: func(n gobreaker.Counts) bool {
			asked := uint64(n.TotalSuccesses) + uint64(n.TotalFailures)
			return asked >= uint64(p.MinChecks) && uint64(n.TotalFailures)*100 >= asked*uint64(p.FailurePercent) //nolint:gosec // both are above 0
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
	config  protectConfig
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
	settled := false
	defer func() { giveBack(done, settled) }()
	d, err := ask(ctx, b.c, q)
	settled = true
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
	settled := false
	defer func() { giveBack(done, settled) }()
	ds, err := askBatch(ctx, b.c, qs)
	settled = true
	b.settle(ctx, done, ds, err)
	return ds, err
}

// giveBack frees the place of a check that ended its goroutine: a breaker that waits for its only
// probe would never close again.
func giveBack(done func(error), settled bool) {
	if !settled {
		done(errNotCounted)
	}
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
		done(errNotCounted) // the caller gave up, or every number is invalid
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
