package genesys

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"slices"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// Status is the status of a campaign, as the platform writes it.
type Status string

// The platform's statuses.
const (
	StatusOn             Status = "on"
	StatusStopping       Status = "stopping" // switched off, and not yet off: for seconds to minutes
	StatusOff            Status = "off"
	StatusComplete       Status = "complete"        // every contact was dialled; a start dials all of them again
	StatusInvalid        Status = "invalid"         // the platform's user interface says what is wrong
	StatusForcedOff      Status = "forced_off"      // the API's definition does not say what it means
	StatusForcedStopping Status = "forced_stopping" // the API's definition does not say what it means
)

// saving reports whether the platform saves a campaign in this status at all.
func (s Status) saving() bool { return s != StatusStopping && s != StatusForcedStopping }

// idle reports whether nothing is dialled, so that the contact list may be changed.
func (s Status) idle() bool {
	return s == StatusOff || s == StatusComplete || s == StatusInvalid || s == StatusForcedOff
}

// A Campaign is a campaign as the platform sent it. It keeps every field with every byte, also
// fields that this library does not know. The methods read and change the fields that DNC rules
// need. The zero Campaign is empty.
//
// It prints its id and status only, because a campaign holds phone numbers and names.
type Campaign struct{ object rawjson.Object }

// ID is the campaign's UUID.
func (c *Campaign) ID() string { return c.object.Text("id") }

// Name is the campaign's name.
func (c *Campaign) Name() string { return c.object.Text("name") }

// Status is one of the platform's statuses, such as [StatusOn].
func (c *Campaign) Status() Status { return Status(c.object.Text("campaignStatus")) }

// ContactListID is the contact list that the campaign dials from.
func (c *Campaign) ContactListID() string { return c.object.Reference("contactList") }

// PhoneColumns are the columns of the contact list that the campaign dials.
func (c *Campaign) PhoneColumns() []string {
	var columns []struct {
		ColumnName string `json:"columnName"`
	}
	c.object.Read("phoneColumns", &columns)
	names := make([]string, 0, len(columns))
	for _, col := range columns {
		names = append(names, col.ColumnName)
	}
	return names
}

// DNCListIDs are the DNC lists that the platform checks before each call, in their order. Actions of
// rule sets put numbers on the first one.
func (c *Campaign) DNCListIDs() []string {
	var refs []reference
	c.object.Read("dncLists", &refs)
	ids := make([]string, 0, len(refs))
	for _, r := range refs {
		ids = append(ids, r.ID)
	}
	return ids
}

// CallableTimeSetID is the id of the callable time set. "" means that the campaign calls at any
// time.
func (c *Campaign) CallableTimeSetID() string { return c.object.Reference("callableTimeSet") }

// SetCallableTimeSet attaches a callable time set: the campaign then calls only at its times.
func (c *Campaign) SetCallableTimeSet(id string) error {
	if err := checkID("callable time set id", id); err != nil {
		return err
	}
	if !sameID(c.CallableTimeSetID(), id) {
		c.object.Set("callableTimeSet", rawjson.Marshal(reference{id}))
	}
	return nil
}

// RuleSetIDs are the rule sets that act before and after each call, in their order.
func (c *Campaign) RuleSetIDs() []string {
	var refs []reference
	c.object.Read("ruleSets", &refs)
	return ids(refs)
}

// SetContactList changes the contact list. The platform accepts this only while the campaign does
// not run.
func (c *Campaign) SetContactList(id string) error {
	if err := checkID("contact list id", id); err != nil {
		return err
	}
	if !sameID(c.ContactListID(), id) {
		c.object.Set("contactList", rawjson.Marshal(reference{id}))
	}
	return nil
}

// AttachDNCLists adds DNC lists after those that are attached. A list that is attached already
// keeps its place.
func (c *Campaign) AttachDNCLists(ids ...string) error {
	var refs []json.RawMessage
	if raw := c.object.Get("dncLists"); raw != nil && json.Unmarshal(raw, &refs) != nil {
		return invalid("the campaign's dncLists are not an array: they would be lost")
	}
	attached := c.DNCListIDs()
	before := len(refs)
	for _, id := range ids {
		if err := checkID("DNC list id", id); err != nil {
			return err
		}
		if !containsID(attached, id) {
			attached = append(attached, id)
			refs = append(refs, rawjson.Marshal(reference{id}))
		}
	}
	if len(refs) > before {
		c.object.Set("dncLists", joinArray(refs))
	}
	return nil
}

