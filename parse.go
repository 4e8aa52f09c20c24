package dnc

import "fmt"

// What is wrong with a number. None of these shows the number: what was refused may be one all the same.
var (
	errEmpty      = badNumber("it is empty")
	errNoPlus     = badNumber(`it does not begin with "+" and the country code; for national forms use a Parser with a Country`)
	errPlus       = badNumber(`"+" stands only in front of the first digit, once`)
	errCharacter  = badNumber("only ASCII digits, one leading plus sign, spaces, dots, dashes and parentheses are read")
	errTooShort   = badNumber("it has fewer than 7 digits")
	errTooLong    = badNumber("it has more than 15 digits, or more than 64 characters")
	errZero       = badNumber("no country code begins with 0")
	errNorthern   = badNumber("country code 1 needs exactly ten more digits, and no area code begins with 0 or 1")
	errTrunk      = badNumber("the trunk prefix 0 is not part of an international number: leave it out")
	errNational   = badNumber("it is no national form of the Parser's country: it has another length, or its trunk prefix is missing")
	errNoNational = badNumber("national forms of the Parser's country are not known here: write numbers with + and the country code")
)

func badNumber(why string) error { return fmt.Errorf("%w: %s", ErrInvalidNumber, why) }

// What a byte of a spelling is: a digit's value below 10, or one of these.
const (
	separator = 10 + iota
	plus
	foreign
)

var class = func() (t [256]byte) {
	for i := range t {
		t[i] = foreign
	}
	for i := byte('0'); i <= '9'; i++ {
		t[i] = i - '0'
	}
	for _, c := range " .-()" {
		t[c] = separator
	}
	t['+'] = plus
	return t
}()

// ParseNumber reads a number in international form: "+", the country code, the subscriber number. Spaces, dots, dashes and
// parentheses are ignored, so "+1 (415) 555-0123" and "+14155550123" are the same Number. After country code 1 exactly ten
// digits must follow, of which the first is 2 to 9; elsewhere 7 to 15 digits are read. Whether an area code or a range is
// assigned is not asked: such tables lag behind the networks, and numbers missing in them do ring.
//
// Everything else is ErrInvalidNumber, and the error never shows the input. It allocates nothing.
func ParseNumber(s string) (Number, error) {
	if len(s) > maxSpell {
		return Number{}, errTooLong
	}
	var d uint64
	var n int
	var signed, zero bool
	for i := 0; i < len(s); i++ {
		c := class[s[i]]
		if c < 10 {
			if n == 0 {
				zero = c == 0
			}
			d = d*10 + uint64(c)
			n++
			continue
		}
		switch {
		case c == separator:
		case c != plus:
			return Number{}, errCharacter
		case signed || n > 0:
			return Number{}, errPlus
		default:
			signed = true
		}
	}
	switch {
	case n == 0:
		return Number{}, errEmpty
	case !signed:
		return Number{}, errNoPlus
	case zero:
		return Number{}, errZero
	}
	return international(d, n)
}

var pow10 = [maxDigits + 5]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// international makes a Number of n digits, of which the first is not 0.
func international(d uint64, n int) (Number, error) {
	switch {
	case n < minDigits:
		return Number{}, errTooShort
	case n > maxDigits:
		return Number{}, errTooLong
	case d/pow10[n-1] == 1:
		if area := d / pow10[9] % 10; n != 11 || area < 2 {
			return Number{}, errNorthern
		}
	default:
		// "+44 (0)20 7946 0000" would be another number than +442079460000 and match no list.
		if third := d / pow10[n-3]; third%10 == 0 && trunkZero[third/10] {
			return Number{}, errTrunk
		}
		if fourth := d / pow10[n-4]; fourth%10 == 0 && trunkZero[fourth/10] {
			return Number{}, errTrunk
		}
	}
	return numberOf(d), nil
}

// Parser reads national forms too: what people of one country write without "+". The zero Parser is ParseNumber.
//
// With Country "1": "(415) 555-0123", "1-415-555-0123", "011 44 20 7946 0000" and every international form. In countries with a
// trunk prefix it must be there: in Germany "030 123456" is a number of Berlin, and "123456" one of wherever the reader is, so
// the latter is refused. Countries whose habits are not in the table of this package are refused in national form: a number
// guessed wrong would match no list and be called.
type Parser struct {
	Country string // a country calling code without "+", as "1", "44", "353"
}

// Parse reads a number in international form, or in the national form of the Parser's country. It allocates nothing.
func (p Parser) Parse(s string) (Number, error) {
	if p.Country == "" {
		return ParseNumber(s)
	}
	if len(s) > maxSpell {
		return Number{}, errTooLong
	}
	var buf [maxSpell]byte
	digits := buf[:0]
	for i := 0; i < len(s); i++ {
		switch c := class[s[i]]; c {
		case plus:
			return ParseNumber(s)
		case separator:
		case foreign:
			return Number{}, errCharacter
		default:
			digits = append(digits, c)
		}
	}
	if len(digits) == 0 {
		return Number{}, errEmpty
	}
	h, ok := dialling[p.Country]
	if !ok {
		return Number{}, errNoNational
	}
	if rest, ok := cut(digits, h.abroad); ok {
		if len(rest) == 0 || rest[0] == 0 {
			return Number{}, errZero
		}
		return fromDigits(0, 0, rest)
	}
	if p.Country == "1" && len(digits) == 11 && digits[0] == 1 {
		digits = digits[1:]
	}
	if h.trunk == "" {
		if len(digits) < h.length[0] || len(digits) > h.length[1] {
			return Number{}, errNational
		}
	} else if digits, ok = cut(digits, h.trunk); !ok {
		return Number{}, errNational
	}
	return fromDigits(h.code, len(p.Country), digits)
}

// cut removes a prefix of digits; an empty prefix is none.
func cut(digits []byte, prefix string) ([]byte, bool) {
	if prefix == "" || len(digits) < len(prefix) {
		return nil, false
	}
	for i := range len(prefix) {
		if digits[i] != prefix[i]-'0' {
			return nil, false
		}
	}
	return digits[len(prefix):], true
}

func fromDigits(d uint64, n int, digits []byte) (Number, error) {
	if n+len(digits) > maxDigits {
		return Number{}, errTooLong
	}
	for _, c := range digits {
		d = d*10 + uint64(c)
	}
	return international(d, n+len(digits))
}
