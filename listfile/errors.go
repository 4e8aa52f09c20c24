package listfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/sheet"
)

// ErrFile is wrapped by every error that ends the sequence because the file cannot be used. The
// text says what to do.
var ErrFile = errors.New("listfile: the file cannot be used")

// What is wrong with a row, by errors.Is. A number that cannot be read is dnc.ErrInvalidNumber.
var (
	ErrShape   = errors.New("the row does not have the shape of the format") // its cells, quotes or length
	ErrForeign = errors.New("the row is of another area code than the file says it is for")
)

// RowError is a row that cannot be read. Reading goes on after it. It does not hold the row's text,
// which may be a number.
type RowError struct {
	File   string // as given to Read or Files
	Member string // of a zip
	Line   int64  // from 1, as a text editor counts; a file that is one long line has 1
	Offset int64  // of the row's first byte, unpacked and as UTF-8
	Column string // the column's name in the header, or "#2" for the second; "" where the format has no columns
	Err    error  // the cause
}

// Error says where the row is and what is wrong.
func (e *RowError) Error() string {
	column := ""
	if e.Column != "" {
		column = ", column " + strconv.Quote(e.Column)
	}
	return fmt.Sprintf("listfile: %sline %d, byte %d%s: %v", place(e.File, e.Member), e.Line, e.Offset, column, e.Err)
}

// Unwrap returns Err.
func (e *RowError) Unwrap() error { return e.Err }

// RowLine is the line, for registry.Replace to report.
func (e *RowError) RowLine() int64 { return e.Line }

func badRow(text string) error { return &sheet.Cause{Text: text, Is: []error{ErrShape}} }

func badNumber(text string) error {
	return &sheet.Cause{Text: "invalid number: " + text, Is: []error{ErrShape, dnc.ErrInvalidNumber}}
}

func place(file, member string) string {
	var b strings.Builder
	for _, s := range []string{file, member} {
		if s != "" {
			b.WriteString(sheet.Printable(s) + ": ")
		}
	}
	return b.String()
}
