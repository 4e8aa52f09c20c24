package dnc_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// spelled is an input, the Parser's Country, and the number that it is.
type spelled struct{ country, input, want string }

func reads(t *testing.T, cases []spelled) {
	t.Helper()
	for _, c := range cases {
		n, err := dnc.Parser{Country: c.country}.Parse(c.input)
		if assert.NoError(t, err, "%s %q", c.country, c.input) {
			assert.Equal(t, c.want, n.E164(), "%s %q", c.country, c.input)
			again, err := dnc.ParseNumber(n.E164())
			require.NoError(t, err)
			assert.Equal(t, n, again)
		}
	}
}

// refused is an input, the Parser's Country, and what the error says.
type refused struct{ country, input, why string }

func refuses(t *testing.T, cases []refused) {
	t.Helper()
	for _, c := range cases {
		n, err := dnc.Parser{Country: c.country}.Parse(c.input)
		require.ErrorIs(t, err, dnc.ErrInvalidNumber, "%s %.40q", c.country, c.input)
		assert.True(t, n.IsZero())
		require.ErrorContains(t, err, c.why, "%s %.40q", c.country, c.input)
		if len(c.input) > 6 {
			assert.NotContains(t, err.Error(), c.input)
		}
	}
}

func TestParseNumberReadsInternationalForms(t *testing.T) {
	reads(t, []spelled{
		{"", "+14155550123", "+14155550123"},
		{"", "+1 (415) 555-0123", "+14155550123"},
		{"", "(+1) 415.555.0123", "+14155550123"},
		{"", " +1-415-555-0123 ", "+14155550123"},
		{"", "+1 679 555 0123", "+16795550123"}, // in service, and unknown to metadata of 2026-08
		{"", "+442079460000", "+442079460000"},
		{"", "+44 20 7946 0000", "+442079460000"},
		{"", "+390612345678", "+390612345678"}, // the 0 of Italy belongs to the number
		{"", "+2250712345678", "+2250712345678"},
		{"", "+68221234", "+68221234"},
		{"", "+2908000", "+2908000"},
		{"", "+881612345678", "+881612345678"},
		{"", "+80012345678", "+80012345678"},
		{"", "+88812345678901", "+88812345678901"},
	})
}

// B1: a trunk prefix behind the country code is dropped where numbers cannot begin with it, and
// kept where they do.
func TestTrunkPrefixBehindTheCountryCode(t *testing.T) {
	reads(t, []spelled{
		{"", "+44 (0)20 7946 0000", "+442079460000"},
		{"", "+44 ( 0 ) 20 7946 0000", "+442079460000"},
		{"", "+44[0]2079460000", "+442079460000"},
		{"", "+4402079460000", "+442079460000"},
		{"", "+353 0 1 234 5678", "+35312345678"},
		{"", "+62 (0)812 3456 7890", "+6281234567890"},
		{"", "+62 0812-3456-7890", "+6281234567890"},
		{"", "+86 (0)10 1234 5678", "+861012345678"},
		{"", "+82 (0)10-1234-5678", "+821012345678"},
		{"", "+55 (0)11 91234-5678", "+5511912345678"},
		{"", "+212 (0)612-345678", "+212612345678"},
		{"", "+98 0912 345 6789", "+989123456789"},
		{"", "+886 (0)2 1234 5678", "+886212345678"},
		{"", "+48 (0) 12 345 67 89", "+48123456789"}, // no trunk prefix any more
		{"", "+34 (0)612 34 56 78", "+34612345678"},
		{"", "+30 021 0123 4567", "+302101234567"},
		{"", "+7 (8) 495 123-45-67", "+74951234567"},
		{"", "+7 8 800 555 35 35", "+78005553535"},
		{"", "+7 800 555 35 35", "+78005553535"}, // here the 8 is part of it
		{"", "+375 (8) 029 123-45-67", "+375291234567"},
		{"", "+375 8 29 123-45-67", "+375291234567"},
		{"", "+370 8 612 34567", "+37061234567"},
		{"", "+36 (06) 1 234 5678", "+3612345678"},
		{"", "+36 06 30 123 4567", "+36301234567"},
		{"", "+36 (0)62 123 456", "+3662123456"},
		{"", "+1 (0)415 555 0123", "+14155550123"},
		{"", "+1 1 415 555 0123", "+14155550123"},
		{"", "+38 (044) 123-45-67", "+380441234567"}, // this 0 is the end of the country code
		{"", "+38(0)44 123 45 67", "+380441234567"},
		{"", "+241 011 12 34 56", "+24111123456"},

		{"", "+39 (0)6 1234 5678", "+390612345678"},
		{"", "+39 06 1234 5678", "+390612345678"},
		{"", "+39 0331 123456", "+390331123456"},
		{"", "+39 333 123 4567", "+393331234567"},
		{"", "+225 (0)7 12 34 56 78", "+2250712345678"},
		{"", "+267 (0)71 234 567", "+26771234567"}, // some numbers begin with 0, but never in parentheses
		{"", "+229 01 97 12 34 56", "+2290197123456"},
	})
	refuses(t, []refused{
		{"", "+39 (0)333 123 4567", "two numbers"}, // a mobile with a 0 too many, or a fixed line
		{"", "+241 06 12 34 56", "two numbers"},    // the number plan before 2019, or a trunk prefix
		{"", "+267 071 234 567", "9 digits beginning with 0"},
		{"", "+229 01 20 21 12 3", "9 digits beginning with 0"}, // a digit is missing; numbers had 8 before 2024
		{"", "+49 30 (0) 123456", "alone in parentheses"},
		{"", "+44 0 0 20 7946 0000", "country code 44"},
		{"", "+81 0081 3 1234 5678", "country code 81"},
	})
}

