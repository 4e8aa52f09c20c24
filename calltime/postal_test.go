package calltime_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

// places are the zones and regions that an explanation names, sorted.
func places(h *calltime.Hours, call dnc.Call, kind string) []string {
	var out []string
	for _, s := range h.Explain(call) {
		if s.Kind == kind {
			out = append(out, s.Name)
		}
	}
	slices.Sort(out)
	return out
}

func TestAPostalCodeTellsZonesAndStates(t *testing.T) {
	t.Parallel()
	h, err := calltime.New(calltime.WithClock(today), calltime.WithZoneComparison())
	require.NoError(t, err)
	const eastern, central, mountain, pacific = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
	for _, tc := range []struct {
		region, code   string
		zones, regions []string
	}{
		{"", "10001", []string{eastern}, []string{"US-NY"}},
		{"", "94110", []string{pacific}, []string{"US-CA"}},
		{"", "85001", []string{"America/Phoenix"}, []string{"US-AZ"}},
		{"", "00901", []string{"America/Puerto_Rico"}, []string{"US-PR"}},
		{"", "96815", []string{"Pacific/Honolulu"}, []string{"US-HI"}},
		{"", "06390", []string{eastern}, []string{"US-NY"}},                        // Fishers Island, among codes of Connecticut
		{"", "32301", []string{eastern}, []string{"US-FL"}},                        // Tallahassee
		{"", "32405", []string{central}, []string{"US-FL"}},                        // Panama City
		{"", "32499", []string{central, eastern}, []string{"US-FL"}},               // none has it: all of its prefix
		{"", "36867", []string{central, eastern}, []string{"US-AL"}},               // Phenix City keeps Georgia's time
		{"", "42223", []string{central}, []string{"US-KY", "US-TN"}},               // Fort Campbell lies in both
		{"", "97914", []string{"America/Boise", pacific}, []string{"US-OR"}},       // Ontario, Oregon
		{"", "M5V 3L9", []string{"America/Toronto"}, []string{"CA-ON"}},            //
		{"CA", "R3C 4T3", []string{"America/Winnipeg"}, []string{"CA", "CA-MB"}},   //
		{"US", "79901", []string{mountain}, []string{"US", "US-TX"}},               // El Paso
		{"US-NV", "89883", []string{mountain, pacific}, []string{"US-NV"}},         // West Wendover
		{"", "89883", []string{mountain, pacific}, []string{"US-NV"}},              //
		{"", "96910", []string{"Pacific/Guam"}, []string{"US-AS", "US-GU"}},        // one source errs
		{"US-NY", "94110", []string{pacific, eastern}, []string{"US-CA", "US-NY"}}, // they contradict: both
	} {
		call := dnc.Call{
			Number: number(t, "+18005550100"), Time: instant(t, "2026-11-25T19:00:00Z"),
			Location: dnc.Location{Postal: tc.code, Region: tc.region},
		}
		zones := places(h, call, "zone")
		for _, want := range tc.zones {
			assert.Contains(t, zones, want, tc.code)
		}
		if tc.region != "US-NV" {
			assert.Len(t, zones, len(tc.zones), "%s %v", tc.code, zones)
		}
		assert.Equal(t, tc.regions, places(h, call, "region"), tc.code)
		_, err := check(t, h, call)
		require.NoError(t, err, tc.code)
	}
}

func TestSpellingsOfPostalCodes(t *testing.T) {
	t.Parallel()
	h, err := calltime.New(calltime.WithClock(today), calltime.WithZoneComparison())
	require.NoError(t, err)
	noon := instant(t, "2026-11-25T19:00:00Z")
	for _, code := range []string{
		"32405", " 32405 ", "32405-1234", "324051234", "32405 1234", "K1A 0B1", "k1a0b1", "K1A-0B1", "K1A", "k1a",
	} {
		_, err := check(t, h, dnc.Call{Number: number(t, "+18005550100"), Time: noon, Location: dnc.Location{Postal: code}})
		require.NoError(t, err, code)
	}
	for _, code := range []string{
		"3240", "2138", "324051", "32405-12", "32405-12345", "3240a", "00001", "99", "-", "\u0663\u0662\u0664\u0660\u0665", "32.405",
		"09001", "34001", "96201", // the armed forces
		"W1A 1AA", "D1A 0B1", "K1A 0O1", "KIA 0B1", "1K1 A0B", "K1A 0B", "Z1A 0B1", "W1A 0B1", "32405\x00", " ",
	} {
		d, err := check(t, h, dnc.Call{Number: number(t, "+12025550100"), Time: noon, Location: dnc.Location{Postal: code}})
		require.ErrorIs(t, err, dnc.ErrZoneUnknown, "%q", code)
		assert.Equal(t, dnc.Unknown, d.Verdict)
		assert.NotContains(t, err.Error(), "32405")
	}
}

