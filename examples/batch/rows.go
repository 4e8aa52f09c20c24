package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/sheet"
)

// maxRow bounds a row, because a quote that is never closed would otherwise read the rest of the
// file into memory.
const maxRow = 64 << 10

const byteOrderMark = "\xef\xbb\xbf"

// row is a contact: its text as it is in the file, without the end of line.
type row struct {
	text string
	end  string // "\n", "\r\n", or "" of a last row without one
}

// number is one of the numbers of a row.
type number struct {
	row    *row
	last   bool // of its row
	column string
	number dnc.Number
	err    error // why it is not a number
}

// table reads a CSV file and keeps the text of each row. What encoding/csv returns cannot be
// written again unchanged: it drops carriage returns within quotes, and which fields were quoted.
type table struct {
	utf16     bool   // the input is; what is written is UTF-8
	start     string // what is in front of the header: a byte order mark, a line "sep=;"
	separator rune
	header    row
	names     []string
	columns   []int
	parse     sheet.Parser
	line      int // where the last row that could be read begins
	blank     int // lines that were empty and are left out
	tape      *tape
	csv       *csv.Reader
}

// openTable reads the header.
func openTable(in io.Reader, c config) (*table, error) {
	buffered := bufio.NewReaderSize(in, maxRow)
	head, _ := firstLine(buffered)
	order := sheet.UTF16In(head)
	if order != sheet.NotUTF16 {
		buffered = bufio.NewReaderSize(&sheet.UTF16Reader{In: buffered, Order: order}, maxRow)
	}
	t := &table{utf16: order != sheet.NotUTF16, tape: &tape{in: buffered}, parse: c.parse}
	if err := t.begin(buffered, c); err != nil {
		return nil, err
	}
	t.csv = csv.NewReader(t.tape)
	t.csv.Comma = t.separator
	names, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the input is empty: it needs a header line")
	}
	if err != nil {
		return nil, t.explain(err, 0)
	}
	t.names = names
	t.line, _ = t.csv.FieldPos(0)
	t.header = t.cut()
	if t.columns, err = findColumns(names, c); err != nil {
		return nil, err
	}
	for _, i := range t.columns {
		if len(sheet.Digits(names[i])) >= 7 {
			return nil, fmt.Errorf("the first line has a number in place of a name: %s", shown(names))
		}
	}
	t.csv.ReuseRecord = true
	return t, nil
}

