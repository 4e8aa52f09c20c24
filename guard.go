package dnc

import "time"

type guardConfig struct {
	reporter reporter
	allow    bool          // Fallback allows what it could not check
	limit    time.Duration // of Protect; 0: the default
	policy   BreakerPolicy
	broken   *Error // an option was nil, or refused
}

func newGuardConfig(opts []GuardOption) guardConfig {
	var c guardConfig
	for _, o := range opts {
		if o == nil {
			c.broken = failed("a GuardOption is nil")
			continue
		}
		o.guard(&c)
	}
	c.policy = c.policy.withDefaults()
	return c
}

type guardOption func(c *guardConfig)

func (f guardOption) guard(c *guardConfig) { f(c) }

// WithTimeLimit sets the time limit of each list behind Protect, as TimeLimit does: for one number,
// and for a batch 1 s more per 100,000 numbers. Zero or less is the default, 2 s.
func WithTimeLimit(d time.Duration) GuardOption {
	return guardOption(func(c *guardConfig) { c.limit = d })
}

// WithBreakerPolicy sets when the breakers of Protect and Breaker open and for how long.
func WithBreakerPolicy(p BreakerPolicy) GuardOption {
	return guardOption(func(c *guardConfig) { c.policy = p })
}

// Protect makes the Checker that a dialer should ask. Each list has a time limit and a breaker of
// its own, and there is a fallback that blocks. The lists are c itself, or the Checkers of a Union:
// Protect(Union(national, optOuts)) guards each of the two, and is
//
//	Fallback(Union(Breaker(TimeLimit(national)), Breaker(TimeLimit(optOuts))))
//
// in this order because
//   - a time limit inside the breaker turns a list that hangs into a failure that the breaker can count,
//   - a breaker for each list keeps a dead list from silencing the others,
//   - the fallback outermost decides over the merged answer: a number that any list blocks stays blocked for its own reason.
//
// The options are WithLogger and WithIncidents, WithTimeLimit, WithBreakerPolicy and
// DangerouslyAllowUnchecked. Incidents go to slog.Default() if there is neither of the first two.
func Protect(c Checker, opts ...GuardOption) Checker {
	lists := &union[Number]{cs: []source[Number]{c}}
	if u, ok := c.(*union[Number]); ok {
		lists = u
	}
	return protect(lists, opts)
}

// protect guards each source of a union by itself, and then the whole.
func protect[Q subject](u *union[Q], opts []GuardOption) *fallback[Q] {
	limit := newGuardConfig(opts).limit
	guarded := &union[Q]{none: u.none, cs: make([]source[Q], len(u.cs))}
	for i, c := range u.cs {
		guarded.cs[i] = newBreaker[Q](newTimeout(c, limit), opts)
	}
	return newFallback[Q](guarded, opts)
}
