package listfile

import (
	"errors"
	"fmt"
	"strings"
)

// ErrFile is what errors are, by errors.Is, that end the sequence because of what the file is. The text says what to do.
var ErrFile = errors.New("listfile: the file cannot be used")

// What is wrong with a row, by errors.Is.
var (
	ErrShape   = errors.New("the row has not the shape that the format has") // also a number that is none
	ErrForeign = errors.New("the row is of another area code than the file says it is for")
)

// RowError is a row that cannot be read. Reading goes on after it. It does not hold the row's text, which may be a number.
type RowError struct {
	File   string // as given to Read or Files
	Member string // of a zip
	Line   int64  // from 1; a file that is one long line has 1
	Offset int64  // of the row's first byte, unpacked
	Err    error  // ErrShape or ErrForeign
}

// Error says where the row is and what is wrong.
func (e *RowError) Error() string {
	return fmt.Sprintf("listfile: %sline %d, byte %d: %v", place(e.File, e.Member), e.Line, e.Offset, e.Err)
}

// Unwrap returns Err.
func (e *RowError) Unwrap() error { return e.Err }

// RowLine is the line, for registry.Replace to report.
func (e *RowError) RowLine() int64 { return e.Line }

func place(file, member string) string {
	var b strings.Builder
	for _, s := range []string{file, member} {
		if s != "" {
			b.WriteString(printable(s) + ": ")
		}
	}
	return b.String()
}

// printable is a name from outside, fit for an error: a zip can name its members as it likes.
func printable(name string) string {
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == 0xfffd {
			return '?'
		}
		return c
	}, name)
	if len(name) > 200 {
		name = "..." + strings.ToValidUTF8(name[len(name)-200:], "")
	}
	return name
}
