package contactfile

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

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/sheet"
)

const byteOrderMark = "\xef\xbb\xbf"

// number is one of the numbers of a row.
type number struct {
	row    *row
	last   bool // of its row
	column string
	number dnc.Number
	err    error // why it is not a number
}

// A File is an open file of contacts. Only one goroutine at a time may use it.
type File struct {
	utf16     bool   // the input is; what is written is UTF-8
	start     string // what is in front of the header: a byte order mark, a line "sep=;"
	separator rune
	header    row
	names     []string
	shown     []string // the names as errors and decisions may show them
	columns   columns
	parse     sheet.Parser
	line      int // where the last row that could be read begins
	blank     int // lines that were empty and are left out
	read      bool
	tape      *tape
	csv       *csv.Reader
}

// Open reads the header of a file: CSV with any usual separator, in UTF-8, UTF-16 or a code page of
// western Europe. It reads no further, and never closes r. If it is not clear which columns count,
// the error wraps ErrColumns.
func Open(r io.Reader, format Format) (*File, error) {
	f, err := open(r, format)
	if err != nil {
		return nil, fmt.Errorf("contactfile: %w", err)
	}
	return f, nil
}

func open(r io.Reader, format Format) (*File, error) {
	buffered := bufio.NewReaderSize(r, maxRow)
	head, _ := firstLine(buffered)
	order := sheet.UTF16In(head)
	if order != sheet.NotUTF16 {
		buffered = bufio.NewReaderSize(&sheet.UTF16Reader{In: buffered, Order: order}, maxRow)
	}
	parse := format.Parse
	if parse == nil {
		parse = dnc.ParseNumber
	}
	f := &File{utf16: order != sheet.NotUTF16, tape: &tape{in: buffered}, parse: parse}
	if err := f.begin(buffered, format); err != nil {
		return nil, err
	}
	f.csv = csv.NewReader(sheet.NewFormulas(f.tape, f.separator))
	f.csv.Comma = f.separator
	names, err := f.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: it needs a header line")
	}
	if err != nil {
		return nil, f.explain(err, 0)
	}
	f.names = names
	for _, name := range names {
		f.shown = append(f.shown, shownName(name))
	}
	f.line, _ = f.csv.FieldPos(0)
	f.header = f.cut()
	if f.columns, err = format.find(names); err != nil {
		return nil, err
	}
	for _, i := range f.columns.phones {
		if len(sheet.Digits(names[i])) >= 7 {
			return nil, fmt.Errorf("%w: the first line has a number in place of a name: %s", ErrColumns, shown(names))
		}
	}
	f.csv.ReuseRecord = true
	return f, nil
}

// Names are the names of all columns, as the header has them. If the file has no header, they are
// the cells of a contact, so do not log them.
func (f *File) Names() []string { return slices.Clone(f.names) }

// PhoneColumns are the names of the columns with numbers. Digits are masked in a name that could be
// a number.
func (f *File) PhoneColumns() []string {
	var names []string
	for _, i := range f.columns.phones {
		names = append(names, f.shown[i])
	}
	return names
}

// UTF16 reports whether the file is UTF-16. Header and Row are UTF-8.
func (f *File) UTF16() bool { return f.utf16 }

// EmptyLines is how many lines without text were left out until now.
func (f *File) EmptyLines() int { return f.blank }

// Header is the header line as it was, with the end of its line and what is in front of it (a byte
// order mark, or a line "sep=;"). more are further cells.
func (f *File) Header(more ...string) string {
	end := f.header.end
	if end == "" {
		end = "\n"
	}
	return f.start + f.header.text + f.cells(more) + end
}

// begin looks at how the file begins, and finds the separator: the one by which the header has the
// columns, and the most cells.
func (f *File) begin(in *bufio.Reader, format Format) error {
	if mark, _ := in.Peek(3); string(mark) == byteOrderMark {
		f.start = byteOrderMark
		_, _ = in.Discard(len(byteOrderMark))
	}
	head, first := firstLine(in)
	if says := cmp.Or(sheet.NotText(head), sheet.NotTable(head)); says != "" {
		return errors.New("the file is not CSV: " + says)
	}
	switch {
	case bytes.IndexByte(head, 0) >= 0:
		return errors.New("the file is not text: save it as CSV in UTF-8")
	case bytes.IndexByte(bytes.TrimRight(first, "\r"), '\r') >= 0:
		return errors.New("the header ends in a carriage return alone, and rows may: save the file with LF or CRLF at the end of lines")
	}
	if said, ok := sheet.SaysSeparator(first); ok {
		f.separator = said
		f.start += string(first) + "\n"
		_, _ = in.Discard(len(first) + 1)
		return nil
	}
	f.separator = ','
	most, fits := 0, false
	for _, separator := range sheet.Separators {
		cells := sheet.Cells(string(first), separator)
		_, err := named(cells, format.Columns)
		if fit := err == nil; fit && !fits || fit == fits && len(cells) > most {
			f.separator, most, fits = separator, len(cells), fit
		}
	}
	return nil
}

// firstLine looks at how the input begins, and at its first line that is not empty. It waits for no
// more than that.
func firstLine(in *bufio.Reader) (head, first []byte) {
	for size := 1; ; size++ {
		_, err := in.Peek(size)
		size = in.Buffered()
		head, _ = in.Peek(size)
		whole := head
		for {
			line, rest, found := bytes.Cut(whole, []byte("\n"))
			if len(bytes.TrimSpace(line)) > 0 && (found || err != nil || size >= maxRow) ||
				!found && (err != nil || size >= maxRow) {
				return head, line
			}
			if !found {
				break
			}
			whole = rest
		}
	}
}