// B2: what has more or fewer digits than numbers of its country is no number.
func TestWrongLengths(t *testing.T) {
	refuses(t, []refused{
		{"", "+44 20 7946 0000 - 22", "12 digits after country code 44, and numbers there have 7, 9 or 10"},
		{"44", "020 7946 0000 12", "13 digits"},
		{"", "+44 44 20 7946 0000", "twice"},
		{"", "+44442079460000", "twice"},
		{"", "+39 39 06 12345678", "twice"},
		{"", "+86 86 138 0013 8000", "twice"},
		{"33", "011 1 415 555 0123", "another country"},
		{"49", "011 1 415 555 0123", "another country"}, // where 13 digits are a length, too
		{"1", "0044 20 7946 0000", "another country"},
		{"44", "0011 64 9 123 4567", "another country"},
		{"91", "1 415 555 0123", "another country"},
		{"", "+4155550123", "8 digits after country code 41, and numbers there have 9 or 12"},
		{"", "+442079460000.0", "spreadsheet"},
		{"", "+4930123456.0", "spreadsheet"},
		{"1", "4155550123.0", "spreadsheet"},
		{"", "+4.42079E+11", "spreadsheet"},
		{"", "+1415555012", "9 digits"},
		{"", "+141555501234", "11 digits"},
		{"", "+10155550123", "area code"},
		{"", "+11155550123", "area code"},
		{"", "+6821234", "4 digits after country code 682, and numbers there have 5"},
		{"", "+123456", "fewer than 7"},
		{"", "+1234567890123456", "15 digits"},
		{"", "+999123456789", "country code that is in use"},
		{"", "+39 06 12345678 - 22", "may be an extension"},
		{"", "+04155550123", "begins with 0"},
	})
	reads(t, []spelled{
		{"", "+43 1 502123 - 22", "+43150212322"}, // in Austria and Germany an extension is dialled as the end of the number
		{"", "+1 415 555 - 0123", "+14155550123"},
	})
}

// B3: the 1 of mobiles in Mexico ended in 2019, as 01, 044 and 045 did.
func TestMexicanMobiles(t *testing.T) {
	reads(t, []spelled{
		{"", "+52 1 55 1234 5678", "+525512345678"},
		{"", "+5215512345678", "+525512345678"},
		{"", "+52 55 1234 5678", "+525512345678"},
		{"", "+52 01 55 1234 5678", "+525512345678"},
		{"52", "55 1234 5678", "+525512345678"},
		{"52", "01 55 1234 5678", "+525512345678"},
		{"52", "044 55 1234 5678", "+525512345678"},
	})
	refuses(t, []refused{{"52", "1 415 555 0123", "11 digits"}})
}

