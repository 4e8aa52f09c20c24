package preflight

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/internal/sheet"
)

// CSV reads contacts from a CSV file for [Load]. The first row of the file has the names of the
// columns. They must be those of the contact list. The zero CSV reads commas.
type CSV struct {
	// IDColumn is the column with the contacts' ids. "" means that the file has no ids: see
	// [DeriveIDs].
	IDColumn string

	// IDIsData is true if the contact list has a column with the name of IDColumn too. The id is then
	// also written into that column.
	IDIsData bool

	// Skip are columns of the file that are not loaded.
	Skip []string

	// OptOutColumns say who must not be called. A row is rejected if the cell is neither empty nor a
	// no, as [contactfile.Format] has it. They are loaded unless Skip names them.
	OptOutColumns []string

	// PermissionColumns say who may be called. A row is rejected unless the cell is a yes. They are
	// loaded unless Skip names them.
	PermissionColumns []string

	// CallingCodeColumn has the country of the row's numbers, such as "44", "GB" or "United Kingdom".
	// A number that begins with "+" does not need it. If a column is named country or the like and is
	// not named here, a national form is refused if the cell says another country than it was read
	// for.
	CallingCodeColumn string

	// IgnoredColumns say nothing of the numbers, although they are named as an opt-out, a permission
	// or a country, or have cells that say "do not call".
	IgnoredColumns []string

	// Separator is the character between cells, such as ';' or '\t'. 0 means ','.
	Separator rune
}

// maxCSVRow bounds one row in bytes. 50 columns of 512 bytes are far below.
const maxCSVRow = 1 << 20

