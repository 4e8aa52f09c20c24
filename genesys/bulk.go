package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// A Mark says that a part of a contact must not be called. It prints the contact's id, masked if it
// may be a phone number.
type Mark struct {
	ContactID string
	Part      ContactPart
}

// String is the contact's id.
func (m Mark) String() string { return "mark of contact " + shownID(m.ContactID) }

// Format writes String for every verb.
func (m Mark) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// LogValue is the contact's id.
func (m Mark) LogValue() slog.Value { return slog.StringValue(m.String()) }

// A FailedMark is a mark that was not made, and the reason.
type FailedMark struct {
	Mark Mark
	Err  error
}

// The bounds of marks in bulk: how many contacts are read by one request (the platform's limit),
// how many are changed by one job, and from how many on a job is worth it.
const (
	bulkRead   = 50
	bulkUpdate = 1000
	bulkFrom   = 25
)

// MarkAllUncallable makes many marks. 10,000 take about two minutes at the platform's rate limit:
// the platform changes contacts in jobs of 1,000.
//
// It returns the marks that could not be made, each with its error. All others were made, and were
// read back. A mark that fails does not stop the others. Only an error that concerns all of them
// stops the call, such as a missing permission or the end of the context. After such an error it is
// not known which of the other marks were made. Calling again is safe: it writes only marks that
// are missing.
//
// Whether a job changes a contact in the right way is not documented. So the first contact gets a
// job of its own, and is read back. If the mark is missing, or anything else has changed, all
// contacts are marked one by one as by [CampaignClient.MarkUncallable], which takes two requests
// each.
//
// A contact has no version. So a mark that another program makes between the read of a contact and
// its job, some seconds, may be lost; one that it makes before or after is kept.
//
// Needs outbound:contact:view, outbound:contact:edit and outbound:contactList:view.
func (c *CampaignClient) MarkAllUncallable(ctx context.Context, listID string, marks []Mark) ([]FailedMark, error) {
	if err := checkID("contact list id", listID); err != nil {
		return nil, err
	}
	b := &bulk{c: c, listID: listID}
	for _, m := range marks {
		err := checkContactID(m.ContactID)
		if err == nil {
			err = m.Part.err
		}
		if err != nil {
			b.fail(m, err)
			continue
		}
		b.add(m)
	}
	err := b.run(ctx)
	return b.failed, err
}

// bulk is one run of MarkAllUncallable.
type bulk struct {
	c      *CampaignClient
	listID string
	failed []FailedMark
	items  []*marked
	at     map[string]*marked // by the contact's id
	proven bool               // a job does what it should
	broken bool               // it does not: no more of them
}

// marked is a contact with all its marks.
type marked struct {
	id    string
	marks []Mark
	read  rawjson.Object // as it was
	patch string         // what is to be changed, as members of a JSON object
}

func (b *bulk) fail(m Mark, err error) { b.failed = append(b.failed, FailedMark{m, err}) }

func (b *bulk) add(m Mark) {
	item := b.at[m.ContactID]
	if item == nil {
		item = &marked{id: m.ContactID}
		b.items = append(b.items, item)
		if b.at == nil {
			b.at = map[string]*marked{}
		}
		b.at[m.ContactID] = item
	}
	item.marks = append(item.marks, m)
}

func (b *bulk) run(ctx context.Context) error {
	if len(b.items) < bulkFrom {
		return b.singly(ctx, b.items)
	}
	var odd []*marked
	for from := 0; from < len(b.items); from += bulkUpdate {
		left, err := b.part(ctx, b.items[from:min(from+bulkUpdate, len(b.items))])
		if err != nil {
			return err
		}
		odd = append(odd, left...)
	}
	return b.singly(ctx, odd)
}

// part marks as many contacts as one job takes, and returns those that have to be marked one by one.
// They are read just before: a job may replace all flags of a contact, so that it would undo a mark
// that somebody else made since.
func (b *bulk) part(ctx context.Context, items []*marked) (odd []*marked, err error) {
	if b.broken {
		return items, nil
	}
	if odd, err = b.read(ctx, items); err != nil {
		return nil, err
	}
	groups := map[string][]*marked{}
	var order []string
	for _, item := range items {
		if item.patch == "" {
			continue
		}
		if groups[item.patch] == nil {
			order = append(order, item.patch)
		}
		groups[item.patch] = append(groups[item.patch], item)
	}
	for _, patch := range order {
		group := groups[patch]
		switch {
		case b.broken, len(group) < bulkFrom-1, len(group) < bulkFrom && !b.proven:
			odd = append(odd, group...)
			continue
		case !b.proven:
			if b.proven, err = b.try(ctx, group[0]); err != nil {
				return nil, err
			}
			if b.broken = !b.proven; b.broken {
				odd = append(odd, group...)
				continue
			}
			rest := slices.DeleteFunc(slices.Clone(items), func(item *marked) bool { return item == group[0] })
			return b.part(ctx, rest) // what was read before the trial is old by now
		}
		left, err := b.inJobs(ctx, group)
		if err != nil {
			return nil, err
		}
		odd = append(odd, left...)
	}
	return odd, nil
}

