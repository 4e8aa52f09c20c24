package dnc

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

// ErrOption is wrapped by the error of a constructor that refuses an argument or an option. The
// text says what to change.
var ErrOption = errors.New("dnc: option refused")

func badOption(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrOption}, args...)...)
}

// RedisOption configures a RedisChecker, a RedisWriter or a FollowedList.
type RedisOption interface {
	redis(c *redisConfig) error
}

// ProtectOption configures Protect, Breaker and Fallback.
type ProtectOption interface {
	guard(c *protectConfig)
}

// SharedOption is both a RedisOption and a ProtectOption.
type SharedOption interface {
	RedisOption
	ProtectOption
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
		return c, badOption("RequireMarker and DangerouslyAllowMissingList contradict each other")
	}
	if c.geoKey == c.key {
		return c, badOption("the list and the geo rules are at the same key %q", c.key)
	}
	return c, nil
}

// WithList sets the name of the list and the key of its SET. The default is "blacklist" at
// "dnc:blacklist". The name is 1 to 64 of a-z, 0-9 and _. The reason of a listed number is
// dnc_<name>. A Checker asks one list: make a Checker for each list, and combine them with Union.
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

// WithGeoRules also asks the geo rules in the HASH at key, usually "dnc:geo_rules". The rules are
// then required: if the hash is missing, no number is allowed.
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
// Use it for every list that Replace writes. Without the marker, a list that was deleted and then
// got one new number looks like a whole list of one number. By default a Checker requires the
// marker once it has seen it.
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

// DangerouslyAllowMissingList treats a missing list as an empty one, and allows every number. Redis
// cannot tell a list that nobody has filled from one that was evicted, flushed, expired, left in
// another database or lost with its server. In each of these cases EVERY LISTED NUMBER IS ALLOWED.
// A list that this Checker has seen with its completeness marker stays required.
func DangerouslyAllowMissingList() RedisOption {
	return redisOption(func(c *redisConfig) error { c.allowMissing = true; return nil })
}

// AllowEmpty lets RedisWriter.Replace write a list without numbers, so that an opt-out list can
// begin empty. Such a list holds only the completeness marker, and allows every number. Without
// this option Replace refuses an empty sequence, because it is usually a broken export.
func AllowEmpty() RedisOption {
	return redisOption(func(c *redisConfig) error { c.allowEmpty = true; return nil })
}

// WithMemberFormat is for lists whose members have another spelling than "+14155550123". A format
// returns the member for a number: func(n dnc.Number) string { return n.E164()[1:] } leaves out the
// plus, and dnc.Number.E164 is the default. A check asks for all formats in one command. A number
// is listed if one of its members is. RedisWriter writes in the first format.
func WithMemberFormat(formats ...func(Number) string) RedisOption {
	return redisOption(func(c *redisConfig) error {
		if len(formats) == 0 || slices.ContainsFunc(formats, func(f func(Number) string) bool { return f == nil }) {
			return badOption("WithMemberFormat has no format, or one that is nil: leave it out for \"+E.164\"")
		}
		c.formats = slices.Clone(formats)
		return c.once("WithMemberFormat", "give it all formats at once")
	})
}

// DangerouslyAssumePrimary takes every server for the primary, and does not ask its role. It is for
// proxies that know none of ROLE, HELLO and INFO. Such a proxy may also lack transactions, if the
// list has the completeness marker. If an answer comes from a replica that was cut off, or from an
// old primary after a failover, numbers that were added since then ARE ALLOWED. Make sure that no
// connection can ever lead to a replica.
func DangerouslyAssumePrimary() RedisOption {
	return redisOption(func(c *redisConfig) error { c.assumePrimary = true; return nil })
}

// WithGeoRefresh sets how often the health check of RedisChecker reads the geo rules (default 5 s).
// If it could not read them for the time stale (default 60 s), every number that is not listed is
// Unknown, list_stale. stale must be longer than every.
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

func (o sharedOption) guard(c *protectConfig) {
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

// WithIncidents calls f with each incident, which is also logged. Use it to count incidents for a
// metrics library. f runs in the goroutine of the check and must be quick. Several goroutines may
// call it at the same time. A panic of f changes no answer. A nil f is refused.
func WithIncidents(f func(Incident)) SharedOption {
	refused := ""
	if f == nil {
		refused = "WithIncidents(nil): leave it out to have no hook"
	}
	return newShared(refused, func(r *reporter) { r.hook = f })
}
