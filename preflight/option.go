package preflight

import (
	"fmt"
	"slices"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

// An Option changes how a plan is made. [NewPlan] refuses an invalid option with an error that
// wraps [ErrInvalidInput].
type Option interface{ plan(c *config) error }

type planOption func(*config) error

func (f planOption) plan(c *config) error { return f(c) }

// A ParseOption is an option of [NewPlan], [ReadPlan], [Load] and [Sync].
type ParseOption interface {
	Option
	ReadOption
	LoadOption
	SyncOption
}

// A ReadOption gives [ReadPlan] what the file of a plan cannot keep.
type ReadOption interface{ read(c *config) error }

// An HoursOption is an option of [NewPlan] and [ReadPlan].
type HoursOption interface {
	Option
	ReadOption
}

type hoursOption struct {
	rule     dnc.Rule
	template dnc.Call
}

func (o hoursOption) plan(c *config) error {
	if o.rule == nil {
		return invalid("WithHours: the rule is nil")
	}
	c.hours, c.hoursOf, c.askHours = o.rule, o.template, true
	return nil
}

func (o hoursOption) read(c *config) error { return o.plan(c) }

type parseOption struct {
	parse func(string) (dnc.Number, error)
}

func (o parseOption) check() error {
	if o.parse == nil {
		return invalid("WithParse(nil): leave it out for E.164")
	}
	return nil
}

func (o parseOption) plan(c *config) error {
	c.parse, c.parseGiven = o.parse, true
	return o.check()
}

func (o parseOption) read(c *config) error {
	c.parse = o.parse
	return o.check()
}

func (o parseOption) load(c *loadConfig) error {
	c.parse = o.parse
	return o.check()
}

func (o parseOption) sync(c *syncConfig) error {
	c.parse = o.parse
	return o.check()
}

type config struct {
	parse        func(string) (dnc.Number, error)
	parseGiven   bool // WithParse was given, also to the plan that was saved
	rulesGiven   bool
	rules        genesys.Rules
	blockUnknown bool
	start        bool
	accept       []GapKind
	redial       bool
	hours        dnc.Rule
	hoursOf      dnc.Call
	askHours     bool    // WithHours was given, also to the plan that was saved
	earlier      []*Plan // whose entries may be taken off
}

func newConfig(opts []Option) (config, error) {
	c := config{parse: dnc.ParseNumber}
	for _, o := range opts {
		if o == nil {
			return c, invalid("an Option is nil")
		}
		if err := o.plan(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("preflight: %w: %s", ErrInvalidInput, fmt.Sprintf(format, args...))
}

// WithParse sets the function that reads a number from a cell, such as dnc.Parser{Country:
// "1"}.Parse. The default is [dnc.ParseNumber], which reads international forms only.
func WithParse(parse func(string) (dnc.Number, error)) ParseOption { return parseOption{parse} }

// WithRules sets what the campaign must obey besides the numbers that the checker blocks. The
// default is the zero Rules.
//
//   - ContactListID is another contact list. The plan is then made for that list.
//   - BlockedNumbers are more numbers to block, and Expires is when all blocked numbers become callable
//     again.
//   - DNCListIDs are DNC lists that must be attached.
//   - DryRun is refused, because NewPlan writes nothing and [Plan.Apply] writes.
func WithRules(rules genesys.Rules) Option {
	return planOption(func(c *config) error {
		if rules.DryRun {
			return invalid("WithRules: DryRun is set: leave it out, NewPlan writes nothing and Apply does")
		}
		if c.rulesGiven {
			return invalid("WithRules is given twice, and the first rules would be dropped: put all of them into one Rules")
		}
		c.rulesGiven = true
		rules.BlockedNumbers = slices.Clone(rules.BlockedNumbers)
		rules.DNCListIDs = slices.Clone(rules.DNCListIDs)
		c.rules = rules
		return nil
	})
}

// BlockUnknown makes a plan although some numbers have no full answer, and blocks these numbers.
// This includes numbers that a fallback allows. They stay blocked on the platform when the checker
// has answers again, unless [genesys.Rules].Expires is set. By default the error wraps
// [ErrUndecided], because a short outage must not block everybody for good.
func BlockUnknown() Option {
	return planOption(func(c *config) error {
		c.blockUnknown = true
		return nil
	})
}

// StartWhenVerified has Apply start the campaign after everything was written, if
// [Plan.AssertProtected] finds no gap. Gaps of the kinds in accept do not prevent the start. A
// campaign that is on already stays on. A campaign that is complete is not started without
// [RedialWhenComplete]. By default Apply starts nothing.
//
// Needs the permissions of AssertProtected and outbound:campaign:start. With outbound:campaign:stop
// it can stop a campaign that somebody changed at the moment of its start.
func StartWhenVerified(accept ...GapKind) Option {
	return planOption(func(c *config) error {
		if err := checkKinds(accept); err != nil {
			return err
		}
		c.start, c.accept = true, slices.Clone(accept)
		return nil
	})
}

// RedialWhenComplete has [StartWhenVerified] also start a campaign that is complete. The platform
// then dials every contact again from the first one on, as if nobody had been called. By default
// the error wraps [genesys.ErrCampaignStatus].
func RedialWhenComplete() Option {
	return planOption(func(c *config) error {
		c.redial = true
		return nil
	})
}

// UnblockAllowed has Apply remove numbers from the campaign's own DNC list: those that one of the
// earlier plans has put there, and that the checker allows now with a full answer. Give plans of
// the same campaign that were applied. By default nothing is removed.
//
// These numbers stay:
//
//   - a number that was on the list before the earlier plan
//   - a number in [genesys.Rules].BlockedNumbers, then or now
//   - a number whose entry has another expiry than the earlier plan set
//   - a number that is written in another way than "+14155550123"
//   - all of them, if the list is attached to another campaign too
//
// Marks stay too.
//
// The platform keeps one entry for a number, whoever adds it. If somebody has added an opt-out for
// a number that was on the list already, this cannot be seen. So run [Sync] first, with the lists
// and wrap-up codes by which agents record opt-outs.
func UnblockAllowed(earlier ...*Plan) Option {
	return planOption(func(c *config) error {
		if len(earlier) == 0 {
			return invalid("UnblockAllowed names no earlier plan: only what a plan has put on the list is taken off")
		}
		for _, p := range earlier {
			if err := p.usable(); err != nil {
				return err
			}
		}
		c.earlier = append(c.earlier, earlier...)
		return nil
	})
}
