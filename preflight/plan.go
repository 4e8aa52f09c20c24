package preflight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

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
	// repetitions included, as Allowed, Blocked, Unknown or Invalid.
	Contacts, Allowed, Blocked, Unknown, Invalid int

	// Uncallable is how many of these numbers the platform does not dial at present. They may become callable again, and so are
	// decided on as all others.
	Uncallable int

	// Reasons counts the first reason of each number that is not allowed, by its code.
	Reasons map[string]int

	// Preview is what applying the rules would change.
	Preview *genesys.Applied

	client   *genesys.CampaignClient
	config   config
	rules    genesys.Rules
	marks    []mark   // to be made
	marked   []mark   // that were there
	columns  []string // the phone columns
	contents contents // of the contact list, as it was exported
}

// NewPlan scrubs a campaign's contacts: it exports the contact list that the campaign dials (or the one of [WithContactList]), asks the
// checker about every number in the campaign's phone columns, and asks the platform whether the rules could be applied. Nothing is
// written. Contacts are streamed; the memory needed is that of the numbers to be blocked.
//
// An export without one of the phone columns is an error that wraps [genesys.ErrUnexpectedReply], and one with more or fewer contacts
// than the list has wraps [ErrChanged]: who is not seen cannot be checked. With an Unknown among the decisions there is no plan, only an error that wraps [ErrUndecided] and the checker's error. The errors of
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
	if err := p.mayStart(campaign); err != nil {
		return nil, err
	}
	list, err := client.ContactList(ctx, p.ContactListID)
	if err != nil {
		return nil, err
	}
	p.columns = campaign.PhoneColumns()
	for _, column := range p.columns {
		if !slices.Contains(list.Columns, column) {
			return nil, fmt.Errorf("%w: the campaign dials column %q, which the contact list does not have", ErrInvalidInput, column)
		}
	}
	if len(p.columns) == 0 {
		return nil, fmt.Errorf("%w: the campaign has no phone columns", ErrInvalidInput)
	}
	blocked, err := p.scrub(ctx, checker)
	if err != nil {
		return nil, err
	}
	if err := p.whole(ctx, list); err != nil {
		return nil, err
	}
	p.rules = genesys.Rules{
		ContactListID: c.contactList, BlockedNumbers: blocked, DNCListIDs: c.lists, Expires: c.expires,
	}
	dry := p.rules
	dry.DryRun = true
	p.Preview, err = client.ApplyRules(ctx, p.CampaignID, dry)
	return p, err
}

// scrub decides on every cell and returns the numbers to block, each once.
func (p *Plan) scrub(ctx context.Context, checker dnc.Checker) ([]string, error) {
	block := map[dnc.Number]struct{}{}
	var numbers []string
	parse := func(c cell) (dnc.Number, error) { return p.config.parse(c.text) }
	for checked, err := range dnc.Stream(ctx, checker, p.cells(ctx), parse) {
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
			p.mark(checked.Input)
			continue
		case d.Verdict == dnc.Unknown:
			p.Unknown++
		default:
			p.Blocked++
		}
		e164 := d.Number.E164()
		if checked.Input.text != e164 {
			// How the platform compares other spellings with its lists is not documented.
			p.mark(checked.Input)
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

// String is the plan in counts.
func (p Plan) String() string {
	return fmt.Sprintf("campaign %s: %d contacts, %d numbers allowed, %d blocked, %d unknown, %d invalid, %d uncallable already",
		p.CampaignID, p.Contacts, p.Allowed, p.Blocked, p.Unknown, p.Invalid, p.Uncallable)
}

// Format writes String for every verb: the phone numbers stay inside.
func (p Plan) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// LogValue is String.
func (p Plan) LogValue() slog.Value { return slog.StringValue(p.String()) }
