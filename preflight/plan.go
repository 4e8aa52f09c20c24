package preflight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

var (
	// ErrUndecided says that some numbers have no full answer, so there is no plan. See
	// [BlockUnknown].
	ErrUndecided = errors.New("preflight: some numbers could not be decided")

	// ErrChanged says that the campaign or its contact list has changed since the plan was made.
	// Make a new plan.
	ErrChanged = errors.New("preflight: the campaign has changed since the plan was made")

	// ErrInvalidInput says that an argument cannot be used. It is the same error as that of package
	// genesys.
	ErrInvalidInput = genesys.ErrInvalidInput
)

// A Plan says what must be done before a campaign may dial: which numbers of its contact list must
// be blocked, and how. [NewPlan] makes a Plan and changes nothing on the platform. [Plan.Apply]
// carries it out. [Plan.Save] and [ReadPlan] keep it for later.
//
// A Plan never changes and may be used by several goroutines. It prints counts, and no phone
// number. The methods of the zero Plan return an error that wraps [ErrInvalidInput].
type Plan struct {
	client        *genesys.CampaignClient
	config        config
	made          time.Time
	campaignID    string
	contactListID string
	columns       []string // the phone columns
	scrubbed
	preview  Preview
	unblocks []unblock
	sizes    map[string]int64 // of the internal DNC lists that are attached or must be, by id in lower case
}

// NewPlan checks the contacts of a campaign. It exports the contact list that the campaign dials,
// or that of [WithRules], and asks the checker about every number in the campaign's phone columns.
// It asks the platform whether the rules can be applied. It writes nothing.
//
// With an error there is no plan:
//
//	ErrUndecided                  a number has no full answer (dnc.Decision.Undecided), also if a fallback made Block of it
//	ErrChanged                    an export has more or fewer contacts than the list, or the list does not stop changing
//	ErrInvalidInput               an argument cannot be used
//	genesys.ErrUnexpectedReply    an export does not have one of the phone columns
//	genesys.ErrCampaignStatus     it is to be started and is complete: see RedialWhenComplete
//	other errors                  those of the client
//
// The list is exported until two exports in a row agree. Contacts are streamed: only the numbers
// that are not allowed are held in memory.
func NewPlan(
	ctx context.Context, checker dnc.Checker, client *genesys.CampaignClient, campaignID string, opts ...Option,
) (*Plan, error) {
	if checker == nil || client == nil {
		return nil, invalid("the checker or the client is nil")
	}
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	campaign, err := client.Campaign(ctx, campaignID)
	if err != nil {
		return nil, err
	}
	p := &Plan{
		client: client, config: c, made: time.Now().UTC(), campaignID: campaign.ID(),
		contactListID: c.rules.ContactListID,
	}
	if p.contactListID == "" {
		p.contactListID = campaign.ContactListID()
	}
	if err := p.mayStart(campaign); err != nil {
		return nil, err
	}
	if p.columns = campaign.PhoneColumns(); len(p.columns) == 0 {
		return nil, invalid("the campaign has no phone columns")
	}
	list, err := client.ContactList(ctx, p.contactListID)
	if err != nil {
		return nil, err
	}
	for _, column := range p.columns {
		if !slices.Contains(list.Columns, column) {
			return nil, invalid("the campaign dials column %q, which the contact list does not have", column)
		}
	}
	if err := p.read(ctx, checker); err != nil {
		return nil, err
	}
	if err := p.whole(ctx, list); err != nil {
		return nil, err
	}
	dry := p.rules()
	dry.DryRun = true
	would, err := client.ApplyRules(ctx, p.campaignID, dry)
	if err != nil {
		return nil, err
	}
	p.noteListed(would.NewNumbers())
	if p.unblocks, err = p.toUnblock(ctx, checker); err != nil {
		return nil, err
	}
	p.preview = newPreview(would, len(p.toMark()), len(p.unblocks))
	p.sizes, err = p.sizesOf(ctx, would.After.DNCListIDs())
	if err != nil {
		return nil, err
	}
	return p, nil
}

// sizesOf reads how many entries internal DNC lists have. Those of other kinds do not say. A list
// that cannot be read, also one of a division that the client's role does not have, is a gap for
// AssertProtected to name; ApplyRules leaves it attached.
func (p *Plan) sizesOf(ctx context.Context, ids []string) (map[string]int64, error) {
	sizes := map[string]int64{}
	for _, id := range ids {
		list, err := p.client.DNCList(ctx, id)
		switch {
		case errors.Is(err, genesys.ErrNotFound), errors.Is(err, genesys.ErrForbidden):
		case err != nil:
			return nil, err
		case list.SourceType == genesys.SourceInternal:
			sizes[strings.ToLower(id)] = list.Size
		}
	}
	return sizes, nil
}

// rules are what Apply asks the platform for: the caller's, and the numbers that the checker
// blocks.
func (p *Plan) rules() genesys.Rules {
	rules := p.config.rules
	rules.BlockedNumbers = slices.Concat(rules.BlockedNumbers, p.blocked())
	rules.DNCListIDs = slices.Clone(rules.DNCListIDs)
	return rules
}

// usable refuses a Plan that nobody made.
func (p *Plan) usable() error {
	if p == nil || p.campaignID == "" {
		return invalid("the plan was not made by NewPlan or ReadPlan")
	}
	return nil
}

// CampaignID is the campaign that the plan is for.
func (p *Plan) CampaignID() string { return p.campaignID }

// ContactListID is the contact list that was checked: that of [WithRules], or else the campaign's
// own.
func (p *Plan) ContactListID() string { return p.contactListID }

// Columns are the phone columns that were checked. They are those that the campaign dials.
func (p *Plan) Columns() []string { return slices.Clone(p.columns) }

// MadeAt is when the plan was begun.
func (p *Plan) MadeAt() time.Time { return p.made }

// Preview says what Apply would write, judged by the state of the platform when the plan was made.
func (p *Plan) Preview() Preview {
	preview := p.preview
	preview.Attach = slices.Clone(preview.Attach)
	return preview
}

// String is the plan in counts, on one line.
func (p Plan) String() string {
	if p.campaignID == "" {
		return "no plan: it was not made by NewPlan"
	}
	c := p.counts
	text := fmt.Sprintf("campaign %s, contacts: %d; numbers: %d allowed, %d blocked, %d unknown, %d invalid, %d already uncallable",
		p.campaignID, c.Contacts, c.Allowed, c.Blocked, c.Unknown, c.Invalid, c.Uncallable)
	if c.BlockedForNow > 0 {
		text += fmt.Sprintf(", %d blocked only for now", c.BlockedForNow)
	}
	if n := len(p.unmarkable); n > 0 {
		text += fmt.Sprintf(", %d cannot be marked", n)
	}
	return text
}

// Format writes String for every verb, so that no phone number is printed.
func (p Plan) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// LogValue is String.
func (p Plan) LogValue() slog.Value { return slog.StringValue(p.String()) }
