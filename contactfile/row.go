package contactfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRow bounds a row, because a quote that is never closed would otherwise read the rest of the
// file into memory.
const maxRow = 64 << 10

// row is a contact: its text as it is in the file, without the end of line.
type row struct {
	text     string
	end      string // "\n", "\r\n", or "" of a last row without one
	line     int
	optedOut int // the column that says so, or -1
}

// cut takes the text of the row that was read last.
func (f *File) cut() row {
	text := f.tape.cut(f.csv.InputOffset())
	for { // encoding/csv leaves out empty lines; they are before the row
		rest, ok := bytes.CutPrefix(text, []byte("\n"))
		if !ok {
			rest, ok = bytes.CutPrefix(text, []byte("\r\n"))
		}
		if !ok {
			break
		}
		text = rest
		f.blank++
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
			err = fmt.Errorf("the file is cut off: %w", err)
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
