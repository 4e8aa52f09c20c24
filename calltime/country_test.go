package calltime_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

// openAllDay is a row for a country that has none here.
func openAllDay(country string) calltime.Row {
	return calltime.Row{
		ID: strings.ToLower(country), Jurisdiction: country, Weekdays: "9-20", Saturday: "9-20", Sunday: "9-20",
		Holidays: calltime.SameHours, Source: "test", Reviewed: "2026-11-25",
	}
}

// Outside of +1 a number has every zone of its calling code. libphonenumber has all mobile numbers of
// Australia, and most numbers of Queensland, in Sydney's zone.
func TestANumberOfAnotherCountryHasEveryZoneOfIt(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	for _, tc := range []struct {
		number       string
		zones, rules []string
	}{
		{"+61412345678", []string{"Australia/Sydney", "Australia/Perth", "Australia/Darwin", "Indian/Cocos"}, []string{"AU", "CC", "CX"}},
		{"+61740310000", []string{"Australia/Brisbane"}, []string{"AU", "CC", "CX"}},
		{"+447911123456", []string{"Europe/London", "Europe/Jersey"}, []string{"GB", "GG", "IM", "JE"}},
		{"+79161234567", []string{"Asia/Kamchatka", "Europe/Kaliningrad", "Asia/Almaty"}, []string{"KZ", "RU"}},
		{"+393331234567", []string{"Europe/Rome", "Europe/Vatican"}, []string{"IT", "VA"}},
		{"+212612345678", []string{"Africa/Casablanca", "Africa/El_Aaiun"}, []string{"EH", "MA"}},
		{"+262692123456", []string{"Indian/Reunion", "Indian/Mayotte"}, []string{"RE", "YT"}},
		{"+358401234567", []string{"Europe/Helsinki", "Europe/Mariehamn"}, []string{"AX", "FI"}},
		{"+4740612345", []string{"Europe/Oslo", "Arctic/Longyearbyen"}, []string{"NO", "SJ"}},
		{"+590690123456", []string{"America/Guadeloupe", "America/St_Barthelemy", "America/Marigot"}, []string{"BL", "GP", "MF"}},
		{"+59995181234", []string{"America/Curacao", "America/Kralendijk"}, []string{"BQ", "CW"}},
		{"+34612345678", []string{"Europe/Madrid", "Atlantic/Canary"}, []string{"ES"}},
		{"+56912345678", []string{"America/Santiago", "America/Punta_Arenas", "Pacific/Easter"}, []string{"CL"}},
		{"+970599123456", []string{"Asia/Gaza", "Asia/Hebron"}, []string{"PS"}},
	} {
		call := dnc.Call{Number: number(t, tc.number), Time: instant(t, "2026-11-25T12:00:00Z")}
		assert.Subset(t, places(h, call, "zone"), tc.zones, tc.number)
		assert.Equal(t, tc.rules, places(h, call, "region"), tc.number)
	}
}

// Each country that shares a calling code needs a row, or counts as a larger one that has it.
func TestEachCountryOfACallingCodeNeedsARow(t *testing.T) {
	t.Parallel()
	noon := instant(t, "2026-11-25T12:00:00Z")
	italian := dnc.Call{Number: number(t, "+393331234567"), Time: noon}
	_, err := check(t, newHours(t, calltime.WithRows(openAllDay("IT"))), italian)
	require.ErrorIs(t, err, dnc.ErrNotCovered)
	assert.Contains(t, err.Error(), `"VA"`)
	d, err := check(t, newHours(t, calltime.WithRows(openAllDay("IT"), openAllDay("VA"))), italian)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	d, err = check(t, newHours(t), dnc.Call{Number: number(t, "+447781123456"), Time: noon}) // Guernsey, as Great Britain
	require.NoError(t, err)
	assert.True(t, d.Callable())
}

func TestOtherCountriesOfPlusOneAreNotCovered(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	for _, n := range []string{"+12425550100", "+18765550100", "+18095550100", "+14415550100", "+18685550100", "+17215550100"} {
		d, err := check(t, h, dnc.Call{Number: number(t, n), Time: instant(t, "2026-11-25T16:00:00Z")})
		require.ErrorIs(t, err, dnc.ErrNotCovered, n)
		assert.Equal(t, dnc.Unknown, d.Verdict)
	}
	for _, n := range []string{"+17875550100", "+13405550100", "+16715550100", "+16705550100", "+16845550100"} { // the territories
		_, err := check(t, h, dnc.Call{Number: number(t, n), Time: instant(t, "2026-11-25T22:00:00Z")})
		require.NoError(t, err, n)
	}
}

// WithUnknownZones("US") is about numbers that may be in the United States. It gives no zones to a
// number that is known to be elsewhere.
func TestUnknownZonesAreNotThoseOfAnotherCountry(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithRows(openAllDay("DE")), calltime.WithAreaCodes(calltime.AreaCodes{
		Codes: []calltime.AreaCode{{Code: 990, Regions: []string{"CA-NL"}}, {Code: 991, Regions: []string{"US-TX"}}},
	}))
	at := instant(t, "2026-11-28T20:00:00Z")
	for n, known := range map[string]bool{"+19905550100": false, "+19915550100": true, "+18005550100": true} {
		_, err := check(t, h, dnc.Call{Number: number(t, n), Time: at})
		if known {
			require.NoError(t, err, n)
		} else {
			require.ErrorIs(t, err, dnc.ErrZoneUnknown, n)
		}
	}
	_, err := check(t, h, dnc.Call{Number: number(t, "+18005550100"), Time: at, Location: dnc.Location{Region: "CA"}})
	require.ErrorIs(t, err, dnc.ErrZoneUnknown)
}

