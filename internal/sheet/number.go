package sheet

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/dnc-go/dnc"
)

// A Parser reads the number in a cell or a line.
type Parser func(string) (dnc.Number, error)

// Cause is why there is no number in a cell: a text of its own, and what it is by errors.Is.
type Cause struct {
	Text string
	Is   []error
}

// Error is the text.
func (c *Cause) Error() string { return c.Text }

// Unwrap is what it is.
func (c *Cause) Unwrap() []error { return c.Is }

func cause(text string) error {
	return &Cause{"invalid number: " + text, []error{dnc.ErrInvalidNumber}}
}

func causef(format string, args ...any) error { return cause(fmt.Sprintf(format, args...)) }

var (
	errRounded  = cause("a spreadsheet rounded it (such as 4.15555E+09) or made a decimal of it (with .0 at the end): format the column as text there, and export it again")
	errWildcard = cause("it is a wildcard for a whole range: give a geo rule for its first digits instead")
	errNoNumber = cause("the parser returned no number")
	errRefused  = cause("the parser refuses it")
)

var (
	rounded  = regexp.MustCompile(`^[-+]?[0-9][0-9]*([.,][0-9]*)?[eE][-+]?[0-9]+$`)
	decimal  = regexp.MustCompile(`^\+?[0-9]{5,}[.,][0-9]{1,2}$`)
	wildcard = regexp.MustCompile(`^\+?\(?[0-9][0-9 ().-]{0,15}([xX*?#_]{3,}|[*%])$`)
)

// Read reads the number in a cell or a line, with what spreadsheets put around it or made of it.
// The error never shows the text.
func (p Parser) Read(cell string) (dnc.Number, error) {
	cell = Bare(cell)
	if len(cell) < 40 {
		switch {
		case strings.ContainsAny(cell, "eE") && rounded.MatchString(cell),
			strings.ContainsAny(cell, ".,") && decimal.MatchString(cell):
			return dnc.Number{}, errRounded
		case strings.ContainsAny(cell, "xX*?#%_") && wildcard.MatchString(cell):
			return dnc.Number{}, errWildcard
		}
	}
	n, err := p(cell)
	switch {
	case err != nil:
		return dnc.Number{}, shownSafely(err, cell)
	case n.IsZero():
		return dnc.Number{}, errNoNumber
	}
	return n, nil
}

// Reads reports whether a text is a number.
func (p Parser) Reads(text string) bool {
	_, err := p(text)
	return err == nil
}

// shownSafely is a parser's error that shows nothing of the cell. Those of this library do not; a
// parser of somebody else's may.
func shownSafely(err error, cell string) error {
	text := err.Error()
	own := Digits(cell)
	switch {
	case LongestRun(text) >= 7, len(own) >= 4 && strings.Contains(Digits(text), own):
		return errRefused
	case errors.Is(err, dnc.ErrInvalidNumber):
		return err
	}
	return &Cause{text, []error{dnc.ErrInvalidNumber, err}}
}

// Hides reports whether a cell has swallowed rows, because of a stray quote or of line ends that
// are not known: it has several lines, and a piece of one is a number.
func (p Parser) Hides(cell string) bool {
	if !SeveralLines(cell) {
		return false
	}
	for _, piece := range strings.FieldsFunc(cell,
		func(c rune) bool { return strings.ContainsRune(LineBreaks+Separators+"\"", c) }) {
		if piece = Bare(piece); LikeANumber(piece) || p.Reads(piece) {
			return true
		}
	}
	return false
}
