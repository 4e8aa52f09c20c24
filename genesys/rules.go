package genesys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/turn"
)

// Rules are what a campaign must obey before it may dial. They print how many numbers they have, and
// no number.
type Rules struct {
	// ContactListID is the contact list that the campaign must dial from. "" keeps the one it has.
	// It can be changed only while the campaign does not run.
	ContactListID string

	// BlockedNumbers must not be dialled. They are written as "+14155550123". They are put on the
	// campaign's own DNC list: an internal list with the name "dnc <campaign id>", which is made if
	// it does not exist.
	BlockedNumbers []string

	// Expires is when the blocked numbers become callable again: a full minute, at most 180 days
	// ahead. The zero Time means never. An entry that expires later, or never, is left as it is,
	// because the platform would replace its expiry by the earlier one.
	Expires time.Time

	// DNCListIDs are lists that must be attached to the campaign. They are added after the lists that
	// are attached already.
	DNCListIDs []string

	// DryRun makes all checks and writes nothing. It still asks for an export of the campaign's own
	// DNC list, to know which numbers would be sent.
	DryRun bool
}

// String is the rules without the numbers.
func (r Rules) String() string {
	text := fmt.Sprintf("rules: contact list %q, %d blocked numbers, DNC lists %q",
		clean(r.ContactListID, 64), len(r.BlockedNumbers), clean(strings.Join(r.DNCListIDs, " "), 512))
	if !r.Expires.IsZero() {
		text += ", until " + r.Expires.UTC().Format(expiryLayout)
	}
	if r.DryRun {
		text += ", dry run"
	}
	return text
}

// Format writes String for every verb.
func (r Rules) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue is String.
func (r Rules) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Applied says what [CampaignClient.ApplyRules] changed. With DryRun it says what would be changed.
type Applied struct {
	Before, After *Campaign // After was read back; with DryRun it is computed

	DNCListID      string   // the campaign's own DNC list; "" if it has none
	DNCListCreated bool     // this call created that list
	NumbersSent    int      // how many numbers were sent to that list
	Attached       []string // ids of the DNC lists that this call attached

	ContactListChanged bool

	newNumbers func() []string // a function, so that no print shows the numbers
}

// NewNumbers returns the blocked numbers that were not yet on the campaign's own DNC list, in the
// order of their digits. This call adds them; with DryRun it would. A number that was on the list
// with an earlier expiry is not new.
func (a *Applied) NewNumbers() []string {
	if a == nil || a.newNumbers == nil {
		return nil
	}
	return slices.Clone(a.newNumbers())
}

// Changed reports whether this call wrote anything. With DryRun it reports whether it would.
func (a *Applied) Changed() bool {
	return a.DNCListCreated || a.NumbersSent > 0 || len(a.Attached) > 0 || a.ContactListChanged
}

// OwnDNCListName returns the name of the DNC list that ApplyRules keeps for a campaign.
func OwnDNCListName(campaignID string) string { return "dnc " + campaignID }

