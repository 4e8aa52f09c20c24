package preflight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc/genesys"
)

// How long things are good for. Decisions: opt-outs come every day. Data of a national list: 31
// days (47 CFR 64.1200(c)(2)(i)(D)). Entries of a DNC list live at most 180 days; a week is time
// enough to renew them.
const (
	decisionsGood = 24 * time.Hour
	listDataGood  = 31 * 24 * time.Hour
	expiryMargin  = 7 * 24 * time.Hour
	keptShare     = 0.8 // of a DNC list's entries; a list that loses more was likely replaced by a broken file
)

// AssertProtected reads the campaign back and names everything that is missing. It changes nothing.
// Without a gap it returns nil, otherwise an [*UnprotectedError]. Gaps of the kinds in accept are
// left out. An error of the client is returned as it is: what cannot be read may be unprotected.
//
// It exports the contact list (twice) and the campaign's own DNC list. Needs the permissions of
// Apply, outbound:dnc:view, outbound:campaignRule:view, outbound:ruleSet:view, outbound:schedule:view
// and outbound:campaignSequence:view. In place of outbound:schedule:view, outbound:campaign:viewSchedule
// with outbound:campaignSequenceSchedule:view will do. With [WithHours] it also needs
// outbound:callableTimeSet:view.
func (p *Plan) AssertProtected(ctx context.Context, accept ...GapKind) error {
	if err := p.usable(); err != nil {
		return err
	}
	if err := checkKinds(accept); err != nil {
		return err
	}
	_, gaps, err := p.gaps(ctx)
	if err != nil {
		return err
	}
	return p.unprotected(gaps, accept)
}

// mostLooks bounds how often the campaign is looked at anew because it changes meanwhile.
const mostLooks = 3

// gaps looks at everything. The exports, which take minutes, come first, and the campaign is read
// once more at the end, so that it is as it is now.
func (p *Plan) gaps(ctx context.Context) (campaign *genesys.Campaign, gaps []Gap, err error) {
	contacts, err := p.contactGaps(ctx)
	if err != nil {
		return nil, nil, err
	}
	own, entries, err := p.entryGaps(ctx)
	if err != nil {
		return nil, nil, err
	}
	for range mostLooks {
		if campaign, err = p.client.Campaign(ctx, p.campaignID); err != nil {
			return nil, nil, err
		}
		starts, err := p.startGaps(ctx)
		if err != nil {
			return campaign, nil, err
		}
		limits, err := p.limitGaps(ctx, campaign)
		if err != nil {
			return campaign, nil, err
		}
		lists, err := p.listGaps(ctx, campaign, own)
		if err != nil {
			return campaign, nil, err
		}
		before := campaign
		if campaign, err = p.client.Campaign(ctx, p.campaignID); err != nil {
			return before, nil, err
		}
		if dialsTheSame(before, campaign) {
			lists, limits = without(lists, entries), without(limits, contacts) // what was counted is told once
			gaps = slices.Concat(p.campaignGaps(campaign), contacts, lists, entries, p.ageGaps(), limits, starts)
			return campaign, gaps, nil
		}
	}
	return campaign, nil, fmt.Errorf("%w: somebody keeps changing it while it is looked at: try again later", ErrChanged)
}

// without leaves out the gaps of the kinds that were found already.
func without(gaps, found []Gap) []Gap {
	return slices.DeleteFunc(gaps, func(g Gap) bool {
		return slices.ContainsFunc(found, func(f Gap) bool { return f.Kind == g.Kind })
	})
}

// dialsTheSame reports whether two readings of a campaign agree in all that the gaps are about.
func dialsTheSame(a, b *genesys.Campaign) bool {
	for _, field := range []string{"contactList", "phoneColumns", "dncLists", "ruleSets", "callableTimeSet"} {
		if string(a.Field(field)) != string(b.Field(field)) {
			return false
		}
	}
	return true
}

func (p *Plan) campaignGaps(campaign *genesys.Campaign) (gaps []Gap) {
	if !strings.EqualFold(campaign.ContactListID(), p.contactListID) {
		gaps = append(gaps, Gap{GapOtherContactList, "it dials another contact list"})
	}
	if !slices.Equal(campaign.PhoneColumns(), p.columns) {
		gaps = append(gaps, Gap{GapOtherColumns, "it dials other columns"})
	}
	return gaps
}

