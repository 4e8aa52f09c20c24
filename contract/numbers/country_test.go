package numbers

import (
	"strconv"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/dnc-go/dnc/internal/sheet"
)

// The calling code that two letters of a country stand for is that of libphonenumber.
func TestCallingCodesOfCountries(t *testing.T) {
	for _, region := range regions() {
		want := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))
		if got := sheet.CallingCode(region); got != want {
			t.Errorf("%s: %q, and libphonenumber has %s", region, got, want)
		}
	}
	for code := range phonenumbers.GetSupportedGlobalNetworkCallingCodes() {
		if got := sheet.CallingCode(strconv.Itoa(code)); got != strconv.Itoa(code) {
			t.Errorf("%d: %q", code, got)
		}
	}
}
