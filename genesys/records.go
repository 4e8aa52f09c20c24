package genesys

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// records reads CSV as encoding/csv does, at a third of the cost: a line whose quotes, if it has
// any, are around whole cells is cut at its commas. From the first line on that has more to it,
// encoding/csv reads the rest.
type records struct {
	in     *bufio.Reader
	fields int // that each record has; 0: as the first
	lines  int // that were read

	rest *csv.Reader // nil: no line needed it until now
	base int         // lines in front of it
}

// next returns the next record, and the line where it begins. The error is one of encoding/csv, or
// of the reader.
func (r *records) next() (cells []string, line int, err error) {
	for r.rest == nil {
		text, err := r.in.ReadSlice('\n')
		if err != nil { // also a line without an end, and one that is longer than the buffer
			r.slow(text, err)
			break
		}
		cells, ok := r.cut(text)
		if !ok {
			r.slow(text, nil)
			break
		}
		r.lines++
		if cells != nil {
			r.fields = len(cells)
			return cells, r.lines, nil
		}
	}
	cells, err = r.rest.Read()
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		bad.StartLine += r.base
		bad.Line += r.base
		return nil, bad.StartLine, err
	}
	if err != nil {
		return nil, 0, err
	}
	line, _ = r.rest.FieldPos(0)
	return cells, line + r.base, nil
}

// slow has encoding/csv read from a line on. failed is how the reading of the line ended.
func (r *records) slow(text []byte, failed error) {
	begun := io.Reader(bytes.NewReader(bytes.Clone(text)))
	if failed == nil || errors.Is(failed, bufio.ErrBufferFull) {
		begun = io.MultiReader(begun, r.in)
	} else if !errors.Is(failed, io.EOF) {
		begun = io.MultiReader(begun, failing{failed})
	}
	r.rest, r.base = csv.NewReader(begun), r.lines
	r.rest.FieldsPerRecord = r.fields
}

// failing is a reader of an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// cut cuts a line at its commas. It returns nil for an empty line. ok is false if the line has more
// to it.
func (r *records) cut(text []byte) (cells []string, ok bool) {
	text = text[:len(text)-1]
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	if len(text) == 0 {
		return nil, true
	}
	rest := string(text)
	quoted := strings.IndexByte(rest, '"') >= 0
	cells = make([]string, 0, r.room(rest))
	for {
		if quoted && rest != "" && rest[0] == '"' {
			end := strings.IndexByte(rest[1:], '"') + 1
			after := rest[end+1:]
			if end == 0 || after != "" && after[0] != ',' {
				return nil, false
			}
			cells = append(cells, rest[1:end])
			if after == "" {
				break
			}
			rest = after[1:]
			continue
		}
		end := strings.IndexByte(rest, ',')
		cell := rest
		if end >= 0 {
			cell = rest[:end]
		}
		if quoted && strings.IndexByte(cell, '"') >= 0 {
			return nil, false
		}
		cells = append(cells, cell)
		if end < 0 {
			break
		}
		rest = rest[end+1:]
	}
	return cells, r.fields == 0 || len(cells) == r.fields
}

// room is how many cells a line may have.
func (r *records) room(line string) int {
	if r.fields > 0 {
		return r.fields
	}
	return strings.Count(line, ",") + 1
}
