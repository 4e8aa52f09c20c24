package listfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/sheet"
)

// parseNational tells the two forms of the national lists apart.
func parseNational(f *file, in io.Reader, yield yield) bool {
	var first [1]byte
	for {
		if _, err := io.ReadFull(in, first[:]); err != nil {
			return f.end(yield, "it cannot be read: %w", f.unreadable(err))
		}
		if first[0] != ' ' && first[0] != '\t' && first[0] != '\r' && first[0] != '\n' {
			break
		}
		f.offset++
		if first[0] == '\n' {
			f.line++
		}
	}
	in = io.MultiReader(bytes.NewReader(first[:]), in)
	if first[0] == '<' {
		return parseXML(f, in, yield)
	}
	return parseFlat(f, in, yield)
}

const (
	flatBuffer = 256 << 10
	maxRow     = 1024 // bytes of a row; a longer one is refused
)

// parseFlat reads rows "AAA,NNNNNNN".
func parseFlat(f *file, in io.Reader, yield yield) bool {
	buf := make([]byte, 0, flatBuffer)
	for {
		n, err := in.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		done, ok := f.rows(buf, yield)
		if !ok {
			return false
		}
		buf = buf[:copy(buf, buf[done:])]
		switch {
		case errors.Is(err, io.EOF):
			if len(buf) > 0 {
				return f.flatRow(buf, yield)
			}
			return true
		case err != nil:
			return f.end(yield, "it cannot be read: %w", f.unreadable(err))
		case len(buf) == cap(buf):
			return f.end(yield, "line %d is longer than %d bytes: it is not a list of this format", f.line, len(buf))
		}
	}
}

const (
	zeros   = 0x3030303030303030
	highs   = 0x8080808080808080
	rowSize = len("AAA,NNNNNNN\n")
	noArea  = uint64(1) << 32 // no four bytes are it
)

// rows reads the whole rows in buf, and returns how many bytes they are.
func (f *file) rows(buf []byte, yield yield) (int, bool) {
	at := 0
	lastArea, prefix := noArea, uint64(0) // an area code that was found right, and its digits
	for {
		// The row as nearly all are: twelve bytes with the newline. Seven digits are one
		// word, three are half a one.
		for at+rowSize <= len(buf) && buf[at+rowSize-1] == '\n' {
			area := uint64(binary.LittleEndian.Uint32(buf[at:])) // three digits and the comma
			line := binary.LittleEndian.Uint64(buf[at+4:])<<8 | '0'
			if area != lastArea {
				code, ok := f.areaOf(buf[at : at+3])
				if !ok || buf[at+3] != ',' {
					break
				}
				lastArea, prefix = area, (1000+code)*10_000_000
			}
			v := line ^ zeros
			if (v+0x7676767676767676|v)&highs != 0 {
				break
			}
			v = (v*10 + v>>8) & 0x00ff00ff00ff00ff
			v = (v*100 + v>>16) & 0x0000ffff0000ffff
			v = (v*10_000 + v>>32) & 0xffffffff
			if !yield(digits.Number(prefix+v), nil) {
				return at, false
			}
			at += rowSize
			f.line++
			f.offset += int64(rowSize)
		}
		end := bytes.IndexByte(buf[at:], '\n')
		if end < 0 {
			return at, true
		}
		if !f.flatRow(buf[at:at+end], yield) {
			return at, false
		}
		at += end + 1
		f.line++
		f.offset += int64(end) + 1
		lastArea = noArea
	}
}

// areaOf reads an area code that may be in this file.
func (f *file) areaOf(b []byte) (uint64, bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	code := int(b[0]-'0')*100 + int(b[1]-'0')*10 + int(b[2]-'0')
	return uint64(code), code >= 200 && (f.area == 0 || f.area == code) //nolint:gosec // three digits
}

// flatRow reads a row that is not quite as most are: with CR, blanks or quotes, or without a comma.
func (f *file) flatRow(row []byte, yield yield) bool {
	row = bytes.TrimSpace(row)
	if hidesRows(row) {
		return f.end(yield, errHidden, f.line)
	}
	if len(row) == 0 {
		return true
	}
	area, line, comma := bytes.Cut(row, []byte{','})
	if comma {
		area, line = bare(area), bare(line)
	} else if area = bare(area); len(area) == 10 {
		area, line = area[:3], area[3:]
	}
	n, err := f.number(area, line)
	return yield(n, err)
}

const errHidden = "line %d: it is longer than a row, or has a control character in it: it is not known how many rows it is"

// hidesRows reports whether a row may be several: with line ends that are not known here, a hole
// that a crash left in the file, or the digits of more than two numbers.
func hidesRows(row []byte) bool {
	digits, ascii := 0, true
	for _, c := range row {
		switch {
		case c < ' ' && c != '\t':
			return true
		case c >= '0' && c <= '9':
			digits++
		case c >= 0x80:
			ascii = false
		}
	}
	return len(row) > maxRow || digits > maxCellDigits || !ascii && bytes.ContainsAny(row, sheet.LineBreaks)
}

// bare is a cell without blanks around it and without its quotes.
func bare(cell []byte) []byte {
	cell = bytes.TrimSpace(cell)
	for _, quote := range []byte{'"', '\''} {
		if len(cell) >= 2 && cell[0] == quote && cell[len(cell)-1] == quote {
			return bytes.TrimSpace(cell[1 : len(cell)-1])
		}
	}
	return cell
}

var (
	errLength = badNumber("a row is an area code of three digits and a line of seven")
	errDigit  = badNumber("it has a character that is not a digit")
	errArea   = badNumber("no area code begins with 0 or 1")
)

// number is the number of an area code and a line of seven digits.
func (f *file) number(area, line []byte) (dnc.Number, error) {
	v := uint64(1)
	for _, part := range [][]byte{area, line} {
		for _, c := range part {
			if c < '0' || c > '9' {
				return dnc.Number{}, f.row(errDigit)
			}
			v = v*10 + uint64(c-'0')
		}
	}
	if len(area) != 3 || len(line) != 7 {
		return dnc.Number{}, f.row(errLength)
	}
	code, ok := f.areaOf(area)
	switch {
	case code < 200:
		return dnc.Number{}, f.row(errArea)
	case !ok:
		return dnc.Number{}, f.row(ErrOtherAreaCode)
	}
	return digits.Number(v), nil
}
