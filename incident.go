package dnc

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// The values of Incident.Event.
const (
	EventFallbackBlock  = "fallback_block"   // numbers were blocked because there was no full answer
	EventFallbackAllow  = "fallback_allow"   // numbers were ALLOWED UNCHECKED because the store was unavailable or too slow
	EventRecovered      = "recovered"        // the outage is over: full answers, and ten seconds without a fallback
	EventBreakerOpen    = "breaker_open"     // a breaker opened: its list is not asked for some seconds
	EventBreakerClosed  = "breaker_closed"   // a breaker closed: its list is asked again
	EventMembersIgnored = "members_ignored"  // the list has members that are not numbers; they are ignored
	EventGeoRuleInvalid = "geo_rule_invalid" // the geo rules have fields or rules that cannot be read
	EventClientOptions  = "client_options"   // the options of the Redis client delay answers
	EventFollowFailed   = "follow_failed"    // Follow cannot keep its list current; every ten seconds while that lasts
)

// Incident is something that an operator should know. It holds no telephone number.
type Incident struct {
	Event   string // one of the Event constants
	List    string // the list concerned, where one can be named
	Numbers int    // how many decisions it concerns, since the previous Incident of the same outage
	Err     error  // what happened
}

// reporter logs incidents and hands them to the hook.
type reporter struct {
	logger *slog.Logger // nil: slog.Default()
	hook   func(Incident)
}

// report ends with a panic of the caller's hook or logger: no answer depends on them.
func (r *reporter) report(ctx context.Context, i Incident) {
	defer func() { _ = recover() }()
	l := r.logger
	if l == nil {
		l = slog.Default()
	}
	attrs := []slog.Attr{slog.String("event", i.Event)}
	if i.List != "" {
		attrs = append(attrs, slog.String("list", i.List))
	}
	if i.Numbers > 0 {
		attrs = append(attrs, slog.Int("numbers", i.Numbers))
	}
	if i.Err != nil {
		attrs = append(attrs, slog.String("error", i.Err.Error()))
	}
	level := slog.LevelWarn
	if i.Event == EventRecovered || i.Event == EventBreakerClosed {
		level = slog.LevelInfo
	}
	l.LogAttrs(context.WithoutCancel(ctx), level, "dnc: "+i.Event, attrs...)
	if r.hook != nil {
		r.hook(i)
	}
}

// outageEvery is the rate at which a lasting outage is reported again, and how long there must be
// no failure before it counts as over.
const outageEvery = 10 * time.Second

// outage reports an event when it begins, then at most every ten seconds with the numbers since,
// and when it is over: ten seconds after the last failure. Failures that alternate with successes
// are one outage. The numbers of all its incidents add up to the numbers concerned.
type outage struct {
	active  atomic.Bool // changed under mu
	mu      sync.Mutex
	last    time.Time // when it was last reported
	failed  time.Time // when it last failed
	pending Incident
}

func (o *outage) add(ctx context.Context, r *reporter, i Incident) {
	o.mu.Lock()
	now := time.Now()
	o.failed = now
	i.Numbers += o.pending.Numbers
	due := !o.active.Load() || now.Sub(o.last) >= outageEvery
	if due {
		o.active.Store(true)
		o.last, o.pending = now, Incident{Event: i.Event, List: i.List}
	} else {
		o.pending = i
	}
	o.mu.Unlock()
	if due {
		r.report(ctx, i)
	}
}

// succeed notes an answer without a failure.
func (o *outage) succeed(ctx context.Context, r *reporter) {
	if !o.active.Load() { // nearly always
		return
	}
	o.mu.Lock()
	over := o.active.Load() && time.Since(o.failed) >= outageEvery
	rest := o.pending
	if over {
		o.active.Store(false)
		o.pending = Incident{}
	}
	o.mu.Unlock()
	if !over {
		return
	}
	if rest.Numbers > 0 {
		r.report(ctx, rest)
	}
	r.report(ctx, Incident{Event: EventRecovered, List: rest.List})
}