// B5: the same number in the characters that phones, messengers and word processors write.
func TestMarksAndScripts(t *testing.T) {
	for _, s := range []string{
		"\u202a+1 415 555 0123\u202c", "\u200e+14155550123", "\u2066+1 415 555 0123\u2069", "\ufeff+14155550123",
		"+1\u00a0415\u2009555\u20100123", "+1\u2011415\u2012555\u20130123", "+1\u2014415\u2015555\u22120123", "+1\u202f415\u3000555 0123",
		"+1 415\u00ad555\u200b0123", "＋１４１５５５５０１２３", "＋１（４１５）５５５－０１２３", "+١٤١٥٥٥٥٠١٢٣", "+१४१५५५५०१२३", "+1４15555٠123",
		"\t+14155550123\r\n", "\u2028+14155550123 \u00a0", "'+14155550123", "\u202atel:+14155550123",
		"tel:+1-415-555-0123;ext=22", "TEL:+1(415)555-0123", "tel:555-0123;phone-context=+1-415", "tel:+14155550123;isub=1;ext=5",
		"+14155550123;ext=22", "+1 415 555 0123 x22", "+14155550123X22", "+1 415 555 0123 ext. 22", "+1 415 555 0123 ext 22",
		"+1 415 555 0123, ext. 22", "+1 415 555 0123 Extension: 22", "+1 415 555 0123 #22", "+1 415 555 0123 ext-22", "+1 415 555 0123 extn 22", "+1 415 555 0123 доб. 22",
		"+1 415 555 0123 (ext. 22)", "+1 (415) 555-0123 (x22)", "+1 415 555 0123 ext. (22)", "+1 415 555 0123 Ext #22", "+1 415 555 0123; ext 22",
		"+1 415/555-0123",
	} {
		n, err := dnc.ParseNumber(s)
		if assert.NoError(t, err, "%q", s) {
			assert.Equal(t, "+14155550123", n.E164(), "%q", s)
		}
	}
	reads(t, []spelled{
		{"", "+49 4312 / 777 777", "+494312777777"},
		{"49", "04312/777777", "+494312777777"},
		{"", "+49/30/123456", "+4930123456"},
		{"1", "tel:(415) 555-0123", "+14155550123"},
		{"1", "(415) 555-0123 x22", "+14155550123"},
		{"", "tel:020-7946-0000;phone-context=+44", "+442079460000"},
	})
}

func TestWhatMayBeTwoNumbersIsRefused(t *testing.T) {
	refuses(t, []refused{
		{"", "+14155550123,+14155550124", "may separate"},
		{"", "+14155550123; +14155550124", "may separate"},
		{"", "+1 415 555 0123 | +1 415 555 0124", "may separate"},
		{"", "+1 415 555 0123 ::: +1 415 555 0124", "may separate"}, // as Google Contacts exports them
		{"", "+49 30 123456/57", "slash"},
		{"49", "030 1234 / 030 5678", "slash"},
		{"49", "089 12345/6789", "slash"},
		{"", "+1 415 555 0123 x4155550124", "extension"},
		{"", "+1 415 555 0123 x22/x23", "extension"},
		{"", "+1 415 555 0123 ext", "extension"},
		{"", "+1 415 555 0123 ext 22)", "extension"},
		{"", "+1 415 555 0123 (ext 22) 4155550124", "extension"},
		{"", "+1 415 555 0123 (ext)", "extension"},
		{"", "+1 415 555 0123 ext (22", "extension"},
		{"", "+1 415 555 0123; x4155550124", "extension"},
		{"", "+49 30 123456 Durchwahl 12", "letters"}, // there it is the end of the number
		{"", "+1 800 FLOWERS", "letters"},
		{"", "\u202e3210555514+", "reverse"},
		{"", "+1415555\n0123", "not part of a number"},
		{"", "+1415\t5550123", "not part of a number"},
		{"", "+14155550123;cpc=1", "separate"},
		{"", "tel:+14155550123;cpc=1", "parameter"},
		{"", "tel:0123;phone-context=example.com", "phone-context"},
		{"", "tel:+14155550123;phone-context=+1", "phone-context"},
		{"", "+1+5551234567", "once"},
		{"", "14155550123+", "once"},
		{"", "++14155550123", "once"},
	})
}

// The error of a wrong length says what was found, and what numbers of the country have.
func TestWrongLengthsAreTold(t *testing.T) {
	refuses(t, []refused{
		{"44", "0", "it has 1 digit and is"},
		{"44", "0" + strings.Repeat("1", 14), "it has 15 digits and is not a national form of country code 44: numbers there have 7, 9 or 10 digits, not counting the trunk prefix 0"},
		{"44", "0" + strings.Repeat("1", 15), "have 7, 9 or 10 digits: may it be two numbers?"},
		{"1", "0" + strings.Repeat("1", 14), "11 digits after country code 1, and numbers there have 10"},
		{"", "+44" + strings.Repeat("4", 20), "it has 20 digits after"},
		{"", "+44 0" + strings.Repeat("4", 12), "13 digits beginning with 0 after country code 44, and numbers there have 7, 9 or 10"},
		{"", "+39 0" + strings.Repeat("4", 14), "beginning with 0 after country code 39, and numbers there have 6 to 12"},
		{"", "+39 00 6123 4567", "10 digits beginning with 0"},
		{"", "+225 0444", "4 digits beginning with 0 after country code 225, and numbers there have 10"},
		{"352", "1", "numbers there have 4 to 11 digits"},
		{"39", "0", "it has 1 digit"},
		{"36", "0", "it has 1 digit"},
		{"54", "9 11 1234 567", "10 digits and is not a national form"},
		{"1", "1 0 415 555 0123", "12 digits and is not a national form of country code 1"},
	})
	require.ErrorContains(t, new(dnc.Number).UnmarshalText(make([]byte, 129)), "more than 128 bytes")
	require.ErrorContains(t, new(dnc.Number).UnmarshalText([]byte(strings.Repeat(" ", 128))), "empty")
}

