package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
)

// maxRow bounds a row, because a quote that is never closed would otherwise read the rest of the file into memory.
const maxRow = 64 << 10

const byteOrderMark = "\xef\xbb\xbf"

// row is a contact: its text as it stands in the file, without the end of line, and the number in it.
type row struct {
	text  string
	end   string // "\n", "\r\n", or "" of a last row without one
	phone string
}

// table reads a CSV file and keeps the text of each row. What encoding/csv returns cannot be written again unchanged: it drops
// carriage returns within quotes, and which fields were quoted.
type table struct {
	bom    string
	header row
	names  []string
	column int
	line   int // where the last row that could be read begins
	blank  int // lines that were empty and are left out
	tape   *tape
	csv    *csv.Reader
}

// openTable reads the header.
func openTable(in io.Reader, column string) (*table, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	t := &table{tape: &tape{in: buffered}}
	switch start, _ := buffered.Peek(3); {
	case string(start) == byteOrderMark:
		t.bom = byteOrderMark
		_, _ = buffered.Discard(len(byteOrderMark))
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, errors.New("the input is UTF-16: save it as CSV in UTF-8")
	}
	t.csv = csv.NewReader(t.tape)
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
	if t.column, err = findColumn(names, column); err != nil {
		return nil, err
	}
	t.csv.ReuseRecord = true
	return t, nil
}

// rows are all rows after the header. A row that has not the header's number of fields ends them with an error: in it some column
// is not what it seems to be, and that may be the number.
func (t *table) rows() iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		for {
			fields, err := t.csv.Read()
			if errors.Is(err, io.EOF) {
				t.blank += bytes.Count(t.tape.kept, []byte("\n"))
				return
			}
			if err != nil {
				yield(row{}, t.explain(err, len(fields)))
				return
			}
			t.line, _ = t.csv.FieldPos(0)
			r := t.cut()
			r.phone = fields[t.column]
			if !yield(r, nil) {
				return
			}
		}
	}
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
	for { // encoding/csv leaves out empty lines; they stand before the row
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
