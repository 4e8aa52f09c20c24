package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc/genesys"
)

// A Result says what [Plan.Apply] did, also where it returns an error.
type Result struct {
	Marked  int              // numbers marked uncallable in the contact list
	Applied *genesys.Applied // nil if it did not come to that
	Started bool
}

// Apply carries the plan out: it blocks the numbers in the campaign's own DNC list, attaches the lists, reads them back, marks what
// cannot stand in a DNC list as uncallable, and with [StartAfter] switches the campaign on last. With [WithContactList] the marks come
// first: the campaign is off, and should not be given a list that may be dialled too early. After an error that comes before the start the campaign is not
// started; applying the plan again goes on, and repeats nothing that holds already. An error of the start itself, or of the look at what
// became of it, does not say that it is off: it may be a [*genesys.Error] that is Uncertain, or wrap [genesys.ErrCampaignStatus] or the
// context's error. Read its status then.
//
// A plan is made for one state of the world: when the campaign dials another list or other columns than planned, or the list has
// another size, nothing is done and the error wraps [ErrChanged]. When that is so afterwards, or a contact to be marked was not there,
// the error is the same: what the plan blocks is blocked, and what came was not checked.
func (p *Plan) Apply(ctx context.Context) (Result, error) {
	var r Result
	if p == nil || p.client == nil {
		return r, fmt.Errorf("%w: the plan was not made by NewPlan", ErrInvalidInput)
	}
	campaign, err := p.unchanged(ctx, p.config.contactList != "")
	if err == nil {
		err = p.mayStart(campaign)
	}
	if err != nil {
		return r, err
	}
	another := p.config.contactList != ""
	rules := func() (err error) {
		r.Applied, err = p.client.ApplyRules(ctx, p.CampaignID, p.rules)
		return err
	}
	if !another { // a campaign that is on dials until then whom it must not
		if err := rules(); err != nil {
			return r, err
		}
	}
	gone, err := p.markAll(ctx, &r)
	if err != nil {
		return r, err
	}
	if another {
		if err := rules(); err != nil {
			return r, err
		}
	}
	switch {
	case gone:
		err = fmt.Errorf("%w: a contact whose number was to be marked uncallable is not there", ErrChanged)
	case p.config.start:
		err = p.start(ctx, &r)
	default:
		_, err = p.unchanged(ctx, false)
	}
	return r, err
}

// markAll marks numbers uncallable. A contact that is gone was deleted, or is not seen yet; the others are marked all the same.
func (p *Plan) markAll(ctx context.Context, r *Result) (gone bool, err error) {
	for _, m := range p.marks {
		err := p.client.MarkUncallable(ctx, p.ContactListID, m.contactID, genesys.PhoneColumn(m.column))
		if errors.Is(err, genesys.ErrNotFound) {
			gone = true
			continue
		}
		if err != nil {
			return gone, err
		}
		r.Marked++
	}
	return gone, nil
}

// unchanged compares the campaign and the size of its contact list with what was planned; with another the list may still be one that
// the rules replace.
func (p *Plan) unchanged(ctx context.Context, another bool) (*genesys.Campaign, error) {
	campaign, err := p.client.Campaign(ctx, p.CampaignID)
	if err != nil {
		return nil, err
	}
	switch {
	case !another && !strings.EqualFold(campaign.ContactListID(), p.ContactListID):
		return nil, fmt.Errorf("%w: it dials another contact list", ErrChanged)
	case !slices.Equal(campaign.PhoneColumns(), p.columns):
		return nil, fmt.Errorf("%w: it dials other columns", ErrChanged)
	}
	list, err := p.client.ContactList(ctx, p.ContactListID)
	if err != nil {
		return nil, err
	}
	if list.Size != p.contents.contacts {
		return nil, fmt.Errorf("%w: the contact list had %d contacts and has %d", ErrChanged, p.contents.contacts, list.Size)
	}
	return campaign, nil
}

// mayStart refuses to begin again with the first contact unless that is wanted.
func (p *Plan) mayStart(campaign *genesys.Campaign) error {
	if p.config.start && !p.config.redial && campaign.Status() == genesys.StatusComplete {
		return fmt.Errorf("preflight: every contact was dialled, and a start dials them all again: allow that with RedialComplete: %w", status(campaign))
	}
	return nil
}

func status(campaign *genesys.Campaign) *genesys.StatusError {
	return &genesys.StatusError{CampaignID: campaign.ID(), Status: campaign.Status()}
}

// start switches the campaign on if it still is what was planned: what came meanwhile was never checked.
func (p *Plan) start(ctx context.Context, r *Result) error {
	if err := p.sameContacts(ctx); err != nil {
		return err
	}
	before, err := p.unchanged(ctx, false)
	if err != nil {
		return err
	}
	for _, id := range r.Applied.After.DNCListIDs() {
		if !slices.ContainsFunc(before.DNCListIDs(), func(other string) bool { return strings.EqualFold(id, other) }) {
			return fmt.Errorf("%w: a DNC list was taken off", ErrChanged)
		}
	}
	if err := p.stillBlocked(ctx, r.Applied.DNCListID); err != nil {
		return err
	}
	if before.Status() == genesys.StatusOn {
		r.Applied.After = before
		return nil
	}
	if err := p.mayStart(before); err != nil {
		return err
	}
	if err := p.client.StartCampaign(ctx, p.CampaignID); err != nil {
		return err
	}
	after, err := p.started(ctx, before)
	if after != nil {
		r.Applied.After = after
	}
	r.Started = err == nil
	return err
}

// stillBlocked looks at the size of the campaign's own list once more: the export of the contacts takes minutes.
func (p *Plan) stillBlocked(ctx context.Context, id string) error {
	if len(p.rules.BlockedNumbers) == 0 {
		return nil
	}
	list, err := p.client.DNCList(ctx, id)
	if err != nil {
		return err
	}
	if want := len(p.rules.BlockedNumbers); list.Size < int64(want) {
		return fmt.Errorf("%w: %d numbers are to be blocked, and the campaign's DNC list has %d", ErrChanged, want, list.Size)
	}
	return nil
}

// maxLooks is how often the start is looked for, 1 s, 2 s, 4 s … apart: reads lag behind writes.
const maxLooks = 6

// started reads the campaign until it shows the start. It may be complete by then; off again, or invalid, is an error.
func (p *Plan) started(ctx context.Context, before *genesys.Campaign) (*genesys.Campaign, error) {
	for look := 0; ; look++ {
		now, err := p.client.Campaign(ctx, p.CampaignID)
		if err != nil {
			return nil, err
		}
		is := now.Status()
		old := is == before.Status() && string(now.Field("version")) == string(before.Field("version"))
		switch {
		case is == genesys.StatusOn, is == genesys.StatusComplete && !old:
			return now, nil
		case !old || look == maxLooks-1:
			return now, fmt.Errorf("preflight: it was started and is not on: %w", status(now))
		}
		select {
		case <-time.After(time.Second << look):
		case <-ctx.Done():
			return now, fmt.Errorf("preflight: the start was not seen: %w (%w): %w", ctx.Err(), context.Cause(ctx), status(now))
		}
	}
}
