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

// Status is a campaign's status, as the platform spells it.
type Status string

// The platform's statuses. on goes through stopping to off, which takes from seconds to minutes;
// complete means that every contact was dialled, and a start then begins with the first one again.
const (
	StatusOn             Status = "on"
	StatusStopping       Status = "stopping"
	StatusOff            Status = "off"
	StatusComplete       Status = "complete"
	StatusInvalid        Status = "invalid"
	StatusForcedOff      Status = "forced_off"
	StatusForcedStopping Status = "forced_stopping"
)

// saving reports whether the platform saves a campaign in this status at all.
func (s Status) saving() bool { return s != StatusStopping && s != StatusForcedStopping }

// idle reports whether nothing is dialled, so that the contact list may be changed.
func (s Status) idle() bool {
	return s == StatusOff || s == StatusComplete || s == StatusInvalid || s == StatusForcedOff
}

// A Campaign is a campaign as the platform sent it. It keeps every field, also those that this
// library does not know, with every byte of their values; the methods read and change what DNC
// rules need. The zero Campaign is empty.
//
// It prints its id and status only: a campaign holds phone numbers and names.
type Campaign struct{ object rawjson.Object }

// ID is the campaign's UUID.
func (c *Campaign) ID() string { return c.object.Text("id") }

// Name is the campaign's name.
func (c *Campaign) Name() string { return c.object.Text("name") }

// Status is whether it dials.
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

// DNCListIDs are the DNC lists that the platform scrubs each call against, in their order. Rules
// append to the first one.
func (c *Campaign) DNCListIDs() []string {
	var refs []reference
	c.object.Read("dncLists", &refs)
	ids := make([]string, 0, len(refs))
	for _, r := range refs {
		ids = append(ids, r.ID)
	}
	return ids
}

// CallableTimeSetID is the callable time set; "" means that the campaign calls at any time.
func (c *Campaign) CallableTimeSetID() string { return c.object.Reference("callableTimeSet") }

// SetCallableTimeSet has the campaign call only at the times of a callable time set.
func (c *Campaign) SetCallableTimeSet(id string) error {
	if err := checkID("callable time set id", id); err != nil {
		return err
	}
	if !sameID(c.CallableTimeSetID(), id) {
		c.object.Set("callableTimeSet", rawjson.Marshal(reference{id}))
	}
	return nil
}

// RuleSetIDs are the rule sets that count for the campaign's calls, in their order.
func (c *Campaign) RuleSetIDs() []string {
	var refs []reference
	c.object.Read("ruleSets", &refs)
	return ids(refs)
}

// SetContactList changes the contact list. The platform takes it only while the campaign does not
// run.
func (c *Campaign) SetContactList(id string) error {
	if err := checkID("contact list id", id); err != nil {
		return err
	}
	if !sameID(c.ContactListID(), id) {
		c.object.Set("contactList", rawjson.Marshal(reference{id}))
	}
	return nil
}

// AttachDNCLists adds the lists that are not attached yet at the end, and keeps the others and
// their order.
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

// DetachDNCList takes a list off the campaign: from then on nothing on it is blocked.
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

// Field is the JSON of any field of the API's definition, nil if the campaign has none of that
// name.
func (c *Campaign) Field(name string) json.RawMessage { return slices.Clone(c.object.Get(name)) }

// SetField changes any field of the API's definition; value is what goes through [json.Marshal], or
// a [json.RawMessage]. The fields that are the platform's own are refused: id, version,
// campaignStatus (see [CampaignClient.StartCampaign]), dates, errors and selfUri.
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

// JSON is the whole object.
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

// CampaignQuery selects campaigns; the zero value is all that the client's divisions show.
type CampaignQuery struct {
	Name          string // the exact name
	ContactListID string
	DNCListID     string
}

// Campaigns reads the campaigns that a query selects, page by page while they are used. An error is
// the last item. Needs outbound:campaign:view.
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
