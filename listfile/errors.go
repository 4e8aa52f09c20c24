package listfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/sheet"
)

// ErrFile is wrapped by every error that ends the sequence because the whole file cannot be used.
// The text says what to do.
var ErrFile = errors.New("listfile: the file cannot be used")

// Causes of a RowError, for errors.Is. For a number that cannot be read it is dnc.ErrInvalidNumber.
var (
	ErrShape         = errors.New("the row does not have the shape of the format") // its cells, quotes or length
	ErrOtherAreaCode = errors.New("the row is of another area code than the file says it is for")
)

// RowError is the error for a row that cannot be read. Reading goes on after it. It does not hold
// the row's text, because that may be a telephone number.
type RowError struct {
	File   string // the name or path that Read or Files was given
	Member string // the file's name within a zip; "" if it is not a zip
	Line   int64  // the line, from 1, as a text editor counts
	Offset int64  // the position of the row's first byte, in the file as unpacked and in UTF-8
	Column string // the column's name in the header, or "#2" for the second column; "" if the format has no columns
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

// RowLine is the line. registry.Replace puts it into its report.
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
