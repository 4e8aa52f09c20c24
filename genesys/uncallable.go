package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/dnc-go/dnc/internal/rawjson"
	"github.com/dnc-go/dnc/retry"
)

// A ContactPart is the part of a contact that must not be called. Make one with [WholeContact],
// [PhoneColumn] or [Medium]. The zero value is the whole contact.
type ContactPart struct {
	medium, column string
	err            error // what is wrong with it
}

// WholeContact is the contact with all its numbers and media.
func WholeContact() ContactPart { return ContactPart{} }

// PhoneColumn is the number in one phone column. The contact's other numbers are still dialled.
func PhoneColumn(name string) ContactPart {
	if name == "" {
		return ContactPart{err: invalid("PhoneColumn has no name: the whole contact is WholeContact()")}
	}
	return ContactPart{column: name}
}

// Medium is one medium: "Voice", "Sms", "Email" or "WhatsApp", in this spelling. If column is "",
// it is the medium for the whole contact. Otherwise it is the medium for the number or address in
// that column.
func Medium(name, column string) ContactPart {
	if !slices.Contains([]string{"Voice", "Sms", "Email", "WhatsApp"}, name) {
		return ContactPart{err: invalid("the medium is not one of Voice, Sms, Email, WhatsApp")}
	}
	return ContactPart{medium: name, column: column}
}

// flag is the place in a contact of the flag that becomes false.
func (u ContactPart) flag() []string {
	switch {
	case u.medium == "" && u.column == "":
		return []string{"callable"}
	case u.medium == "":
		return []string{"phoneNumberStatus", u.column, "callable"}
	case u.column == "":
		return []string{"contactableStatus", u.medium, "contactable"}
	}
	return []string{"contactableStatus", u.medium, "columnStatus", u.column, "contactable"}
}

// MarkUncallable marks a contact, one of its numbers, or one of its media, so that the platform
// does not call it. The rest of the contact stays as it is.
//
// A contact has no version: if somebody else changes it between the read and the write, that change
// is lost. So the contact is read again before each repeated write. The mark is then looked for in
// the reply, and in the contact as it is read once more. If it is not there, the error wraps
// [ErrNotVerified]. Needs outbound:contact:view and outbound:contact:edit.
func (c *CampaignClient) MarkUncallable(ctx context.Context, listID, contactID string, what ContactPart) error {
	if err := checkID("contact list id", listID); err != nil {
		return err
	}
	if err := checkContactID(contactID); err != nil {
		return err
	}
	if what.err != nil {
		return what.err
	}
	wrote := false
	err := retry.Do(ctx, c.again, func(ctx context.Context) (err error) {
		wrote, err = c.mark(ctx, listID, contactID, what)
		return err
	})
	if err != nil || !wrote {
		return err
	}
	return c.isMarked(ctx, listID, contactID, what)
}

// isMarked reads a contact until it shows a mark: a reply that shows it does not prove that it was
// kept.
func (c *CampaignClient) isMarked(ctx context.Context, listID, contactID string, what ContactPart) error {
	path, shown := contactPath(listID, contactID)
	problem := fmt.Errorf("%w: the platform accepted the mark of contact %s, and the contact does not show it",
		ErrNotVerified, shownID(contactID))
	for try := range verifyTries {
		if try > 0 && !pause(ctx, min(firstPoll<<(try-1), lastPoll)) {
			return ended(ctx, problem)
		}
		var contact rawjson.Object
		if err := c.do(ctx, call{method: http.MethodGet, path: path, shown: shown, into: &contact}); err != nil {
			return err
		}
		if changed, err := setFalse(&contact, what.flag()...); !changed && err == nil &&
			sameContact(contact.Text("id"), contactID) {
			return nil
		}
	}
	return problem
}

// mark reads and writes once, or finds the mark there. Its errors say to retry whether it is worth
// another time.
func (c *CampaignClient) mark(ctx context.Context, listID, contactID string, what ContactPart) (wrote bool, err error) {
	path, shown := contactPath(listID, contactID)
	var contact rawjson.Object
	op := call{method: http.MethodGet, path: path, shown: shown, into: &contact}
	if err := c.do(ctx, op); err != nil {
		return false, retry.Permanent(err) // it was repeated
	}
	if !sameContact(contact.Text("id"), contactID) {
		return false, retry.Permanent(&Error{
			Method: op.method, Path: shown, Status: http.StatusOK,
			Message: "the reply is another contact", Err: ErrUnexpectedReply,
		})
	}
	var data map[string]json.RawMessage
	contact.Read("data", &data)
	if _, ok := data[what.column]; what.column != "" && !ok {
		return false, retry.Permanent(invalid("the contact has no column of that name"))
	}
	changed, err := setFalse(&contact, what.flag()...)
	if err != nil {
		return false, retry.Permanent(
			&Error{Method: op.method, Path: shown, Status: http.StatusOK, Err: errors.Join(ErrUnexpectedReply, err)},
		)
	}
	if !changed {
		return false, nil
	}
	var written rawjson.Object
	if err := c.do(ctx, call{
		method: http.MethodPut, path: path, shown: shown, body: contact.Bytes(), into: &written, single: true,
	}); err != nil {
		e, ok := errors.AsType[*Error](err)
		lost := !errors.Is(err, ErrUnexpectedReply) || errors.Is(err, errCutOff) || errors.Is(err, errEmpty)
		if ok && (e.Uncertain || e.Retryable()) && lost {
			return false, retry.After(err, e.Wait)
		}
		return false, retry.Permanent(err)
	}
	if changed, err := setFalse(&written, what.flag()...); changed || err != nil {
		return false, retry.Permanent(fmt.Errorf("%w: the platform accepted the mark of contact %s, and its reply does not show it",
			ErrNotVerified, shownID(contactID)))
	}
	return true, nil
}

// setFalse sets a member at the end of a path of objects to false, and makes the objects that are
// missing.
func setFalse(o *rawjson.Object, path ...string) (changed bool, err error) {
	value := o.Get(path[0])
	if len(path) == 1 {
		if string(value) == "false" {
			return false, nil
		}
		o.Set(path[0], json.RawMessage("false"))
		return true, nil
	}
	var inner rawjson.Object
	if value != nil && string(value) != "null" {
		if err := inner.UnmarshalJSON(value); err != nil {
			return false, err
		}
	}
	changed, err = setFalse(&inner, path[1:]...)
	if changed {
		o.Set(path[0], inner.Bytes())
	}
	return changed, err
}
