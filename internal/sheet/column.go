package sheet

import (
	"slices"
	"strings"
	"unicode"
)

// phoneWords and phoneParts are what the names of columns with telephone numbers have in them, as
// words, or as a part of one.
var (
	phoneWords = []string{"cell", "tel", "handy", "movil", "mobil", "fon", "gsm"}
	phoneParts = []string{
		"phone", "mobile", "msisdn", "cellular", "landline", "telefon", "téléphone", "teléfono", "telefoon",
		"móvil", "celular", "portable", "handynummer", "mobilnummer", "rufnummer", "puhelin",
		"τηλέφωνο", "телефон", "мобильный", "电话", "電話", "手机", "手機", "携帯", "전화", "휴대폰", "هاتف", "جوال", "טלפון", "โทรศัพท์",
	}
)

// aboutWords are in the names of columns that say something about a telephone number, as "Phone 1 -
// Type" does.
var aboutWords = []string{
	"type", "typ", "label", "kind", "country", "code", "ext", "extn", "extension", "status", "verified", "valid", "validated",
	"carrier", "provider", "date", "consent", "optout", "optin", "opt", "dnc", "note", "notes", "count", "owner", "time", "timezone",
	"result", "attempt", "attempts",
}

// IsPhone reports whether the name of a column says that it has telephone numbers.
func IsPhone(name string) bool { return namesPhone(name) && !aboutPhone(name) }

// AboutPhone reports whether the name of a column says that it has something about telephone
// numbers, but no numbers.
func AboutPhone(name string) bool { return namesPhone(name) && aboutPhone(name) }

func namesPhone(name string) bool {
	name = Legible(name)
	return anyWord(name, phoneWords) || has(strings.ToLower(name), phoneParts)
}

// has reports whether a text contains one of the parts.
func has(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(text, p) })
}

func aboutPhone(name string) bool {
	return anyWord(name, aboutWords) || IsCallingCode(name) || IsOptOut(name) || IsPermission(name)
}

func anyWord(name string, words []string) bool {
	return slices.ContainsFunc(wordsOf(Legible(name)), func(w string) bool { return slices.Contains(words, w) })
}

// wordsOf cuts a name into its words, in lower case, also where only a capital begins the next one: "phoneType".
func wordsOf(name string) []string {
	var words []string
	begin, last := -1, ' '
	for i, c := range name {
		switch {
		case !unicode.IsLetter(c):
			if begin >= 0 {
				words = append(words, name[begin:i])
			}
			begin = -1
		case begin < 0:
			begin = i
		case unicode.IsUpper(c) && unicode.IsLower(last):
			words = append(words, name[begin:i])
			begin = i
		}
		last = c
	}
	if begin >= 0 {
		words = append(words, name[begin:])
	}
	for i, w := range words {
		words[i] = strings.ToLower(w)
	}
	return words
}

// callingCodeNames are what PlainName makes of the names of columns with calling codes, or a part
// of it.
var callingCodeNames = []string{
	"countrycode", "callingcode", "dialcode", "dialingcode", "diallingcode", "phonecode", "countryprefix", "phoneprefix",
	"phonecountry", "isdcode", "internationalcode", "intlcode", "internationalprefix", "intlprefix", "isocode", "landesvorwahl", "ländervorwahl", "indicatifpays", "codepays", "landcode", "landnummer",
	"prefijopais", "prefijopaís", "codigopais", "códigopaís", "codigodepais", "códigodepaís", "codigodopais", "códigodopaís",
}

// IsCallingCode reports whether the name of a column says that it has the calling code, or the
// country, of the numbers beside it.
func IsCallingCode(name string) bool {
	plain := PlainName(name)
	return slices.ContainsFunc(callingCodeNames, func(n string) bool { return strings.Contains(plain, n) })
}

var countryWords = []string{
	"country", "land", "pays", "pais", "país", "paese", "staat", "kraj", "ország", "země", "krajina", "ülke", "χώρα", "страна", "країна",
	"国", "国家", "國家", "国名", "국가", "ประเทศ", "البلد", "מדינה",
}

// IsCountry reports whether the name of a column says that it has a country.
func IsCountry(name string) bool {
	return IsCallingCode(name) || anyWord(name, countryWords) || strings.HasSuffix(PlainName(name), "country")
}

// idWords are in the names of columns whose digits are no telephone numbers.
var idWords = []string{
	"id", "ids", "key", "uuid", "guid", "zip", "postal", "postcode", "plz", "date", "datum", "time", "timestamp", "created", "updated", "modified",
	"at", "amount", "price", "revenue", "ssn", "npi", "ein", "tax", "vat", "account", "acct", "order", "invoice", "policy", "customer",
	"contract", "ref", "reference", "code", "lat", "lon", "lng", "latitude", "longitude", "serial", "imei", "vin", "sku", "isbn", "ean", "upc",
	"fax", "pager", "telefax",
}

// MayHold reports whether a cell of a column whose name does not say so has a telephone number. In
// a column of ids, dates or fax numbers it must be written with "+" or parentheses.
func (p Parser) MayHold(name, cell string) bool {
	if !enoughDigits(cell) || !p.Reads(Bare(cell)) {
		return false
	}
	if anyWord(name, []string{"fax", "telefax", "pager"}) || strings.HasSuffix(PlainName(name), "fax") {
		return false // no call goes there
	}
	isID := strings.HasSuffix(PlainName(name), "id") && PlainName(name) != "did" // a direct number
	return strings.ContainsAny(cell, "+(") || !anyWord(name, idWords) && !isID
}

func enoughDigits(cell string) bool {
	digits := 0
	for i := range len(cell) {
		if c := cell[i]; c >= '0' && c <= '9' || c >= 0x80 {
			digits++
		}
	}
	return digits >= 7 && len(cell) <= 64
}