// Rows reads the file row by row, as the loop asks for them. It skips a byte order mark.
//
// Row.Err is set if a row has more or fewer cells than the header, has a quote in the wrong place, a
// NUL byte, or is not UTF-8. The sequence ends with an error if the header cannot be used, a quote is never
// closed, a quote may have swallowed rows, the header of another file begins, a row has more than 1
// MiB, or r fails.
func (c CSV) Rows(r io.Reader) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if r == nil {
			yield(Row{}, invalid("the file is nil"))
			return
		}
		bounded := &boundedReader{r: r, left: maxCSVRow}
		in := bufio.NewReaderSize(bounded, 64<<10)
		if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
			_, _ = in.Discard(3)
		}
		_, _ = in.Peek(1) // fills the buffer
		head, _ := in.Peek(in.Buffered())
		if says := cmp.Or(sheet.NotText(head), sheet.NotTable(head)); says != "" {
			yield(Row{}, invalid("the file is not CSV: %s", says))
			return
		}
		first, _, lines := bytes.Cut(head, []byte("\n"))
		if _, says := sheet.SaysSeparator(first); says {
			yield(Row{}, invalid("the first line of the CSV file says its separator: remove it, and set Separator"))
			return
		}
		if !lines && bytes.IndexByte(bytes.TrimRight(head, "\r"), '\r') >= 0 {
			yield(Row{}, invalid("the rows of the CSV file end in a carriage return alone: save it with LF or CRLF at the end of lines"))
			return
		}
		reader := csv.NewReader(in)
		if c.Separator != 0 {
			reader.Comma = c.Separator
		}
		names, err := reader.Read()
		if err == nil {
			err = c.checkHeader(names)
		}
		if err != nil {
			yield(Row{}, csvError(1, err))
			return
		}
		columns := c.columns(names)
		for last := 1; ; {
			bounded.left = maxCSVRow
			cells, err := reader.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			row := Row{Line: last + 1}
			switch p, ok := errors.AsType[*csv.ParseError](err); {
			case err == nil:
				row.Line, _ = reader.FieldPos(0)
				last, _ = reader.FieldPos(len(cells) - 1)
				if err := joined(names, cells); err != nil {
					yield(Row{}, csvError(row.Line, err))
					return
				}
				row.Contact, row.Err = c.contact(names, cells)
				columns.read(&row, names, cells, c.CallingCodeColumn != "")
			case ok && (errors.Is(err, csv.ErrFieldCount) || p.Line == p.StartLine):
				row.Line, last = p.StartLine, p.Line
				row.Err = csvError(p.StartLine, p.Err)
			case ok:
				yield(Row{}, csvError(p.StartLine, fmt.Errorf("a quote is not closed in its row: %w", p.Err)))
				return
			default:
				yield(Row{}, csvError(row.Line, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

var (
	errSwallowed = errors.New("a cell of several lines has a number in it: a stray quote may have made one row of several")
	errMoved     = errors.New("it is the header of another file, with other columns: load the files that were joined one by one")
)

// joined says why a row is more than one, or is a header behind which the columns are others.
func joined(names, cells []string) error {
	if slices.ContainsFunc(cells, sheet.Parser(dnc.ParseNumber).Hides) {
		return errSwallowed
	}
	if slices.ContainsFunc(cells, func(cell string) bool { return strings.ContainsAny(cell, "0123456789") }) {
		return nil
	}
	for i := range names {
		if _, moved := sheet.HeaderAgain(names, cells, i); moved {
			return errMoved
		}
	}
	return nil
}

func csvError(line int, err error) error {
	if errors.Is(err, ErrInvalidInput) {
		return err
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the file is empty")
	}
	return fmt.Errorf("preflight: %w: line %d of the CSV file: %w", ErrInvalidInput, line, err)
}

func (c CSV) checkHeader(names []string) error {
	for i, name := range names {
		switch {
		case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
			return invalid("the header of the CSV file is not UTF-8: save the file as UTF-8")
		case sheet.Trim(name) == "":
			return invalid("column %d of the CSV file has no name", i+1)
		case maskDigits(name) != name:
			return invalid("the first row of the CSV file has a number: there is no header")
		case slices.Contains(names[:i], name):
			return invalid("the CSV file has the column %q twice", name)
		}
	}
	for _, other := range sheet.Separators {
		if len(names) == 1 && strings.ContainsRune(names[0], other) {
			return invalid("the CSV file has one column, whose name has %q: set Separator to it", other)
		}
	}
	for _, name := range slices.Concat(c.Skip, c.OptOutColumns, c.PermissionColumns, c.IgnoredColumns, []string{c.IDColumn, c.CallingCodeColumn}) {
		if name != "" && !slices.Contains(names, name) {
			return invalid("the CSV file has no column %q: it has %q", name, names)
		}
	}
	for _, name := range names {
		optOut, permission := sheet.IsOptOut(name), sheet.IsPermission(name)
		asOptOut, asPermission := slices.Contains(c.OptOutColumns, name), slices.Contains(c.PermissionColumns, name)
		switch {
		case asOptOut && asPermission:
			return invalid("the column %q is in OptOutColumns and in PermissionColumns: name it in one of them", name)
		case slices.Contains(c.IgnoredColumns, name):
		case optOut && !asOptOut:
			return invalid("by its name the column %q says who must not be called: name it in OptOutColumns or in IgnoredColumns", name)
		case permission && !asPermission:
			return invalid("by its name the column %q says who may be called: name it in PermissionColumns or in IgnoredColumns", name)
		}
	}
	return nil
}

// csvColumns are the columns that say something of a row's numbers.
type csvColumns struct {
	refusals  sheet.Refusals
	countries []int // of CallingCodeColumn, or else those that the names suggest
	hints     sheet.Hints
}

func (c CSV) columns(names []string) (of csvColumns) {
	var taken []int // columns that cannot say the country otherwise
	for i, name := range names {
		ignored := slices.Contains(c.IgnoredColumns, name)
		switch {
		case slices.Contains(c.OptOutColumns, name):
			of.refusals.OptOuts = append(of.refusals.OptOuts, i)
		case slices.Contains(c.PermissionColumns, name):
			of.refusals.Permissions = append(of.refusals.Permissions, i)
		case !ignored && sheet.MayForbid(name):
			of.refusals.Remarks = append(of.refusals.Remarks, i)
		}
		country := !ignored && (name == c.CallingCodeColumn || c.CallingCodeColumn == "" && sheet.IsCountry(name))
		if country {
			of.countries = append(of.countries, i)
		}
		if country || ignored || c.CallingCodeColumn != "" || name == c.IDColumn {
			taken = append(taken, i)
		}
	}
	of.hints = sheet.HintsOf(names, taken)
	return of
}

// read notes what the cells beside the numbers say of the row.
func (of csvColumns) read(row *Row, names, cells []string, named bool) {
	if i := of.refusals.In(cells); i >= 0 {
		row.optedOut = names[i]
	}
	if i := of.hints.Of(cells); i >= 0 {
		row.countries = append(row.countries, sheet.CountryCell{Text: cells[i], Column: names[i]})
	}
	for _, i := range of.countries {
		row.countries = append(row.countries, sheet.CountryCell{Text: cells[i], Column: names[i], Named: named})
	}
}

func (c CSV) contact(names, cells []string) (genesys.Contact, error) {
	contact := genesys.Contact{Data: make(map[string]string, len(names))}
	for i, name := range names {
		if !utf8.ValidString(cells[i]) {
			return genesys.Contact{}, fmt.Errorf("preflight: %w: column %q is not UTF-8", ErrInvalidInput, name)
		}
		if strings.ContainsRune(cells[i], 0) {
			return genesys.Contact{}, fmt.Errorf("preflight: %w: column %q has a NUL byte, a hole that a crash or a broken download leaves", ErrInvalidInput, name)
		}
		if name == c.IDColumn {
			contact.ID = strings.TrimSpace(cells[i])
		}
		if !slices.Contains(c.Skip, name) && (name != c.IDColumn || c.IDIsData) {
			contact.Data[name] = cells[i]
		}
	}
	return contact, nil
}

// boundedReader fails when more than left bytes are read. The reader of rows sets it anew before
// each row.
type boundedReader struct {
	r    io.Reader
	left int
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("a row is longer than 1 MiB, or a quote is not closed")
	}
	n, err := b.r.Read(p)
	b.left -= n
	return n, err
}