// numbers are those of all rows after the header, at least one of each row. A row that has not the
// header's number of fields ends them with an error: in it some column is not what it seems to be,
// and that may be a number.
func (f *File) numbers() iter.Seq2[number, error] {
	return func(yield func(number, error) bool) {
		for first := true; ; first = false {
			fields, err := f.csv.Read()
			if errors.Is(err, io.EOF) {
				f.blank += bytes.Count(f.tape.kept, []byte("\n"))
				return
			}
			if err != nil {
				yield(number{}, f.explain(err, len(fields)))
				return
			}
			f.line, _ = f.csv.FieldPos(0)
			if slices.ContainsFunc(fields, f.parse.Hides) {
				yield(number{}, fmt.Errorf("the row at line %d has a cell of several lines with a number in it: a stray quote, or line ends that are not "+
					"known, may have made one row of several", f.line))
				return
			}
			if first && sheet.Title(f.names, fields, f.columns.phones[0]) {
				yield(number{}, fmt.Errorf("%w: the row at line %d looks like the header, and the one above it like a title: remove what is above the header",
					ErrColumns, f.line))
				return
			}
			if _, moved := sheet.HeaderAgain(f.names, fields, f.columns.phones[0]); moved {
				yield(number{}, fmt.Errorf("%w: the row at line %d is the header of another file, with other columns: scrub the files that were joined "+
					"one by one", ErrColumns, f.line))
				return
			}
			if at := f.hidden(fields); at >= 0 {
				yield(number{}, fmt.Errorf("%w: in the row at line %d the column %q has what can be read as a telephone number, and it would not be "+
					"checked: name all columns with numbers that will be called in Columns, or this one in IgnoredColumns", ErrColumns, f.line, f.shown[at]))
				return
			}
			for _, n := range f.numbersOf(fields) {
				if !yield(n, nil) {
					return
				}
			}
		}
	}
}

// hidden is a column that is not checked although it has a number, or -1. Whoever named the columns
// knows about the others.
func (f *File) hidden(fields []string) int {
	for _, i := range f.columns.others {
		if f.parse.MayHold(f.names[i], fields[i]) {
			return i
		}
	}
	return -1
}

// numbersOf are the numbers of a row. Empty cells are left out; a row of empty cells has one that
// is empty.
func (f *File) numbersOf(fields []string) []number {
	r := f.cut()
	r.line = f.line
	r.optedOut = f.columns.refusals.In(fields)
	var all []number
	for _, i := range f.columns.phones {
		if sheet.Trim(fields[i]) != "" || len(f.columns.phones) == 1 {
			n := number{row: &r, column: f.names[i]}
			n.number, n.err = f.number(fields, i)
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		n := number{row: &r}
		n.number, n.err = f.parse.Read("")
		all = append(all, n)
	}
	all[len(all)-1].last = true
	return all
}

// number reads the number in a cell, with what the row says of its country.
func (f *File) number(fields []string, at int) (dnc.Number, error) {
	if i := f.columns.country; i >= 0 {
		return f.parse.ReadIn(fields[at], sheet.CountryCell{Text: fields[i], Column: f.shown[i], Named: true})
	}
	n, err := f.parse.Read(fields[at])
	agrees := func(i int) {
		if err == nil {
			n, err = f.parse.ReadIn(fields[at], sheet.CountryCell{Text: fields[i], Column: f.shown[i]})
		}
	}
	for _, i := range f.columns.countries {
		agrees(i)
	}
	if i := f.columns.hints.Of(fields); i >= 0 {
		agrees(i)
	}
	return n, err
}

// explain names the line and shows nothing of it.
func (f *File) explain(err error, fields int) error {
	if f.tape.err != nil { // encoding/csv may have taken it for the end of a field
		err = f.tape.err
	}
	e, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case ok && errors.Is(err, csv.ErrFieldCount):
		hint := "a field with a comma or a line break needs quotes"
		switch {
		case len(f.names) == 1:
			hint += ", and a title above the header must be removed"
		case fields == 1:
			hint = "remove notes and totals below the rows, as reports have them; a field with a line break needs quotes"
		}
		return fmt.Errorf("the row at line %d has a wrong number of fields, %d, and the header has %d: %s",
			e.StartLine, fields, len(f.names), hint)
	case ok:
		return fmt.Errorf("the row at line %d: %w", e.StartLine, e.Err)
	case errors.Is(err, errRowTooLong) && f.line == 0:
		return fmt.Errorf("the header: %w", err)
	case errors.Is(err, errRowTooLong):
		return fmt.Errorf("the row after the one at line %d: %w", f.line, err)
	default:
		return err
	}
}

// cells are more cells of a row.
func (f *File) cells(cells []string) string {
	var b strings.Builder
	for _, cell := range cells {
		b.WriteRune(f.separator)
		if strings.ContainsRune(cell, f.separator) || strings.ContainsAny(cell, "\"\r\n") ||
			strings.HasPrefix(cell, " ") {
			var quoted strings.Builder
			w := csv.NewWriter(&quoted)
			w.Comma = f.separator
			_ = w.Write([]string{cell})
			w.Flush()
			cell = strings.TrimSuffix(quoted.String(), "\n")
		}
		b.WriteString(cell)
	}
	return b.String()
}
