package sheet

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

func TestCallingCode(t *testing.T) {
	for cell, want := range map[string]string{
		"1": "1", "+44": "44", "0044": "44", "011 44": "44", "(+49)": "49", "1-684": "1684", "1 684": "1684", "353": "353",
		"US": "1", "gb": "44", "UK": "44", "PR": "1", " De ": "49", "USA": "1", "United  States": "1", "Deutschland": "49",
		"Trinidad & Tobago": "1", "US (+1)": "1", "United Kingdom (+44)": "44", "+44 GB": "44", "800": "800", "'44": "44",
		"United States (US)": "1", "US - United States": "1", "United-States": "1", "united_states": "1", "United States of America (the)": "1", "de_DE": "49",
		"US/Mexico": "", "Georgia (US)": "", "en-US": "", "Korea (North)": "", "North-Korea": "850",
		"Puerto Rico +1-787": "1787",
		"":                   "", "0": "", "840": "", "826": "", "036": "", "US (+44)": "", "Ruritania": "", "Ruritania +1": "", "XX": "", "1234": "1234", "1034": "",
		"4155550123": "", "n/a": "",
	} {
		assert.Equal(t, want, CallingCode(cell), "%q", cell)
	}
}

// The causes of the library's own parser are shown in full for every country.
func TestOwnCausesAreShown(t *testing.T) {
	for code := range 1000 {
		p := dnc.Parser{Country: strconv.Itoa(code)}
		for _, cell := range []string{"1234567", "12", "00", "123456789012345"} {
			if _, want := p.Parse(cell); want != nil {
				_, err := Parser(p.Parse).Read(cell)
				require.Equal(t, want, err, "%d %s", code, cell)
			}
		}
	}
}

// A national form that was read for one country, beside a cell that says another, is no number.
func TestReadIn(t *testing.T) {
	us := Parser(dnc.Parser{Country: "1"}.Parse)
	for _, c := range []struct {
		cell, country string
		named         bool
		want          string
	}{
		{"2079460123", "GB", true, "+442079460123"},
		{"02079460123", "44", true, "+442079460123"},
		{"+14155550123", "GB", true, "+14155550123"},
		{"4155550123", "", true, "+14155550123"},
		{"4155550123", "Ruritania", true, ""},
		{"", "US", true, ""},
		{"4155550123", "US", false, "+14155550123"},
		{"4155550123", "Canada", false, "+14155550123"},
		{"2079460123", "GB", false, ""},
		{"2079460123", "Ruritania", false, ""},
		{"2079460123", " ", false, "+12079460123"},
		{"+14155550123", "GB", false, "+14155550123"},
		{"tel:+14155550123", "Ruritania", false, "+14155550123"},
		{"011 44 20 7946 0123", "GB", false, "+442079460123"},
	} {
		n, err := us.ReadIn(c.cell, CountryCell{Text: c.country, Column: "Country", Named: c.named})
		if c.want == "" {
			require.ErrorIs(t, err, dnc.ErrInvalidNumber, c)
			continue
		}
		require.NoError(t, err, c)
		assert.Equal(t, c.want, n.E164(), c)
	}
}
