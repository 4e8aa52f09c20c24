package preflight

import (
	"fmt"
	"slices"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

// An Option changes how a plan is made. One that cannot be used makes [NewPlan] return an error
// that wraps [ErrInvalidInput].
type Option interface{ plan(c *config) error }

type planOption func(*config) error

func (f planOption) plan(c *config) error { return f(c) }

// A ParseOption is an option of [NewPlan], [Load] and [Sync].
type ParseOption interface {
	Option
	LoadOption
	SyncOption
}

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

// WithParse sets how cells become numbers, as in dnc.Parser{Country: "1"}.Parse. The default is
// [dnc.ParseNumber], which takes E.164 alone.
func WithParse(parse func(string) (dnc.Number, error)) ParseOption { return parseOption{parse} }

// WithRules sets what must hold for the campaign besides the numbers that the checker blocks:
// another contact list, which is then the one that is planned for; DNC lists that must be attached;
// when entries expire; more numbers to block. DryRun is refused: a plan writes nothing, and
// [Plan.Apply] does. The default is the zero Rules.
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

// BlockUnknown blocks the numbers for which there is no full answer, also where a fallback allows them. They stay blocked on
// the platform when the checker answers again, unless [genesys.Rules].Expires is set. The default is an error that wraps
// [ErrUndecided]: a passing outage must not block everybody for good.
func BlockUnknown() Option {
	return planOption(func(c *config) error {
		c.blockUnknown = true
		return nil
	})
}

// StartWhenVerified has Apply switch the campaign on when everything was written and
// [Plan.AssertProtected] finds no gap. Name the kinds of gaps that you accept. A campaign that is
// on already stays on; one that is complete is not started without [RedialWhenComplete]. The
// default leaves the start to the caller.
func StartWhenVerified(accept ...GapKind) Option {
	return planOption(func(c *config) error {
		if err := checkKinds(accept); err != nil {
			return err
		}
		c.start, c.accept = true, slices.Clone(accept)
		return nil
	})
}

// RedialWhenComplete has [StartWhenVerified] start a campaign that is complete too. The platform
// then dials every contact again, from the first one on, as if nobody had been called. The default
// is an error that wraps [genesys.ErrCampaignStatus].
func RedialWhenComplete() Option {
	return planOption(func(c *config) error {
		c.redial = true
		return nil
	})
}

// UnblockAllowed has Apply take numbers off the campaign's own DNC list that may be called again:
// those that one of the earlier plans has put there and that the checker allows now with a full
// answer. Name plans of the same campaign that were applied. The default takes nothing off.
//
// These stay: a number that was on the list before the earlier plan, one that the caller named in
// [genesys.Rules].BlockedNumbers then or now, one whose entry has another expiry than the plan set,
// and one that is spelled otherwise than "+14155550123". Marks stay too.
//
// The platform keeps one entry for a number, whoever adds it. So an opt-out that somebody added to
// the same list while the number was there cannot be told apart: run [Sync] first, with the lists
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