// contactGaps exports the contacts twice, as NewPlan does: the first export may be one that another
// tool has asked for before.
func (p *Plan) contactGaps(ctx context.Context) ([]Gap, error) {
	marked := map[cellID]struct{}{}
	for _, f := range p.findings {
		if f.mark != markNone {
			marked[cellID{f.contactID, f.column}] = struct{}{}
		}
	}
	for range 2 {
		gone := 0
		now, err := p.export(ctx, func(contact genesys.ExportedContact) {
			for i, column := range p.columns {
				if _, ok := marked[cellID{contact.ID, i}]; ok && flagIs(contact, callableFlag+column, "true") {
					gone++
				}
			}
		})
		switch {
		case err != nil:
			return nil, err
		case now.contacts > p.contents.contacts:
			return []Gap{p.added(now.contacts)}, nil
		case now != p.contents:
			return []Gap{gapf(GapContactsChanged, "the contact list has changed: the count of contacts was %d and is %d, or a contact has another number",
				p.contents.contacts, now.contacts)}, nil
		case gone > 0:
			return []Gap{gapf(GapMarkGone, "numbers that must be marked as uncallable are callable: %d", gone)}, nil
		}
	}
	return nil, nil
}

func (p *Plan) added(contacts int64) Gap {
	return gapf(GapContactsAdded, "the count of contacts was %d and is %d: the added contacts were not checked",
		p.contents.contacts, contacts)
}

type cellID struct {
	contactID string
	column    int
}

// entryGaps exports the campaign's own DNC list and looks for every number of the plan. own is ""
// if the plan needs no list.
func (p *Plan) entryGaps(ctx context.Context) (own string, gaps []Gap, err error) {
	numbers := p.rules().BlockedNumbers
	if len(numbers) == 0 {
		return "", nil, nil
	}
	if own, err = p.ownList(ctx); err != nil {
		return "", nil, err
	}
	missing := func(n int) Gap {
		return gapf(GapEntriesMissing, "the campaign's own DNC list lacks numbers that must be blocked: %d of %d",
			n, len(numbers))
	}
	if own == "" {
		return "", []Gap{missing(len(numbers))}, nil
	}
	left := make(map[string]struct{}, len(numbers))
	for _, n := range numbers {
		left[n] = struct{}{}
	}
	soon := time.Now().Add(expiryMargin)
	expiring, first := 0, time.Time{}
	for entry, err := range p.client.ExportDNCList(ctx, own) {
		if err != nil {
			return "", nil, err
		}
		n := plainNumber.Replace(entry.Number)
		if _, ok := left[n]; !ok || !entry.Expires.IsZero() && !entry.Expires.After(time.Now()) {
			continue
		}
		delete(left, n)
		if !entry.Expires.IsZero() && entry.Expires.Before(soon) {
			expiring++
			if first.IsZero() || entry.Expires.Before(first) {
				first = entry.Expires
			}
		}
	}
	if len(left) > 0 {
		gaps = append(gaps, missing(len(left)))
	}
	if expiring > 0 {
		gaps = append(gaps, gapf(GapEntriesExpire, "entries that expire within 7 days: %d, the first at %s",
			expiring, first.UTC().Format("2006-01-02 15:04Z")))
	}
	return own, gaps, nil
}

// ownList is the campaign's own DNC list, "" if there is none. A listing may lag behind, and may have
// two of the name, so what counts is what the campaign has.
func (p *Plan) ownList(ctx context.Context) (own string, err error) {
	name := genesys.OwnDNCListName(p.campaignID)
	var listed []string
	for list, err := range p.client.DNCLists(ctx, genesys.DNCListQuery{Name: name}) {
		if err != nil {
			return "", err
		}
		listed = append(listed, list.ID)
	}
	if len(listed) == 1 {
		return listed[0], nil
	}
	campaign, err := p.client.Campaign(ctx, p.campaignID)
	if err != nil {
		return "", err
	}
	for _, id := range campaign.DNCListIDs() {
		list, err := p.client.DNCList(ctx, id)
		switch {
		case errors.Is(err, genesys.ErrNotFound), errors.Is(err, genesys.ErrForbidden):
		case err != nil:
			return "", err
		case list.Name == name:
			return id, nil
		}
	}
	if len(listed) > 0 {
		own = listed[0] // which is not attached
	}
	return own, nil
}

// attachedGaps are the DNC lists of the plan that the campaign lacks.
func (p *Plan) attachedGaps(campaign *genesys.Campaign, own string) (gaps []Gap) {
	attached := campaign.DNCListIDs()
	want := p.config.rules.DNCListIDs
	if own != "" {
		want = append([]string{own}, want...)
	}
	for _, id := range want {
		if !slices.ContainsFunc(attached, func(other string) bool { return strings.EqualFold(id, other) }) {
			gaps = append(gaps, Gap{GapListNotAttached, "the DNC list " + id + " is not attached"})
		}
	}
	return gaps
}

