package preflight

import (
	"fmt"
	"time"

	"github.com/dnc-go/dnc"
)

// An Option changes how a plan is made. One that cannot be used makes [NewPlan] return an error that wraps [ErrInvalidInput].
type Option func(*config) error

type config struct {
	parse        func(string) (dnc.Number, error)
	contactList  string
	lists        []string
	expires      time.Time
	blockUnknown bool
	start        bool
	redial       bool
}

// WithParse sets how cells become numbers, as in dnc.Parser{Country: "1"}.Parse. The default is [dnc.ParseNumber], which takes E.164
// alone.
func WithParse(parse func(string) (dnc.Number, error)) Option {
	return func(c *config) error {
		if parse == nil {
			return fmt.Errorf("%w: WithParse(nil): leave it out for E.164", ErrInvalidInput)
		}
		c.parse = parse
		return nil
	}
}

// WithContactList has the campaign dial another list, which is the one that is scrubbed. The default is the campaign's own.
func WithContactList(id string) Option {
	return func(c *config) error {
		c.contactList = id
		return nil
	}
}

// WithDNCLists names lists that must be attached to the campaign, besides its own. The default is none.
func WithDNCLists(ids ...string) Option {
	return func(c *config) error {
		c.lists = append(c.lists, ids...)
		return nil
	}
}

// WithExpiry sets when blocked numbers become callable again: a full minute at most 180 days ahead. The default is never. Entries of
// the campaign's list that stay longer are left as they are, see [genesys.Rules].Expires.
func WithExpiry(t time.Time) Option {
	return func(c *config) error {
		c.expires = t
		return nil
	}
}

// BlockUnknown blocks the numbers for which the checker had no answer. The default is to make no plan: a passing outage would block
// everyone.
func BlockUnknown() Option {
	return func(c *config) error {
		c.blockUnknown = true
		return nil
	}
}

// StartAfter has Apply switch the campaign on when everything was read back. The contacts are exported once more just before: when one
// came, went or got another number since the plan was made, it is not started. A campaign that is on already is left on; one that is
// complete is not started without [RedialComplete]. The default leaves the start to the caller.
func StartAfter() Option {
	return func(c *config) error {
		c.start = true
		return nil
	}
}

// RedialComplete has [StartAfter] start a campaign that is complete too. The platform then dials every contact again, from the first one
// on, as if nobody had been called. The default is an error that wraps [genesys.ErrCampaignStatus].
func RedialComplete() Option {
	return func(c *config) error {
		c.redial = true
		return nil
	}
}