// ApplyRules makes a campaign obey rules. It adds the blocked numbers to the campaign's own DNC
// list, attaches that list and the other DNC lists, and sets the contact list. It writes only what
// is missing: a campaign that obeys already is not touched. It does not start or stop the campaign.
//
// Before the first write it checks everything that could be refused: ids and numbers, the campaign
// and its status, the lists. After the last write it reads everything back. If something is not
// there, the error wraps [ErrNotVerified]. Repeating ApplyRules is safe, also after an error.
//
// The platform shows the entries of a list only by export. So the campaign's own list is exported
// before numbers are sent to it, and once more afterwards: a reply of 204 does not prove that a
// number is blocked. For a list that this call has created, its size is proof enough, unless it has
// more entries than were sent. The campaign is read last.
//
// If many calls run at the same time, those that began first are finished first. A call that cannot
// end before its deadline, because earlier calls use up the rate limit, fails at once. Its error
// wraps [retry.ErrRateLimitWait], and it has written nothing. [Error].Wait is when to try again.
//
// The result is non-nil as soon as the campaign was read, also with an error. It then says what was
// done before the error.
//
// Needs outbound:campaign:view, outbound:campaign:edit, outbound:dncList:view,
// outbound:dncList:add, outbound:dnc:view, outbound:dnc:edit and outbound:contactList:view.
func (c *CampaignClient) ApplyRules(ctx context.Context, campaignID string, rules Rules) (*Applied, error) {
	p := &applying{c: c, rules: rules}
	if err := p.check(campaignID); err != nil {
		return nil, err
	}
	ctx, operation, end := turn.Begin(ctx, p.fewest())
	defer end()
	p.operation = operation
	if err := p.ask(ctx, campaignID); err != nil {
		return p.done, err
	}
	if rules.DryRun {
		return p.done, p.wouldBe()
	}
	if err := p.write(ctx); err != nil {
		return p.done, err
	}
	return p.done, p.verify(ctx)
}

// applying is one run of ApplyRules.
type applying struct {
	c      *CampaignClient
	rules  Rules
	done   *Applied
	readAt time.Time // when the campaign was read
	own    *DNCList  // nil: to be made
	fresh  bool      // own was made by this call, and was empty
	want   []string  // the blocked numbers, each once
	send   []string  // those that the list lacks

	operation *turn.Operation
}

// The fewest requests of an export, and of reading back what was written.
const (
	exportRequests = 4
	verifyRequests = 2
)

// fewest is how many requests it takes where everything holds already.
func (p *applying) fewest() int {
	if len(p.rules.BlockedNumbers) == 0 {
		return 2
	}
	return 2 + exportRequests
}

// toWrite is how many requests the changes take, with reading them back.
func (p *applying) toWrite() int {
	n := (len(p.send) + p.c.chunk - 1) / p.c.chunk
	if p.done.DNCListCreated {
		n += 2 // made, and looked for
	}
	if p.done.DNCListCreated || p.done.ContactListChanged || len(p.done.Attached) > 0 {
		n += 2
	}
	if len(p.send) > 0 && !p.done.DNCListCreated {
		n += exportRequests - 1
	}
	return n + verifyRequests
}

func (p *applying) check(campaignID string) error {
	if err := checkID("campaign id", campaignID); err != nil {
		return err
	}
	if p.rules.ContactListID != "" {
		if err := checkID("contact list id", p.rules.ContactListID); err != nil {
			return err
		}
	}
	for i, id := range p.rules.DNCListIDs {
		if err := checkID(fmt.Sprintf("DNC list id %d (counted from 0)", i), id); err != nil {
			return err
		}
	}
	if err := checkNumbers(p.rules.BlockedNumbers); err != nil {
		return err
	}
	_, err := expiryText(p.rules.Expires)
	return err
}

// ask reads what the change depends on.
func (p *applying) ask(ctx context.Context, campaignID string) error {
	campaign, err := p.c.Campaign(ctx, campaignID)
	if err != nil {
		return err
	}
	p.done, p.readAt = &Applied{Before: campaign, After: campaign}, time.Now()
	if p.own, err = p.c.ownList(ctx, campaign); err != nil {
		return err
	}
	for _, id := range p.rules.DNCListIDs {
		if containsID(campaign.DNCListIDs(), id) {
			continue // it may be one that this client's divisions hide
		}
		if _, err := p.c.DNCList(ctx, id); err != nil {
			return err
		}
	}
	if id := p.rules.ContactListID; id != "" && !sameID(id, campaign.ContactListID()) {
		if _, err := p.c.ContactList(ctx, id); err != nil {
			return err
		}
	}
	p.done.ContactListChanged = p.rules.ContactListID != "" && !sameID(p.rules.ContactListID, campaign.ContactListID())
	if p.own != nil {
		p.done.DNCListID = p.own.ID
	}
	p.want = slices.Clone(p.rules.BlockedNumbers)
	slices.Sort(p.want)
	p.want = slices.Compact(p.want)
	p.done.DNCListCreated = p.own == nil && len(p.want) > 0
	p.done.newNumbers = func() []string { return p.want }
	p.done.Attached = p.toAttach(campaign)
	if err := p.allowed(campaign); err != nil { // before an export, which takes long
		return err
	}
	err = p.compare(ctx)
	p.done.NumbersSent = len(p.send)
	return err
}

