package numbers

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/dnc-go/dnc"
)

// row counts the spellings of a region by how the two readers agree.
type row struct {
	region             string
	code               int
	numbers, spellings int
	same, neither      int
	rules              [len(rules)]int
}

// rules are why the two differ, and who of them reads.
var rules = [...]string{
	"dnc drops a leading 0 if no number of the country code begins with 0; the peer keeps it, which makes another number or one that is too long",
	"dnc requires the trunk prefix in a national form; the peer reads the number without it",
	"dnc refuses a spelling that can mean two numbers; the peer chooses one of them",
	"dnc refuses another country's prefix for calls abroad, and a number that lost its +; the peer reads both as a national form",
	"dnc reads 7 to 15 digits, because E.164 allows at most 15",
	"dnc refuses numbers that begin with 00 if 0 is the trunk prefix: these are services that nobody can dial from abroad",
	"dnc refuses local numbers, and numbers with the country code twice",
	"dnc knows the lengths of numbers that begin with 0, and of numbers that do not; the peer has one set of lengths for both",
	"the peer reads the first digits of a country code as the end of a prefix for calls abroad",
}

const (
	dropsZero = iota
	wantsTrunk
	twoWays
	otherCountry
	digitCount
	twoZeros
	noLocal
	beginsWithZero
	longPrefix
)

// readings of a spelling: E.164, or "" where it is refused.
type readings struct {
	ours, peers string
	err         error
}

func read(s spelling) readings {
	var r readings
	n, err := dnc.Parser{Country: strconv.Itoa(s.country)}.Parse(s.input)
	r.ours, r.err = n.E164(), err
	if p, err := phonenumbers.Parse(s.input, s.region); err == nil &&
		phonenumbers.IsPossibleNumberWithReason(p) == phonenumbers.IS_POSSIBLE {
		p.Extension = nil
		r.peers = phonenumbers.Format(p, phonenumbers.E164)
	}
	return r
}

var errDifferent = errors.New("another number was read")

// count adds a spelling. An error is a difference that no rule explains.
func (w *row) count(sub *subject, s spelling) error {
	w.spellings++
	r := read(s)
	whole := s.form != tooLong && s.form != tooShort
	if r.ours == r.peers && r.ours == "+"+strconv.Itoa(sub.code)+"0"+sub.nsn {
		// Numbers there begin with 0, so that this is one itself. In parentheses it is kept in
		// front of a fixed line; what Italy has for services, 800 and the like, is not written so.
		whole = s.form != trunkLiteral && (s.form != trunkMarked || usual(sub))
	}
	if whole && r.ours != "" && r.ours != sub.e164 {
		return fmt.Errorf("%w: %s of %s, form %d %q, Country %d: the peer reads %q",
			errDifferent, r.ours, sub.e164, s.form, s.input, s.country, r.peers)
	}
	switch {
	case r.ours == "" && r.peers == "":
		w.neither++
		return nil
	case r.ours == r.peers:
		w.same++
		return nil
	}
	rule, ok := explain(sub, s, r)
	if !ok {
		return fmt.Errorf("no rule says why: %s, form %d %q, Country %d: %q (%w), and the peer reads %q",
			sub.e164, s.form, s.input, s.country, r.ours, orNil(r.err), r.peers)
	}
	w.rules[rule]++
	return nil
}

// usual reports whether people have the number.
func usual(sub *subject) bool {
	kind := phonenumbers.GetNumberType(sub.number)
	return kind == phonenumbers.FIXED_LINE || kind == phonenumbers.MOBILE || kind == phonenumbers.FIXED_LINE_OR_MOBILE
}

func orNil(err error) error {
	if err == nil {
		return errors.New("read")
	}
	return err
}

// explain finds the rule by which the two differ.
func explain(sub *subject, s spelling, r readings) (rule int, ok bool) {
	why := ""
	if r.err != nil {
		why = r.err.Error()
	}
	switch {
	case r.ours == "" && sub.code == 1 && len(sub.nsn) < 10:
		return noLocal, true // 310 and four digits, in parts of Canada
	case strings.Contains(why, "two numbers can be read"):
		return twoWays, true
	case strings.Contains(why, "number of another country"), strings.Contains(why, "has no +"):
		return otherCountry, true
	case strings.Contains(why, "fewer than 7 digits"), strings.Contains(why, "more than 15 digits"), len(r.peers) > 16:
		return digitCount, true
	case strings.Contains(why, "not a national form"):
		return wantsTrunk, s.form == bare || s.form == national || s.country == sub.code
	case strings.Contains(why, "twice"), strings.Contains(why, "15 marks"):
		return noLocal, true
	case r.ours == "" && strings.HasPrefix(strings.TrimPrefix(r.peers, "+"+strconv.Itoa(sub.code)), "00"):
		return twoZeros, true
	case r.ours == "" && strings.Contains(why, "after country code") &&
		(s.form == tooLong || s.form == tooShort || strings.Contains(why, "beginning with 0")):
		return beginsWithZero, true
	case r.ours == sub.e164 && s.form == fromAbroad:
		return longPrefix, true
	case r.ours != "" && (s.form == trunkMarked || s.form == trunkLiteral) && r.ours == sub.e164:
		return dropsZero, true
	}
	return 0, false
}
