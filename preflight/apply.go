package preflight

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dnc-go/dnc/genesys"
)

// A Result says what [Plan.Apply] did, also where it returns an error.
type Result struct {
	Marked  int              // numbers marked uncallable in the contact list
	Applied *genesys.Applied // nil if it did not come to that
	Started bool
}

// Apply carries the plan out: it marks what cannot stand in a DNC list as uncallable, blocks the rest, attaches the lists, reads
// everything back, and with [StartAfter] switches the campaign on last. After an error the campaign is not started; applying the plan
// again goes on, and repeats nothing that holds already.
//
// A plan is made for one state of the world: when the campaign dials another list than planned, or the list has another size, nothing
// is done and the error wraps [ErrChanged].
func (p *Plan) Apply(ctx context.Context) (Result, error) {
	var r Result
	if p == nil || p.client == nil {
		return r, fmt.Errorf("%w: the plan was not made by NewPlan", ErrInvalidInput)
	}
	if err := p.unchanged(ctx); err != nil {
		return r, err
	}
	for _, m := range p.marks {
		err := p.client.MarkUncallable(ctx, p.ContactListID, m.contactID, genesys.PhoneColumn(m.column))
		if errors.Is(err, genesys.ErrNotFound) {
			continue // the contact was deleted: nobody will call it
		}
		if err != nil {
			return r, err
		}
		r.Marked++
	}
	var err error
	if r.Applied, err = p.client.ApplyRules(ctx, p.CampaignID, p.rules); err != nil {
		return r, err
	}
	if !p.config.start || r.Applied.After.Status() == genesys.StatusOn {
		return r, nil
	}
	if err := p.unchanged(ctx); err != nil { // what was added meanwhile was never checked
		return r, err
	}
	if err := p.client.StartCampaign(ctx, p.CampaignID); err != nil {
		return r, err
	}
	r.Applied.After, err = p.client.WaitStatus(ctx, p.CampaignID, genesys.StatusOn, genesys.StatusComplete)
	r.Started = err == nil
	return r, err
}

func (p *Plan) unchanged(ctx context.Context) error {
	campaign, err := p.client.Campaign(ctx, p.CampaignID)
	if err != nil {
		return err
	}
	if p.config.contactList == "" && !strings.EqualFold(campaign.ContactListID(), p.ContactListID) {
		return fmt.Errorf("%w: it dials another contact list", ErrChanged)
	}
	list, err := p.client.ContactList(ctx, p.ContactListID)
	if err != nil {
		return err
	}
	if list.Size != p.size {
		return fmt.Errorf("%w: the contact list had %d contacts and has %d", ErrChanged, p.size, list.Size)
	}
	return nil
}