// DetachDNCList removes a DNC list from the campaign. From then on the campaign dials the numbers
// that only this list has.
func (c *Campaign) DetachDNCList(id string) error {
	if err := checkID("DNC list id", id); err != nil {
		return err
	}
	var refs []json.RawMessage
	c.object.Read("dncLists", &refs)
	attached := c.DNCListIDs()
	if !containsID(attached, id) {
		return nil
	}
	kept := make([]json.RawMessage, 0, len(refs))
	for i, ref := range refs {
		if !sameID(attached[i], id) {
			kept = append(kept, ref)
		}
	}
	c.object.Set("dncLists", joinArray(kept))
	return nil
}

func joinArray(items []json.RawMessage) json.RawMessage {
	out := []byte{'['}
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, item...)
	}
	return append(out, ']')
}

// Field returns the JSON of a field by its name in the API's definition. It is nil if the campaign
// does not have the field.
func (c *Campaign) Field(name string) json.RawMessage { return slices.Clone(c.object.Get(name)) }

// SetField sets a field by its name in the API's definition. value is a [json.RawMessage], or any
// value for [json.Marshal]. Fields that belong to the platform are refused: id, version,
// campaignStatus (use [CampaignClient.StartCampaign]), dates, errors and selfUri.
func (c *Campaign) SetField(name string, value any) error {
	switch name {
	case "id", "version", "dateCreated", "dateModified", "errors", "selfUri", "":
		return invalid("the field %q is the platform's own", name)
	case "campaignStatus":
		return invalid("campaignStatus is changed by StartCampaign and StopCampaign")
	}
	raw, ok := value.(json.RawMessage)
	if !ok {
		raw = rawjson.Marshal(value)
	}
	if !json.Valid(raw) {
		return invalid("the value of field %q cannot be written as JSON", name)
	}
	c.object.Set(name, slices.Clone(raw))
	return nil
}

// JSON is the whole object with every byte. [json.Marshal] of a Campaign removes white space.
func (c *Campaign) JSON() json.RawMessage { return c.object.Bytes() }

// UnmarshalJSON reads the platform's object.
func (c *Campaign) UnmarshalJSON(data []byte) error { return c.object.UnmarshalJSON(data) }

// MarshalJSON writes the object with every field.
func (c Campaign) MarshalJSON() ([]byte, error) { return c.object.Bytes(), nil }

// String is id and status.
func (c Campaign) String() string {
	return "campaign " + clean(c.ID(), 64) + " (" + clean(c.object.Text("campaignStatus"), 32) + ")"
}

// Format writes String for every verb.
func (c Campaign) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is id and status.
func (c Campaign) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", clean(c.ID(), 64)),
		slog.String("status", clean(c.object.Text("campaignStatus"), 32)))
}

// CampaignQuery selects campaigns. The zero value selects all campaigns that the client's divisions
// show.
type CampaignQuery struct {
	Name          string // the exact name
	ContactListID string
	DNCListID     string
}

// Campaigns reads the campaigns that a query selects. It reads the next page when the loop reaches
// it. An error ends the sequence. Needs outbound:campaign:view.
func (c *CampaignClient) Campaigns(ctx context.Context, q CampaignQuery) iter.Seq2[Campaign, error] {
	return func(yield func(Campaign, error) bool) {
		query := url.Values{}
		for _, f := range []struct{ param, what, id string }{
			{"contactListId", "contact list id", q.ContactListID}, {"dncListIds", "DNC list id", q.DNCListID},
		} {
			if f.id == "" {
				continue
			}
			if err := checkID(f.what, f.id); err != nil {
				yield(Campaign{}, err)
				return
			}
			query.Set(f.param, f.id)
		}
		byName(query, q.Name)
		for item, err := range pages(ctx, c, "/api/v2/outbound/campaigns", query, (*Campaign).ID) {
			if err == nil && !q.selects(&item) {
				continue
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// selects repeats the platform's filter: what it does not know it may not heed.
func (q CampaignQuery) selects(c *Campaign) bool {
	return (q.Name == "" || c.Name() == q.Name) &&
		(q.ContactListID == "" || sameID(c.ContactListID(), q.ContactListID)) &&
		(q.DNCListID == "" || containsID(c.DNCListIDs(), q.DNCListID))
}

// Campaign reads one campaign. Needs outbound:campaign:view.
func (c *CampaignClient) Campaign(ctx context.Context, id string) (*Campaign, error) {
	if err := checkID("campaign id", id); err != nil {
		return nil, err
	}
	campaign := new(Campaign)
	op := call{method: http.MethodGet, path: "/api/v2/outbound/campaigns/" + id, into: campaign}
	if err := c.do(ctx, op); err != nil {
		return nil, err
	}
	if campaign.ID() != id && !sameID(campaign.ID(), id) {
		return nil, &Error{
			Method: op.method, Path: op.path, Status: http.StatusOK,
			Message: "the reply is another campaign", Err: ErrUnexpectedReply,
		}
	}
	return campaign, nil
}
