package preflight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

var (
	// ErrUndecided says that for some numbers the checker had no answer, and so there is no plan. See [BlockUnknown].
	ErrUndecided = errors.New("preflight: some numbers could not be decided")

	// ErrChanged says that campaign or contact list are not what they were when the plan was made: make a new one.
	ErrChanged = errors.New("preflight: the campaign has changed since the plan was made")

	// ErrInvalidInput is an argument that cannot be used.
	ErrInvalidInput = errors.New("preflight: invalid input")
)

// A Plan is what has to be done before a campaign may dial: which numbers of its contact list must be blocked. [NewPlan] makes one
// and changes nothing; Apply carries it out. A Plan never changes and prints no numbers.
type Plan struct {
	CampaignID    string
	ContactListID string

	// Contacts is how many contacts were read. Each non-empty cell of one of the campaign's phone columns is a number: they are counted,
	// repetitions included, as Allowed, Blocked, Unknown, Invalid, or as Uncallable when the platform does not dial them anyway.
	Contacts, Allowed, Blocked, Unknown, Invalid, Uncallable int

	// Reasons counts the first reason of each number that is not allowed, by its code.
	Reasons map[string]int

	// Preview is what applying the rules would change.
	Preview *genesys.Applied

	client *genesys.CampaignClient
	config config
	rules  genesys.Rules
	marks  []mark
	size   int64 // of the contact list, as the platform said
}

// mark is a cell whose number must be marked uncallable: it is no number that can stand in a DNC list, or it is not spelled as it
// stands there.
type mark struct{ contactID, column string }

// cell is one phone number of the contact list.
type cell struct {
	mark
	text string
}

// NewPlan scrubs a campaign's contacts: it exports the contact list that the campaign dials (or the one of [WithContactList]), asks the
// checker about every number in the campaign's phone columns, and asks the platform whether the rules could be applied. Nothing is
// written. Contacts are streamed; the memory needed is that of the numbers to be blocked.
//
// With an Unknown among the decisions there is no plan, only an error that wraps [ErrUndecided] and the checker's error. The errors of
// the client are returned as they are.
func NewPlan(ctx context.Context, checker dnc.Checker, client *genesys.CampaignClient, campaignID string, opts ...Option) (*Plan, error) {
	if checker == nil || client == nil {
		return nil, fmt.Errorf("%w: the checker or the client is nil", ErrInvalidInput)
	}
	c := config{parse: dnc.ParseNumber}
	for _, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("%w: an Option is nil", ErrInvalidInput)
		}
		if err := o(&c); err != nil {
			return nil, err
		}
	}
	campaign, err := client.Campaign(ctx, campaignID)
	if err != nil {
		return nil, err
	}
	p := &Plan{CampaignID: campaign.ID(), ContactListID: c.contactList, Reasons: map[string]int{}, client: client, config: c}
	if p.ContactListID == "" {
		p.ContactListID = campaign.ContactListID()
	}
	list, err := client.ContactList(ctx, p.ContactListID)
	if err != nil {
		return nil, err
	}
	p.size = list.Size
	columns := campaign.PhoneColumns()
	for _, column := range columns {
		if !slices.Contains(list.Columns, column) {
			return nil, fmt.Errorf("%w: the campaign dials column %q, which the contact list does not have", ErrInvalidInput, column)
		}
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("%w: the campaign has no phone columns", ErrInvalidInput)
	}
	blocked, err := p.scrub(ctx, checker, columns)
	if err != nil {
		return nil, err
	}
	p.rules = genesys.Rules{
		ContactListID: c.contactList, BlockedNumbers: blocked, DNCListIDs: c.lists, Expires: c.expires, OnlyMissing: c.onlyMissing,
	}
	dry := p.rules
	dry.DryRun = true
	p.Preview, err = client.ApplyRules(ctx, p.CampaignID, dry)
	return p, err
}

// scrub decides on every cell and returns the numbers to block, each once.
func (p *Plan) scrub(ctx context.Context, checker dnc.Checker, columns []string) ([]string, error) {
	block := map[dnc.Number]struct{}{}
	var numbers []string
	parse := func(c cell) (dnc.Number, error) { return p.config.parse(c.text) }
	for checked, err := range dnc.Stream(ctx, checker, p.cells(ctx, columns), parse) {
		if err != nil {
			return nil, err
		}
		d := checked.Decision
		if d.Callable() {
			p.Allowed++
			continue
		}
		p.Reasons[d.Reason().Code]++
		switch {
		case d.Number.IsZero():
			p.Invalid++
			p.marks = append(p.marks, checked.Input.mark)
			continue
		case d.Verdict == dnc.Unknown:
			p.Unknown++
		default:
			p.Blocked++
		}
		e164 := d.Number.E164()
		if checked.Input.text != e164 {
			// How the platform compares other spellings with its lists is not documented.
			p.marks = append(p.marks, checked.Input.mark)
		}
		if _, ok := block[d.Number]; !ok {
			block[d.Number] = struct{}{}
			numbers = append(numbers, e164)
		}
	}
	if p.Unknown > 0 && !p.config.blockUnknown {
		return nil, p.undecided()
	}
	return numbers, nil
}

func (p *Plan) undecided() error {
	codes := make([]string, 0, len(p.Reasons))
	for code := range p.Reasons {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return fmt.Errorf("%w: %d of %d (reasons seen: %v); cure the cause and plan again, or block them with BlockUnknown",
		ErrUndecided, p.Unknown, p.Allowed+p.Blocked+p.Unknown+p.Invalid, codes)
}

func (p *Plan) cells(ctx context.Context, columns []string) iter.Seq2[cell, error] {
	return func(yield func(cell, error) bool) {
		for contact, err := range p.client.ExportContacts(ctx, p.ContactListID) {
			if err != nil {
				yield(cell{}, err)
				return
			}
			p.Contacts++
			for _, column := range columns {
				text := contact.Data[column]
				if text == "" {
					continue
				}
				if !contact.PhoneCallable(column) {
					p.Uncallable++
					continue
				}
				if !yield(cell{mark{contact.ID, column}, text}, nil) {
					return
				}
			}
		}
	}
}

// String is the plan in counts.
func (p Plan) String() string {
	return fmt.Sprintf("campaign %s: %d contacts, %d numbers allowed, %d blocked, %d unknown, %d invalid, %d uncallable already",
		p.CampaignID, p.Contacts, p.Allowed, p.Blocked, p.Unknown, p.Invalid, p.Uncallable)
}

// Format writes String for every verb: the phone numbers stay inside.
func (p Plan) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// LogValue is String.
func (p Plan) LogValue() slog.Value { return slog.StringValue(p.String()) }

// An Option changes how a plan is made. One that cannot be used makes [NewPlan] return an error that wraps [ErrInvalidInput].
type Option func(*config) error

type config struct {
	parse        func(string) (dnc.Number, error)
	contactList  string
	lists        []string
	expires      time.Time
	blockUnknown bool
	onlyMissing  bool
	start        bool
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

// WithExpiry sets when blocked numbers become callable again: a full minute at most 180 days ahead. The default is never.
func WithExpiry(t time.Time) Option {
	return func(c *config) error {
		c.expires = t
		return nil
	}
}

// OnlyMissing sends only the numbers that are not on the campaign's list yet, as [genesys.Rules].OnlyMissing. The default sends all.
func OnlyMissing() Option {
	return func(c *config) error {
		c.onlyMissing = true
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

// StartAfter has Apply switch the campaign on when everything was read back. The default leaves that to the caller.
func StartAfter() Option {
	return func(c *config) error {
		c.start = true
		return nil
	}
}
