package preflight

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/dnc-go/dnc/genesys"
)

// ErrNotMarked says that some numbers could not be marked uncallable, and that everything else was done. [Result].Unmarked
// names them.
var ErrNotMarked = errors.New("preflight: some numbers could not be marked uncallable")

// Unmarked is a number that could not be marked uncallable.
type Unmarked struct {
	ContactID string
	Column    string
	Err       error
}

// markAll marks numbers uncallable. One contact that is refused does not stop the others: its number is in r.Unmarked. An error
// is one that the other contacts would meet too.
func (p *Plan) markAll(ctx context.Context, r *Result) error {
	for _, f := range p.toMark() {
		column := p.columns[f.column]
		err := p.client.MarkUncallable(ctx, p.contactListID, f.contactID, genesys.PhoneColumn(column))
		switch {
		case err == nil:
			r.Marked++
		case ctx.Err() == nil && ofOneContact(err):
			r.Unmarked = append(r.Unmarked, Unmarked{f.contactID, column, err})
		default:
			return fmt.Errorf("%d of %d numbers were marked uncallable: %w", r.Marked, p.preview.Marks, err)
		}
	}
	return nil
}

// ofOneContact reports whether an error says something about one contact, and not about the platform or the way to it.
func ofOneContact(err error) bool {
	if errors.Is(err, genesys.ErrInvalidInput) || errors.Is(err, genesys.ErrNotVerified) {
		return true
	}
	e, ok := errors.AsType[*genesys.Error](err)
	if !ok || e.Retryable() || errors.Is(err, genesys.ErrUnauthorized) || errors.Is(err, genesys.ErrForbidden) {
		return false
	}
	return e.Status >= http.StatusBadRequest && e.Status < http.StatusInternalServerError || errors.Is(err, genesys.ErrUnexpectedReply)
}

// unmarkedError is the error of marks that were refused, nil if there are none. A contact that is not found was deleted, or is
// not seen yet: then the list is not the one that was checked.
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

// markable reports whether the platform's API has an address for a contact.
func markable(contactID string) bool {
	n := 0
	for i := range len(contactID) {
		switch c := contactID[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			n++
		case c != '-':
			return false
		}
	}
	return n == 32
}
