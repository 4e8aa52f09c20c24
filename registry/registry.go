package registry

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/hooks"
)

// Registry is a very large list in Redis that is replaced as a whole: a [dnc.Checker], and the importer of the list. It is safe for
// concurrent use.
//
// Allow is given only when the list's head, the shard's completeness marker and the block were read without an error, the
// number lies within the coverage, the data is not older than [WithMaxAge], and the version is the one in force. A version lower
// than one that this Registry has seen is list_stale: a primary that was restarted from an old dump, or cut off, answers like
// that. A new process cannot know.
//
// The rights that checking needs (Redis ACL), of a list named national:
//
//	%R~dnc:list:national %R~dnc:list:national:* -@all +hmget +hgetall +hello +auth +ping +client +select, and in a cluster
//	+cluster|slots +cluster|shards +cluster|nodes +command +readonly +asking
//
// and importing besides:
//
//	~dnc:list:national ~dnc:list:national:* +hset +hdel +hincrby +hlen +unlink +sadd +srem +smembers +set +get +eval +pexpire +del +wait
type Registry struct {
	name, key string
	rdb       dnc.Client
	config
	topology hooks.Topology

	head      atomic.Pointer[head] // the newest that was seen; nil: none, or the list was deleted
	seen      sync.Mutex           // held while it is replaced
	highest   uint64               // the highest generation that was seen, under seen
	verified  atomic.Int64         // when the server's role was last found right, in nanoseconds since epoch
	reloaded  atomic.Int64         // when a cluster's topology was last asked for
	announced sync.Once
	scratch   sync.Pool
}

type config struct {
	maxAge   time.Duration
	follow   time.Duration
	maxLag   time.Duration
	logger   *slog.Logger
	lanes    int
	leaseFor time.Duration
	suffix   func() string // of the ids of versions
	firstGen func() uint64 // the lowest generation
}

// An Option configures a Registry.
type Option func(c *config) error

// US law is the default: a version of the national registry obtained no more than 31 days before the date any call is made.
// Source: 16 CFR 310.4(b)(3)(iv), 47 CFR 64.1200(c)(2)(i)(D).
const defaultMaxAge = 31 * 24 * time.Hour

const (
	defaultFollow = time.Second
	defaultMaxLag = time.Minute
	defaultLease  = 30 * time.Second
	lookAgain     = 5 * time.Second // after which the server's role is asked for again
	retryReload   = 250 * time.Millisecond
)

// WithMaxAge sets how old the data may be at the time of a check, counted from when it was obtained from the registry. Older data is
// list_stale. The default is 31 days, as 16 CFR 310.4(b)(3)(iv) has it for the national registry of the United States.
func WithMaxAge(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("%w: WithMaxAge(%v): an age is above 0", dnc.ErrOption, d)
		}
		c.maxAge = d
		return nil
	}
}

// WithFollow is for [Registry.Snapshot]: how often it looks for a newer version (default 1 s), and after how long without
// reaching Redis its answers are list_stale (default 60 s).
func WithFollow(every, stale time.Duration) Option {
	return func(c *config) error {
		if every <= 0 || stale <= every {
			return fmt.Errorf("%w: WithFollow(%v, %v): the first must be above 0 and below the second", dnc.ErrOption, every, stale)
		}
		c.follow, c.maxLag = every, stale
		return nil
	}
}

// WithLogger sets where warnings go: a client that outlives its deadlines, remains of an import that could not be removed, a
// Snapshot that cannot follow. nil discards them; the default is [slog.Default] at that time.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			l = slog.New(slog.DiscardHandler)
		}
		c.logger = l
		return nil
	}
}

var listName = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)

// New makes the Registry of a name, 1 to 64 of a-z, 0-9 and _: its keys begin with "dnc:list:<name>", and a listed number has the reason
// dnc_<name>. It dials nothing. The client stays the caller's to close; one that reads from replicas or does not verify certificates
// is refused. Errors wrap [dnc.ErrOption] and say what to change.
func New(rdb dnc.Client, name string, opts ...Option) (*Registry, error) {
	t, err := hooks.Inspect(rdb)
	if err != nil {
		return nil, err
	}
	if !listName.MatchString(name) {
		return nil, fmt.Errorf("%w: a list's name is 1 to 64 of a-z, 0-9 and _", dnc.ErrOption)
	}
	r := &Registry{name: name, key: "dnc:list:" + name, rdb: rdb, topology: t, config: config{
		maxAge: defaultMaxAge, follow: defaultFollow, maxLag: defaultMaxLag, lanes: 3, leaseFor: defaultLease, suffix: newSuffix, firstGen: minutes,
	}}
	for _, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("%w: an Option is nil", dnc.ErrOption)
		}
		if err := o(&r.config); err != nil {
			return nil, err
		}
	}
	r.scratch.New = func() any { return new(scratch) }
	r.verified.Store(never)
	r.reloaded.Store(never)
	return r, nil
}

var epoch = time.Now() // has a monotonic clock, which no change of the system's time moves

const never = math.MinInt64 / 2 // long before epoch

func (r *Registry) warn(ctx context.Context, text string, err error) {
	l := r.logger
	if l == nil {
		l = slog.Default()
	}
	attrs := []slog.Attr{slog.String("list", r.name)}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	l.LogAttrs(context.WithoutCancel(ctx), slog.LevelWarn, "dnc: registry: "+text, attrs...)
}

// reload has a cluster client look for the new primary of a shard that does not answer, at most four times a second: by itself it
// looks once a minute.
func (r *Registry) reload(ctx context.Context) {
	if r.topology.Reload == nil {
		return
	}
	now, last := int64(time.Since(epoch)), r.reloaded.Load()
	if now-last >= int64(retryReload) && r.reloaded.CompareAndSwap(last, now) {
		r.topology.Reload(ctx)
	}
}
