package retry

import (
	"log/slog"
	"math/rand/v2"
	"time"
)

// Policy says how often and after what time something is repeated. It is a value without state: copy and share it freely. The zero
// Policy is four tries with waits of at most 200, 400 and 800 ms.
type Policy struct {
	MaxAttempts   int           // tries in all, the first included; 0 means 4, below 0 means 1
	BaseDelay     time.Duration // the longest first wait; 0 means 200 ms
	MaxDelay      time.Duration // the longest wait that is not the server's wish; 0 means 10 s
	MaxRetryAfter time.Duration // the longest wait that a server may wish for; 0 means 2 min
	Budget        *Budget       // shared by the callers of one server; nil means no bound
	Logger        *slog.Logger  // gets one Warn a retry; nil discards
}

const (
	defaultAttempts   = 4
	defaultBase       = 200 * time.Millisecond
	defaultMax        = 10 * time.Second
	defaultRetryAfter = 2 * time.Minute
)

func (p Policy) withDefaults() Policy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = defaultAttempts
	}
	p.MaxAttempts = max(p.MaxAttempts, 1)
	if p.BaseDelay <= 0 {
		p.BaseDelay = defaultBase
	}
	if p.MaxDelay <= 0 {
		p.MaxDelay = defaultMax
	}
	if p.MaxRetryAfter <= 0 {
		p.MaxRetryAfter = defaultRetryAfter
	}
	if p.Logger == nil {
		p.Logger = slog.New(slog.DiscardHandler)
	}
	return p
}

// backoff is the wait after a number of failed tries, full jitter.
func (p Policy) backoff(failed int) time.Duration {
	most := p.MaxDelay
	// Doubling by shifts would overflow after 63 tries.
	if shift := failed - 1; shift < 32 && p.BaseDelay < p.MaxDelay>>shift {
		most = p.BaseDelay << shift
	}
	return rand.N(most + 1)
}
