package main

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/contactfile"
)

// added are the columns that the output has more than the input. The last is there where another
// column than the only one with numbers can decide a row.
var added = []string{"verdict", "blocked", "reason", "fallback", "decided_by"}

// mayAdd refuses a file that has such a column: a reader of the output could not tell the two apart.
func mayAdd(header []string) error {
	for _, name := range added {
		if slices.ContainsFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) }) {
			return fmt.Errorf("the header already has a column %q: rename or remove it, because a reader could not tell the two apart", name)
		}
	}
	return nil
}

// copyRows writes the header and every row with its decision.
func copyRows(ctx context.Context, checker dnc.Checker, contacts *contactfile.File, several bool, out *bufio.Writer, p *progress) error {
	cells := added
	if !several {
		cells = added[:len(added)-1]
	}
	if _, err := out.WriteString(contacts.Header(cells...)); err != nil {
		return err
	}
	for contact, err := range contacts.Scrub(ctx, checker) {
		if err != nil {
			return err
		}
		p.contact(contact)
		d := contact.Decision
		cells := []string{
			d.Verdict.String(), strconv.FormatBool(!d.Callable()), d.Reason().Code, strconv.FormatBool(d.Fallback),
		}
		if several {
			cells = append(cells, contact.Column)
		}
		if _, err := out.WriteString(contact.Row(cells...)); err != nil {
			return err
		}
	}
	return nil
}
