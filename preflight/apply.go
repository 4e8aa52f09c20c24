package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dnc-go/dnc/genesys"
)

// A Result says what [Plan.Apply] did, also where it returns an error.
type Result struct {
	Applied  *genesys.Applied // nil if it did not get that far
	Marked   int              // numbers that are marked uncallable in the contact list
	Unmarked []Unmarked       // numbers that could not be marked
	Unblock  []Unblocked      // what became of each number that is allowed again; see [UnblockAllowed]
	Started  bool
}

// Apply carries the plan out, in this order: it blocks the numbers in the campaign's own DNC list,
// attaches the lists, reads them back, marks what a DNC list cannot stop as uncallable, and sets
// another contact list where [WithRules] has one. Then it exports the contacts once more and
// compares them with those that were checked. With [UnblockAllowed] it then takes numbers off the
// campaign's own DNC list. With [StartWhenVerified] it looks for gaps and switches the campaign on,
// last.
//
// At no moment may a number be dialled that was blocked before, but for those of [UnblockAllowed].
// Apply may be ended and repeated at
// any point, also in another process, see [ReadPlan]: it goes on, and writes nothing twice.
//
// A plan is made for one state of the world. When the campaign dials another list or other columns
// than planned, or the list has another size, nothing is written and the error wraps [ErrChanged].
// When that is found afterwards the error is the same: what the plan blocks is blocked, and what
// was added was not checked. A number that cannot be marked does not stop the rest; the error wraps
// [ErrNotMarked] then. After either the campaign is not started.
//
// An error of the start itself, or of the look at what became of it, does not say that the campaign
// is off: it may be a [*genesys.Error] that is Uncertain, or wrap [genesys.ErrCampaignStatus] or
// the context's error. Read its status then.
func (p *Plan) Apply(ctx context.Context) (Result, error) {
	var r Result
	if err := p.usable(); err != nil {
		return r, err
	}
	campaign, err := p.client.Campaign(ctx, p.campaignID)
	if err != nil {
		return r, err
	}
	another := p.config.rules.ContactListID != "" && !strings.EqualFold(campaign.ContactListID(), p.contactListID)
	if err := p.unchanged(ctx, campaign, another); err != nil {
		return r, err
	}
	if err := p.mayStart(campaign); err != nil {
		return r, err
	}
	if err := p.protect(ctx, &r, another); err != nil {
		return r, err
	}
	if err := r.unmarkedError(); err != nil {
		return r, err
	}
	if p.config.start {
		err = p.start(ctx, &r)
	} else {
		err = p.verify(ctx, &r)
	}
	return r, err
}

// protect writes. With another contact list the campaign gets it last, when its numbers are blocked
// and marked; whether it can be set at all is asked first.
func (p *Plan) protect(ctx context.Context, r *Result, another bool) (err error) {
	rules := p.rules()
	if another {
		dry := rules
		dry.DryRun = true
		if _, err := p.client.ApplyRules(ctx, p.campaignID, dry); err != nil {
			return err
		}
		rules.ContactListID = ""
	}
	if r.Applied, err = p.client.ApplyRules(ctx, p.campaignID, rules); err != nil {
		return err
	}
	if err := p.markAll(ctx, r); err != nil || !another {
		return err
	}
	last, err := p.client.ApplyRules(ctx, p.campaignID, genesys.Rules{ContactListID: p.contactListID})
	if last != nil {
		r.Applied.ContactListChanged = last.ContactListChanged
		if last.After != nil {
			r.Applied.After = last.After
		}
	}
	return err
}

// unchanged compares the campaign and the size of its contact list with what was planned. With
// another the list may still be the one that the rules replace.
func (p *Plan) unchanged(ctx context.Context, campaign *genesys.Campaign, another bool) error {
	if gaps := p.campaignGaps(campaign); len(gaps) > 0 &&
		(!another || gaps[0].Kind != OtherContactList || len(gaps) > 1) {
		return changed(gaps)
	}
	list, err := p.client.ContactList(ctx, p.contactListID)
	if err != nil {
		return err
	}
	return p.whole(ctx, list)
}

// verify looks whether campaign and contacts are still those that were checked: to block and mark
// takes minutes.
func (p *Plan) verify(ctx context.Context, r *Result) error {
	gaps, err := p.contactGaps(ctx)
	if err != nil {
		return err
	}
	campaign, err := p.client.Campaign(ctx, p.campaignID)
	if err != nil {
		return err
	}
	r.Applied.After = campaign
	if err := changed(slices.Concat(p.campaignGaps(campaign), gaps)); err != nil {
		return err
	}
	return p.unblock(ctx, r)
}

// changed is the error of gaps that something has changed, nil if there are none.
func changed(gaps []Gap) error {
	var errs []error
	for _, g := range gaps {
		errs = append(errs, fmt.Errorf("%w: %s", ErrChanged, g.Text))
	}
	return errors.Join(errs...)
}
