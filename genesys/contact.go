package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// A Contact is one entry of a contact list. It prints its id only.
type Contact struct {
	// ID is the platform's, or one of your own ("CUST-1001"). Adding a contact with an ID that is on
	// the list updates that contact.
	ID string

	// Data has a value for each column of the list.
	Data map[string]string

	// Uncallable is true for a contact that the platform does not dial.
	Uncallable bool
}

// String is the id.
func (c Contact) String() string { return "contact " + clean(c.ID, 64) }

// Format writes String for every verb.
func (c Contact) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// LogValue is the id.
func (c Contact) LogValue() slog.Value { return slog.StringValue(c.String()) }

// UnmarshalJSON reads the platform's object.
func (c *Contact) UnmarshalJSON(data []byte) error {
	var raw struct {
		ID       string                     `json:"id"`
		Data     map[string]json.RawMessage `json:"data"`
		Callable *bool                      `json:"callable"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*c = Contact{
		ID: raw.ID, Data: make(map[string]string, len(raw.Data)), Uncallable: raw.Callable != nil && !*raw.Callable,
	}
	for name, value := range raw.Data {
		var s string
		if json.Unmarshal(value, &s) != nil {
			s = string(value) // a number or a boolean, in the platform's spelling
		}
		c.Data[name] = s
	}
	return nil
}

// AddOptions say what AddContacts does with contacts that are on the list already. The zero value
// changes only their data: nobody is called again.
type AddOptions struct {
	// Priority puts new contacts at the head of the queue.
	Priority bool

	// ResetAttempts deletes the attempts, results and callable flags of existing contacts
	// (clearSystemData). A contact that was marked uncallable is then called again. Such a request is
	// not repeated if its reply is lost: that could undo a mark that was made meanwhile.
	ResetAttempts bool

	// Requeue queues existing contacts again, also those that were dialled (doNotQueue=false). Such a
	// request is not repeated if its reply is lost: somebody could be called twice.
	Requeue bool
}

// AddContacts adds contacts to a list, 1,000 in each request, and returns them with their ids. A
// contact with the ID of one that is on the list updates that one. Data must have exactly the
// columns of the list.
//
// A request is repeated only if each of its contacts has an ID, and neither ResetAttempts nor
// Requeue is set. Otherwise a repetition could add contacts twice, or have them called twice: if
// the reply is lost, the error is Uncertain. An error after the first request is a [*PartialError].
// Needs outbound:contact:add.
func (c *CampaignClient) AddContacts(
	ctx context.Context, listID string, contacts []Contact, o AddOptions,
) ([]Contact, error) {
	if err := checkID("contact list id", listID); err != nil {
		return nil, err
	}
	for i, contact := range contacts {
		if len(contact.Data) == 0 {
			return nil, invalid("contact %d of %d (counted from 0) has no data", i, len(contacts))
		}
		if contact.ID != "" {
			if err := checkContactID(contact.ID); err != nil {
				return nil, fmt.Errorf("contact %d of %d (counted from 0): %w", i, len(contacts), err)
			}
		}
	}
	query := url.Values{
		"priority":        {strconv.FormatBool(o.Priority)},
		"clearSystemData": {strconv.FormatBool(o.ResetAttempts)},
		"doNotQueue":      {strconv.FormatBool(!o.Requeue)},
	}
	added := make([]Contact, 0, len(contacts))
	for chunk := maxChunk; len(added) < len(contacts); {
		part := contacts[len(added):min(len(added)+chunk, len(contacts))]
		body, known := contactsBody(listID, part)
		var reply []Contact
		op := call{
			method: http.MethodPost, path: contactLists + "/" + listID + "/contacts",
			query: query, body: body, into: &reply,
		}
		op.repeatable = known && !o.ResetAttempts && !o.Requeue
		err := c.do(ctx, op)
		if err == nil {
			err = sameContacts(op, part, reply)
		}
		if (errors.Is(err, ErrTooLarge) || op.repeatable && tooMuch(err)) && len(part) > 1 && ctx.Err() == nil {
			chunk = (len(part) + 1) / 2
			continue
		}
		if err != nil {
			if len(contacts) > maxChunk {
				err = &PartialError{Done: len(added), Total: len(contacts), Err: err}
			}
			return added, err
		}
		added = append(added, reply...)
	}
	return added, nil
}

// sameContacts compares the contacts that the platform has added with those that were sent.
func sameContacts(op call, sent, got []Contact) error {
	odd := ""
	if len(got) != len(sent) {
		odd = fmt.Sprintf("%d contacts were sent and %d came back", len(sent), len(got))
	}
	for i := range got {
		if odd == "" && (got[i].ID == "" || sent[i].ID != "" && !sameContact(got[i].ID, sent[i].ID)) {
			odd = fmt.Sprintf("contact %d (counted from 0) came back without its id", i)
		}
	}
	if odd == "" {
		return nil
	}
	return &Error{
		Method: op.method, Path: op.path, Status: http.StatusOK, Message: odd, Uncertain: true, Err: ErrUnexpectedReply,
	}
}

// contactsBody is the request for some contacts, and whether all of them have an id.
func contactsBody(listID string, part []Contact) (body []byte, known bool) {
	type writable struct {
		ID       string            `json:"id,omitempty"`
		ListID   string            `json:"contactListId"`
		Data     map[string]string `json:"data"`
		Callable *bool             `json:"callable,omitempty"`
	}
	items := make([]writable, 0, len(part))
	known = true
	for _, contact := range part {
		w := writable{ID: contact.ID, ListID: listID, Data: contact.Data}
		if contact.Uncallable {
			w.Callable = new(bool)
		}
		known = known && contact.ID != ""
		items = append(items, w)
	}
	return rawjson.Marshal(items), known
}

// A ContactQuery selects the contacts that have one of the values in the column. The zero value
// selects all. It prints how many values it has, and no value.
type ContactQuery struct {
	Column string
	Values []string // compared exactly
}

// String is the query without its values.
func (q ContactQuery) String() string {
	return fmt.Sprintf("contacts with one of %d values in column %q", len(q.Values), clean(q.Column, 128))
}

// Format writes String for every verb.
func (q ContactQuery) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(q.String())) }

// LogValue is String.
func (q ContactQuery) LogValue() slog.Value { return slog.StringValue(q.String()) }

// SearchContacts reads the contacts that a query selects, 100 in each request. It reads the next
// page when the loop reaches it. An error ends the sequence. Needs outbound:contact:view.
func (c *CampaignClient) SearchContacts(ctx context.Context, listID string, q ContactQuery) iter.Seq2[Contact, error] {
	return func(yield func(Contact, error) bool) {
		err := checkID("contact list id", listID)
		if err == nil && (q.Column == "") != (len(q.Values) == 0) {
			err = invalid("a search for contacts needs a column and values, or neither")
		}
		if err != nil {
			yield(Contact{}, err)
			return
		}
		search := func(number, size int) call {
			return call{
				method: http.MethodPost, path: contactLists + "/" + listID + "/contacts/search",
				body: q.body(number, size), repeatable: true,
			}
		}
		for contact, err := range walk(ctx, c, search, func(c *Contact) string { return c.ID }) {
			if err == nil && !q.selects(&contact) {
				continue
			}
			if !yield(contact, err) || err != nil {
				return
			}
		}
	}
}

// selects repeats the platform's filter: what it does not know it may not heed. A contact that comes
// without the column is as the platform says.
func (q ContactQuery) selects(c *Contact) bool {
	text, ok := c.Data[q.Column]
	return q.Column == "" || !ok || slices.Contains(q.Values, text)
}

func (q ContactQuery) body(page, size int) []byte {
	type predicate struct {
		Column   string `json:"column"`
		Type     string `json:"columnType"`
		Operator string `json:"operator"`
		Value    string `json:"value"`
	}
	type clause struct {
		FilterType string      `json:"filterType"`
		Predicates []predicate `json:"predicates"`
	}
	type criteria struct {
		FilterType string   `json:"filterType"`
		Clauses    []clause `json:"clauses"`
	}
	body := struct {
		Page     int       `json:"pageNumber"`
		Size     int       `json:"pageSize"`
		Criteria *criteria `json:"criteria,omitempty"`
	}{Page: page, Size: size}
	if q.Column != "" {
		any := clause{FilterType: "OR"}
		for _, v := range q.Values {
			any.Predicates = append(any.Predicates, predicate{q.Column, "alphabetic", "EQUALS", v})
		}
		body.Criteria = &criteria{"AND", []clause{any}}
	}
	return rawjson.Marshal(body)
}
