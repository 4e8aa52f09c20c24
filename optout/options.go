package optout

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"github.com/dnc-go/dnc"
)

// An Option configures an Intake.
type Option func(c *config) error

type config struct {
	list      string
	names     []string
	targets   []Target
	timeout   time.Duration
	minWait   time.Duration
	maxWait   time.Duration
	deadlines []Deadline
	logger    *slog.Logger
	now       func() time.Time
	fs        fileSystem
	segment   int64
	batch     int // bytes of the records that are written at once
}

const (
	defaultTimeout = 30 * time.Second
	defaultMinWait = time.Second
	defaultMaxWait = 5 * time.Minute
	maxTargets     = 64
)

var (
	targetName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)
	listName   = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)
)

func newConfig(opts []Option) (config, error) {
	c := config{
		list: "optouts", timeout: defaultTimeout, minWait: defaultMinWait, maxWait: defaultMaxWait,
		deadlines: Deadlines(), now: time.Now, fs: osFiles{}, segment: defaultSegment, batch: maxBatch,
	}
	for _, o := range opts {
		if o == nil {
			return c, fmt.Errorf("%w: an Option is nil", dnc.ErrOption)
		}
		if err := o(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// WithTarget adds a target, which gets every opt-out. The name is 1 to 64 of a-z, 0-9, - and _.
// Keep the name of a target: the outbox stores under it what was delivered, so a target with a new
// name gets all opt-outs in force. At most 64 targets.
func WithTarget(name string, t Target) Option {
	return func(c *config) error {
		f, isFunc := t.(TargetFunc)
		l, isList := t.(listTarget)
		switch {
		case !targetName.MatchString(name):
			return fmt.Errorf("%w: WithTarget: the name of a target is 1 to 64 of a-z, 0-9, - and _", dnc.ErrOption)
		case slices.Contains(c.names, name):
			return fmt.Errorf("%w: WithTarget: there are two targets %q", dnc.ErrOption, name)
		case t == nil || isFunc && f == nil || isList && l.list == nil:
			return fmt.Errorf("%w: WithTarget: the target %q is nil", dnc.ErrOption, name)
		case len(c.names) == maxTargets:
			return fmt.Errorf("%w: WithTarget: there are more than %d targets", dnc.ErrOption, maxTargets)
		}
		c.names, c.targets = append(c.names, name), append(c.targets, t)
		return nil
	}
}

// WithListName sets the name of the list of [Intake.Checker], 1 to 64 of a-z, 0-9 and _. The
// default is "optouts", so the reason of a blocked number is dnc_optouts.
func WithListName(name string) Option {
	return func(c *config) error {
		if !listName.MatchString(name) {
			return fmt.Errorf("%w: WithListName: a list's name is 1 to 64 of a-z, 0-9 and _", dnc.ErrOption)
		}
		c.list = name
		return nil
	}
}

// WithBackoff sets the waits before a target that failed is tried again. The first wait doubles
// with each failure, up to the longest. The defaults are 1 s and 5 min. Each wait is shortened by
// up to half at random.
func WithBackoff(first, longest time.Duration) Option {
	return func(c *config) error {
		if first <= 0 || longest < first {
			return fmt.Errorf("%w: WithBackoff(%v, %v): the first must be above 0 and at most the second", dnc.ErrOption, first, longest)
		}
		c.minWait, c.maxWait = first, longest
		return nil
	}
}

// WithDeliveryTimeout sets the time limit of one Target.Deliver. The default is 30 s.
func WithDeliveryTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("%w: WithDeliveryTimeout(%v): a time limit is above 0", dnc.ErrOption, d)
		}
		c.timeout = d
		return nil
	}
}

// WithDeadlines sets the time limits of [Intake.Overdue]. The default is [Deadlines].
func WithDeadlines(table ...Deadline) Option {
	return func(c *config) error {
		for i, d := range table {
			if d.Days <= 0 {
				return fmt.Errorf("%w: WithDeadlines: row %d has no days", dnc.ErrOption, i)
			}
		}
		c.deadlines = slices.Clone(table)
		return nil
	}
}

// WithLogger sets where warnings go: deliveries that failed, and records that could not be written.
// They hold no telephone number. The default, and what nil means, is slog.Default() at the time of
// the warning.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		c.logger = l
		return nil
	}
}

// WithClock sets the clock for the times of intake and delivery. The default is [time.Now].
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return fmt.Errorf("%w: WithClock: the function is nil", dnc.ErrOption)
		}
		c.now = now
		return nil
	}
}

func (c *config) log() *slog.Logger {
	if c.logger == nil {
		return slog.Default()
	}
	return c.logger
}
