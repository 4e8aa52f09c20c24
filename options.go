package dnc

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

// ErrOption is wrapped by the error of a constructor that refuses an option or a client; the text
// says what to change.
var ErrOption = errors.New("dnc: option refused")

func badOption(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrOption}, args...)...)
}

// RedisOption configures a RedisChecker or a RedisWriter.
type RedisOption interface {
	redis(c *redisConfig) error
}

// GuardOption configures Protect, Breaker and Fallback.
type GuardOption interface {
	guard(c *guardConfig)
}

// SharedOption configures both.
type SharedOption interface {
	RedisOption
	GuardOption
}

type redisOption func(c *redisConfig) error

func (f redisOption) redis(c *redisConfig) error { return f(c) }

type redisConfig struct {
	list, key     string
	geoKey        string // "": no geo rules
	needMarker    bool
	allowMissing  bool
	allowEmpty    bool
	assumePrimary bool
	minSize       int64
	formats       []func(Number) string // none: "+E.164"
	given         map[string]bool       // the options that are allowed once, while they are read
	lastCode      *atomic.Int32         // the country code that undid a format last
	refresh       time.Duration
	stale         time.Duration
	follow        followConfig
	reporter      reporter
}

const (
	defaultList  = "blacklist"
	defaultKey   = "dnc:blacklist"
	geoRefresh   = 5 * time.Second
	geoStale     = 60 * time.Second
	maxGeoFields = 10_000 // HGETALL of 100,000 fields blocks the server for 65 ms
)

// once refuses an option that is given a second time: the first would be dropped without a word,
// and with it a list.
func (c *redisConfig) once(option, instead string) error {
	if c.given[option] {
		return badOption("%s is given twice: %s", option, instead)
	}
	if c.given == nil {
		c.given = make(map[string]bool)
	}
	c.given[option] = true
	return nil
}

func newRedisConfig(opts []RedisOption) (redisConfig, error) {
	c := redisConfig{list: defaultList, key: defaultKey, lastCode: new(atomic.Int32), refresh: geoRefresh, stale: geoStale, follow: defaultFollow}
	for _, o := range opts {
		if o == nil {
			return c, badOption("an Option is nil")
		}
		if err := o.redis(&c); err != nil {
			return c, err
		}
	}
	if c.needMarker && c.allowMissing {
		return c, badOption("RequireMarker and AllowMissingList contradict each other")
	}
	if c.geoKey == c.key {
		return c, badOption("the list and the geo rules are at the same key %q", c.key)
	}
	return c, nil
}

// WithList names the list and the key of its SET; the default is "blacklist" at "dnc:blacklist".
// One Checker is one list: of several lists make a Checker each, and ask them with Union. The name
// is 1 to 64 of a-z, 0-9 and _, and makes the reason code dnc_<name>.
func WithList(name, key string) RedisOption {
	return redisOption(func(c *redisConfig) error {
		if !listName.MatchString(name) {
			return badOption("a list's name is 1 to 64 of a-z, 0-9 and _")
		}
		if key == "" {
			return badOption("list %q has no key", name)
		}
		c.list, c.key = name, key
		return c.once("WithList", "make a Checker for each list, and ask them all with Union")
	})
}

// WithGeoRules consults the geo rules in the HASH at key, usually "dnc:geo_rules". From then on
// they are required: if the hash is missing, no number is allowed. Without this option no rules are
// consulted.
func WithGeoRules(key string) RedisOption {
	return redisOption(func(c *redisConfig) error {
		if key == "" {
			return badOption("the geo rules have no key; the usual one is \"dnc:geo_rules\"")
		}
		c.geoKey = key
		return c.once("WithGeoRules", "put all rules into one hash, or make a Checker for each and ask them all with Union")
	})
}

// RequireMarker accepts a list only with the completeness marker that RedisWriter.Replace writes.
// Use it for every list that is written by Replace: without the marker a list that was wiped and
// got one new number looks like a list of one. The default is to require it from the first time
// that it was seen.
func RequireMarker() RedisOption {
	return redisOption(func(c *redisConfig) error { c.needMarker = true; return nil })
}