// A prefix can be that of calls abroad, or the beginning of a number at home.
func TestWhatMayBeAtHomeOrAbroadIsRefused(t *testing.T) {
	refuses(t, []refused{
		{"852", "006 1 415 555 0123", "two numbers"},
		{"57", "0057 310 123 4567", "two numbers"},
		{"33", "011 44 20 7946 0000", "another country"},
		{"33", "010 1 415 555 0123", "another country"},
	})
}

// What a spreadsheet or a habit from home has made of a number can be another number.
func TestWhatNamesAnotherNumberIsRefused(t *testing.T) {
	refuses(t, []refused{
		{"", "+49301234567.00", "spreadsheet"}, // two decimals are the default of a number's format
		{"", "+4930123456.000", "spreadsheet"},
		{"49", "0301234567.00", "spreadsheet"},
		{"1", "4155550123.0000", "spreadsheet"},
		{"", "+8 (800) 555-35-35", "+7"}, // would be a number of Bangladesh,
		{"", "+8 495 123-45-67", "+7"},   // and one of Vietnam
		{"7", "+8-495-1234567", "+7"},
	})
	reads(t, []spelled{
		{"", "+49.30.1234.00", "+4930123400"},
		{"49", "030.123400", "+4930123400"},
		{"", "+84 95 123 45 67", "+84951234567"},
		{"", "+8\u200d49 5123 4567", "+84951234567"},
		{"", "+38 (044) 123-45-67", "+380441234567"}, // as Ukraine writes its code
		{"", "+9 0532 123 45 67", "+905321234567"},   // and Turkey
	})
}

func TestParseNumberRefuses(t *testing.T) {
	for _, s := range []string{
		"", " ", "+", "+1", "+1555\r\nSADD x", "+1415555\x000123", "00442079460000", "01144207946000", "+1415555O123", "1e10",
		"-15551234567", "4155550123", "14155550123", "911", "112", strings.Repeat("1", 1<<20), "+" + strings.Repeat(" ", 1<<20),
		"+1415\xff5550123", "!complete", "*", "?", "[0-9]", "{a}", "+1415555012\u00b2", "+\u20e3", "tel:", "tel:+", "'", ";ext=5", "x5", "#",
		"+" + strings.Repeat("1", 100), "tel:;phone-context=+", "tel:1;phone-context=+" + strings.Repeat("1", 90),
	} {
		n, err := dnc.ParseNumber(s)
		require.ErrorIs(t, err, dnc.ErrInvalidNumber, "%.40q", s)
		require.True(t, n.IsZero())
		if len(s) > 6 {
			require.NotContains(t, err.Error(), s)
		}
	}
}

func TestParsingAllocatesNothing(t *testing.T) {
	p, uk := dnc.Parser{Country: "1"}, dnc.Parser{Country: "44"}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = dnc.ParseNumber("+14155550123")
		_, _ = dnc.ParseNumber("+1 (415) 555-0123 x22")
		_, _ = dnc.ParseNumber("+44 (0)20\u00a07946\u20110000")
		_, _ = dnc.ParseNumber("tel:555-0123;phone-context=+1-415")
		_, _ = dnc.ParseNumber("nonsense")
		_, _ = dnc.ParseNumber("+44 20 7946 0000 12")
		_, _ = p.Parse("(415) 555-0123")
		_, _ = uk.Parse("020 7946 0000")
		_, _ = uk.Parse("7946 0000")
	}))
}

// Every decimal digit of Unicode is read as its value.
func TestDigitsOfEveryScript(t *testing.T) {
	tens := 0
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !unicode.Is(unicode.Nd, r) {
			continue
		}
		tens++
		for d := range rune(10) {
			n, err := dnc.ParseNumber("+1415555012" + string(r+d))
			require.NoError(t, err, "%U", r+d)
			require.Equal(t, "+1415555012"+string('0'+d), n.E164(), "%U", r+d)
		}
		r += 9
	}
	assert.Greater(t, tens, 60)
}