// Many countries have codes of five digits. "75001" is in Paris and in Texas.
func TestACodeOfAnotherCountryIsNoZIPCode(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithTrust(calltime.TrustAddress))
	noon := instant(t, "2026-11-25T15:00:00Z")
	for _, tc := range []struct {
		number, region, code string
		known                bool
	}{
		{"+33155501000", "", "75001", false},
		{"+12125550100", "FR", "75001", false},
		{"+18005550100", "DE", "75001", false},
		{"+18095550100", "", "10101", false}, // the Dominican Republic
		{"+14165550100", "CA-ON", "10001", false},
		{"+12125550100", "US-NY", "M5V 3L9", false},
		{"+18765550100", "", "M5V", false},
		{"+33155501000", "US-TX", "75001", true},
		{"+12125550100", "", "75001", true},
		{"+14165550100", "", "10001", true},
		{"+12125550100", "", "M5V 3L9", true},
	} {
		call := dnc.Call{Number: number(t, tc.number), Time: noon, Location: dnc.Location{Postal: tc.code, Region: tc.region}}
		for range 2 { // the second answer is a kept one
			_, err := check(t, h, call)
			if tc.known {
				require.NoError(t, err, "%+v", tc)
			} else {
				require.ErrorIs(t, err, dnc.ErrZoneUnknown, "%+v", tc)
			}
		}
	}
}

// Answers are kept by the set of a code. Two codes of two sets must not share one.
func TestKeptAnswersDifferByPostalCode(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	call := dnc.Call{Number: number(t, "+12135550100"), Time: instant(t, "2026-11-26T03:30:00Z")} // 19:30 in California
	for range 2 {
		for code, open := range map[string]bool{"": true, "94110": true, "10001": false, "00001": false} {
			call.Location.Postal = code
			d, _ := check(t, h, call)
			assert.Equal(t, open, d.Callable(), code)
		}
	}
}

// A postal code never opens what was closed, and never what nobody knows.
func TestAPostalCodeNeverOpens(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	h := newHours(t)
	strict, err := calltime.New(calltime.WithClock(today), calltime.WithZoneComparison(), calltime.WithMargin(0))
	require.NoError(t, err)
	codes := []string{"202", "364", "850", "907", "928", "801", "305", "504", "709", "416", "809", "213"}
	regions := []string{"", "", "US", "US-FL", "US-KY", "CA-ON", "FR"}
	closed, open := 0, 0
	for i := range 4000 {
		call := dnc.Call{
			Number:   number(t, fmt.Sprintf("+1%s55501%02d", codes[r.IntN(len(codes))], i%100)),
			Time:     today().Add(time.Duration(r.IntN(300*24*60)) * time.Minute),
			Location: dnc.Location{Region: regions[r.IntN(len(regions))]},
		}
		more := call
		more.Location.Postal = fmt.Sprintf("%05d", r.IntN(100_000))
		if i%4 == 0 {
			more.Location.Postal = string("ABCEGHJKLMNPRSTVXYDZ"[r.IntN(20)]) + "1A 0B1"
		}
		for _, rule := range []*calltime.Hours{h, strict} {
			before, _ := check(t, rule, call)
			after, _ := check(t, rule, more)
			if after.Callable() {
				open++
			}
			abroad := call.Location.Region == "US" && before.Reason().Code == dnc.CodeZoneUnknown
			if !before.Callable() && !abroad { // the code tells where in the United States an owner of a Canadian number is
				closed++
				require.False(t, after.Callable(), "%s opened %v %+v", more.Location.Postal, call.Time, call.Location)
			}
		}
	}
	assert.Greater(t, closed, 500)
	assert.Greater(t, open, 100)
}
