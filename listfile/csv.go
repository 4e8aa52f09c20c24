package listfile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/sheet"
)

const (
	maxRecord = 1 << 20 // bytes of a CSV row
	errMoved  = "line %d: it is the header of another file, with other columns: read the files that were joined one by one"
	openQuote = "line %d: a quote is not closed, or is in the middle of a cell: it is not known how many rows it swallowed"
)

var (
	errLongRecord  = errors.New("a row is longer than a megabyte: a quote may be missing")
	errBareQuote   = badRow("a quote is in the middle of a cell, or after its end")
	errNoCell      = badRow("the row has too few cells for this column")
	errSurplus     = badRow("the row has more cells than the header: a separator in a cell needs quotes")
	errHeaderAgain = badRow("it is the header again: were two files joined?")
	errAllEmpty    = badNumber("it is empty")
)

// parseCSV reads the numbers in the columns of a layout.
func (l *layout) parseCSV(f *file, in io.Reader, yield yield) bool {
	guard := &recordGuard{r: newRowEnds(in), left: maxRecord}
	b := bufio.NewReaderSize(guard, maxHeader)
	s, err := l.begin(b)
	if err != nil {
		return f.end(yield, "%w", f.unreadable(err))
	}
	lines, start := f.line-1+s.lines, f.offset+s.offset
	r := csv.NewReader(sheet.NewFormulas(b, s.separator))
	r.Comma, r.ReuseRecord, r.FieldsPerRecord = s.separator, true, -1
	for {
		guard.left = maxRecord
		f.offset = start + r.InputOffset()
		row, err := r.Read()
		bad, isBad := errors.AsType[*csv.ParseError](err)
		switch {
		case errors.Is(err, io.EOF):
			return s.table.done(f, yield)
		case isBad:
			f.line = lines + int64(bad.StartLine)
			if bad.StartLine != bad.Line { // how many rows this is nobody knows
				return f.end(yield, openQuote, f.line)
			}
			if !yield(dnc.Number{}, f.row(errBareQuote)) {
				return false
			}
			continue
		case err != nil:
			return f.end(yield, "it cannot be read: %w", f.unreadable(err))
		}
		line, _ := r.FieldPos(0)
		f.line = lines + int64(line)
		if !slices.ContainsFunc(row, func(c string) bool { return sheet.Trim(c) != "" }) {
			continue // an empty line, or one of sheet.Separators alone
		}
		if at := s.table.hides(row); at >= 0 {
			opened, _ := r.FieldPos(at)
			return f.end(yield, openQuote, lines+int64(opened))
		}
		if again, moved := s.table.headerAgain(row); moved {
			return f.end(yield, errMoved, f.line)
		} else if again {
			if !yield(dnc.Number{}, f.row(errHeaderAgain)) {
				return false
			}
			continue
		}
		if !s.table.row(f, row, yield) {
			return false
		}
	}
}

// headerAgain reports whether a row is the header of another file, behind which the columns may
// be others.
func (t *table) headerAgain(row []string) (again, moved bool) {
	if !t.headed {
		return false, false
	}
	return sheet.HeaderAgain(t.names, row, t.phones[0])
}

// hides is the cell that makes a row several, or -1: a stray quote, or line ends that are not known
// here, have swallowed them.
func (t *table) hides(row []string) int {
	surplus := 0
	for i, cell := range row {
		if i >= len(t.names) && len(sheet.Digits(cell)) >= 10 {
			if surplus++; surplus > 1 {
				return i
			}
		}
		if len(sheet.Digits(cell)) > maxCellDigits && slices.Contains(t.phones, i) {
			return i
		}
		if !sheet.SeveralLines(cell) {
			continue
		}
		if len(row) != len(t.names) || slices.Contains(t.phones, i) {
			return i
		}
		if t.parse.Hides(cell) || t.isRows(row, i) {
			return i
		}
	}
	return -1
}

// isRows reports whether the lines of a cell make whole rows with the cells in front of it and
// behind it, and one of them has digits in the place of a number.
func (t *table) isRows(row []string, at int) bool {
	lines := strings.FieldsFunc(row[at], func(c rune) bool { return strings.ContainsRune(sheet.LineBreaks, c) })
	digits := false
	for i, line := range lines {
		cells := strings.Split(line, string(t.comma))
		if i == 0 {
			cells = append(slices.Clone(row[:at]), cells...)
		}
		if i == len(lines)-1 {
			cells = append(cells, row[at+1:]...)
		} else if len(cells) == len(t.names) {
			for _, p := range t.phones {
				digits = digits || len(sheet.Digits(cells[p])) >= 3
			}
		}
		if len(cells) != len(t.names) {
			return false
		}
	}
	return digits && len(lines) > 1
}

const maxCellDigits = 45 // of three numbers

// row yields the numbers in a row.
func (t *table) row(f *file, row []string, yield yield) bool {
	if t.result != nil {
		return t.screened(f, row, yield)
	}
	if len(row) > len(t.names) &&
		slices.ContainsFunc(row[len(t.names):], func(c string) bool { return sheet.Trim(c) != "" }) {
		return yield(dnc.Number{}, f.row(errSurplus))
	}
	if i := t.lacks(row); i >= 0 {
		return yield(dnc.Number{}, f.cell(t.names[t.filters[i]], errNoCell))
	}
	if !t.passes(row) {
		return true
	}
	if at := t.resultIn(row); at >= 0 {
		return yield(dnc.Number{}, f.cell(t.names[at], errResult))
	}
	filled := false
	for _, at := range t.phones {
		if at >= len(row) || sheet.Trim(row[at]) == "" && len(t.phones) > 1 {
			continue
		}
		filled = true
		n, err := t.number(row, at)
		if err != nil {
			err = f.cell(t.names[at], err)
		}
		if !yield(n, err) {
			return false
		}
	}
	switch first := t.phones[0]; {
	case filled:
		return true
	case first >= len(row):
		return yield(dnc.Number{}, f.cell(t.names[first], errNoCell))
	default:
		return yield(dnc.Number{}, f.cell(t.names[first], errAllEmpty))
	}
}

// number is the number in a cell, with what other cells of the row say of its country.
func (t *table) number(row []string, at int) (dnc.Number, error) {
	country := func(column int, named bool) sheet.CountryCell {
		c := sheet.CountryCell{Column: t.names[column], Named: named}
		if column < len(row) {
			c.Text = row[column]
		}
		return c
	}
	if t.codes >= 0 {
		return t.parse.ReadIn(row[at], country(t.codes, true))
	}
	n, err := t.parse.Read(row[at])
	agrees := func(column int) {
		if err == nil {
			n, err = t.parse.ReadIn(row[at], country(column, false))
		}
	}
	for _, column := range t.countries {
		agrees(column)
	}
	if column := t.hints.Of(row); column >= 0 && column < len(t.names) {
		agrees(column)
	}
	return n, err
}

// done ends a file. A filter that no row passed is more likely misspelt than right.
func (t *table) done(f *file, yield yield) bool {
	if t.matched || len(t.others) == 0 {
		return true
	}
	var values []string
	for v := range t.others {
		values = append(values, fmt.Sprintf("%q", sheet.Printable(v)))
	}
	slices.Sort(values)
	return f.end(yield, "no row has what the filter asks for; in column %q rows have %s",
		t.names[t.filters[0]], strings.Join(values, ", "))
}

// cell is a row that cannot be read because of a cell.
func (f *file) cell(column string, err error) error {
	return &RowError{File: f.name, Member: f.member, Line: f.line, Offset: f.offset, Column: column, Err: err}
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
