package dnc

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// numberError says what is wrong with an input. It never shows the digits, because an input that is
// refused can still be somebody's number.
type numberError string

func (e *numberError) Error() string { return ErrInvalidNumber.Error() + ": " + string(*e) }

// Unwrap makes errors.Is find ErrInvalidNumber.
func (e *numberError) Unwrap() error { return ErrInvalidNumber }

func badNumber(why numberError) error { return &why }

var (
	errEmpty      = badNumber("it is empty")
	errNoDigits   = badNumber("it has no digits")
	errNoPlus     = badNumber(`it does not begin with "+" and the country code; for national forms use a Parser with a Country`)
	errPlus       = badNumber("the + belongs in front of the first digit, once")
	errCharacter  = badNumber("it has a character that is not part of a number; digits, a leading plus sign, spaces, dots, dashes, slashes and parentheses are read")
	errLetter     = badNumber("it has letters: write digits in their place; an extension is marked by x, ext. or #")
	errSecond     = badNumber("a bar, comma, colon, semicolon, ampersand or backslash may separate two numbers: write one number in a field")
	errSlash      = badNumber("a slash may separate two numbers: it is read only after an area code; write one number in a field")
	errReversed   = badNumber("it has a character that shows its digits in reverse order (U+202E)")
	errFraction   = badNumber("it ends in .0 or an exponent, as a spreadsheet writes a column of numbers: format it as text")
	errExtension  = badNumber("the extension needs 1 to 7 digits after its mark, and nothing after them")
	errTail       = badNumber("the few digits after a dash between blanks may be an extension: leave them out, or mark them with x")
	errParameter  = badNumber("the tel URI has a parameter other than ext, isub and phone-context")
	errContext    = badNumber("the phone-context of the tel URI does not begin with +, or the number has a + itself")
	errTooShort   = badNumber("it has fewer than 7 digits with the country code")
	errTooLong    = badNumber("it has more than 15 digits, or more than 128 bytes")
	errZero       = badNumber("no country code begins with 0")
	errEight      = badNumber("no country code is 8, which is dialled in front of a number in Russia and Kazakhstan: write +7 there, or the whole country code")
	errNoCountry  = badNumber("it begins with no country code that is in use")
	errLone       = badNumber("a 0 alone in parentheses belongs after the country code")
	errDoubled    = badNumber("the country code is in front of it twice")
	errArea       = badNumber("after country code 1 no area code begins with 0 or 1")
	errNoArea     = badNumber("15 marks a mobile number after an area code, and the area code is missing")
	errTwoWays    = badNumber("two numbers can be read from it, with and without a prefix: write +, the country code, and the number without prefix")
	errAbroad     = badNumber("it may be a number of another country, written with a prefix for calls abroad or without +: write + in front of the country code")
	errUnsigned   = badNumber("it begins with the country code and has no +: write + in front")
	errZeroNumber = badNumber("the parser returned the zero Number and no error")
	errCountry    = badNumber("the Parser's Country is not a country calling code in use: write its digits alone, such as 1 or 353")
)

// lengthError says how many digits a number has, and how many it needs.
type lengthError struct{ plan, digits, form uint8 }

const (
	behindCode = iota // digits behind a country code
	behindZero        // the same, beginning with 0
	inCountry         // a national form
	lengthForms
)

// Unwrap makes errors.Is find ErrInvalidNumber.
func (e *lengthError) Unwrap() error { return ErrInvalidNumber }

func (e *lengthError) Error() string {
	p := &plans[e.plan]
	found := strconv.Itoa(int(e.digits)) + " digits"
	if e.digits == 1 {
		found = "1 digit"
	}
	if e.digits == maxScan {
		found = "at least " + found
	}
	if e.form == behindZero {
		found += " beginning with 0"
	}
	if e.form != inCountry {
		return fmt.Sprintf("%v: it has %s after country code %d, and numbers there have %s", ErrInvalidNumber, found, p.code, lengths(p, e.form))
	}
	return fmt.Sprintf("%v: it has %s and is not a national form of country code %d: numbers there have %s digits%s",
		ErrInvalidNumber, found, p.code, lengths(p, e.form), e.advice(p))
}

// advice says what is likely wrong with a national form.
func (e *lengthError) advice(p *plan) string {
	prefix := strings.ReplaceAll(p.trunks, " ", " or ")
	switch fits := (p.possible|p.zero|p.zeros)>>e.digits&1 != 0 && p.code != northAmerica; {
	case e.digits > maxDigits:
		return ": may it be two numbers? Write one number in a field"
	case fits && prefix != "":
		return " after the trunk prefix " + prefix + ": is that missing?"
	case fits:
		return ", and no trunk prefix: is the area code missing, or is there a 0 in front that does not belong to it?"
	case prefix != "":
		return ", not counting the trunk prefix " + prefix
	}
	return ""
}

// lengths lists those of a plan, as in "7, 9 or 10" and "4 to 11".
func lengths(p *plan, form uint8) string {
	if p.code == northAmerica {
		return "10"
	}
	var b strings.Builder
	set := p.possible
	switch zeros := p.zero | p.zeros; {
	case form == inCountry:
		set |= zeros
	case form == behindZero && zeros != 0 && p.trunks == "":
		set = zeros
	}
	for set != 0 {
		first := bits.TrailingZeros16(set)
		n := bits.TrailingZeros16(^(set >> first)) // that follow one another
		if n < 3 {
			n = 1
		}
		set &^= (1<<n - 1) << first
		switch {
		case b.Len() == 0:
		case set == 0:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(first))
		if n > 1 { // digits in a row would look like a number
			b.WriteString(" to " + strconv.Itoa(first+n-1))
		}
	}
	return b.String()
}

// lengthErrors has one for each plan and number of digits, so that a refusal allocates nothing.
var lengthErrors = func() (t [lengthForms][len(plans)][maxScan + 1]lengthError) {
	for form := range t {
		for i := range t[form] {
			for n := range t[form][i] {
				t[form][i][n] = lengthError{uint8(i), uint8(n), uint8(form)}
			}
		}
	}
	return t
}()

func (p *plan) wrongLength(national []byte) error {
	form := behindCode
	if len(national) > 0 && national[0] == 0 {
		form = behindZero
	}
	return &lengthErrors[form][p.index()][len(national)]
}

func (p *plan) noNational(digits []byte) error {
	return &lengthErrors[inCountry][p.index()][len(digits)]
}

func (p *plan) index() uint8 {
	first := p.code
	for first < 100 {
		first *= 10
	}
	return codes[first]
}

// toldNumberError is an error that kept only its cause.
func toldNumberError(cause string) error { return badNumber(numberError(cause)) }

// causeOf is an error of this package's parsers without its common beginning. Of a foreign one only
// the type is told: its text may hold the number.
func causeOf(err error) string {
	_, one := errors.AsType[*numberError](err)
	_, other := errors.AsType[*lengthError](err)
	if one || other {
		return strings.TrimPrefix(err.Error(), ErrInvalidNumber.Error()+": ")
	}
	return fmt.Sprintf("the parser refused it with a %T", err)
}
