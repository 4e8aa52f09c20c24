package preflight

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

// cell is one phone number of the contact list.
type cell struct {
	contactID string
	column    int
	text      string
	marked    bool // uncallable already, as a number
}

// finding says how a number is to be blocked that is not allowed. The DNC list stops one that is
// spelled as it is spelled there. How the platform compares other spellings is not documented, so
// their cells are marked too.
func (c cell) finding(n dnc.Number) finding {
	f := finding{contactID: c.contactID, column: c.column, number: n}
	switch {
	case !n.IsZero() && c.text == n.E164():
	case c.marked:
		f.mark = markThere
	default:
		f.mark = markToMake
	}
	return f
}

// cells exports the contacts, gives the cells of their phone columns that are not empty, and counts
// in s.
func (p *Plan) cells(ctx context.Context, s *scrubbed) iter.Seq2[cell, error] {
	return func(yield func(cell, error) bool) {
		var texts []string
		var row []byte
		flags := make([]string, len(p.columns)) // names of the columns that say whether a number is callable
		for i, column := range p.columns {
			flags[i] = callableFlag + column
		}
		for contact, err := range p.client.ExportContacts(ctx, p.contactListID) {
			if err == nil {
				texts, err = p.phones(contact, texts)
			}
			if err != nil {
				yield(cell{}, err)
				return
			}
			s.counts.Contacts++
			row = s.contents.add(contact.ID, texts, row)
			for i, text := range texts {
				if text == "" {
					continue
				}
				if !contact.PhoneCallable(p.columns[i]) {
					s.counts.Uncallable++
				}
				if !yield(cell{contact.ID, i, text, flagIs(contact, flags[i], "false")}, nil) {
					return
				}
			}
		}
	}
}

// phones are the cells of a contact's phone columns. A column that the export lacks may hold a
// number all the same. The slice is used again.
func (p *Plan) phones(contact genesys.ExportedContact, texts []string) ([]string, error) {
	texts = texts[:0]
	for _, column := range p.columns {
		text, ok := contact.Value(column)
		if !ok {
			return nil, fmt.Errorf("%w: the export of the contact list has no column %q, which the campaign dials",
				genesys.ErrUnexpectedReply, column)
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// callableFlag begins the name of the platform's column that says whether the number in a phone
// column is callable.
const callableFlag = "Callable-"

func flagIs(contact genesys.ExportedContact, column, flag string) bool {
	text, _ := contact.System(column)
	return strings.EqualFold(text, flag)
}

// contents tells two states of a contact list apart: how many contacts, and a sum, in any order,
// over ids and phone columns.
type contents struct {
	contacts int64
	sum      [4]uint64
}

// add returns the buffer that it used, for the next row.
func (s *contents) add(id string, texts []string, row []byte) []byte {
	row = binary.AppendUvarint(row[:0], uint64(len(id)))
	row = append(row, id...)
	for _, text := range texts {
		row = binary.AppendUvarint(row, uint64(len(text)))
		row = append(row, text...)
	}
	s.addDigest(sha256.Sum256(row))
	return row
}

func (s *contents) addDigest(digest [sha256.Size]byte) {
	s.contacts++
	for i := range s.sum {
		s.sum[i] += binary.BigEndian.Uint64(digest[8*i:])
	}
}

// export exports the contacts once, without deciding on them, and shows each to look, which may be
// nil.
func (p *Plan) export(ctx context.Context, look func(genesys.ExportedContact)) (contents, error) {
	var now contents
	var texts []string
	var row []byte
	for contact, err := range p.client.ExportContacts(ctx, p.contactListID) {
		if err == nil {
			texts, err = p.phones(contact, texts)
		}
		if err != nil {
			return now, err
		}
		row = now.add(contact.ID, texts, row)
		if look != nil {
			look(contact)
		}
	}
	return now, nil
}

// whole compares how many contacts were exported with how many there are. Where the numbers differ
// the list may have changed before the export: then the platform says so when it is asked again.
func (p *Plan) whole(ctx context.Context, list *genesys.ContactList) error {
	if list.Size != p.contents.contacts {
		var err error
		if list, err = p.client.ContactList(ctx, p.contactListID); err != nil {
			return err
		}
	}
	switch {
	case list.Size < 0:
		return fmt.Errorf("%w: the platform does not say how many contacts the list has", genesys.ErrUnexpectedReply)
	case list.Size != p.contents.contacts:
		return fmt.Errorf("%w: the counts of contacts differ: %d on the contact list, %d in its export",
			ErrChanged, list.Size, p.contents.contacts)
	}
	return nil
}
