package retry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// ErrInvalidPolicy is wrapped by every error about a [Policy] with an invalid field.
var ErrInvalidPolicy = errors.New("retry: invalid policy")

const (
	defaultMaxAttempts = 4
	defaultBaseDelay   = 500 * time.Millisecond
	defaultMaxDelay    = 60 * time.Second
)

// A Policy says how often a failed operation is tried again and how long to wait before each try.
//
// It is a value without state, which can be copied and shared. The zero Policy is ready to use, and
// is the default. The package comment has a table of its waits.
type Policy struct {
	// MaxAttempts is the number of tries in all, the first one included. 0 means 4; 1 means that
	// nothing is repeated.
	MaxAttempts int

	// BaseDelay bounds the first wait. The bound doubles with each further wait. The wait is drawn
	// evenly from zero to its bound (full jitter), so that clients that failed at the same time do
	// not try again at the same time. 0 means 500 ms.
	BaseDelay time.Duration

	// MaxDelay bounds every wait. If a server asks for a longer one (Retry-After), the tries end,
	// because an earlier try would only be refused again. 0 means 60 s, the window of limits per
	// minute.
	MaxDelay time.Duration

	// AttemptTimeout ends one try that takes longer; the next one begins with a fresh timeout. For
	// a [Transport] it includes the reading of the response's body, but not the wait for its
	// [LimitTransport]; only the caller's deadline bounds that wait. 0 means that only the caller's
	// deadline bounds a try.
	AttemptTimeout time.Duration

	// Budget bounds the repeats of all operations that share it. With nil, a [Transport] uses a
	// budget of its own, and [Do] none.
	Budget *Budget

	// Logger gets one Warn for each repeat. nil is slog.Default() at the time of the operation.
	Logger *slog.Logger
}

// Validate returns an error that names the first invalid field and wraps [ErrInvalidPolicy]. [Do]
// and [Transport] do the same before their first try.
func (p Policy) Validate() error {
	switch {
	case p.MaxAttempts < 0:
		return fmt.Errorf("%w: MaxAttempts is %d, want 0 (the default) or at least 1", ErrInvalidPolicy, p.MaxAttempts)
	case p.BaseDelay < 0:
		return fmt.Errorf("%w: BaseDelay is %v, want 0 (the default) or more", ErrInvalidPolicy, p.BaseDelay)
	case p.MaxDelay < 0:
		return fmt.Errorf("%w: MaxDelay is %v, want 0 (the default) or more", ErrInvalidPolicy, p.MaxDelay)
	case p.AttemptTimeout < 0:
		return fmt.Errorf("%w: AttemptTimeout is %v, want 0 (none) or more", ErrInvalidPolicy, p.AttemptTimeout)
	}
	return nil
}

// withDefaults fills in what was left at zero.
func (p Policy) withDefaults() Policy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = defaultMaxAttempts
	}
	if p.BaseDelay == 0 {
		p.BaseDelay = defaultBaseDelay
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = defaultMaxDelay
	}
	if p.Logger == nil {
		p.Logger = slog.Default()
	}
	return p
}

// attempt is the context of one try.
func (p Policy) attempt(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.AttemptTimeout > 0 {
		return context.WithTimeoutCause(ctx, p.AttemptTimeout, &timeoutError{after: p.AttemptTimeout})
	}
	return context.WithCancel(ctx)
}

// bound returns the upper bound of the wait after the given number of failed tries. It doubles step
// by step: a shift would overflow for a caller who asks for a hundred tries.
func (p Policy) bound(failed int) time.Duration {
	d := min(p.BaseDelay, p.MaxDelay)
	for range failed - 1 {
		if d > p.MaxDelay/2 {
			return p.MaxDelay
		}
		d *= 2
	}
	return d
}

// delay returns the wait after the given number of failed tries. A wait that the server asked for
// is kept in full, with a little jitter on top: everyone who was throttled was told the same
// second.
func (p Policy) delay(failed int, asked time.Duration) time.Duration {
	if asked > 0 {
		return asked + jitter(min(p.BaseDelay, p.MaxDelay-asked))
	}
	return jitter(p.bound(failed))
}

// throttled returns the wait after a 429 that does not say how long to wait: 8 times BaseDelay,
// then 4 times as long each, up to MaxDelay, with a little jitter on top. Limits are counted per
// minute, and the zero Policy's four tries last longer than one.
func (p Policy) throttled(failed int) time.Duration {
	d := min(p.BaseDelay, p.MaxDelay)
	for range 2*failed + 1 {
		if d > p.MaxDelay/2 {
			return p.MaxDelay
		}
		d *= 2
	}
	return d + jitter(min(p.BaseDelay, p.MaxDelay-d))
}

// jitter draws evenly from [0, bound].
func jitter(bound time.Duration) time.Duration {
	if bound <= 0 {
		return 0
	}
	if bound == 1<<63-1 {
		bound--
	}
	return rand.N(bound + 1)
}
