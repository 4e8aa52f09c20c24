package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// ByteOrder is how UTF-16 is written.
type ByteOrder uint8

// The byte orders.
const (
	NotUTF16 ByteOrder = iota
	LittleEndian
	BigEndian
)

// UTF16In tells UTF-16 by its byte order mark, or by its zero bytes: of text in Latin letters and
// digits every second byte is one.
func UTF16In(head []byte) ByteOrder {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return LittleEndian
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return BigEndian
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
		return LittleEndian
	case zero[0] > most && zero[1]*10 < zero[0]:
		return BigEndian
	}
	return NotUTF16
}

// UTF16Reader makes UTF-8 of UTF-16.
type UTF16Reader struct {
	In    *bufio.Reader
	Order ByteOrder
	text  []byte // that was not handed on yet
	high  rune   // the first half of a pair
	err   error
}

// Read reads UTF-8.
func (u *UTF16Reader) Read(p []byte) (int, error) {
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

func (u *UTF16Reader) fill() {
	u.text = make([]byte, 0, 4096)
	for len(u.text) < 4000 {
		first, err := u.In.ReadByte()
		if err != nil {
			u.end(err)
			return
		}
		second, err := u.In.ReadByte()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			u.end(err)
			return
		}
		unit := rune(first) | rune(second)<<8
		if u.Order == BigEndian {
			unit = rune(first)<<8 | rune(second)
		}
		u.unit(unit)
	}
}

func (u *UTF16Reader) unit(unit rune) {
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

func (u *UTF16Reader) end(err error) {
	if u.high != 0 {
		u.text = utf8.AppendRune(u.text, utf8.RuneError)
		u.high = 0
	}
	u.err = err
}
