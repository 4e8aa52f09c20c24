package listfile

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"github.com/dnc-go/dnc"
)

// A parser reads the number in a cell or a line.
type parser = func(string) (dnc.Number, error)

var (
	errRounded  = badNumber("a spreadsheet rounded it (as 4.15555E+09) or made a decimal of it (with .0 behind it): format the column as text there, and export it again")
	errWildcard = badNumber("it is a wildcard for a whole range: give a geo rule for its first digits instead")
	errNoNumber = badNumber("the parser returned no number")
	errRefused  = badNumber("the parser refuses it")
)

var (
	rounded  = regexp.MustCompile(`^[-+]?[0-9][0-9]*([.,][0-9]*)?[eE][-+]?[0-9]+$`)
	decimal  = regexp.MustCompile(`^\+?[0-9]{5,}[.,][0-9]{1,2}$`)
	wildcard = regexp.MustCompile(`^\+?[0-9]{1,12}([xX*?#]{3,}|[*%])$`)
)

const zeroWidth = "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"

// read reads the number in a cell or a line, with what spreadsheets put around it or made of it. The error never shows the text.
func (p parserOf) read(cell string) (dnc.Number, error) {
	cell = bareCell(cell)
	if len(cell) < 40 {
		switch {
		case strings.ContainsAny(cell, "eE") && rounded.MatchString(cell), strings.ContainsAny(cell, ".,") && decimal.MatchString(cell):
			return dnc.Number{}, errRounded
		case strings.ContainsAny(cell, "xX*?#%") && wildcard.MatchString(cell):
			return dnc.Number{}, errWildcard
		}
	}
	n, err := p.parse(cell)
	switch {
	case err != nil:
		return dnc.Number{}, shownSafely(err, cell)
	case n.IsZero():
		return dnc.Number{}, errNoNumber
	}
	return n, nil
}

// parserOf is a parser behind what all cells go through.
type parserOf struct{ parse parser }

// bareCell is a cell without blanks around it, and without the marks of a text in spreadsheets: ="0123" and '0123.
func bareCell(cell string) string {
	cell = trim(legible(cell))
	if inner, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(inner, `"`) {
		return trim(inner[:len(inner)-1])
	}
	if inner, ok := strings.CutPrefix(cell, "'"); ok {
		return trim(strings.TrimSuffix(inner, "'"))
	}
	return cell
}

// trim takes away blanks of every kind, also those without a width.
func trim(s string) string {
	return strings.TrimFunc(s, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(zeroWidth, c) })
}

// shownSafely is a parser's error that shows nothing of the cell. Those of this library do not; a parser of somebody else's may.
func shownSafely(err error, cell string) error {
	text := err.Error()
	own := digitsIn(cell)
	switch {
	case longestRun(text) >= 7, len(own) >= 4 && strings.Contains(digitsIn(text), own):
		return errRefused
	case errors.Is(err, dnc.ErrInvalidNumber):
		return err
	}
	return &cause{text, []error{dnc.ErrInvalidNumber, err}}
}

// digitsIn is the digits in a text, of any script.
func digitsIn(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Nd, c) {
			return c
		}
		return -1
	}, text)
}

// longestRun is how many digits a text has in a row, with at most three other characters between them that are no letters.
func longestRun(text string) int {
	longest, run, between := 0, 0, 0
	for _, c := range text {
		switch {
		case unicode.Is(unicode.Nd, c):
			run++
			between = 0
			longest = max(longest, run)
		case unicode.IsLetter(c), between == 3:
			run, between = 0, 0
		default:
			between++
		}
	}
	return longest
}

// masked is a text of a file as an error may show it: what may be a number is not.
func masked(text string) string {
	if longestRun(text) < 7 {
		return text
	}
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Nd, c) {
			return '#'
		}
		return c
	}, text)
}

// likeANumber reports whether a piece of a text could be a telephone number: at least ten digits and what people put between them.
func likeANumber(piece string) bool {
	digits := 0
	for _, c := range piece {
		switch {
		case unicode.Is(unicode.Nd, c):
			digits++
		case !unicode.IsSpace(c) && !strings.ContainsRune("+-.()/", c):
			return false
		}
	}
	return digits >= 10 && digits <= 15
}
