package dnc

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// spelling is what an input says: its digits, and the marks between them that mean more than a
// blank.
type spelling struct {
	digits []byte // their values, 0 to 9
	lone   int    // the index of a digit alone in parentheses, as in (0); -1: none
	slash  int    // the number of digits in front of the last slash; -1: none
	tail   int    // the number of digits, at most 4, behind a dash between blanks at the end; 0: none
}

const (
	maxSpell = 128               // bytes of the longest input that is read; full-width digits have three each
	maxScan  = maxDigits + 5 + 4 // digits of an input: a number, what is dialled for abroad, and a trunk prefix
	maxTail  = 4                 // digits of the longest group that may be an extension
)

// from is the spelling behind i digits.
func (s spelling) from(i int) spelling {
	s.digits = s.digits[i:]
	s.lone, s.slash = max(s.lone-i, -1), max(s.slash-i, -1)
	return s
}

// What a character is: a digit's value below 10, or one of these.
const (
	blank = 10 + iota
	dot
	dash
	open
	closing
	slash
	plus
	ignored
	foreign
)

var class = func() (t [utf8.RuneSelf]byte) {
	for i := range t {
		t[i] = foreign
	}
	for i := byte('0'); i <= '9'; i++ {
		t[i] = i - '0'
	}
	t[' '], t['.'], t['-'], t['/'], t['+'] = blank, dot, dash, slash, plus
	t['('], t['['], t[')'], t[']'] = open, open, closing, closing
	return t
}()

// scanner reads an input. It keeps its digits in itself, so that it stays on the stack.
type scanner struct {
	buf      [maxScan]byte
	n        int
	signed   bool // a plus sign is in front
	lone     int  // these three are those of the spelling
	slash    int
	tail     int
	opened   int  // the number of digits in front of the last open parenthesis, -1 behind its end
	last     byte // the class of the last character that was not ignored
	beforeIt byte // the class of the one before
	dashed   int  // the number of digits in front of the last dash between blanks, -1 if there is none
	dotted   int  // the number of digits in front of the last dot
	marks    int  // blanks, dots, dashes, slashes and parentheses
}

func (s *scanner) scan(in string) error {
	s.lone, s.slash, s.opened, s.dashed = -1, -1, -1, -1
	s.last, s.beforeIt = foreign, foreign
	if len(in) > maxSpell {
		return errTooLong
	}
	in, uri := unwrap(in)
	if in == "" && !uri {
		return errEmpty
	}
	for i := 0; i < len(in); {
		var c byte
		size := 1
		if b := in[i]; b < utf8.RuneSelf {
			c = class[b]
		} else {
			var r rune
			r, size = utf8.DecodeRuneInString(in[i:])
			c = classOf(r)
		}
		if c == foreign {
			return s.end(in[i:], uri)
		}
		if err := s.take(c); err != nil {
			return err
		}
		i += size
	}
	return s.finish()
}

// unwrap removes what surrounds a number: blanks, line breaks and marks of direction, the
// apostrophe by which a spreadsheet keeps a cell a text, and the scheme of a URI.
func unwrap(in string) (number string, uri bool) {
	in = strings.TrimFunc(in, surrounds)
	in = strings.TrimPrefix(in, "'")
	if hasFold(in, "tel:") {
		return in[len("tel:"):], true
	}
	return in, false
}

func surrounds(r rune) bool {
	return unicode.IsSpace(r) || r >= utf8.RuneSelf && classOf(r) == ignored
}

// take adds a character.
func (s *scanner) take(c byte) error {
	if c == ignored {
		return nil
	}
	if c >= blank && c < plus {
		s.marks++
		if s.signed && s.n == 1 && s.buf[0] == 8 {
			return errEight
		}
	}
	switch c {
	case plus:
		if s.signed || s.n > 0 {
			return errPlus
		}
		s.signed = true
	case open:
		s.opened = s.n
	case closing:
		if s.opened >= 0 && s.n == s.opened+1 && s.lone < 0 {
			s.lone = s.opened
		}
		s.opened = -1
	case slash:
		s.slash = s.n
	case blank:
		if s.last == dash && s.beforeIt == blank {
			s.dashed = s.n
		}
	case dot:
		s.dotted = s.n
	case dash:
	default:
		if s.n == len(s.buf) {
			return errTooLong
		}
		s.buf[s.n] = c
		s.n++
	}
	s.beforeIt, s.last = s.last, c
	return nil
}

// finish looks at a whole number for what a cell's format has added to it.
func (s *scanner) finish() error {
	if s.last == 0 && (s.beforeIt == dot || s.isFraction()) {
		return errFraction
	}
	if s.dashed > 0 && s.n-s.dashed <= maxTail {
		s.tail = s.n - s.dashed
	}
	return nil
}

// isFraction reports whether a dot is the only mark, and only zeros are behind it, as in
// "+49301234567.00".
func (s *scanner) isFraction() bool {
	if s.marks != 1 || s.dotted < 5 || s.n-s.dotted > maxTail {
		return false
	}
	for _, d := range s.buf[s.dotted:s.n] {
		if d != 0 {
			return false
		}
	}
	return true
}

