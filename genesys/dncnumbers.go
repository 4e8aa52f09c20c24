package genesys

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// A PartialError is the error of a call that needed several requests and did not finish. The first
// Done of Total items were written. Begin again with the item at index Done.
type PartialError struct {
	Done, Total int
	Err         error
}

// Error says how many items were written, and why the next ones were not.
func (e *PartialError) Error() string {
	return fmt.Sprintf("genesys: the first %d of %d are done: %v", e.Done, e.Total, e.Err)
}

// Unwrap returns Err.
func (e *PartialError) Unwrap() error { return e.Err }

// AddDNCNumbers adds phone numbers, such as "+14155550123", to an internal list.
//
// expires is when the numbers become callable again: a full minute, at most 180 days ahead. The
// zero Time means never. A new expiry replaces the one that an entry has: a number that was blocked
// without an expiry becomes callable at that time. To avoid this, add only the numbers that
// [CampaignClient.MissingDNCNumbers] returns, as [CampaignClient.ApplyRules] does.
//
// nil means that the platform has accepted the numbers. [CampaignClient.MissingDNCNumbers] shows
// whether they are on the list.
//
// Each request has up to 1,000 numbers (see [WithChunkSize]), and is repeated if it fails. If a
// request in the middle fails, the error is a [*PartialError]. If a number is not E.164, nothing is
// sent. Needs outbound:dnc:edit.
func (c *CampaignClient) AddDNCNumbers(ctx context.Context, listID string, numbers []string, expires time.Time) error {
	return c.AddDNCEntries(ctx, listID, PhoneNumbers, numbers, expires)
}

// RemoveDNCNumbers removes numbers from an internal list, so that they may be dialled. Each request
// has up to 1,000 numbers and is sent once: a repetition could remove a number that somebody has
// added meanwhile. If the reply is lost, the error is Uncertain. Needs outbound:dnc:edit.
func (c *CampaignClient) RemoveDNCNumbers(ctx context.Context, listID string, numbers []string) error {
	return c.RemoveDNCEntries(ctx, listID, PhoneNumbers, numbers)
}

// MissingDNCNumbers exports a list and returns those of the numbers that it does not block until
// the time until: they are not on it, or expire before. The zero Time means without end: then a
// number that expires at all is returned.
//
// Numbers are written as "+14155550123". The result has their order, and each number once. An empty
// result proves that all numbers are blocked for the campaigns that the list is attached to. Needs
// outbound:dnc:view and outbound:dncList:view.
func (c *CampaignClient) MissingDNCNumbers(
	ctx context.Context, listID string, numbers []string, until time.Time,
) ([]string, error) {
	if err := checkNumbers(numbers); err != nil {
		return nil, err
	}
	l, err := c.compareEntries(ctx, listID, numbers, until)
	return l.missing, err
}

// RemoveExpiredDNCEntries removes the entries whose expiry has passed. Needs outbound:dnc:delete.
func (c *CampaignClient) RemoveExpiredDNCEntries(ctx context.Context, listID string) error {
	return c.deleteNumbers(ctx, listID, true)
}

// Confirmation is an argument that spells out what a dangerous call does.
type Confirmation string

// EveryNumberMayBeDialled is the confirmation that [CampaignClient.EmptyDNCList] needs.
const EveryNumberMayBeDialled Confirmation = "every number of this list may be dialled again"

// EmptyDNCList removes every entry of a list. From then on the platform dials all of these numbers.
// It does nothing unless confirm is [EveryNumberMayBeDialled]. Do not use it to replace a list's
// entries: until you add the new ones, nothing is blocked.
//
// It is sent once: a repetition could remove what somebody has added meanwhile. If the reply is
// lost, the error is Uncertain, and the list may be empty: [CampaignClient.DNCList] reads its size.
// Needs outbound:dnc:delete.
func (c *CampaignClient) EmptyDNCList(ctx context.Context, listID string, confirm Confirmation) error {
	if confirm != EveryNumberMayBeDialled {
		return invalid("EmptyDNCList unblocks every number of the list: confirm it with EveryNumberMayBeDialled")
	}
	return c.deleteNumbers(ctx, listID, false)
}

func (c *CampaignClient) deleteNumbers(ctx context.Context, listID string, expiredOnly bool) error {
	if err := checkID("DNC list id", listID); err != nil {
		return err
	}
	return c.do(ctx, call{
		method: http.MethodDelete, path: dncLists + "/" + listID + "/phonenumbers",
		query: url.Values{"expiredOnly": {strconv.FormatBool(expiredOnly)}}, once: !expiredOnly,
	})
}
