package dnc_test

import "testing"

// Marks in a spelling that have one meaning in one place, and another or none a digit further on.
func TestMarksInANumber(t *testing.T) {
	reads(t, []spelled{
		{"", "+1 415 555 0123 ext. 99", "+14155550123"},                // the highest digit
		{"", "+39 (06) 1234 5678", "+390612345678"},                    // two digits in parentheses are no trunk prefix
		{"39", "(06) 1234 5678", "+390612345678"},                      // also at home
		{"", "+44 (20) (7946) 0000", "+442079460000"},                  // nor are several pairs
		{"49", "04312/7777", "+4943127777"},                            // four digits behind a slash are a line
		{"", "tel:20-7946-0000;phone-context=+4(4)", "+442079460000"},  // signs in a context
		{"", "tel:(0)20-7946-0000;phone-context=+44", "+442079460000"}, // a trunk prefix behind a context
		{"", "+44 20 (0794) 6000", "+442007946000"},                    // a 0 that begins a group is no lone 0
		{"", "+39 06 (0123) 4567", "+390601234567"},
		{"39", "8280736102", "+398280736102"}, // no usual number of Italy, nor of Vietnam: it is Italy's
	})
	refuses(t, []refused{
		{"49", "04312/777", "slash"},
		{"", "tel:(0)347-123-4567;phone-context=+39", "two numbers"}, // a lone 0 behind a context
		{"", "tel:555-0123;phone-context=+1a", "phone-context"},
		{"", "tel:555-0123;phone-context=1415", "phone-context"},
		{"", "+1 415 555 0123 ext. 9a", "extension"},
	})
}
