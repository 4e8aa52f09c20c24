package listfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dnc-go/dnc/internal/sheet"
)

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
	if said, ok := sheet.SaysSeparator(line); ok && err == nil {
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
	s.table.comma = s.separator
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

var errLongHeader = fmt.Errorf("its first line is longer than %d KiB: it is not a CSV file, or its rows end in an unknown way",
	maxHeader>>10)

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

// split cuts the first line at each separator that may be meant, and takes the one by which it has
// the columns, and the most cells.
func (l *layout) split(line string, separator rune) (rune, *table, error) {
	tried := []rune(sheet.Separators)
	if separator != 0 {
		tried = []rune{separator}
	}
	var most []string // cells, by any separator
	var problem error // with them
	var fitting *table
	var by rune
	for _, sep := range tried {
		cells := sheet.Cells(line, sep)
		t, err := l.resolve(cells)
		if len(cells) > len(most) {
			most, problem = cells, err
		}
		if err == nil && (fitting == nil || len(cells) > len(fitting.names)) {
			fitting, by = t, sep
		}
	}
	_, missing := errors.AsType[*errMissing](problem)
	if fitting == nil || problem != nil && !missing && len(most) > len(fitting.names) {
		return 0, nil, l.explain(most, problem)
	}
	return by, fitting, nil
}

// explain says which column was wanted, what the header has, and what is likely wrong.
func (l *layout) explain(cells []string, problem error) error {
	hint := ""
	if missing, ok := errors.AsType[*errMissing](problem); ok {
		hint = ": " + l.hint(cells, missing.column)
	}
	return fmt.Errorf("%w; the header found is %s%s", problem, sheet.Shown(cells), hint)
}

func (l *layout) hint(cells []string, column string) string {
	near := sheet.Nearest(cells, column)
	data := slices.ContainsFunc(cells,
		func(c string) bool { c = sheet.Bare(c); return l.parse.Reads(c) || sheet.LikeANumber(c) })
	single := len(cells) == 1
	switch {
	case sheet.Position(column) >= 0:
		return "it has fewer columns: is the separator another one?"
	case data:
		return "is the header missing? Without one, name the column by its place, as #1"
	case single && strings.ContainsAny(cells[0], sheet.Separators):
		return "it is one cell: are whole rows in quotes, or is another separator given than the file has?"
	case single && strings.ContainsFunc(cells[0], sheet.OddMark):
		return "it is one cell: is the separator another one? Give it"
	case near != "":
		return fmt.Sprintf("is %q meant?", near)
	case single:
		return "is there a title above the header? Otherwise give the name of the column, or its place, as #1"
	}
	return "give the name of one of these columns, or its place, as #1"
}