// singly marks contacts one by one.
func (b *bulk) singly(ctx context.Context, items []*marked) error {
	for _, item := range items {
		for _, m := range item.marks {
			err := b.c.MarkUncallable(ctx, b.listID, m.ContactID, m.Part)
			switch {
			case err == nil:
			case ctx.Err() == nil && ofOneContact(err):
				b.fail(m, err)
			default:
				return err
			}
		}
	}
	return nil
}

// ofOneContact reports whether an error is about one contact, so that the others may do better.
func ofOneContact(err error) bool {
	for _, is := range []error{ErrInvalidInput, ErrNotFound, ErrNotVerified, ErrUnexpectedReply} {
		if errors.Is(err, is) {
			return true
		}
	}
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusBadRequest || e.Status == http.StatusConflict)
}

// read reads the contacts and makes their patches. It returns those that have to be marked one by
// one, because the platform refuses to read them together.
func (b *bulk) read(ctx context.Context, items []*marked) (odd []*marked, err error) {
	for from := 0; from < len(items); from += bulkRead {
		part := items[from:min(from+bulkRead, len(items))]
		found, err := b.c.readContacts(ctx, b.listID, part)
		if err != nil && ctx.Err() == nil && ofOneContact(err) {
			for _, item := range part {
				item.patch = ""
			}
			odd = append(odd, part...)
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, item := range part {
			item.patch = "" // of an earlier reading
			contact, ok := found[item.id]
			if !ok { // the platform says what there is to say about it
				odd = append(odd, item)
				continue
			}
			item.read = contact
			b.plan(item)
		}
	}
	return odd, nil
}

// readContacts reads contacts by their ids. One that does not exist is not in the result.
func (c *CampaignClient) readContacts(
	ctx context.Context, listID string, items []*marked,
) (map[string]rawjson.Object, error) {
	ids := make([]string, 0, len(items))
	for _, item := range items {
		ids = append(ids, item.id)
	}
	var contacts []rawjson.Object
	op := call{
		method: http.MethodPost, path: contactLists + "/" + listID + "/contacts/bulk",
		body: rawjson.Marshal(ids), repeatable: true, into: &contacts,
	}
	if err := c.do(ctx, op); err != nil {
		return nil, err
	}
	found := make(map[string]rawjson.Object, len(items))
	for _, contact := range contacts {
		for _, id := range ids {
			if sameContact(contact.Text("id"), id) {
				found[id] = contact
			}
		}
	}
	return found, nil
}

// flags are the members of a contact that say whom the platform does not call.
var flags = []string{"callable", "phoneNumberStatus", "contactableStatus"}

// plan makes the patch of a contact: the flags with what was marked before, because a patch may
// replace a member as a whole.
func (b *bulk) plan(item *marked) {
	contact := item.read
	var data map[string]json.RawMessage
	contact.Read("data", &data)
	touched := map[string]bool{}
	possible := item.marks[:0]
	for _, m := range item.marks {
		if _, ok := data[m.Part.column]; m.Part.column != "" && !ok {
			b.fail(m, invalid("the contact has no column of that name"))
			continue
		}
		changed, err := setFalse(&contact, m.Part.flag()...)
		if err != nil {
			b.fail(m, errors.Join(ErrUnexpectedReply, err))
			continue
		}
		possible = append(possible, m)
		if changed {
			touched[m.Part.flag()[0]] = true
		}
	}
	item.marks = possible
	for _, name := range flags {
		if touched[name] {
			item.patch += "," + string(rawjson.Marshal(name)) + ":" + string(contact.Get(name))
		}
	}
}

// shows reports whether a contact has all the marks.
func (item *marked) shows(contact rawjson.Object) bool {
	for _, m := range item.marks {
		if changed, err := setFalse(&contact, m.Part.flag()...); changed || err != nil {
			return false
		}
	}
	return true
}
