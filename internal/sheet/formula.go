package sheet

import "io"

// Formulas reads a CSV file with cells as ="0123", by which programs keep spreadsheets from reading
// a number. encoding/csv refuses the bare quotes. Formulas writes "=0123" in their place: that has
// as many bytes, so each cell keeps its place. Bare takes the = away.
type Formulas struct {
	in        io.Reader
	separator byte
	at        place
	held      bool // an = at the start of a cell: the byte behind it was not read yet
}

// place is a place in a row.
type place int

const (
	cellStart place = iota
	inCell
	inQuotes
	behindQuotes // or at the first of two quotes that stand for one
)

// NewFormulas makes a reader of formulas. With a separator of several bytes it changes nothing.
func NewFormulas(in io.Reader, separator rune) io.Reader {
	if separator >= 0x80 {
		return in
	}
	return &Formulas{in: in, separator: byte(separator)} //nolint:gosec // below 0x80
}

// Read reads the file.
func (f *Formulas) Read(p []byte) (n int, err error) {
	for n == 0 && err == nil && len(p) > 0 {
		held := 0
		if f.held {
			p[0], f.held, held = '=', false, 1
		}
		if held == len(p) {
			f.at = inCell
			return held, nil
		}
		n, err = f.in.Read(p[held:])
		n = f.change(p[:held+n], err != nil)
	}
	return n, err
}

// change changes the formulas in text, and returns how much of it can be handed on. No byte follows
// the last text.
func (f *Formulas) change(text []byte, last bool) int {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case f.at == inQuotes:
			if c == '"' {
				f.at = behindQuotes
			}
		case c == '"' && f.at != inCell:
			f.at = inQuotes
		case c == f.separator, c == '\n', c == '\r':
			f.at = cellStart
		case c != '=' || f.at != cellStart:
			f.at = inCell
		case i+1 < len(text) && text[i+1] == '"':
			text[i], text[i+1] = '"', '='
			f.at = inQuotes
			i++
		case i+1 == len(text) && !last:
			f.held = true
			return i
		default:
			f.at = inCell
		}
	}
	return len(text)
}
