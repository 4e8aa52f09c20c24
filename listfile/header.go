package listfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// separators are those that are looked for, the most usual first.
const separators = ",;\t|"

const maxHeader = 64 << 10 // bytes of the first line

// start is the first row of a CSV file, and how the file is to be read.
type start struct {
	separator rune
	table     *table
	lines     int64 // in front of the first row that is data
	offset    int64 // of that row
}

// begin finds the separator and the columns. in is left at the first row that is data.
func (l *layout) begin(in *bufio.Reader) (s start, err error) {
	if l.err != nil {
		return s, l.err
	}
	line, err := s.line(in)
	separator := l.separator
	if said, ok := saysSeparator(line); ok && err == nil {
		if separator != 0 && separator != said {
			return s, fmt.Errorf("its first line says sep=%c, and %q was given", said, string(separator))
		}
		separator = said
		s.skip(in, line)
		line, err = s.line(in)
	}
	switch {
	case err != nil:
		return s, err
	case len(line) == 0:
		return s, errors.New("it has no header")
	case bytes.Count(line, []byte{'"'})%2 == 1:
		return s, fmt.Errorf(openQuote+"; a header is one line", s.lines+1)
	}
	if s.separator, s.table, err = l.split(string(line), separator); err != nil {
		return s, err
	}
	if s.table.headed {
		s.skip(in, line)
	}
	return s, nil
}

// line looks at the next line that is not empty.
func (s *start) line(in *bufio.Reader) ([]byte, error) {
	for {
		line, err := firstLine(in)
		if err != nil || len(line) == 0 || len(bytes.TrimSpace(line)) > 0 {
			return line, err
		}
		s.skip(in, line)
	}
}

func (s *start) skip(in *bufio.Reader, line []byte) {
	n, _ := in.Discard(len(line))
	s.lines++
	s.offset += int64(n)
}

var errLongHeader = fmt.Errorf("its first line is longer than %d KiB: it is no CSV file, or its rows end in an unknown way", maxHeader>>10)

// firstLine looks at the next line.
func firstLine(in *bufio.Reader) ([]byte, error) {
	for size := 512; ; size *= 2 {
		head, err := in.Peek(min(size, maxHeader))
		switch end := bytes.IndexByte(head, '\n'); {
		case end >= 0:
			return head[:end+1], nil
		case errors.Is(err, io.EOF):
			return head, nil
		case err != nil:
			return nil, err
		case size >= maxHeader:
			return nil, errLongHeader
		}
	}
}

// saysSeparator reads the line "sep=;", by which Excel knows the separator of a file.
func saysSeparator(line []byte) (rune, bool) {
	text := strings.Trim(strings.TrimRight(string(line), "\r\n"), `"`)
	if len(text) < 5 || !strings.EqualFold(text[:4], "sep=") {
		return 0, false
	}
	c, size := utf8.DecodeRuneInString(text[4:])
	return c, len(text) == 4+size && usable(c)
}

// usable reports whether a separator can be one.
func usable(c rune) bool {
	return c != 0 && c != '"' && c != '\r' && c != '\n' && c != utf8.RuneError && !unicode.IsLetter(c) && !unicode.IsDigit(c)
}

// split cuts the first line at each separator that may be meant, and takes the one by which it has the columns, and the most cells.
func (l *layout) split(line string, separator rune) (rune, *table, error) {
	tried := []rune(separators)
	if separator != 0 {
		tried = []rune{separator}
	}
	var most []string // cells, by any separator
	var problem error // with them
	var fitting *table
	var by rune
	for _, sep := range tried {
		cells := cellsOf(line, sep)
		t, err := l.resolve(cells)
		if len(cells) > len(most) {
			most, problem = cells, err
		}
		if err == nil && (fitting == nil || len(cells) > len(fitting.names)) {
			fitting, by = t, sep
		}
	}
	if fitting == nil {
		return 0, nil, l.explain(most, problem)
	}
	return by, fitting, nil
}

// cellsOf is a line's cells.
func cellsOf(line string, separator rune) []string {
	r := csv.NewReader(strings.NewReader(undouble(line)))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = separator, true, -1
	cells, err := r.Read()
	if err != nil {
		return []string{line}
	}
	return cells
}

// explain says which column was wanted, what the header has, and what is likely wrong.
func (l *layout) explain(cells []string, problem error) error {
	hint := ""
	if missing, ok := errors.AsType[*errMissing](problem); ok {
		hint = ": " + l.hint(cells, missing.column)
	}
	return fmt.Errorf("%w; the header found is %s%s", problem, shownHeader(cells), hint)
}

func (l *layout) hint(cells []string, column string) string {
	all := make([]int, len(cells))
	for i := range all {
		all[i] = i
	}
	near := nearest(cells, column)
	switch {
	case position(column) >= 0:
		return "it has fewer columns: is the separator another one?"
	case l.isData(cells, all):
		return "is the header missing? Without one, name the column by its place, as #1"
	case len(cells) == 1 && strings.ContainsFunc(cells[0], oddMark):
		return "it is one cell: is the separator another one? Give it"
	case near != "":
		return fmt.Sprintf("is %q meant?", near)
	}
	return "give the name of one of these columns, or its place, as #1"
}

// oddMark reports whether a character may be a separator that is not looked for.
func oddMark(c rune) bool {
	return usable(c) && !unicode.IsSpace(c) && !strings.ContainsRune("_-.#()/'", c)
}

// nearest is the header's cell that contains the name, or is contained in it.
func nearest(cells []string, column string) string {
	wanted := plainName(column)
	for _, c := range cells {
		plain := plainName(c)
		if plain != "" && wanted != "" && (strings.Contains(plain, wanted) || strings.Contains(wanted, plain)) {
			return printable(masked(trim(legible(c))))
		}
	}
	return ""
}

// shownHeader is a header as an error may show it: a file that lacks its header begins with a number.
func shownHeader(cells []string) string {
	var b strings.Builder
	for i, c := range cells {
		if i == 20 {
			fmt.Fprintf(&b, " and %d more", len(cells)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		c = trim(legible(c))
		if len(c) > 60 {
			c = strings.ToValidUTF8(c[:60], "") + "..."
		}
		fmt.Fprintf(&b, "%q", printable(masked(c)))
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