// begin looks at how the file begins, and finds the separator: the one by which the header has the
// columns, and the most cells.
func (t *table) begin(in *bufio.Reader, c config) error {
	if mark, _ := in.Peek(3); string(mark) == byteOrderMark {
		t.start = byteOrderMark
		_, _ = in.Discard(len(byteOrderMark))
	}
	head, first := firstLine(in)
	if says := sheet.NotText(head); says != "" {
		return errors.New("the input is no CSV file: " + says)
	}
	switch {
	case bytes.IndexByte(head, 0) >= 0:
		return errors.New("the input is no text: save it as CSV in UTF-8")
	case bytes.IndexByte(bytes.TrimRight(first, "\r"), '\r') >= 0:
		return errors.New("the header ends in a carriage return alone, and rows may: save the file with LF or CRLF at the end of lines")
	}
	if said, ok := sheet.SaysSeparator(first); ok {
		t.separator = said
		t.start += string(first) + "\n"
		_, _ = in.Discard(len(first) + 1)
		return nil
	}
	t.separator = ','
	most, fits := 0, false
	for _, separator := range sheet.Separators {
		cells := sheet.Cells(string(first), separator)
		_, err := namedColumns(cells, c.columns)
		if fit := err == nil; fit && !fits || fit == fits && len(cells) > most {
			t.separator, most, fits = separator, len(cells), fit
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
func (t *table) numbers() iter.Seq2[number, error] {
	return func(yield func(number, error) bool) {
		for {
			fields, err := t.csv.Read()
			if errors.Is(err, io.EOF) {
				t.blank += bytes.Count(t.tape.kept, []byte("\n"))
				return
			}
			if err != nil {
				yield(number{}, t.explain(err, len(fields)))
				return
			}
			t.line, _ = t.csv.FieldPos(0)
			if slices.ContainsFunc(fields, t.parse.Hides) {
				yield(number{}, fmt.Errorf("the row at line %d has a cell of several lines with a number in it: a stray quote, or line ends that are not "+
					"known, may have made one row of several", t.line))
				return
			}
			for _, n := range t.numbersOf(fields) {
				if !yield(n, nil) {
					return
				}
			}
		}
	}
}

// numbersOf are the numbers of a row. Empty cells are left out; a row of empty cells has one that
// is empty.
func (t *table) numbersOf(fields []string) []number {
	r := t.cut()
	var all []number
	for _, i := range t.columns {
		if sheet.Trim(fields[i]) != "" || len(t.columns) == 1 {
			n := number{row: &r, column: t.names[i]}
			n.number, n.err = t.parse.Read(fields[i])
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		n := number{row: &r}
		n.number, n.err = t.parse.Read("")
		all = append(all, n)
	}
	all[len(all)-1].last = true
	return all
}

// explain names the line and shows nothing of it.
func (t *table) explain(err error, fields int) error {
	if t.tape.err != nil { // encoding/csv may have taken it for the end of a field
		err = t.tape.err
	}
	e, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case ok && errors.Is(err, csv.ErrFieldCount):
		return fmt.Errorf("the row at line %d has %d fields, and the header %d: a comma or a line break within a field needs quotes",
			e.StartLine, fields, len(t.names))
	case ok:
		return fmt.Errorf("the row at line %d: %w", e.StartLine, e.Err)
	case errors.Is(err, errRowTooLong) && t.line == 0:
		return fmt.Errorf("the header: %w", err)
	case errors.Is(err, errRowTooLong):
		return fmt.Errorf("the row after the one at line %d: %w", t.line, err)
	default:
		return err
	}
}

// cut takes the text of the row that was read last.
func (t *table) cut() row {
	text := t.tape.cut(t.csv.InputOffset())
	for { // encoding/csv leaves out empty lines; they are before the row
		rest, ok := bytes.CutPrefix(text, []byte("\n"))
		if !ok {
			rest, ok = bytes.CutPrefix(text, []byte("\r\n"))
		}
		if !ok {
			break
		}
		text = rest
		t.blank++
	}
	var r row
	switch {
	case bytes.HasSuffix(text, []byte("\r\n")):
		r.end = "\r\n"
	case bytes.HasSuffix(text, []byte("\n")):
		r.end = "\n"
	}
	text = text[:len(text)-len(r.end)]
	if r.end == "" { // encoding/csv takes a carriage return at the end of the file for an end of line
		text = bytes.TrimSuffix(text, []byte("\r"))
	}
	r.text = string(text)
	return r
}

var errRowTooLong = fmt.Errorf("it is longer than %d KiB; is a quote missing?", maxRow>>10)

// tape hands on what it reads and keeps it until it is cut off.
type tape struct {
	in    io.Reader
	kept  []byte
	start int64 // where in the file kept begins
	err   error // the first that is no io.EOF
}

func (t *tape) Read(p []byte) (int, error) {
	if len(t.kept) > maxRow+len(p) {
		t.err = errRowTooLong
		return 0, t.err
	}
	n, err := t.in.Read(p)
	t.kept = append(t.kept, p[:n]...)
	if err != nil && !errors.Is(err, io.EOF) {
		if errors.Is(err, io.ErrUnexpectedEOF) { // of sheet.UTF16Reader, or of a pipe
			err = fmt.Errorf("the input is cut off: %w", err)
		}
		t.err = err
	}
	return n, err
}

// cut returns what was kept up to a place in the file. It is valid until the next Read.
func (t *tape) cut(to int64) []byte {
	n := int(to - t.start)
	text := t.kept[:n]
	t.kept, t.start = t.kept[n:], to
	return text
}
