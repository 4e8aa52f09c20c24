package genesys

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
)

// A ContactList is the list of people that a campaign dials.
type ContactList struct {
	ID, Name     string
	Columns      []string // all of them; a contact has exactly these
	PhoneColumns []string // those that hold phone numbers
	Size         int64    // number of contacts, -1 if the platform did not say

	// AttemptLimitsID is the id of the attempt limits that are attached to the list. "" means that
	// contacts are called any number of times.
	AttemptLimitsID string

	// AutomaticTimeZones is true if the platform finds the time zone of each number by itself. It
	// then calls at the times of the organisation's settings, not of a callable time set.
	AutomaticTimeZones bool

	// TimeZoneColumns maps a phone column to the column that has the time zone of its numbers. The
	// platform uses it with a callable time set. Phone columns without a time zone are not in it.
	TimeZoneColumns map[string]string
}

// UnmarshalJSON reads the platform's object.
func (l *ContactList) UnmarshalJSON(data []byte) error {
	var raw struct {
		ID           string   `json:"id"`
		Name         string   `json:"name"`
		Columns      []string `json:"columnNames"`
		PhoneColumns []struct {
			ColumnName     string `json:"columnName"`
			TimeZoneColumn string `json:"callableTimeColumn"`
		} `json:"phoneColumns"`
		Size          *int64    `json:"size"`
		AttemptLimits reference `json:"attemptLimits"`
		Automatic     bool      `json:"automaticTimeZoneMapping"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*l = ContactList{
		ID: raw.ID, Name: raw.Name, Columns: raw.Columns, Size: -1,
		AttemptLimitsID: raw.AttemptLimits.ID, AutomaticTimeZones: raw.Automatic,
	}
	for _, p := range raw.PhoneColumns {
		l.PhoneColumns = append(l.PhoneColumns, p.ColumnName)
		if p.TimeZoneColumn != "" {
			if l.TimeZoneColumns == nil {
				l.TimeZoneColumns = map[string]string{}
			}
			l.TimeZoneColumns[p.ColumnName] = p.TimeZoneColumn
		}
	}
	if raw.Size != nil {
		l.Size = *raw.Size
	}
	return nil
}

const contactLists = "/api/v2/outbound/contactlists"

// ContactListQuery selects contact lists. The zero value selects all contact lists that the
// client's divisions show.
type ContactListQuery struct {
	Name string // the exact name
}

// ContactLists reads the contact lists that a query selects. It reads the next page when the loop
// reaches it. An error ends the sequence. Needs outbound:contactList:view.
func (c *CampaignClient) ContactLists(ctx context.Context, q ContactListQuery) iter.Seq2[ContactList, error] {
	return named(ctx, c, contactLists, url.Values{}, q.Name,
		func(l *ContactList) (id, name string) { return l.ID, l.Name })
}

// ContactList reads one contact list with its size. Needs outbound:contactList:view.
func (c *CampaignClient) ContactList(ctx context.Context, id string) (*ContactList, error) {
	if err := checkID("contact list id", id); err != nil {
		return nil, err
	}
	list := new(ContactList)
	err := c.do(ctx, call{
		method: http.MethodGet, path: contactLists + "/" + id, query: url.Values{"includeSize": {"true"}}, into: list,
	})
	if err != nil {
		return nil, err
	}
	if !sameID(list.ID, id) {
		return nil, &Error{
			Method: http.MethodGet, Path: contactLists + "/" + id, Status: http.StatusOK,
			Message: "the reply is another list", Err: ErrUnexpectedReply,
		}
	}
	return list, nil
}
