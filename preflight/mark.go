package preflight

import (
	"context"
	"errors"
	"fmt"

	"github.com/dnc-go/dnc/genesys"
)

// ErrNotMarked says that some numbers could not be marked uncallable. Everything else was done.
// [Result].Unmarked names them.
var ErrNotMarked = errors.New("preflight: some numbers could not be marked uncallable")

// Unmarked is a number that could not be marked uncallable: the one in this column of this contact.
type Unmarked struct {
	ContactID string
	Column    string
	Err       error
}

// markAll marks numbers uncallable. One contact that is refused does not stop the others: its
// number is in r.Unmarked. An error is one that the other contacts would meet too.
func (p *Plan) markAll(ctx context.Context, r *Result) error {
	columns := map[genesys.Mark]string{}
	var marks []genesys.Mark
	for _, f := range p.toMark() {
		column := p.columns[f.column]
		m := genesys.Mark{ContactID: f.contactID, Part: genesys.PhoneColumn(column)}
		if _, twice := columns[m]; !twice {
			columns[m] = column
			marks = append(marks, m)
		}
	}
	failed, err := p.client.MarkAllUncallable(ctx, p.contactListID, marks)
	for _, f := range failed {
		r.Unmarked = append(r.Unmarked, Unmarked{f.Mark.ContactID, columns[f.Mark], f.Err})
	}
	if err != nil {
		return err
	}
	r.Marked = len(marks) - len(failed)
	return nil
}

// unmarkedError is the error of marks that were refused, nil if there are none. A contact that is
// not found was deleted, or is not seen yet: then the list is not the one that was checked.
func (r *Result) unmarkedError() error {
	if len(r.Unmarked) == 0 {
		return nil
	}
	err := fmt.Errorf("%w: %d of them, the first is: %w", ErrNotMarked, len(r.Unmarked), r.Unmarked[0].Err)
	for _, u := range r.Unmarked {
		if errors.Is(u.Err, genesys.ErrNotFound) {
			return fmt.Errorf("%w: a contact whose number was to be marked is not there: %w", ErrChanged, err)
		}
	}
	return err
}