// listGaps looks at the DNC lists that are attached, and at those that must be.
func (p *Plan) listGaps(ctx context.Context, campaign *genesys.Campaign, own string) (gaps []Gap, err error) {
	gaps = p.attachedGaps(campaign, own)
	for _, id := range campaign.DNCListIDs() {
		list, err := p.client.DNCList(ctx, id)
		if errors.Is(err, genesys.ErrNotFound) {
			gaps = append(gaps, Gap{GapListEmpty, "the DNC list " + id + " is attached and cannot be found"})
			continue
		}
		if errors.Is(err, genesys.ErrForbidden) {
			gaps = append(gaps, gapf(GapListEmpty, "the DNC list %s is attached and may not be read: %v", id, err))
			continue
		}
		if err != nil {
			return nil, err
		}
		before, needed := p.sizes[strings.ToLower(id)], true
		if list.Name == genesys.OwnDNCListName(p.campaignID) {
			before -= int64(len(p.unblocks))
			needed = own != "" // or there is nothing to block
			gaps = append(gaps, p.shortGaps(list)...)
		}
		switch {
		case list.SourceType != genesys.SourceInternal, !needed && list.Size == 0:
		case list.Size == 0:
			gaps = append(gaps, Gap{GapListEmpty, "the DNC list " + id + " is attached and has no entries"})
		case float64(list.Size) < keptShare*float64(before):
			gaps = append(gaps, gapf(GapListShrunk, "the DNC list %s had %d entries and has %d", id, before, list.Size))
		}
	}
	return gaps, nil
}

// shortGaps compares the size of the campaign's own DNC list with the numbers that must be on it:
// since these were seen there it may have been emptied.
func (p *Plan) shortGaps(own *genesys.DNCList) []Gap {
	numbers := p.rules().BlockedNumbers
	slices.Sort(numbers)
	n := len(slices.Compact(numbers))
	if own.Size < 0 || own.Size >= int64(n) {
		return nil
	}
	return []Gap{gapf(GapEntriesMissing, "the campaign's own DNC list lacks numbers that must be blocked: it has %d entries for %d of them",
		own.Size, n)}
}

func (p *Plan) ageGaps() (gaps []Gap) {
	if age := time.Since(p.made); age > decisionsGood {
		gaps = append(gaps, gapf(GapDecisionsOld, "the plan is %v old", age.Round(time.Hour)))
	}
	for _, l := range p.lists {
		if !l.Date.IsZero() && time.Since(l.Date) > listDataGood {
			gaps = append(gaps, gapf(GapListCopyOld, "the data of list %q is of %s", l.List, l.Date.Format(time.DateOnly)))
		}
	}
	return gaps
}

// limitGaps reads which limits apply.
func (p *Plan) limitGaps(ctx context.Context, campaign *genesys.Campaign) (gaps []Gap, err error) {
	now, err := p.client.Diagnostics(ctx, p.campaignID)
	if err != nil {
		return nil, err
	}
	if now.AttemptLimitsID == "" {
		gaps = append(gaps, Gap{GapNoAttemptLimits, "no attempt limits are in force: set them on the contact list"})
	}
	list, err := p.client.ContactList(ctx, p.contactListID)
	if err != nil {
		return nil, err
	}
	if list.Size > p.contents.contacts { // the exports, which show no more, were made minutes ago
		gaps = append(gaps, p.added(list.Size))
	}
	switch {
	case list.AutomaticTimeZones:
		gaps = append(gaps, Gap{GapAutomaticTimeZones, "the contact list has automatic time zone mapping: the organisation's settings say when it is called, and are not read"})
	case now.CallableTimeSetID == "" && !named(campaign, "callableTimeSet"):
		gaps = append(gaps, Gap{GapNoCallableTimes, "no callable times are in force: set them on the campaign"})
	default:
		hours, err := p.hourGaps(ctx, cmp.Or(now.CallableTimeSetID, campaign.CallableTimeSetID()), list)
		if err != nil {
			return nil, err
		}
		gaps = append(gaps, hours...)
	}
	sets, err := p.ruleSetGaps(ctx, bothIDs(now.RuleSetIDs, campaign.RuleSetIDs()))
	return append(gaps, sets...), err
}

// bothIDs are the ids of two readings, each once: what either of them shows may be in force.
func bothIDs(a, b []string) []string {
	out := slices.Clone(a)
	for _, id := range b {
		if !slices.ContainsFunc(out, func(other string) bool { return strings.EqualFold(id, other) }) {
			out = append(out, id)
		}
	}
	return out
}

// named reports whether a field of the campaign names an object.
func named(campaign *genesys.Campaign, field string) bool {
	value := string(campaign.Field(field))
	return value != "" && value != "null"
}
