package listfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/dnc-go/dnc"
)

const (
	maxRecord    = 1 << 20 // bytes of a CSV row
	errOpenQuote = "line %d: a quote is not closed, or stands in the middle of a cell: how many rows it swallowed cannot be told"
)

var (
	errLongRecord = errors.New("a row is longer than a megabyte: a quote may be missing")
	errNoColumn   = errors.New("the first row has no column of that name: it must be the header")
)

// parseCSV reads the numbers in one column; find says which that is, from the header.
func parseCSV(f *file, in io.Reader, find func(header []string) (int, error), parse func(string) (dnc.Number, error), yield yield) bool {
	guard := &recordGuard{r: in, left: maxRecord}
	in, start, err := undoubled(guard, f.offset)
	if err != nil {
		return f.end(yield, "it cannot be read: %w", f.unreadable(err))
	}
	r := csv.NewReader(in)
	r.ReuseRecord, r.FieldsPerRecord = true, -1
	r.LazyQuotes = true // in the header alone, whose cells may begin with a blank; further down a lost quote would swallow rows
	column, width := -1, 0
	for {
		guard.left = maxRecord
		f.offset = start + r.InputOffset()
		row, err := r.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF) && column < 0:
			return f.end(yield, "it has no header")
		case errors.Is(err, io.EOF):
			return true
		case errors.As(err, &bad):
			f.line = int64(bad.StartLine)
			if bad.StartLine != bad.Line || column < 0 { // how many rows this is nobody knows
				return f.end(yield, errOpenQuote, f.line)
			}
			if !yield(dnc.Number{}, f.row(ErrShape)) {
				return false
			}
			continue
		case err != nil:
			return f.end(yield, "it cannot be read: %w", f.unreadable(err))
		}
		line, _ := r.FieldPos(0)
		f.line = int64(line)
		if (column < 0 || len(row) != width) && slices.ContainsFunc(row, severalLines) {
			return f.end(yield, errOpenQuote, f.line)
		}
		if column < 0 {
			if column, err = find(row); err != nil {
				return f.end(yield, "%w", err)
			}
			width, r.LazyQuotes = len(row), false
			continue
		}
		if len(row) == 1 && strings.TrimSpace(row[0]) == "" {
			continue // an empty line
		}
		if strings.Contains(strings.TrimSpace(row[min(column, len(row)-1)]), "\n") || swallowed(row, parse) {
			return f.end(yield, errOpenQuote, f.line)
		}
		if column >= len(row) || len(row) > width && slices.ContainsFunc(row[width:], func(c string) bool { return strings.TrimSpace(c) != "" }) {
			if !yield(dnc.Number{}, f.row(ErrShape)) {
				return false
			}
			continue
		}
		if !f.cell(row[column], parse, yield) {
			return false
		}
	}
}

// undoubled is a file without the doubled quotes that Genesys Cloud writes around the first header cell, and the offset that
// the rest of it then begins at.
func undoubled(in io.Reader, start int64) (io.Reader, int64, error) {
	b := bufio.NewReader(in)
	if head, _ := b.Peek(3); len(head) < 3 || string(head[:2]) != `""` || strings.IndexByte("\",\r\n", head[2]) >= 0 {
		return b, start, nil // an error comes again when the rest is read
	}
	first, err := b.ReadBytes('\n') // in is a recordGuard
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	header := bytes.ReplaceAll(first, []byte(`""`), []byte(`"`))
	return io.MultiReader(bytes.NewReader(header), b), start + int64(len(first)-len(header)), nil
}

// swallowed reports whether a cell of several lines has a row with a number in it.
func swallowed(row []string, parse func(string) (dnc.Number, error)) bool {
	for _, cell := range row {
		_, rest, found := strings.Cut(cell, "\n")
		for _, c := range strings.FieldsFunc(rest, func(c rune) bool { return strings.ContainsRune(",\n\"", c) }) {
			if _, err := parse(strings.TrimSpace(c)); found && err == nil {
				return true
			}
		}
	}
	return false
}

func severalLines(cell string) bool { return strings.Contains(cell, "\n") }

// cell yields the number in a cell or a line.
func (f *file) cell(text string, parse func(string) (dnc.Number, error), yield yield) bool {
	n, err := parse(strings.TrimSpace(text))
	if err != nil || n.IsZero() {
		return yield(dnc.Number{}, f.row(ErrShape)) // the parser's own error may show the number
	}
	return yield(n, nil)
}

// named finds a column by its name.
func named(name string) func([]string) (int, error) {
	return func(header []string) (int, error) {
		found := -1
		for i, h := range header {
			if !strings.EqualFold(cleanHeader(h), strings.TrimSpace(name)) {
				continue
			}
			if found >= 0 {
				return 0, errors.New("the header has two columns of that name")
			}
			found = i
		}
		if found < 0 {
			return 0, errNoColumn
		}
		return found, nil
	}
}

// cleanHeader takes away blanks, quotes that were doubled, and a byte order mark between them.
func cleanHeader(h string) string { return strings.Trim(h, " \t\"\ufeff") }

// phoneColumn finds the column of a Genesys Cloud export. Its names are not documented: without one that says so it is the first, if
// the row is a header at all.
func phoneColumn(header []string) (int, error) {
	for _, name := range []string{"phone number", "phonenumber", "phone", "number", "phone numbers"} {
		if i, err := named(name)(header); err == nil {
			return i, nil
		}
	}
	if len(header) == 0 || strings.ContainsAny(header[0], "0123456789") || cleanHeader(header[0]) == "" {
		return 0, errors.New("the first row is not the header of an export")
	}
	return 0, nil
}

// recordGuard ends a row that has no end.
type recordGuard struct {
	r    io.Reader
	left int
}

func (g *recordGuard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errLongRecord
	}
	n, err := g.r.Read(p)
	g.left -= n
	return n, err
}

// parseLines reads a number on each line.
func parseLines(f *file, in io.Reader, parse func(string) (dnc.Number, error), yield yield) bool {
	r := bufio.NewReaderSize(in, 64<<10)
	for {
		line, err := r.ReadSlice('\n')
		size := int64(len(line))
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			var more []byte
			more, err = r.ReadSlice('\n')
			if size += int64(len(more)); size > maxRecord {
				return f.end(yield, "line %d is longer than a megabyte: it is not a list of this format", f.line)
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return f.end(yield, "it cannot be read: %w", f.unreadable(err))
		}
		text := strings.TrimSpace(string(line))
		switch {
		case long || hidesRows([]byte(text)):
			return f.end(yield, errHidden, f.line)
		case text != "":
			if !f.cell(text, parse, yield) {
				return false
			}
		}
		f.line++
		f.offset += size
		if err != nil {
			return true
		}
	}
}
