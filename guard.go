package dnc

import "time"

type protectConfig struct {
	reporter reporter
	allow    bool          // Fallback allows what it could not check
	limit    time.Duration // of Protect; 0: the default
	policy   BreakerPolicy
	broken   *Error // an option was nil, or refused
}

func newProtectConfig(opts []ProtectOption) protectConfig {
	var c protectConfig
	for _, o := range opts {
		if o == nil {
			c.broken = failed("a ProtectOption is nil")
			continue
		}
		o.guard(&c)
	}
	c.policy = c.policy.withDefaults()
	return c
}

type protectOption func(c *protectConfig)

func (f protectOption) guard(c *protectConfig) { f(c) }

// WithTimeLimit sets the time limit that Protect gives each list: d for one number, and for a batch
// 1 s more per 100,000 numbers. Zero or less means the default, 2 s.
func WithTimeLimit(d time.Duration) ProtectOption {
	return protectOption(func(c *protectConfig) { c.limit = d })
}

// WithBreakerPolicy sets when a breaker opens, and for how long.
func WithBreakerPolicy(p BreakerPolicy) ProtectOption {
	return protectOption(func(c *protectConfig) { c.policy = p })
}

// Protect makes the Checker that a dialer should ask. Each list gets a time limit and a breaker of
// its own, and the whole gets a fallback that blocks. The list is c, or, if c is a Union, each of
// its Checkers. Protect(Union(national, optOuts)) is
//
//	Fallback(Union(Breaker(TimeLimit(national)), Breaker(TimeLimit(optOuts))))
//
// The order matters:
//   - A time limit inside the breaker turns a list that hangs into a failure that the breaker
//     counts.
//   - A breaker for each list: while one list is not asked, the others still are.
//   - The fallback is outermost and sees the merged answer. A number that a list blocks keeps its
//     own reason.
//
// The options are WithLogger, WithIncidents, WithTimeLimit, WithBreakerPolicy and
// DangerouslyAllowUnchecked.
func Protect(c Checker, opts ...ProtectOption) Checker {
	lists := &union[Number]{cs: []source[Number]{c}}
	if u, ok := c.(*union[Number]); ok {
		lists = u
	}
	return protect(lists, opts)
}

// protect guards each source of a union by itself, and then the whole.
func protect[Q subject](u *union[Q], opts []ProtectOption) *fallback[Q] {
	limit := newProtectConfig(opts).limit
	guarded := &union[Q]{none: u.none, cs: make([]source[Q], len(u.cs))}
	for i, c := range u.cs {
		guarded.cs[i] = newBreaker[Q](newTimeout(c, limit), opts)
	}
	return newFallback[Q](guarded, opts)
}
