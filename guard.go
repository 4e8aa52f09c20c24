package dnc

type guardConfig struct {
	reporter reporter
	allow    bool   // WithFallback allows what it could not check
	broken   *Error // an option was nil
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
	return c
}

// Protect makes the Checker that a dialer should ask: all lists at the same time, each with a time limit and a breaker of its own,
// and a fallback that blocks. It is WithFallback(Union(WithBreaker(WithTimeout(c)) of each c)), in this order because
//   - a time limit inside the breaker turns a list that hangs into a failure that the breaker can count,
//   - a breaker for each list keeps a dead list from silencing the others,
//   - the fallback outermost decides over the merged answer: a number that any list blocks stays blocked for its own reason.
//
// Incidents go to slog.Default(); compose the decorators yourself to send them elsewhere or to choose other limits.
func Protect(cs ...Checker) Checker {
	guarded := make([]Checker, len(cs))
	for i, c := range cs {
		guarded[i] = WithBreaker(WithTimeout(c, 0))
	}
	return WithFallback(Union(guarded...))
}
