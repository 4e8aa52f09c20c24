package genesys

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// AttemptLimits say how often a contact may be called. They apply to the contact lists that they are
// attached to. A contact of a list without attempt limits is called any number of times.
//
// The platform counts from midnight of one time zone, for the days of ResetPeriod. It has no limit
// for any 24 hours.
type AttemptLimits struct {
	ID, Name      string
	MaxPerContact int    // calls, 1 to 100; 0 means no limit
	MaxPerNumber  int    // calls, 1 to 100; 0 means no limit
	TimeZone      string // of the midnight at which counting begins again, such as "America/New_York"
	ResetPeriod   string // "TODAY", "DAYS_2" to "DAYS_30", or "NEVER"
}

// UnmarshalJSON reads the platform's object.
func (l *AttemptLimits) UnmarshalJSON(data []byte) error {
	var raw struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		Contact     int    `json:"maxAttemptsPerContact"`
		Number      int    `json:"maxAttemptsPerNumber"`
		TimeZone    string `json:"timeZoneId"`
		ResetPeriod string `json:"resetPeriod"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*l = AttemptLimits{raw.ID, raw.Name, raw.Contact, raw.Number, raw.TimeZone, raw.ResetPeriod}
	return nil
}

// A CallableTimeSet says at which times the numbers of each time zone may be called. It applies to
// the campaigns that it is attached to.
type CallableTimeSet struct {
	ID, Name string
	Times    []CallableTime
}

// A CallableTime is the time slots of one time zone.
type CallableTime struct {
	TimeZone string     `json:"timeZoneId"`
	Slots    []TimeSlot `json:"timeSlots"`
}

// A TimeSlot is a span of time on one day of the week, as the platform writes it.
type TimeSlot struct {
	Start string `json:"startTime"` // local time, "08:00:00"
	Stop  string `json:"stopTime"`  // local time, "21:00:00"

	// Day is 1 for Monday to 7 for Sunday, as the documentation of the platform's own SDK for .NET and
	// of its Terraform provider has it.
	Day int `json:"day"`
}

// UnmarshalJSON reads the platform's object.
func (s *CallableTimeSet) UnmarshalJSON(data []byte) error {
	var raw struct {
		ID    string         `json:"id"`
		Name  string         `json:"name"`
		Times []CallableTime `json:"callableTimes"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*s = CallableTimeSet{raw.ID, raw.Name, raw.Times}
	return nil
}

const (
	attemptLimits    = "/api/v2/outbound/attemptlimits"
	callableTimeSets = "/api/v2/outbound/callabletimesets"
)

// AttemptLimits reads the attempt limits with an id. Needs outbound:attemptLimits:view.
func (c *CampaignClient) AttemptLimits(ctx context.Context, id string) (*AttemptLimits, error) {
	return readOne[AttemptLimits](ctx, c, "attempt limits id", attemptLimits, id)
}

// AttemptLimitsQuery selects attempt limits. The zero value selects all.
type AttemptLimitsQuery struct {
	Name string // the exact name
}

// AllAttemptLimits reads the attempt limits that a query selects. It reads the next page when the
// loop reaches it. An error ends the sequence. Needs outbound:attemptLimits:view.
func (c *CampaignClient) AllAttemptLimits(ctx context.Context, q AttemptLimitsQuery) iter.Seq2[AttemptLimits, error] {
	return named(ctx, c, attemptLimits, url.Values{}, q.Name,
		func(l *AttemptLimits) (id, name string) { return l.ID, l.Name })
}

// CallableTimeSet reads a callable time set. Needs outbound:callableTimeSet:view.
func (c *CampaignClient) CallableTimeSet(ctx context.Context, id string) (*CallableTimeSet, error) {
	return readOne[CallableTimeSet](ctx, c, "callable time set id", callableTimeSets, id)
}

// CallableTimeSetQuery selects callable time sets. The zero value selects all.
type CallableTimeSetQuery struct {
	Name string // the exact name
}

// CallableTimeSets reads the callable time sets that a query selects. It reads the next page when
// the loop reaches it. An error ends the sequence. Needs outbound:callableTimeSet:view.
func (c *CampaignClient) CallableTimeSets(
	ctx context.Context, q CallableTimeSetQuery,
) iter.Seq2[CallableTimeSet, error] {
	return named(ctx, c, callableTimeSets, url.Values{}, q.Name,
		func(s *CallableTimeSet) (id, name string) { return s.ID, s.Name })
}

// SetAttemptLimits attaches attempt limits to a contact list, in place of any others. It writes the
// whole list with the version it read. Then it reads the list back; if the limits are not there,
// the error wraps [ErrNotVerified]. Needs outbound:contactList:view and outbound:contactList:edit.
//
// To attach a callable time set use [Campaign.SetCallableTimeSet].
func (c *CampaignClient) SetAttemptLimits(ctx context.Context, contactListID, attemptLimitsID string) error {
	if err := checkID("contact list id", contactListID); err != nil {
		return err
	}
	if err := checkID("attempt limits id", attemptLimitsID); err != nil {
		return err
	}
	err := c.updateObject(ctx, contactLists, contactListID, func(o *rawjson.Object) error {
		if !sameID(o.Reference("attemptLimits"), attemptLimitsID) {
			o.Set("attemptLimits", rawjson.Marshal(reference{attemptLimitsID}))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for try := range verifyTries {
		if try > 0 && !pause(ctx, min(firstPoll<<try, lastPoll)) {
			break
		}
		list, err := c.ContactList(ctx, contactListID)
		if err != nil {
			return err
		}
		if sameID(list.AttemptLimitsID, attemptLimitsID) {
			return nil
		}
	}
	return ended(ctx,
		fmt.Errorf("%w: contact list %s does not have the attempt limits that were set", ErrNotVerified, contactListID))
}

// readOne reads an object, and refuses another one.
func readOne[T any](ctx context.Context, c *CampaignClient, what, path, id string) (*T, error) {
	if err := checkID(what, id); err != nil {
		return nil, err
	}
	o, err := c.readObject(ctx, path, id)
	if err != nil {
		return nil, err
	}
	into := new(T)
	if json.Unmarshal(o.Bytes(), into) != nil {
		return nil, &Error{
			Method: http.MethodGet, Path: path + "/" + id, Status: http.StatusOK,
			Message: "a property is of another type", Err: ErrUnexpectedReply,
		}
	}
	return into, nil
}

// named reads a listing and leaves out what only begins with the name.
func named[T any](
	ctx context.Context, c *CampaignClient, path string, query url.Values, name string, of func(*T) (id, name string),
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		query := maps.Clone(query) // the pages change it, and a sequence may be read twice at once
		byName(query, name)
		for item, err := range pages(ctx, c, path, query, func(item *T) string { id, _ := of(item); return id }) {
			if _, its := of(&item); err == nil && name != "" && its != name {
				continue
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}
