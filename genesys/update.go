package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

// The bounds of UpdateCampaign: how often a change is applied again to a newer version, and the
// longest wait between. Of two writers that meet one always gets through.
const (
	maxConflicts = 20
	conflictWait = 2 * time.Second
)

// UpdateCampaign changes a campaign. It reads the campaign, calls change, and writes the whole
// object back with the version it read. It returns the campaign as it is afterwards. If change
// changes nothing, nothing is written.
//
// If another program changed the campaign meanwhile (409), it reads again and calls change on the
// newer object, up to 20 times. After that the error wraps [ErrConflict]. So change may be called
// several times, and must set values, not add to them. An error of change ends the update and is
// returned.
//
// If the reply to a write is lost, the campaign is read before the write is repeated: it has one
// effect. If the platform answers with success, but the DNC lists, the contact list, the rule sets
// or the callable times are not there, the error wraps [ErrNotVerified].
//
// Needs outbound:campaign:view and outbound:campaign:edit.
func (c *CampaignClient) UpdateCampaign(
	ctx context.Context, id string, change func(*Campaign) error,
) (*Campaign, error) {
	if change == nil {
		return nil, invalid("the change is nil")
	}
	var last error
	for try := range maxConflicts {
		if try > 0 && !pause(ctx, rand.N(min(conflictWait, 20*time.Millisecond<<try))) {
			return nil, ended(ctx, last)
		}
		read, err := c.Campaign(ctx, id)
		if err != nil {
			return nil, err
		}
		wanted := &Campaign{read.object}
		if err := change(wanted); err != nil {
			return nil, err
		}
		if wanted.object.Equal(&read.object) {
			return read, nil
		}
		if err := wanted.keepsPlatformFields(read); err != nil {
			return nil, err
		}
		written, err := c.putCampaign(ctx, wanted)
		if err == nil {
			return c.isWritten(ctx, wanted, written)
		}
		last = err
		e, ok := errors.AsType[*Error](err)
		if !ok || ctx.Err() != nil || !e.Uncertain && !errors.Is(err, ErrConflict) {
			return nil, err
		}
		if e.Uncertain {
			now, readErr := c.Campaign(ctx, id)
			switch {
			case readErr != nil:
				return nil, err
			case wanted.object.Equal(&now.object, "version", "dateModified"):
				return now, nil // it had arrived
			case e.Status != http.StatusConflict && now.object.Equal(&read.object):
				return nil, err // it had not, and the retries are used up
			}
		}
	}
	return nil, last
}

// isWritten looks for what keeps calls from being made: in the reply, and where that does not show
// it in the campaign.
func (c *CampaignClient) isWritten(ctx context.Context, wanted, written *Campaign) (*Campaign, error) {
	for try := range verifyTries {
		if written.refersAs(wanted) {
			return written, nil
		}
		if try > 0 && !pause(ctx, min(firstPoll<<(try-1), lastPoll)) {
			break
		}
		now, err := c.Campaign(ctx, wanted.ID())
		if err != nil {
			return written, err
		}
		written = now
	}
	return written, ended(ctx,
		fmt.Errorf("%w: campaign %s was written, and does not show it", ErrNotVerified, wanted.ID()))
}

// refersAs reports whether a campaign refers to all that another one does.
func (c *Campaign) refersAs(wanted *Campaign) bool {
	for _, id := range wanted.DNCListIDs() {
		if !containsID(c.DNCListIDs(), id) {
			return false
		}
	}
	for _, id := range wanted.RuleSetIDs() {
		if !containsID(c.RuleSetIDs(), id) {
			return false
		}
	}
	return sameID(c.ContactListID(), wanted.ContactListID()) &&
		(wanted.CallableTimeSetID() == "" || sameID(c.CallableTimeSetID(), wanted.CallableTimeSetID()))
}

func (c *CampaignClient) putCampaign(ctx context.Context, campaign *Campaign) (*Campaign, error) {
	op := call{
		method: http.MethodPut, path: "/api/v2/outbound/campaigns/" + campaign.ID(), body: campaign.object.Bytes(),
	}
	if campaign.object.Get("maxCallsPerAgentDecimal") != nil {
		op.query = url.Values{"useMaxCallsPerAgentDecimal": {"true"}} // without it the decimals are lost
	}
	written := new(Campaign)
	op.into = written
	err := c.do(ctx, op)
	if err == nil && !sameID(written.ID(), campaign.ID()) {
		err = &Error{
			Method: op.method, Path: op.path, Status: http.StatusOK,
			Message: "the reply is another campaign", Uncertain: true, Err: ErrUnexpectedReply,
		}
	}
	return written, err
}

// keepsPlatformFields refuses a change that went around SetField.
func (c *Campaign) keepsPlatformFields(read *Campaign) error {
	for _, name := range []string{"id", "version", "campaignStatus"} {
		if string(c.object.Get(name)) != string(read.object.Get(name)) {
			return invalid("the change touches %s, which is the platform's own", name)
		}
	}
	for _, name := range []string{"name", "contactList", "dialingMode", "phoneColumns", "callerName", "callerAddress"} {
		if absent(c.object.Get(name)) && !absent(read.object.Get(name)) { // a campaign may never have had one
			return invalid("the campaign would lose %s, without which the platform refuses it", name)
		}
	}
	return nil
}

func absent(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }

// pause waits, and reports false when the context ends first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// Diagnostics are the lists and limits that apply to a campaign now.
type Diagnostics struct {
	DNCListIDs        []string
	RuleSetIDs        []string
	AttemptLimitsID   string // "" means no attempt limits
	CallableTimeSetID string // "" means at any time
	Contacts          int64  // number of contacts on the contact list
	FilteredOut       int64  // number of contacts that filters leave out

	// Raw is the platform's reply, which has more.
	Raw json.RawMessage
}

// Diagnostics reads the lists and limits that the platform uses for a campaign now. Needs
// outbound:campaign:view.
func (c *CampaignClient) Diagnostics(ctx context.Context, campaignID string) (*Diagnostics, error) {
	if err := checkID("campaign id", campaignID); err != nil {
		return nil, err
	}
	d := new(Diagnostics)
	op := call{method: http.MethodGet, path: "/api/v2/outbound/campaigns/" + campaignID + "/diagnostics", into: &d.Raw}
	if err := c.do(ctx, op); err != nil {
		return nil, err
	}
	var raw struct {
		CallableContacts struct {
			DNCLists        []reference `json:"dncLists"`
			RuleSets        []reference `json:"ruleSets"`
			AttemptLimits   reference   `json:"attemptLimits"`
			CallableTimeSet reference   `json:"callableTimeSet"`
		} `json:"callableContacts"`
		FilteredOut int64 `json:"filteredOutContactsCount"`
		Total       int64 `json:"totalNumberOfContacts"`
	}
	if json.Unmarshal(d.Raw, &raw) != nil {
		return nil, &Error{
			Method: op.method, Path: op.path, Status: http.StatusOK, Err: errors.Join(ErrUnexpectedReply, errNotJSON),
		}
	}
	d.Contacts, d.FilteredOut = raw.Total, raw.FilteredOut
	d.AttemptLimitsID = raw.CallableContacts.AttemptLimits.ID
	d.CallableTimeSetID = raw.CallableContacts.CallableTimeSet.ID
	d.DNCListIDs, d.RuleSetIDs = ids(raw.CallableContacts.DNCLists), ids(raw.CallableContacts.RuleSets)
	return d, nil
}

func ids(refs []reference) []string {
	out := make([]string, 0, len(refs))
	for _, r := range refs {
		out = append(out, r.ID)
	}
	return out
}
