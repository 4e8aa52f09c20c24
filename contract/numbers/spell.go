package numbers

import (
	"cmp"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// form is a way to write a number.
type form int

const (
	plain         form = iota
	international      // as the peer writes it
	uri                // RFC 3966, with an extension
	national           // as the peer writes it
	bare               // the national number without a trunk prefix
	trunkMarked        // a trunk prefix in parentheses behind the country code
	trunkLiteral       // the same without parentheses
	fromAbroad         // with what another region dials in front of the country code
	extension
	unicodeMarks
	tooLong // two digits more
	tooShort
	forms
)

// subject is a number of a region.
type subject struct {
	region string
	code   int
	number *phonenumbers.PhoneNumber
	e164   string
	nsn    string
}

// spelling is a subject in a form. country is the calling code of the reader, region the same for
// the peer.
type spelling struct {
	form          form
	input, region string
	country       int
}

func (s *subject) spell(f form, rng *rand.Rand, regions []string) spelling {
	code := strconv.Itoa(s.code)
	sp := spelling{f, s.e164, s.region, s.code}
	trunk := s.trunk()
	if s.region == network && (f == national || f == bare) {
		f = plain // nobody lives in a network
	}
	switch f {
	case international:
		sp.input = phonenumbers.Format(s.number, phonenumbers.INTERNATIONAL)
	case uri:
		sp.input = phonenumbers.Format(s.number, phonenumbers.RFC3966) + ";ext=" + strconv.Itoa(rng.IntN(10_000))
	case national:
		sp.input = phonenumbers.Format(s.number, phonenumbers.NATIONAL)
	case bare:
		sp.input = s.nsn
	case trunkMarked:
		sp.input = "+" + code + " (" + trunk + ")" + s.nsn
	case trunkLiteral:
		sp.input = "+" + code + " " + trunk + s.nsn
	case fromAbroad:
		sp.region = regions[rng.IntN(len(regions))]
		sp.country = phonenumbers.GetCountryCodeForRegion(sp.region)
		out := phonenumbers.FormatOutOfCountryCallingNumber(s.number, sp.region)
		if strings.ContainsAny(out, "[(") && !strings.Contains(out, ") ") {
			out = s.e164 // the region has several prefixes, and the peer writes their pattern
		}
		sp.input = strings.ReplaceAll(out, "~", "") // waits for a tone
	case extension:
		sp.input = s.e164 + []string{" x22", " ext. 22", "#22", " extension 22"}[rng.IntN(4)]
	case unicodeMarks:
		sp.input = otherScript(phonenumbers.Format(s.number, phonenumbers.INTERNATIONAL), rng)
	case tooLong:
		sp.input = s.e164 + strconv.Itoa(10+rng.IntN(90))
	case tooShort:
		sp.input = s.e164[:len(s.e164)-1-rng.IntN(2)]
	default: // E.164 as it is
	}
	return sp
}

// network is the region of the numbers that belong to none.
const network = "001"

// trunk is what the region dials in front of a number; 0 where that is nothing, as some write it
// there all the same.
func (s *subject) trunk() string {
	return cmp.Or(phonenumbers.GetNddPrefixForRegion(s.region, true), "0")
}

func otherScript(s string, rng *rand.Rand) string {
	digit := []rune{'０' - '0', '٠' - '0', '۰' - '0', 0}[rng.IntN(4)]
	blank := []string{"\u00a0", " ", "\u3000"}[rng.IntN(3)]
	dash := []string{"\u2010", "\u2011", "\u2013", "\u2212", "－"}[rng.IntN(5)]
	s = strings.NewReplacer(" ", blank, "-", dash, "+", []string{"+", "＋"}[rng.IntN(2)]).Replace(s)
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r + digit
		}
		return r
	}, s)
}

// kinds are the peer's types of numbers that have examples.
var kinds = []phonenumbers.PhoneNumberType{
	phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE,
	phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST,
	phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER, phonenumbers.UAN, phonenumbers.VOICEMAIL,
}

// examples are the numbers that the metadata has of a region, and for each some more with other
// last digits.
func examples(region string, more int, rng *rand.Rand) []*subject {
	var all []*subject
	for _, kind := range kinds {
		example := phonenumbers.GetExampleNumberForType(region, kind)
		if example == nil {
			continue
		}
		all = append(all, newSubject(region, example))
		for range more {
			text := phonenumbers.Format(example, phonenumbers.E164)
			keep := len(text) - 1 - rng.IntN(4)
			text = text[:keep] + strconv.Itoa(10_000 + rng.IntN(10_000))[1:][:len(text)-keep]
			if n, err := phonenumbers.Parse(text, "ZZ"); err == nil && phonenumbers.IsValidNumber(n) {
				all = append(all, newSubject(region, n))
			}
		}
	}
	return all
}

func newSubject(region string, n *phonenumbers.PhoneNumber) *subject {
	return &subject{
		region, int(n.GetCountryCode()), n,
		phonenumbers.Format(n, phonenumbers.E164), phonenumbers.GetNationalSignificantNumber(n),
	}
}
