package listfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/sheet"
)

// parseLines reads a number on each line.
func parseLines(f *file, in io.Reader, parse sheet.Parser, yield yield) bool {
	r := bufio.NewReaderSize(newRowEnds(in), 64<<10)
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
		text := bytes.TrimSpace(line)
		switch {
		case long || hidesRows(text):
			return f.end(yield, errHidden, f.line)
		case sheet.Trim(string(text)) != "":
			n, err := parse.Read(string(text))
			switch {
			case errors.Is(err, errRange):
				return f.end(yield, "line %d: %w", f.line, errRange)
			case err != nil:
				err = f.row(err)
			}
			if !yield(n, err) {
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

var (
	errRange       = errors.New("it has two numbers, as files of ranges have: get the file of single numbers (of port files the one named -NORANGE)")
	errNorthAreas  = badNumber("a number of North America has ten digits, and its area code does not begin with 0 or 1")
	errNorthAbroad = badNumber("behind + it has another country than North America, whose code is 1")
	errNorthMarks  = badNumber("only digits, blanks and marks between them are read")
)

// northern reads a number of North America in any spelling, also with its parts in cells of their
// own.
func northern(line string) (dnc.Number, error) {
	v, n, abroad := uint64(0), 0, false
	for _, c := range line {
		switch {
		case c >= '0' && c <= '9':
			if n++; n > 19 {
				return dnc.Number{}, errRange
			}
			v = v*10 + uint64(c-'0')
		case c == '+':
			abroad = abroad || n == 0
		case c != ' ' && c != '\t' && !bytes.ContainsRune([]byte(`,;|-./()"'`), c):
			return dnc.Number{}, errNorthMarks
		}
	}
	const ten = 10_000_000_000
	if abroad && (n != 11 || v/ten != 1) {
		return dnc.Number{}, errNorthAbroad
	}
	if n == 11 && v/ten == 1 {
		v, n = v-ten, 10
	}
	if n != 10 || v < 2*ten/10 {
		return dnc.Number{}, errNorthAreas
	}
	return digits.Number(ten + v), nil
}
