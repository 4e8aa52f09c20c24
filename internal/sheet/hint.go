package sheet

import (
	"slices"
	"strings"
)

// Hints are the columns of a header that may say the country of a row's numbers, although their
// names do not say so for sure.
type Hints struct {
	signed   []int // where a cell as "+44" is a calling code
	unsigned []int // where one as "44" is, too
	lettered []int // where one as "GB" is, too
}

// HintsOf are those of a header, without the columns in taken.
func HintsOf(header []string, taken []int) (h Hints) {
	for i, name := range header {
		switch {
		case slices.Contains(taken, i), anyWord(name, []string{"time", "timezone", "tz", "utc", "gmt", "offset"}):
		case slices.Contains([]string{"cc", "isd", "iso", "iso2", "iso3", "intl"}, PlainName(name)):
			h.lettered = append(h.lettered, i)
		case slices.Contains([]string{"prefix", "dial"}, PlainName(name)): // "Mr" is a prefix, too, and Mauritania
			h.unsigned = append(h.unsigned, i)
		default:
			h.signed = append(h.signed, i)
		}
	}
	return h
}

// Of is the first column of a row that says a calling code, or -1.
func (h Hints) Of(fields []string) int {
	for _, i := range h.lettered {
		if i < len(fields) && CallingCode(fields[i]) != "" {
			return i
		}
	}
	for _, i := range h.unsigned {
		if i < len(fields) && Digits(fields[i]) != "" && CallingCode(fields[i]) != "" {
			return i
		}
	}
	for _, i := range h.signed {
		if i < len(fields) && isCallingCode(fields[i]) {
			return i
		}
	}
	return -1
}

// isCallingCode reports whether a cell is a calling code with what makes a number international in
// front: "+44", "(+44)", "0044".
func isCallingCode(cell string) bool {
	if len(cell) < 2 || len(cell) > 12 || !strings.ContainsAny(cell, "+0") {
		return false
	}
	digits, ok := strings.CutPrefix(strings.Trim(Bare(cell), "()[] "), "+")
	if !ok {
		digits, ok = strings.CutPrefix(digits, "00")
	}
	return ok && strings.Trim(digits, "0123456789-") == "" && CallingCode(cell) != ""
}
