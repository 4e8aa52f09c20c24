package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dnc-go/dnc/genesys"
)

// A Result says what [Plan.Apply] did, also with an error.
type Result struct {
	Applied        *genesys.Applied // nil if Apply ended before it
	Marked         int              // how many numbers are marked uncallable in the contact list
	Unmarked       []Unmarked       // the numbers that could not be marked
	UnblockResults []UnblockResult  // one for each number that is allowed again, see [UnblockAllowed]
	Started        bool
}

// Apply carries the plan out, in this order:
//
//   - It puts numbers on the campaign's own DNC list, attaches the DNC lists, and reads them back.
//   - It marks what a DNC list cannot stop as uncallable.
//   - With another contact list in [WithRules], it sets that list.
//   - It exports the contacts again, and compares them with those that were checked.
//   - It looks whether the campaign still has the DNC lists, and the entries are still there.
//   - With [UnblockAllowed], it removes numbers from the campaign's own DNC list, and looks again.
//   - With [StartWhenVerified], it looks for gaps and starts the campaign.
//
// A number that was blocked before stays blocked at every moment, apart from those of
// UnblockAllowed. Apply may be stopped at any point and repeated, also in another process (see
// [ReadPlan]). It then goes on, and writes nothing twice.
//
// The error wraps [ErrChanged] if the campaign or its contacts are no longer those that were
// checked. If Apply sees this at once, it writes nothing. If it sees this later, the numbers of the
// plan are blocked, but contacts that were added were not checked. The error wraps [ErrNotMarked]
// if a number could not be marked; everything else is done. With an error of these two, nothing is
// started. If somebody changes the campaign at the very moment of the start, it is stopped again, and
// the error wraps ErrChanged. Without the right to stop it the error says so, and [Result].Started
// is true.
//
// If the start itself fails, the campaign may be on all the same. The error may be a
// [*genesys.Error] that is Uncertain, or wrap [genesys.ErrCampaignStatus] or the context's error.
// Read the campaign's status then.
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
		(!another || gaps[0].Kind != GapOtherContactList || len(gaps) > 1) {
		return changed(gaps)
	}
	list, err := p.client.ContactList(ctx, p.contactListID)
	if err != nil {
		return err
	}
	return p.whole(ctx, list)
}

// verify looks whether campaign and contacts are still those that were checked, and protected: to
// block and mark takes minutes.
func (p *Plan) verify(ctx context.Context, r *Result) error {
	gaps, err := p.contactGaps(ctx)
	if err == nil {
		err = p.asApplied(ctx, r, gaps)
	}
	if err != nil || len(p.unblocks) == 0 {
		return err
	}
	if err := p.unblock(ctx, r); err != nil {
		return err
	}
	return p.asApplied(ctx, r, nil) // that takes minutes, too
}

// asApplied reads the campaign and its own DNC list as they are now. That the numbers are on the
// list was seen before; that the list was emptied since is seen by its size.
func (p *Plan) asApplied(ctx context.Context, r *Result, gaps []Gap) error {
	own := r.Applied.DNCListID
	if own != "" && len(p.rules().BlockedNumbers) > 0 {
		list, err := p.client.DNCList(ctx, own)
		if err != nil {
			return err
		}
		gaps = append(gaps, p.shortGaps(list)...)
	}
	campaign, err := p.client.Campaign(ctx, p.campaignID)
	if err != nil {
		return err
	}
	r.Applied.After = campaign
	return changed(slices.Concat(p.campaignGaps(campaign), p.attachedGaps(campaign, own), gaps))
}

// changed is the error of gaps that something has changed, nil if there are none.
func changed(gaps []Gap) error {
	var errs []error
	for _, g := range gaps {
		errs = append(errs, fmt.Errorf("%w: %s", ErrChanged, g.Text))
	}
	return errors.Join(errs...)
}