// allowed refuses what the campaign's status does.
func (p *applying) allowed(campaign *Campaign) error {
	now := campaign.Status()
	switch {
	case p.done.ContactListChanged && !now.idle():
		return statusError(campaign.ID(), now, "its contact list can be changed only while it does not run: stop it and wait until it is off")
	case (len(p.done.Attached) > 0 || p.done.DNCListCreated) && !now.saving():
		return statusError(campaign.ID(), now, "the platform saves nothing until it is off: wait for that")
	}
	return nil
}

// toAttach is which lists a campaign lacks.
func (p *applying) toAttach(campaign *Campaign) []string {
	attached := campaign.DNCListIDs()
	var lacks []string
	want := p.rules.DNCListIDs
	if p.done.DNCListID != "" {
		want = append([]string{p.done.DNCListID}, want...)
	}
	for _, id := range want {
		if !containsID(attached, id) && !containsID(lacks, id) {
			lacks = append(lacks, id)
		}
	}
	return lacks
}

func containsID(ids []string, id string) bool {
	return slices.ContainsFunc(ids, func(other string) bool { return sameID(id, other) })
}

func (p *applying) wouldBe() error {
	after := &Campaign{p.done.Before.object}
	p.done.After = after
	return p.change(after)
}

// change is what UpdateCampaign applies, also to a campaign that somebody else has changed
// meanwhile.
func (p *applying) change(campaign *Campaign) error {
	if id := p.rules.ContactListID; id != "" && !sameID(id, campaign.ContactListID()) {
		if now := campaign.Status(); !now.idle() {
			return statusError(campaign.ID(), now, "its contact list can be changed only while it does not run: stop it and wait until it is off")
		}
		if err := campaign.SetContactList(id); err != nil {
			return err
		}
	}
	return campaign.AttachDNCLists(p.toAttach(campaign)...)
}

// write puts the numbers on the list before the list on the campaign: the campaign never has a list
// that is not full.
func (p *applying) write(ctx context.Context) error {
	if p.done.Changed() {
		p.operation.Need(p.toWrite()) // what cannot be finished in time is not begun
	}
	lacks, changes := p.done.Attached, p.done.ContactListChanged
	p.done.NumbersSent, p.done.DNCListCreated, p.done.Attached, p.done.ContactListChanged = 0, false, nil, false
	if p.own == nil && len(p.want) > 0 {
		if err := p.makeOwn(ctx); err != nil {
			return err
		}
		lacks = p.toAttach(p.done.Before)
	}
	if len(p.send) > 0 {
		err := p.untilSeen(ctx, func() error {
			err := p.c.AddDNCNumbers(ctx, p.own.ID, p.send[p.done.NumbersSent:], p.rules.Expires)
			if part, ok := errors.AsType[*PartialError](err); ok {
				p.done.NumbersSent += part.Done
			}
			return err
		})
		if err != nil {
			return err
		}
		p.done.NumbersSent = len(p.send)
	}
	if len(lacks) == 0 && !changes {
		return nil
	}
	return p.untilSeen(ctx, func() error {
		after, err := p.c.UpdateCampaign(ctx, p.done.Before.ID(), p.change)
		if err == nil {
			p.done.After, p.done.Attached, p.done.ContactListChanged = after, lacks, changes
		}
		return err
	})
}
