package preflight

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/dnc-go/dnc/genesys"
)

// mark is a cell whose number must be marked uncallable: it is no number that can stand in a DNC list, or it is not spelled as it
// stands there.
type mark struct{ contactID, column string }

// cell is one phone number of the contact list.
type cell struct {
	mark
	text   string
	marked bool // uncallable already, as a number
}

func (p *Plan) mark(c cell) {
	if c.marked {
		p.marked = append(p.marked, c.mark)
	} else {
		p.marks = append(p.marks, c.mark)
	}
}

// cells exports the contacts and gives what stands in their phone columns.
func (p *Plan) cells(ctx context.Context) iter.Seq2[cell, error] {
	return func(yield func(cell, error) bool) {
		for contact, err := range p.client.ExportContacts(ctx, p.ContactListID) {
			var texts []string
			if err == nil {
				texts, err = p.phones(contact)
			}
			if err != nil {
				yield(cell{}, err)
				return
			}
			p.Contacts++
			p.contents.add(contact.ID, texts)
			for i, text := range texts {
				if text == "" {
					continue
				}
				if !contact.PhoneCallable(p.columns[i]) {
					p.Uncallable++
				}
				if !yield(cell{mark{contact.ID, p.columns[i]}, text, numberIs(contact, p.columns[i], "false")}, nil) {
					return
				}
			}
		}
	}
}

// phones is what stands in a contact's phone columns. A column that the export lacks may hold a number all the same.
func (p *Plan) phones(contact genesys.ExportedContact) ([]string, error) {
	texts := make([]string, 0, len(p.columns))
	for _, column := range p.columns {
		text, ok := contact.Data[column]
		if !ok {
			return nil, fmt.Errorf("%w: the export of the contact list has no column %q, which the campaign dials", genesys.ErrUnexpectedReply, column)
		}
		texts = append(texts, text)
	}
	return texts, nil
}

func numberIs(contact genesys.ExportedContact, column, flag string) bool {
	return strings.EqualFold(contact.System["Callable-"+column], flag)
}

// contents tells two states of a contact list apart: how many contacts, and a sum, in any order, over ids and phone columns.
type contents struct {
	contacts int64
	sum      [4]uint64
}

func (s *contents) add(id string, texts []string) {
	row := binary.AppendUvarint(nil, uint64(len(id)))
	row = append(row, id...)
	for _, text := range texts {
		row = binary.AppendUvarint(row, uint64(len(text)))
		row = append(row, text...)
	}
	digest := sha256.Sum256(row)
	s.contacts++
	for i := range s.sum {
		s.sum[i] += binary.BigEndian.Uint64(digest[8*i:])
	}
}

// whole compares how many contacts were exported with how many there are. Where they are not the same many, the list may have changed
// before the export: then the platform says so when it is asked again.
func (p *Plan) whole(ctx context.Context, list *genesys.ContactList) error {
	if list.Size != p.contents.contacts {
		var err error
		if list, err = p.client.ContactList(ctx, p.ContactListID); err != nil {
			return err
		}
	}
	switch {
	case list.Size < 0:
		return fmt.Errorf("%w: the platform does not say how many contacts the list has", genesys.ErrUnexpectedReply)
	case list.Size != p.contents.contacts:
		return fmt.Errorf("%w: the contact list has %d contacts and its export %d", ErrChanged, list.Size, p.contents.contacts)
	}
	return nil
}

// sameContacts exports the contacts again: they are those that were checked, and what was marked still is.
func (p *Plan) sameContacts(ctx context.Context) error {
	marked := make(map[mark]struct{}, len(p.marks)+len(p.marked))
	for _, m := range slices.Concat(p.marks, p.marked) {
		marked[m] = struct{}{}
	}
	var now contents
	for contact, err := range p.client.ExportContacts(ctx, p.ContactListID) {
		var texts []string
		if err == nil {
			texts, err = p.phones(contact)
		}
		if err != nil {
			return err
		}
		now.add(contact.ID, texts)
		for _, column := range p.columns {
			if _, ok := marked[mark{contact.ID, column}]; ok && numberIs(contact, column, "true") {
				return fmt.Errorf("%w: a number that was marked uncallable is callable again", ErrChanged)
			}
		}
	}
	if now != p.contents {
		return fmt.Errorf("%w: the contact list had %d contacts and has %d, or their numbers are others", ErrChanged, p.contents.contacts, now.contacts)
	}
	return nil
}