// end reads what follows a number: an extension, or the parameters of a URI. Anything else is no
// part of one.
func (s *scanner) end(rest string, uri bool) error {
	if err := s.finish(); err != nil {
		return err
	}
	if rest[0] == ';' && (uri || hasFold(rest, ";ext=")) {
		return s.parameters(rest[1:])
	}
	if s.n > 0 {
		tail := rest
		if rest[0] == ',' || rest[0] == ';' {
			tail = strings.TrimLeft(rest[1:], " ") // as in ", ext. 22"
		}
		if s.opened == s.n { // as in "(ext. 22)"
			if inner, closed := strings.CutSuffix(tail, ")"); closed {
				tail = inner
			}
		}
		for _, mark := range marks {
			if hasFold(tail, mark) {
				return extension(tail[len(mark):])
			}
		}
	}
	switch r, _ := utf8.DecodeRuneInString(rest); {
	case r == '|' || r == ',' || r == ';' || r == '&' || r == '\\' || r == ':' && s.n > 0:
		return errSecond
	case (r == 'e' || r == 'E') && len(rest) > 1 && class[rest[1]&0x7f] <= plus && s.n > 0:
		return errFraction
	case unicode.IsLetter(r):
		return errLetter
	case r == '\u202e':
		return errReversed
	default:
		return errCharacter
	}
}

// marks are what an extension is written behind. German "Durchwahl" is not one of them: its digits
// are the end of the number.
var marks = [...]string{"extension", "extensión", "extensao", "extensão", "extn", "ext", "x", "#", "anexo", "ramal", "доб"}

// hasFold reports whether s begins with prefix, in upper or lower case.
func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

const maxExtension = 7 // digits: a longer one may be a second number

// extension accepts the digits of one extension, and nothing behind them.
func extension(s string) error {
	s = strings.TrimLeft(s, ".:=-# \u00a0")
	if inner, ok := strings.CutPrefix(s, "("); ok { // as in "ext. (22)"
		if inner, ok = strings.CutSuffix(inner, ")"); ok {
			s = inner
		}
	}
	n := 0
	for _, r := range s {
		if classOf(r) > 9 {
			return errExtension
		}
		n++
	}
	if n == 0 || n > maxExtension {
		return errExtension
	}
	return nil
}

// parameters reads those of RFC 3966, 3: an extension or subaddress is not dialled, and a context
// is in front of a local number.
func (s *scanner) parameters(rest string) error {
	for more := true; more; {
		var p string
		p, rest, more = strings.Cut(rest, ";")
		name, value, _ := strings.Cut(p, "=")
		switch {
		case strings.EqualFold(name, "ext"):
			if err := extension(value); err != nil {
				return err
			}
		case strings.EqualFold(name, "isub"):
		case strings.EqualFold(name, "phone-context"):
			if err := s.context(value); err != nil {
				return err
			}
		default:
			return errParameter
		}
	}
	return nil
}

func (s *scanner) context(value string) error {
	if s.signed || !strings.HasPrefix(value, "+") {
		return errContext
	}
	var buf [maxScan]byte
	digits := buf[:0]
	for i := 1; i < len(value); i++ {
		switch c := classOf(rune(value[i])); {
		case c == dot || c == dash || c == open || c == closing:
		case c > 9 || len(digits)+s.n == len(buf):
			return errContext
		default:
			digits = append(digits, c)
		}
	}
	k := len(digits)
	s.n, s.signed = copy(s.buf[:], append(digits, s.buf[:s.n]...)), true
	s.slash += k
	if s.lone >= 0 {
		s.lone += k
	}
	return nil
}

// classOf is the class of any character. Digits are those of every script (Unicode's Nd).
func classOf(r rune) byte {
	if r < utf8.RuneSelf {
		return class[r]
	}
	switch r {
	case '＋', '﹢':
		return plus
	case '（', '［':
		return open
	case '）', '］':
		return closing
	case '．':
		return dot
	case '／':
		return slash
	case '‐', '‑', '‒', '–', '—', '―', '−', '﹘', '﹣', '－', 'ー':
		return dash
	case '\u00ad', '\u061c', '\u180e', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', // soft hyphen, zero width, direction
		'\u202a', '\u202b', '\u202c', '\u202d', '\u2060', '\u2066', '\u2067', '\u2068', '\u2069', '\ufeff':
		return ignored
	}
	if unicode.Is(unicode.Zs, r) {
		return blank
	}
	for _, t := range unicode.Nd.R16 {
		if lo, hi := rune(t.Lo), rune(t.Hi); r <= hi {
			return digitOf(r, lo)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if lo, hi := int64(t.Lo), int64(t.Hi); int64(r) <= hi {
			return digitOf(r, rune(lo)) //nolint:gosec // code points have 21 bits
		}
	}
	return foreign
}

// digitOf is a decimal digit's value in a range of digits. Unicode has them in tens that begin with
// 0, so a range does, too.
func digitOf(r, first rune) byte {
	if r < first {
		return foreign
	}
	return byte((r - first) % 10) //nolint:gosec // below 10
}
