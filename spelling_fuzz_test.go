package dnc

import (
	"context"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// Every spelling of a listed number is blocked, in all countries: it is read as that number, or
// refused. Nothing else that may happen here is a lost sale; a spelling that becomes another number
// is a call to somebody who asked not to be called.
func FuzzSpellings(f *testing.F) {
	for i := 0; i < len(plans)-1; i += 4 {
		f.Add(uint16(i), uint64(20794600006+i*7919), uint8(i%forms), uint8(i), []byte{byte(i), 3, 200, 17, 2, 90})
	}
	f.Fuzz(func(t *testing.T, country uint16, subscriber uint64, form, variant uint8, noise []byte) {
		isBlocked(t, country, subscriber, form, variant, noise)
	})
}

func TestSpellingsOfEveryCountry(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 24)
	read := 0
	for i := range 150_000 {
		if i%3 == 0 {
			binary.LittleEndian.PutUint64(noise[i%17:], rng.Uint64())
		}
		if isBlocked(t, uint16(i/forms), rng.Uint64(), uint8(i%forms), uint8(rng.Uint32()), noise) {
			read++
		}
	}
	if read < 90_000 {
		t.Errorf("only %d spellings were read", read)
	}
}

// isBlocked spells a number of a country and fails the test unless the spelling is read as that
// number or refused. It reports whether it was read.
func isBlocked(t *testing.T, country uint16, subscriber uint64, form, variant uint8, noise []byte) bool {
	n, ok := someNumber(&plans[1+int(country)%(len(plans)-1)], subscriber, variant)
	if !ok {
		return false
	}
	input, parser, ok := spell(n, form, int(variant))
	if !ok {
		return false
	}
	r, err := Validate(context.Background(), NewMemory("blacklist", n), []string{decorate(input, noise)}, parser.Parse)
	if err != nil || r.Allowed != 0 {
		t.Errorf("form %d of a number of plan %d, Country %q: another number was read", form%forms, int(country)%(len(plans)-1), parser.Country)
	}
	return err == nil && r.Invalid == 0
}

// someNumber makes a number of a country: of any length that is possible there, with any digits.
func someNumber(p *plan, subscriber uint64, variant uint8) (Number, bool) {
	set, zeros := p.possible, ""
	if p.zero != 0 && variant&1 == 1 {
		set, zeros = p.zero, "0"
	}
	for range int(variant/2) % bits.OnesCount16(set) {
		set &= set - 1
	}
	length := bits.TrailingZeros16(set)
	national := zeros + strconv.FormatUint(1+subscriber%9, 10) + reversed(subscriber/9)
	n, err := ParseNumber("+" + strconv.Itoa(int(p.code)) + national[:length])
	return n, err == nil
}

// reversed is the digits of a number, the last one first, and zeros behind them.
func reversed(v uint64) string {
	var b [maxDigits]byte
	for i := range b {
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return string(b[:])
}

const forms = 9

// spell writes a number in a form: the parser is that of whoever wrote it. The national forms are
// those of fixed and mobile numbers; of a number that has the length of neither another reading may
// be preferred.
func spell(n Number, form uint8, variant int) (input string, parser Parser, ok bool) {
	digits := n.E164()[1:]
	var values [maxDigits]byte
	for i := range digits {
		values[i] = digits[i] - '0'
	}
	p := planOf(values[:])
	code, national := digits[:p.codeDigits()], digits[p.codeDigits():]
	usual := p.isUsual(values[len(code):len(digits)])
	trunk := pick(p.trunks, variant)
	if trunk == "" && p.zero == 0 {
		trunk = "0" // there is none, and some write it in an international number all the same
	}
	other := &plans[1+(variant*31+int(values[len(digits)-1]))%(len(plans)-1)]
	parser = Parser{Country: strconv.Itoa(int(other.code))}
	switch form % forms {
	case 0:
		return "+" + digits, parser, true
	case 1:
		return "+" + code + "(" + trunk + ")" + national, parser, trunk != ""
	case 2:
		return "+" + code + " " + trunk + national, parser, true
	case 3:
		behind := pick(p.behind, variant)
		return "+" + code + behind + national, parser, true
	case 4:
		return pick(p.trunks, variant) + national, Parser{Country: code}, usual
	case 5:
		return pick(p.carriers, variant) + national, Parser{Country: code}, usual
	case 6:
		prefix := pick(other.abroad, variant)
		return prefix + digits, parser, usual && prefix != ""
	case 7:
		return "tel:+" + code + "-" + national + ";ext=" + strconv.Itoa(variant), parser, true
	default:
		return "+" + code + " " + national + []string{" x22", " ext. 4711", "#5", " Extension 3"}[variant%4], parser, true
	}
}

// pick takes one of some prefixes that are apart by blanks, or none.
func pick(all string, i int) string {
	prefixes := strings.Fields(all)
	if len(prefixes) == 0 {
		return ""
	}
	return prefixes[i%len(prefixes)]
}

var separators = []string{" ", "-", ".", "\u00a0", "\u2011", "\u200e", "\u2009", "\u00ad", " ", "\u202c", "/", "(", ")", " - ", "\u2013", "－"}

// decorate writes separators between the digits, and some digits in other scripts. A digit in
// parentheses and what is behind a letter stay as they are.
func decorate(input string, noise []byte) string {
	var b strings.Builder
	plain := strings.ContainsAny(input, "(xX;#E")
	for i, c := range input {
		k := byte(0)
		if len(noise) > 0 {
			k = noise[i%len(noise)]
		}
		if c >= '0' && c <= '9' && k%7 == 1 {
			c += []rune{'０' - '0', '٠' - '0', '०' - '0'}[k%3]
		}
		if k%5 == 2 && i > 0 && !plain {
			b.WriteString(separators[int(k/5)%len(separators)])
		}
		b.WriteRune(c)
	}
	return b.String()
}
