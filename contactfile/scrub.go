package contactfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"

	"github.com/dnc-go/dnc"
)

// CodeOptedOut is the code of a contact that is blocked because a column of its row says so.
const CodeOptedOut = "opted_out"

// Contact is a row of the file, and what became of it. In fmt and slog it shows its line and its
// Decision, because the row holds the number.
type Contact struct {
	Line int // where the row begins; the header is line 1, if nothing is in front of it
	// Decision is the strongest decision of the row's numbers. The order is: blocked, unknown,
	// invalid, allowed. If a cell says that nobody may call, the row is blocked with CodeOptedOut. A
	// row without a number is blocked as invalid_number.
	Decision dnc.Decision
	// Column is the name of the column that decided, as the header has it. It is "" if the row has
	// several columns for numbers and no number.
	Column string
	// Invalid says which cells are not numbers.
	Invalid []InvalidCell

	file *File
	row  *row
	rank int
	seen bool // a number of the row
}

// InvalidCell is a cell that is not a number.
type InvalidCell struct {
	Column string
	Err    error // the cause; it wraps dnc.ErrInvalidNumber, unless it is of a Parse of your own, and shows nothing of the cell
}

// Row is the row as it was, byte for byte, with the end of its line. more are further cells, quoted
// where they must be.
func (c Contact) Row(more ...string) string {
	if c.row == nil {
		return ""
	}
	return c.row.text + c.file.cells(more) + c.row.end
}

// String is the line and the Decision.
func (c Contact) String() string { return fmt.Sprintf("line %d: %s", c.Line, c.Decision) }

// Format shows what String says in every verb.
func (c Contact) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue shows what String says.
func (c Contact) LogValue() slog.Value { return slog.StringValue(c.String()) }

// rank orders decisions: a number that is listed blocks the row for sure; an unknown one may; an
// invalid one is to be put right.
func rank(d dnc.Decision) int {
	switch {
	case d.Callable():
		return 0
	case d.Reason().Code == dnc.CodeInvalidNumber:
		return 1
	case d.Undecided():
		return 2
	default:
		return 3
	}
}

// add takes one more number into account.
func (c *Contact) add(n number, d dnc.Decision) {
	if n.err != nil {
		c.Invalid = append(c.Invalid, InvalidCell{n.column, n.err})
	}
	if r := rank(d); !c.seen || r > c.rank {
		c.Decision, c.Column, c.rank = d, n.column, r
	}
	c.seen = true
}

var (
	errNotOpened = errors.New("contactfile: the file was not opened: call Open")
	errReadTwice = errors.New("contactfile: the file was read before: open it again")
)

// Scrub asks checker about every number and yields each contact, in order. It reads the file as it
// goes, in constant memory, and asks in batches as dnc.Stream does. The file can be read once.
//
// An error ends the sequence: the file could not be read to its end, a row has not as many cells as
// the header, it has a number where none is looked for (ErrColumns), or ctx ended. If the checker
// has no answer, that is not an error: the contact's Decision is Unknown.
func (f *File) Scrub(ctx context.Context, checker dnc.Checker) iter.Seq2[Contact, error] {
	return func(yield func(Contact, error) bool) {
		switch {
		case f == nil || f.csv == nil:
			yield(Contact{}, errNotOpened)
			return
		case f.read:
			yield(Contact{}, errReadTwice)
			return
		}
		f.read = true
		var contact Contact
		for c, err := range dnc.Stream(ctx, checker, f.numbers(), func(n number) (dnc.Number, error) { return n.number, n.err }) {
			if err != nil {
				if ctx.Err() == nil {
					err = fmt.Errorf("contactfile: %w", err)
				}
				yield(Contact{}, err)
				return
			}
			contact.add(c.Input, c.Decision)
			if !c.Input.last {
				continue
			}
			contact.file, contact.row, contact.Line = f, c.Input.row, c.Input.row.line
			if by := c.Input.row.optedOut; by >= 0 {
				contact.Decision = dnc.Decision{
					Number: contact.Decision.Number, Verdict: dnc.Block, Reasons: dnc.ReasonsOf(dnc.Reason{Code: CodeOptedOut}),
				}
				contact.Column = f.names[by]
			}
			if !yield(contact, nil) {
				return
			}
			contact = Contact{}
		}
	}
}