// The report's letters add what the table of numbers lacks: 931 reaches into Eastern time, and a new
// area code of Arizona may be on Phoenix' clock or on Denver's.
func TestTheLettersOfTheReportAddZones(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithAreaCodes(calltime.AreaCodes{Codes: []calltime.AreaCode{
		{Code: 990, Regions: []string{"US-AZ"}, Offsets: "M"},
		{Code: 991, Regions: []string{"US-PR"}, Offsets: "A"},
		{Code: 992, Regions: []string{"US-TX"}, Offsets: "C"},
		{Code: 993, Regions: []string{"US-FL"}, Offsets: "AE"},
	}}))
	summer := instant(t, "2026-07-15T14:30:00Z")
	for n, want := range map[string][]string{
		"+19315550100": {"America/Chicago", "America/New_York"},
		"+19155550100": {"America/Chicago", "America/Denver"},
		"+19905550100": {"America/Denver", "America/Phoenix"},
		"+19925550100": {"America/Chicago"},
		"+14805550100": {"America/Phoenix"},
		"+12085550100": {"America/Boise", "America/Denver", "America/Los_Angeles"},
	} {
		call := dnc.Call{Number: number(t, n), Time: summer}
		assert.Equal(t, want, places(h, call, "zone"), n)
		d, err := check(t, h, call)
		require.NoError(t, err)
		if n == "+19905550100" {
			assert.False(t, d.Callable(), "8:30 in Denver is 7:30 in Phoenix")
		}
	}
	strict, err := calltime.New(calltime.WithClock(today), calltime.WithZoneComparison(), calltime.WithAreaCodes(calltime.AreaCodes{
		Codes: []calltime.AreaCode{{Code: 993, Regions: []string{"US-FL"}, Offsets: "AE"}},
	}))
	require.NoError(t, err)
	_, err = check(t, strict, dnc.Call{Number: number(t, "+19935550100"), Time: summer})
	require.ErrorIs(t, err, dnc.ErrZoneUnknown, "half of its letters is known")
}

// An exchange that the table does not have proves nothing: 364 is in New York's zone alone there.
func TestExchangeOnlyNeedsAnExchangeOfTheTable(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithTrust(calltime.TrustExchange))
	for _, n := range []string{"+13645550100", "+14235550100", "+16895550100", "+19305550100", "+14485550100"} {
		call := dnc.Call{Number: number(t, n), Time: instant(t, "2026-11-25T17:00:00Z")}
		assert.Subset(t, places(h, call, "zone"), []string{"America/Chicago", "America/New_York"}, n)
	}
}

// A zone that the region does not have is a contradiction: both hold, also where the address is
// trusted.
func TestAZoneThatContradictsItsRegion(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithTrust(calltime.TrustAddress))
	at := instant(t, "2026-11-26T03:30:00Z") // 22:30 in Florida, 17:30 in Honolulu
	for _, tc := range []struct {
		zones []string
		open  bool
	}{
		{[]string{"Pacific/Honolulu"}, false},
		{[]string{"Pacific/Honolulu", "America/New_York"}, false},
		{[]string{"America/New_York"}, false},
		{nil, false},
	} {
		call := dnc.Call{Number: number(t, "+18085550100"), Time: at, Location: dnc.Location{Zones: tc.zones, Region: "US-FL"}}
		for range 2 {
			d, _ := check(t, h, call)
			assert.Equal(t, tc.open, d.Callable(), tc.zones)
		}
	}
	// US/Eastern is New York's clock under another name. The Panhandle's zone is not asked then.
	morning := dnc.Call{
		Number: number(t, "+18085550100"), Time: instant(t, "2026-11-25T13:30:00Z"),
		Location: dnc.Location{Zones: []string{"US/Eastern"}, Region: "US-FL"},
	}
	d, err := check(t, h, morning)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	assert.Equal(t, []string{"US/Eastern"}, places(h, morning, "zone"))
	morning.Location.Zones, morning.Time = []string{"No/Zone"}, instant(t, "2026-11-25T19:00:00Z")
	_, err = check(t, h, morning)
	require.ErrorIs(t, err, dnc.ErrZoneUnknown)
}

func TestTimesThatAreFarAway(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	for _, at := range []time.Time{
		time.Unix(-1<<40, 0), time.Unix(0, 0), time.Unix(1<<40, 0), time.Unix(1<<55, 0), time.Date(10_000, 1, 1, 18, 0, 0, 0, time.UTC),
		time.Date(-5, 1, 1, 18, 0, 0, 0, time.UTC), time.Date(2025, 1, 1, 18, 0, 0, 0, time.UTC), time.Date(2027, 12, 4, 18, 0, 0, 0, time.UTC),
	} {
		call := dnc.Call{Number: number(t, "+12025550100"), Time: at}
		d, _ := check(t, h, call)
		assert.False(t, d.Callable(), at)
		_, err := h.Next(call)
		require.Error(t, err, at)
		assert.NotEmpty(t, h.Explain(call))
	}
}
