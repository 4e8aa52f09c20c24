package dnc

import "strconv"

// habit is how a country writes its own numbers: what it dials for abroad, and its trunk prefix, or, where it has none, how
// long its numbers are. One of the two must tell "612 34 56 78" from a number whose "+" was lost.
// Source: ITU-T, "Dialling procedures (international prefix, national trunk prefix and national (significant) number)".
// These change about once in a decade; area codes and ranges, which change monthly, are deliberately not here.
type habit struct {
	code   uint64
	abroad string
	trunk  string
	length [2]int // shortest and longest national number, of countries without a trunk prefix
}

var dialling = map[string]habit{
	"1": {abroad: "011", length: [2]int{10, 10}}, // the North American Numbering Plan; its national prefix 1 is its country code

	// No trunk prefix: the national form is the whole national number.
	"30": {abroad: "00", length: [2]int{10, 10}}, "34": {abroad: "00", length: [2]int{9, 9}},
	"45": {abroad: "00", length: [2]int{8, 8}}, "47": {abroad: "00", length: [2]int{8, 8}},
	"48": {abroad: "00", length: [2]int{9, 9}}, "52": {abroad: "00", length: [2]int{10, 10}},
	"351": {abroad: "00", length: [2]int{9, 9}}, "356": {abroad: "00", length: [2]int{8, 8}},
	"357": {abroad: "00", length: [2]int{8, 8}}, "371": {abroad: "00", length: [2]int{8, 8}},
	"372": {abroad: "00", length: [2]int{7, 8}}, "420": {abroad: "00", length: [2]int{9, 9}},

	// Trunk prefix 0.
	"20": {abroad: "00", trunk: "0"}, "27": {abroad: "00", trunk: "0"}, "31": {abroad: "00", trunk: "0"},
	"32": {abroad: "00", trunk: "0"}, "33": {abroad: "00", trunk: "0"}, "40": {abroad: "00", trunk: "0"},
	"41": {abroad: "00", trunk: "0"}, "43": {abroad: "00", trunk: "0"}, "44": {abroad: "00", trunk: "0"},
	"46": {abroad: "00", trunk: "0"}, "49": {abroad: "00", trunk: "0"}, "60": {abroad: "00", trunk: "0"},
	"61": {abroad: "0011", trunk: "0"}, "63": {abroad: "00", trunk: "0"}, "64": {abroad: "00", trunk: "0"},
	"81": {abroad: "010", trunk: "0"}, "84": {abroad: "00", trunk: "0"}, "90": {abroad: "00", trunk: "0"},
	"91": {abroad: "00", trunk: "0"}, "92": {abroad: "00", trunk: "0"}, "94": {abroad: "00", trunk: "0"},
	"353": {abroad: "00", trunk: "0"}, "358": {abroad: "00", trunk: "0"}, "359": {abroad: "00", trunk: "0"},
	"380": {abroad: "00", trunk: "0"}, "381": {abroad: "00", trunk: "0"}, "385": {abroad: "00", trunk: "0"},
	"386": {abroad: "00", trunk: "0"}, "421": {abroad: "00", trunk: "0"}, "966": {abroad: "00", trunk: "0"},
	"971": {abroad: "00", trunk: "0"}, "972": {abroad: "00", trunk: "0"},

	"36": {abroad: "00", trunk: "06"}, "7": {abroad: "810", trunk: "8"}, "370": {abroad: "00", trunk: "0"},
}

// trunkZero[code]: no number of that country begins with 0 after the country code, because 0 is its trunk prefix.
var trunkZero = func() (t [1000]bool) {
	for country, h := range dialling {
		code, err := strconv.ParseUint(country, 10, 64)
		if err != nil || code >= uint64(len(t)) {
			panic("dnc: dialling holds " + country)
		}
		h.code = code
		dialling[country] = h
		t[code] = h.trunk == "0"
	}
	return t
}()
