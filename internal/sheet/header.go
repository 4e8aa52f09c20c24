package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Separators are those that are looked for, the most usual first.
const Separators = ",;\t|"

// SaysSeparator reads the line "sep=;", by which Excel knows the separator of a file.
func SaysSeparator(line []byte) (rune, bool) {
	text := strings.Trim(strings.TrimRight(string(line), "\r\n"), `"`)
	if len(text) < 5 || !strings.EqualFold(text[:4], "sep=") {
		return 0, false
	}
	c, size := utf8.DecodeRuneInString(text[4:])
	return c, len(text) == 4+size && Usable(c)
}

// Usable reports whether a separator can be one.
func Usable(c rune) bool {
	return c != 0 && c != '"' && c != '\r' && c != '\n' && c != utf8.RuneError && !unicode.IsLetter(c) &&
		!unicode.IsDigit(c)
}

// Cells is a line's cells.
func Cells(line string, separator rune) []string {
	r := csv.NewReader(strings.NewReader(undouble(line)))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = separator, true, -1
	cells, err := r.Read()
	if err != nil {
		return []string{line}
	}
	return cells
}

// OddMark reports whether a character may be a separator that is not looked for.
func OddMark(c rune) bool {
	return Usable(c) && !unicode.IsSpace(c) && !strings.ContainsRune("_-.#()/'", c)
}

// HasOddSeparator reports whether a header that is one cell may be several, with a separator
// between them that is not looked for: a mark between two letters, or three blanks.
func HasOddSeparator(cell string) bool {
	cell = Trim(Legible(cell))
	if strings.Contains(cell, "   ") {
		return true
	}
	var before, last rune
	for _, c := range cell {
		if unicode.IsLetter(c) && unicode.IsLetter(before) && OddMark(last) && last != '&' && last != '\'' && last != '’' && last != '\u00ad' &&
			!unicode.IsLetter(last) {
			return true
		}
		before, last = last, c
	}
	return false
}

// Position is the index that "#2" names, or -1.
func Position(column string) int {
	digits, ok := strings.CutPrefix(strings.TrimSpace(column), "#")
	if n, err := strconv.Atoi(digits); ok && err == nil && n > 0 {
		return n - 1
	}
	return -1
}

// PlainName is a header's cell without what people see no difference in: case, blanks of any kind,
// hyphens, underscores, quotes, the = of a formula.
func PlainName(h string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || strings.ContainsRune(zeroWidth+"=\"'_-\u00ad", c) {
			return -1
		}
		return unicode.ToLower(c)
	}, Legible(h))
}

var errTwice = errors.New("two columns of the header have this name: rename the one that is not meant, or name the column by its place, as #2")

// Index finds a column by its name or place.
func Index(header []string, column string) (int, error) {
	if at := Position(column); at >= 0 {
		if at < len(header) {
			return at, nil
		}
		return -1, nil
	}
	found := -1
	for i, h := range header {
		if PlainName(h) != PlainName(column) {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf("column %q: %w", Printable(column), errTwice)
		}
		found = i
	}
	return found, nil
}

// Nearest is the header's cell that contains the name, or is contained in it.
func Nearest(cells []string, column string) string {
	wanted := PlainName(column)
	for _, c := range cells {
		plain := PlainName(c)
		if plain != "" && wanted != "" && (strings.Contains(plain, wanted) || strings.Contains(wanted, plain)) {
			return Printable(Masked(Trim(Legible(c))))
		}
	}
	return ""
}

// Shown is a header as an error may show it: a file that lacks its header begins with a number.
func Shown(cells []string) string {
	var b strings.Builder
	for i, c := range cells {
		if i == 20 {
			fmt.Fprintf(&b, " and %d more", len(cells)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		c = Trim(Legible(c))
		if len(c) > 60 {
			c = strings.ToValidUTF8(c[:60], "") + "..."
		}
		fmt.Fprintf(&b, "%q", Printable(Masked(c)))
	}
	return b.String()
}

// undouble takes away the doubled quotes that Genesys Cloud writes around the first header cell.
func undouble(line string) string {
	if len(line) < 3 || line[:2] != `""` || strings.IndexByte("\",;\t|\r\n", line[2]) >= 0 {
		return line
	}
	return strings.ReplaceAll(line, `""`, `"`)
}
