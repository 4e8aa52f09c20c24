package genesys

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// A PartialError is a call that was cut into several requests and did not finish. Done of Total
// items, from the first on, are in; begin again with the one at index Done.
type PartialError struct {
	Done, Total int
	Err         error
}

// Error says how many are in, and why the next are not.
func (e *PartialError) Error() string {
	return fmt.Sprintf("genesys: the first %d of %d are done: %v", e.Done, e.Total, e.Err)
}

// Unwrap returns Err.
func (e *PartialError) Unwrap() error { return e.Err }

// AddDNCNumbers adds phone numbers to an internal list, "+14155550123" each. expires is when they
// become callable again: a full minute at most 180 days ahead, and the zero Time for never. A
// number that is on the list already stays there.
//
// nil means that the platform has accepted the numbers. [CampaignClient.MissingDNCNumbers] tells
// whether they are on the list.
//
// An expiry overwrites the one that an entry has: a number that was blocked without an expiry
// becomes callable at that time. Where that must not be, send only what MissingDNCNumbers returns,
// as [CampaignClient.ApplyRules] does.
//
// They are sent in chunks of [WithChunkSize], which may be repeated without harm. An error in the
// middle is a [*PartialError]. A number that is not E.164 makes the call fail before anything is
// sent. Needs outbound:dnc:edit.
func (c *CampaignClient) AddDNCNumbers(ctx context.Context, listID string, numbers []string, expires time.Time) error {
	return c.AddDNCEntries(ctx, listID, PhoneNumbers, numbers, expires)
}

// RemoveDNCNumbers takes numbers off an internal list, so that they may be dialled: in chunks, as
// AddDNCNumbers adds them, but each is sent once. A repetition would take off again what somebody
// has added since. Where the reply is lost, the error is Uncertain. Needs outbound:dnc:edit.
func (c *CampaignClient) RemoveDNCNumbers(ctx context.Context, listID string, numbers []string) error {
	return c.RemoveDNCEntries(ctx, listID, PhoneNumbers, numbers)
}

// MissingDNCNumbers exports a list and returns the numbers that are not on it, or that expire
// before until; with the zero Time, those that expire at all. "+14155550123" each; they keep their
// order, and each is there once. An empty result proves that all of them are blocked for the
// campaigns that name the list. Needs outbound:dnc:view and outbound:dncList:view.
func (c *CampaignClient) MissingDNCNumbers(
	ctx context.Context, listID string, numbers []string, until time.Time,
) ([]string, error) {
	if err := checkNumbers(numbers); err != nil {
		return nil, err
	}
	missing, _, _, err := c.missing(ctx, listID, numbers, until)
	return missing, err
}

// RemoveExpired takes off the entries whose expiry has passed. Needs outbound:dnc:delete.
func (c *CampaignClient) RemoveExpired(ctx context.Context, listID string) error {
	return c.deleteNumbers(ctx, listID, true)
}

// Confirmation is an argument that spells out what a dangerous call does.
type Confirmation string

// EveryNumberMayBeDialled is the confirmation that [CampaignClient.EmptyDNCList] needs.
const EveryNumberMayBeDialled Confirmation = "every number of this list may be dialled again"

// EmptyDNCList removes every entry of a list: from then on the platform dials all of these numbers.
// It does nothing unless the confirmation is [EveryNumberMayBeDialled]. Do not use it to replace a
// list's entries: until the next addition nothing is blocked.
//
// It is sent once: a repetition would take away what was added since. Where the reply is lost, the
// error is Uncertain, and the list may be empty: [CampaignClient.DNCList] has its size. Needs
// outbound:dnc:delete.
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
