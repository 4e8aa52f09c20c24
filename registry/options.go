package registry

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/dnc-go/dnc"
)

type config struct {
	maxAge        time.Duration
	refresh       time.Duration // of a Snapshot
	maxLag        time.Duration // of a Snapshot
	logger        *slog.Logger
	assumePrimary bool
	connections   int // that a batch uses at the same time
	leaseFor      time.Duration
	suffix        func() string // of the ids of versions
	firstGen      func() uint64 // the lowest generation
}

const (
	// US law is the default: a version of the national registry obtained no more than 31 days
	// before the date any call is made. Source: 16 CFR 310.4(b)(3)(iv), 47 CFR 64.1200(c)(2)(i)(D).
	defaultMaxAge      = 31 * 24 * time.Hour
	defaultRefresh     = time.Second
	defaultMaxLag      = time.Minute
	defaultLease       = 30 * time.Second
	defaultConnections = 3
)

// An Option configures a Registry.
type Option func(c *config) error

// WithMaxAge sets how old the data may be at the time of a check, counted from [Import.Obtained].
// With older data every number is Unknown, list_stale. The default is 31 days, the limit for the
// national registry of the United States (16 CFR 310.4(b)(3)(iv)).
func WithMaxAge(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("%w: WithMaxAge(%v): an age is above 0", dnc.ErrOption, d)
		}
		c.maxAge = d
		return nil
	}
}

// WithPolling sets how often a Snapshot asks Redis for a newer version (default 1 s). After the
// time stale without an answer, every number is Unknown, list_stale (default 60 s).
func WithPolling(every, stale time.Duration) Option {
	return func(c *config) error {
		if every <= 0 || stale <= every {
			return fmt.Errorf("%w: WithPolling(%v, %v): the first must be above 0 and below the second", dnc.ErrOption, every, stale)
		}
		c.refresh, c.maxLag = every, stale
		return nil
	}
}

// WithLogger sets where warnings go. They tell of a client whose options ignore deadlines, keys of
// an import that could not be removed, and a Snapshot that cannot load what is in force. The
// default, and what nil means, is slog.Default() at the time of the warning.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		c.logger = l
		return nil
	}
}

// DangerouslyAssumePrimary takes every server for the primary, and does not ask its role. It is for
// proxies that know none of ROLE, HELLO and INFO. A replica can lack numbers, so if the proxy ever
// leads to a replica, A LISTED NUMBER CAN BE ALLOWED.
func DangerouslyAssumePrimary() Option {
	return func(c *config) error {
		c.assumePrimary = true
		return nil
	}
}
