package listfile

import (
	"bytes"
	"errors"
	"io"
)

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
