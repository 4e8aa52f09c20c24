package listfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// byteOrder is how UTF-16 is written.
type byteOrder uint8

const (
	notUTF16 byteOrder = iota
	littleEndian
	bigEndian
)

// utf16In tells UTF-16 by its byte order mark, or by its zero bytes: of text in Latin letters and
// digits every second byte is one.
func utf16In(head []byte) byteOrder {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return littleEndian
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return bigEndian
	}
	var zero [2]int
	for i, c := range head {
		if c == 0 {
			zero[i%2]++
		}
	}
	most := len(head) / 2 * 7 / 10
	switch {
	case len(head) < 4:
	case zero[1] > most && zero[0]*10 < zero[1]:
		return littleEndian
	case zero[0] > most && zero[1]*10 < zero[0]:
		return bigEndian
	}
	return notUTF16
}

// utf16Reader makes UTF-8 of UTF-16.
type utf16Reader struct {
	in    *bufio.Reader
	order byteOrder
	text  []byte // that was not handed on yet
	high  rune   // the first half of a pair
	err   error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.text) == 0 && u.err == nil {
		u.fill()
	}
	n := copy(p, u.text)
	u.text = u.text[n:]
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	return 0, u.err
}

func (u *utf16Reader) fill() {
	u.text = make([]byte, 0, 4096)
	for len(u.text) < 4000 {
		first, err := u.in.ReadByte()
		if err != nil {
			u.end(err)
			return
		}
		second, err := u.in.ReadByte()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			u.end(err)
			return
		}
		unit := rune(first) | rune(second)<<8
		if u.order == bigEndian {
			unit = rune(first)<<8 | rune(second)
		}
		u.unit(unit)
	}
}

func (u *utf16Reader) unit(unit rune) {
	if u.high != 0 {
		pair := utf16.DecodeRune(u.high, unit)
		u.text = utf8.AppendRune(u.text, pair)
		u.high = 0
		if pair != utf8.RuneError {
			return
		}
	}
	switch {
	case unit >= 0xd800 && unit < 0xdc00:
		u.high = unit
	default:
		u.text = utf8.AppendRune(u.text, unit)
	}
}

func (u *utf16Reader) end(err error) {
	if u.high != 0 {
		u.text = utf8.AppendRune(u.text, utf8.RuneError)
		u.high = 0
	}
	u.err = err
}

var errNul = errors.New("it has a NUL byte in it, a hole that a crash or a broken download leaves: download it again")

// rowEnds makes a newline of each carriage return that has none behind it, byte for byte, so that
// rows end where a text editor ends them.
type rowEnds struct {
	in   io.Reader
	buf  []byte
	text []byte // of buf, not handed on yet
	held bool   // a carriage return, until the next byte is known
	err  error
}

func newRowEnds(in io.Reader) *rowEnds { return &rowEnds{in: in, buf: make([]byte, 32<<10)} }

func (e *rowEnds) Read(p []byte) (int, error) {
	for len(e.text) == 0 && e.err == nil {
		e.fill()
	}
	n := copy(p, e.text)
	e.text = e.text[n:]
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	return 0, e.err
}

func (e *rowEnds) fill() {
	start := 0
	if e.held {
		e.buf[0], start = '\r', 1
	}
	n, err := e.in.Read(e.buf[start:])
	b := e.buf[:start+n]
	e.held, e.err = false, err
	if at := bytes.IndexByte(b, 0); at >= 0 {
		b, e.err = b[:at], errNul
	}
	for at := 0; ; at++ {
		next := bytes.IndexByte(b[at:], '\r')
		if next < 0 {
			break
		}
		at += next
		switch {
		case at+1 == len(b) && e.err == nil:
			e.held = true
		case at+1 == len(b) || b[at+1] != '\n':
			b[at] = '\n'
		}
	}
	if e.held {
		b = b[:len(b)-1]
	}
	e.text = b
}
