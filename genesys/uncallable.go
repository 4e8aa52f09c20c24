package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// Uncallable says what of a contact is not to be called. Make one with [WholeContact], [PhoneColumn] or [Medium].
type Uncallable struct{ column, medium string }

// WholeContact is everything: callable becomes false.
func WholeContact() Uncallable { return Uncallable{} }

// PhoneColumn is the number in one phone column. The contact's other numbers are dialled.
func PhoneColumn(name string) Uncallable { return Uncallable{column: name} }

// Medium is one medium, such as "Voice", "Sms" or "Email", for the whole contact, or with a column for what stands in it.
func Medium(name, column string) Uncallable { return Uncallable{medium: name, column: column} }

// MarkUncallable marks a contact, one of its numbers, or one of its media. Everything else of the contact stays as it is. A contact has
// no version: a change that somebody else makes between the reading and the writing is lost. Needs outbound:contact:view and
// outbound:contact:edit.
func (c *CampaignClient) MarkUncallable(ctx context.Context, listID, contactID string, what Uncallable) error {
	if err := checkID("contact list id", listID); err != nil {
		return err
	}
	if !validContactID(contactID) {
		return invalid("the contact id is neither a UUID nor 32 hexadecimal digits")
	}
	path := contactLists + "/" + listID + "/contacts/" + contactID
	var contact rawjson.Object
	op := call{method: http.MethodGet, path: path, into: &contact}
	if err := c.do(ctx, op); err != nil {
		return err
	}
	var data map[string]json.RawMessage
	contact.Read("data", &data)
	if _, ok := data[what.column]; what.column != "" && !ok {
		return invalid("the contact has no column of that name")
	}
	changed, err := what.mark(&contact)
	if err != nil {
		return &Error{Method: op.method, Path: op.path, Status: http.StatusOK, Err: errors.Join(ErrUnexpectedReply, err)}
	}
	if !changed {
		return nil
	}
	return c.do(ctx, call{method: http.MethodPut, path: path, body: contact.Bytes()})
}

func (u Uncallable) mark(contact *rawjson.Object) (changed bool, err error) {
	switch {
	case u.medium == "" && u.column == "":
		return setFalse(contact, "callable")
	case u.medium == "":
		return setFalse(contact, "phoneNumberStatus", u.column, "callable")
	case u.column == "":
		return setFalse(contact, "contactableStatus", u.medium, "contactable")
	}
	return setFalse(contact, "contactableStatus", u.medium, "columnStatus", u.column, "contactable")
}

// setFalse sets a member at the end of a path of objects to false, and makes the objects that are missing.
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