// WithMinSize makes a list of fewer than n numbers list_incomplete. Use it for lists that others
// write; the default is 1.
func WithMinSize(n int) RedisOption {
	return redisOption(func(c *redisConfig) error {
		if n < 1 {
			return badOption("WithMinSize(%d): a minimum is 1 or more", n)
		}
		c.minSize = int64(n)
		return c.once("WithMinSize", "give the one that holds")
	})
}

// AllowMissingList takes a missing list for an empty one, so that its numbers are allowed. Redis
// cannot tell a list that nobody has filled from one that was evicted, flushed, expired, left in
// another database or lost with its server: in each of these cases every number on it WILL BE
// CALLED. A list that was once seen with its completeness marker stays required.
func AllowMissingList() RedisOption {
	return redisOption(func(c *redisConfig) error { c.allowMissing = true; return nil })
}

// AllowEmpty lets RedisWriter.Replace write a list of no numbers, so that an opt-out list can begin
// empty. Such a list holds the completeness marker alone, and allows every number. Without it an
// empty sequence is refused: a list that has become empty is far more often a broken export than
// the truth.
func AllowEmpty() RedisOption {
	return redisOption(func(c *redisConfig) error { c.allowEmpty = true; return nil })
}

// WithMemberFormat is for lists that others keep in another spelling than "+14155550123". Each
// format returns the member for a number, as func(n dnc.Number) string { return n.E164()[1:] } does
// where the plus is missing. All formats are asked, in one command: a number is listed if one of
// its members is. RedisWriter writes in the first. dnc.Number.E164 is the format of "+E.164".
func WithMemberFormat(formats ...func(Number) string) RedisOption {
	return redisOption(func(c *redisConfig) error {
		if len(formats) == 0 || slices.ContainsFunc(formats, func(f func(Number) string) bool { return f == nil }) {
			return badOption("WithMemberFormat has no format, or one that is nil: leave it out for \"+E.164\"")
		}
		c.formats = slices.Clone(formats)
		return c.once("WithMemberFormat", "give it all formats at once")
	})
}

// DangerouslyAssumePrimary accepts answers of a server that does not say whether it is the primary:
// the role is not asked, and a proxy without transactions is accepted for lists that have the
// completeness marker. It is for proxies that know none of ROLE, HELLO and INFO. If an answer comes
// from a replica that was cut off, or from an old primary after a failover, numbers that were added
// since WILL BE CALLED. See that no connection can ever lead to a replica.
func DangerouslyAssumePrimary() RedisOption {
	return redisOption(func(c *redisConfig) error { c.assumePrimary = true; return nil })
}

// WithGeoRefresh sets how often the geo rules are read and the server is looked at (default 5 s),
// and after how long without success the rules are stale and the answer is Unknown (default 60 s).
func WithGeoRefresh(every, stale time.Duration) RedisOption {
	return redisOption(func(c *redisConfig) error {
		if every <= 0 || stale <= every {
			return badOption("WithGeoRefresh(%v, %v): the first must be above 0 and below the second", every, stale)
		}
		c.refresh, c.stale = every, stale
		return nil
	})
}

type sharedOption struct {
	refused string // why the option cannot be used, "" if it can
	set     func(r *reporter)
}

func (o sharedOption) guard(c *guardConfig) {
	if o.refused != "" {
		c.broken = failed(o.refused)
		return
	}
	o.set(&c.reporter)
}

func (o sharedOption) redis(c *redisConfig) error {
	if o.refused != "" {
		return badOption("%s", o.refused)
	}
	o.set(&c.reporter)
	return nil
}

func newShared(refused string, set func(r *reporter)) SharedOption { return sharedOption{refused, set} }

// WithLogger sets where incidents are logged. The default, and what nil means, is slog.Default() at
// the time of the incident. slog.New(slog.DiscardHandler) discards them.
func WithLogger(l *slog.Logger) SharedOption {
	return newShared("", func(r *reporter) { r.logger = l })
}

// WithIncidents calls f with each incident, beside logging it: the place to count them for a
// metrics library. f is called in the goroutine of the check, at the same time in several of them,
// and must be quick. nil is refused.
func WithIncidents(f func(Incident)) SharedOption {
	refused := ""
	if f == nil {
		refused = "WithIncidents(nil): leave it out to have no hook"
	}
	return newShared(refused, func(r *reporter) { r.hook = f })
}
