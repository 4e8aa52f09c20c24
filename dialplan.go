package dnc

import "strings"

// plan is what there is to know of the numbers behind one country calling code without looking at
// area codes and ranges. Those lag behind the networks by months; lengths and trunk prefixes change
// about once in a decade.
//
// A set of lengths has bit n for numbers of n digits. The table of plans is generated: see
// tools/dialplan.
type plan struct {
	code     uint16
	possible uint16 // lengths of numbers that do not begin with 0
	zero     uint16 // lengths of numbers that begin with one 0, as in Italy
	zeros    uint16 // lengths of numbers that begin with 00
	own      uint16 // lengths of numbers that begin with the digits of the country code itself
	usual    sets   // lengths of fixed and mobile numbers, by first digit: they decide between two readings
	bare     sets   // lengths of numbers that are written without a trunk prefix, by first digit

	// Prefixes, apart by blanks, the longest first.
	trunks   string // what is dialled in front of a number in its country
	behind   string // what was dialled in front of a number from abroad, and is no longer part of it
	carriers string // trunk prefixes that hold the code of a carrier
	abroad   string // what is dialled there in front of a country code
}

type sets [10]uint16

const (
	northAmerica = 1
	argentina    = 54
	germany      = 49
	austria      = 43
)

// codeDigits is how many digits the country code has.
func (p *plan) codeDigits() int {
	switch {
	case p.code < 10:
		return 1
	case p.code < 100:
		return 2
	default:
		return 3
	}
}

// has reports whether a national number can have so many digits, and begin with that many zeros.
func (p *plan) has(national []byte) bool {
	n := len(national)
	switch {
	case n == 0 || n > maxDigits-p.codeDigits():
		return false
	case p.code == northAmerica:
		return n == 10 && national[0] > 1 // area codes begin with 2 to 9
	case national[0] != 0:
		return p.possible>>n&1 != 0
	case n > 1 && national[1] != 0:
		return p.zero>>n&1 != 0
	default:
		return p.zeros>>n&1 != 0
	}
}

// isUsual reports whether the number has the length of a fixed or mobile one that begins with its
// first digit.
func (p *plan) isUsual(national []byte) bool { return p.usual[national[0]]>>len(national)&1 != 0 }

// doubled reports whether a number has its country code twice: no number of the country begins with
// the code, but what follows the code is a number.
func (p *plan) doubled(national []byte) bool {
	rest, ok := cutCode(national, p.code)
	if !ok || p.code == northAmerica || p.own>>len(national)&1 != 0 || len(rest) == 0 {
		return false
	}
	return p.has(rest) || rest[0] == 0 && p.has(rest[1:])
}

// planOf finds the plan of the country code that digits begin with, nil if there is none.
func planOf(digits []byte) *plan {
	if len(digits) < 3 {
		return nil
	}
	if i := codes[int(digits[0])*100+int(digits[1])*10+int(digits[2])]; i != 0 {
		return &plans[i]
	}
	return nil
}

// planFor finds the plan of a country code that is written out, nil if there is none.
func planFor(country string) *plan {
	var digits [3]byte
	if len(country) == 0 || len(country) > len(digits) {
		return nil
	}
	for i := range len(country) {
		if digits[i] = country[i] - '0'; digits[i] > 9 {
			return nil
		}
	}
	if p := planOf(digits[:]); p != nil && p.codeDigits() == len(country) {
		return p
	}
	return nil
}

// codes leads from the first three digits of a number to the plan of its country code; 0 where
// there is none.
var codes = func() (t [1000]uint8) {
	for i := 1; i < len(plans); i++ {
		low, n := int(plans[i].code), 1
		for ; low < 100; low, n = low*10, n*10 {
		}
		for k := range n {
			t[low+k] = uint8(i)
		}
	}
	return t
}()

// quick is what the reading of a plain E.164 number needs of a plan.
type quick struct {
	possible uint16
	doubtful uint16 // bit d: a number that begins with digit d may have a prefix in front
	digits   uint8  // of the country code
}

var quicks = func() (t [len(plans)]quick) {
	for i := 1; i < len(plans); i++ {
		p := &plans[i]
		q := quick{possible: p.possible, doubtful: 1, digits: uint8(p.codeDigits())}
		for prefix := range strings.FieldsSeq(p.trunks + " " + p.behind) {
			if q.possible&(q.possible<<len(prefix)) != 0 {
				q.doubtful |= 1 << (prefix[0] - '0')
			}
		}
		first := p.code
		for first > 9 {
			first /= 10
		}
		if once := q.possible << q.digits; q.possible&^p.own&(once|once<<1) != 0 {
			q.doubtful |= 1 << first
		}
		switch p.code {
		case northAmerica:
			q = quick{1 << 10, 1<<0 | 1<<1, 1}
		case argentina:
			q.doubtful |= 1 << 1 // 15, the mark of a mobile
		}
		t[i] = q
	}
	return t
}()

// cutCode removes a country code from the front.
func cutCode(digits []byte, code uint16) ([]byte, bool) {
	var text [3]byte
	i := len(text)
	for ; code > 0; code /= 10 {
		i--
		text[i] = byte('0' + code%10)
	}
	return cut(digits, string(text[i:]))
}

// cut removes a prefix from the front of digits.
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

// nextPrefix takes the first of some prefixes that are apart by blanks.
func nextPrefix(all string) (prefix, others string) {
	prefix, others, _ = strings.Cut(all, " ")
	return prefix, others
}
