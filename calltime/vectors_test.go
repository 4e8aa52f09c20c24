package calltime_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

// instant reads RFC 3339.
func instant(tb testing.TB, s string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(tb, err)
	return at
}

// today is a clock that stands still.
func today() time.Time { return time.Date(2026, 11, 26, 15, 0, 0, 0, time.UTC) }

// newHours has only the embedded zone data and no margin, so that answers do not depend on the
// system's data.
func newHours(tb testing.TB, opts ...calltime.Option) *calltime.Hours {
	tb.Helper()
	h, err := calltime.New(append([]calltime.Option{
		calltime.WithClock(today), calltime.WithZoneComparison(), calltime.WithMargin(0), calltime.WithUnknownZones("US"),
	}, opts...)...)
	require.NoError(tb, err)
	return h
}

func number(tb testing.TB, e164 string) dnc.Number {
	tb.Helper()
	n, err := dnc.ParseNumber(e164)
	require.NoError(tb, err)
	return n
}

// vectors are those of the facts about calling hours: the zones of a call, an instant, whether it is
// open, and the next opening. "" is the instant itself.
var vectors = []struct {
	name, number, zones, region string
	at                          string
	open                        bool
	next                        string
}{
	{"before eight", "+12025550100", "", "", "2026-11-25T12:59:59Z", false, "2026-11-25T13:00:00Z"},
	{"at eight", "+12025550100", "", "", "2026-11-25T13:00:00Z", true, ""},
	{"before nine in the evening", "+12025550100", "", "", "2026-11-26T01:59:59Z", true, ""},
	{"at nine in the evening", "+12025550100", "", "", "2026-11-26T02:00:00Z", false, "2026-11-26T13:00:00Z"},
	{"spring day", "+12025550100", "", "", "2026-03-08T12:00:00Z", true, ""},
	{"the night clocks go forward", "+12025550100", "", "", "2026-03-08T05:30:00Z", false, "2026-03-08T12:00:00Z"},
	{"the night clocks go back", "+12025550100", "", "", "2026-11-01T04:30:00Z", false, "2026-11-01T13:00:00Z"},
	{"the day before", "+12025550100", "", "", "2026-03-07T12:00:00Z", false, "2026-03-07T13:00:00Z"},
	{"autumn day", "+12025550100", "", "", "2026-11-01T12:30:00Z", false, "2026-11-01T13:00:00Z"},
	{"the day before, in autumn", "+12025550100", "", "", "2026-10-31T12:30:00Z", true, ""},
	{"364 has the zones of 270, morning", "+13645550100", "", "", "2026-11-25T15:30:00Z", false, "2026-11-25T16:00:00Z"}, // Kentucky 10-21
	{"364, evening", "+13645550100", "", "", "2026-11-26T02:30:00Z", false, "2026-11-26T16:00:00Z"},
	{"New York and Chicago, morning", "+18005550100", "America/New_York America/Chicago", "US", "2026-11-25T13:30:00Z", false, "2026-11-25T14:00:00Z"},
	{"New York and Chicago, evening", "+18005550100", "America/New_York America/Chicago", "US", "2026-11-26T02:30:00Z", false, "2026-11-26T14:00:00Z"},
	{"850 has Florida's hours in two zones", "+18505550100", "", "", "2026-11-26T01:30:00Z", false, "2026-11-26T14:00:00Z"},
	{"928, morning", "+19285550100", "", "", "2026-07-15T14:30:00Z", false, "2026-07-15T15:00:00Z"},
	{"928, evening", "+19285550100", "", "", "2026-07-16T03:30:00Z", false, "2026-07-16T15:00:00Z"},
	{"Winnipeg stopped changing clocks", "", "America/Winnipeg", "US", "2026-11-26T02:30:00Z", false, "2026-11-26T13:00:00Z"},
	{"Vancouver, morning", "", "America/Vancouver", "US", "2026-11-26T15:30:00Z", true, ""},
	{"Vancouver, evening", "", "America/Vancouver", "US", "2026-11-27T04:30:00Z", false, "2026-11-27T15:00:00Z"},
	{"Edmonton, evening", "", "America/Edmonton", "US", "2026-11-27T03:30:00Z", false, "2026-11-27T14:00:00Z"},
	{"907 reaches to Adak", "+19075550100", "", "", "2026-11-25T17:30:00Z", false, "2026-11-25T18:00:00Z"},
	{"Puerto Rico", "+17875550100", "", "", "2026-11-25T12:00:00Z", true, ""},
	{"800 may be anywhere", "+18005550100", "", "", "2026-11-25T18:00:00Z", true, ""},
	{"800 before Honolulu opens", "+18005550100", "", "", "2026-11-25T17:59:59Z", false, "2026-11-25T18:00:00Z"},
	{"800 after Puerto Rico closed", "+18005550100", "", "", "2026-11-26T01:00:00Z", false, "2026-11-26T18:00:00Z"},
	{"Guam and Puerto Rico", "", "Pacific/Guam America/Puerto_Rico", "US", "2026-11-25T22:00:00Z", true, ""},
	{"Guam's Sunday is Puerto Rico's Saturday", "", "Pacific/Guam America/Puerto_Rico", "US-TX", "2026-11-28T22:30:00Z", false, ""},
	{"Guam's Sunday, by Louisiana's row", "", "Pacific/Guam America/Puerto_Rico", "US-LA", "2026-11-28T22:30:00Z", false, ""},
	{"Louisiana's holiday, and the day after", "", "America/Chicago", "US-LA", "2026-11-26T18:00:00Z", false, "2026-11-28T14:00:00Z"},
	{"Paris before lunch", "+33155501000", "", "", "2026-11-25T11:59:00Z", true, ""},
	{"Paris at lunch", "+33155501000", "", "", "2026-11-25T12:00:00Z", false, "2026-11-25T13:00:00Z"},
	{"Paris after lunch", "+33155501000", "", "", "2026-11-25T13:00:00Z", true, ""},
	{"Paris on Saturday", "+33155501000", "", "", "2026-11-28T13:00:00Z", false, "2026-11-30T09:00:00Z"},
	{"Newfoundland is half an hour off", "+17095550100", "", "", "2026-11-25T12:29:59Z", false, "2026-11-25T13:00:00Z"}, // with Labrador, 9-21:30
	{"Newfoundland by the federal hours", "", "America/St_Johns", "US", "2026-11-25T11:30:00Z", true, ""},
	{"Newfoundland a second before", "", "America/St_Johns", "US", "2026-11-25T11:29:59Z", false, "2026-11-25T11:30:00Z"},
	{"Inuvik stopped changing clocks", "", "America/Inuvik", "US", "2026-11-27T03:00:00Z", false, "2026-11-27T14:00:00Z"},
	{"London has no hours", "+442079460000", "", "", "2026-11-25T02:00:00Z", true, ""},
	{"Adelaide is half an hour off", "", "Australia/Adelaide", "AU", "2026-11-24T22:29:59Z", false, "2026-11-24T22:30:00Z"},
	{"a mobile number of Australia may be on the Cocos Islands", "+61412345678", "", "", "2026-11-24T22:30:00Z", false, "2026-11-25T02:30:00Z"},
	{"Adelaide's numbers too, by the calling code", "+61882020000", "", "", "2026-11-25T02:29:59Z", false, "2026-11-25T02:30:00Z"},
	{"Cairns is an hour behind Sydney in summer", "+61740310000", "Australia/Brisbane", "AU", "2026-11-24T22:59:59Z", false, "2026-11-24T23:00:00Z"},
	{"Sydney's spring day", "+61255500000", "", "", "2026-10-04T22:00:00Z", false, ""}, // a holiday table that begins later
	{"Sydney, after clocks went back", "", "Australia/Sydney", "AU", "2027-04-04T22:30:00Z", false, "2027-04-04T23:00:00Z"},
	{"Sydney, before clocks went back", "", "Australia/Sydney", "AU", "2027-04-01T21:59:59Z", false, "2027-04-01T22:00:00Z"},
	{"Sydney, after clocks went forward", "", "Australia/Sydney", "AU", "2027-10-03T21:59:59Z", false, "2027-10-03T22:00:00Z"},
	{"Lord Howe in winter", "", "Australia/Lord_Howe", "AU", "2027-07-04T22:29:59Z", false, "2027-07-04T22:30:00Z"},
	{"Lord Howe goes forward by half an hour", "", "Australia/Lord_Howe", "AU", "2027-10-03T21:59:59Z", false, "2027-10-03T22:00:00Z"},
	{"Darwin keeps its clocks", "", "Australia/Darwin", "AU", "2027-10-04T23:29:59Z", false, "2027-10-04T23:30:00Z"},
	{"Toronto on Saturday", "+14165550100", "", "", "2026-11-28T14:59:59Z", false, "2026-11-28T15:00:00Z"},
	{"679 in Detroit, newer than the table of zones", "+16795550100", "", "", "2026-11-25T13:59:59Z", false, "2026-11-25T14:00:00Z"}, // Michigan 9-21
}

func TestVectors(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	trusting := newHours(t, calltime.WithTrust(calltime.TrustAddress))
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			call := dnc.Call{Time: instant(t, v.at), Location: dnc.Location{Zones: strings.Fields(v.zones), Region: v.region}}
			rule := h
			if v.zones != "" {
				rule = trusting // these zones and no others
			}
			if v.number == "" {
				v.number = "+18005550100"
			}
			call.Number = number(t, v.number)
			d, err := rule.Check(context.Background(), call)
			if v.open {
				require.NoError(t, err)
			}
			assert.Equal(t, v.open, d.Callable(), "%v\n%s", d, calltime.FormatSteps(rule.Explain(call)))
			next, err := rule.Next(call)
			switch {
			case v.open:
				require.NoError(t, err)
				assert.Equal(t, call.Time, next)
			case v.next != "":
				require.NoError(t, err)
				assert.Equal(t, v.next, next.UTC().Format(time.RFC3339), "%s", calltime.FormatSteps(rule.Explain(call)))
				assert.Equal(t, next, d.Until())
				again := call
				again.Time = next
				d, err := rule.Check(context.Background(), again)
				require.NoError(t, err)
				assert.True(t, d.Callable())
				again.Time = next.Add(-time.Second)
				d, _ = rule.Check(context.Background(), again)
				assert.False(t, d.Callable())
			}
		})
	}
}

func TestAHolidayIsNamedAndEnds(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	call := dnc.Call{Number: number(t, "+15045550100"), Time: instant(t, "2026-12-25T18:00:00Z")}
	d, err := h.Check(context.Background(), call)
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
	assert.Equal(t, dnc.CodeHoliday, d.Reason().Code)
	assert.Equal(t, "us-la/hours", d.Reason().List)
	assert.Equal(t, "2026-12-26T14:00:00Z", d.Until().UTC().Format(time.RFC3339))
}

// Days that only the state's own law has: La. R.S. 1:55 and Neb. Rev. Stat. 62-301.
func TestHolidaysOfAStateAlone(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	for at, n := range map[string]string{
		"2026-11-03T18:00:00Z": "+15045550100", "2027-01-08T18:00:00Z": "+15045550100", "2027-08-30T18:00:00Z": "+15045550100",
		"2027-11-01T18:00:00Z": "+15045550100", "2027-04-30T15:00:00Z": "+14025550100",
	} {
		d, err := h.Check(context.Background(), dnc.Call{Number: number(t, n), Time: instant(t, at), Channel: dnc.Prerecorded})
		require.NoError(t, err)
		assert.Equal(t, dnc.CodeHoliday, d.Reason().Code, at)
	}
}

func TestUtahsSunday(t *testing.T) {
	t.Parallel()
	call := dnc.Call{Number: number(t, "+18015550100"), Time: instant(t, "2026-11-29T20:00:00Z")}
	d, err := newHours(t).Check(context.Background(), call)
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
	h := newHours(t, calltime.WithWaiver(func(dnc.Call) calltime.Waiver { return calltime.HasConsent }))
	d, err = h.Check(context.Background(), call)
	require.NoError(t, err)
	assert.Equal(t, dnc.Allow, d.Verdict)
	assert.Equal(t, dnc.CodeNotForbidden, d.Reason().Code)
	call.Time = instant(t, "2026-11-29T13:00:00Z") // the federal rule is not lifted
	d, err = h.Check(context.Background(), call)
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
}

// The only row of France is lifted by consent: the country stays covered, and has no hours left.
func TestAWaiverOfTheOnlyRowOpensTheNight(t *testing.T) {
	t.Parallel()
	night := dnc.Call{Number: number(t, "+33155501000"), Time: instant(t, "2026-11-26T02:00:00Z")}
	d, err := newHours(t).Check(context.Background(), night)
	require.NoError(t, err)
	assert.Equal(t, dnc.CodeOutsideHours, d.Reason().Code)
	h := newHours(t, calltime.WithWaiver(func(dnc.Call) calltime.Waiver { return calltime.HasConsent }))
	d, err = h.Check(context.Background(), night)
	require.NoError(t, err)
	assert.Equal(t, dnc.CodeNotForbidden, d.Reason().Code)
}

func TestAHolidayTableThatEndedIsStale(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithHolidays(calltime.HolidayTable{
		Jurisdiction: "US-LA", From: "2026-11-01", Through: "2026-12-31", Source: "test", Reviewed: "2026-11-25",
	}))
	call := dnc.Call{Number: number(t, "+15045550100"), Time: instant(t, "2027-01-02T18:00:00Z")}
	d, err := h.Check(context.Background(), call)
	require.ErrorIs(t, err, dnc.ErrListStale)
	assert.Equal(t, dnc.Unknown, d.Verdict)
	call.Time = instant(t, "2026-12-31T18:00:00Z")
	d, err = h.Check(context.Background(), call)
	require.NoError(t, err)
	assert.Equal(t, dnc.Allow, d.Verdict)
	call.Time = instant(t, "2027-01-02T03:00:00Z") // it is also too late there: closed, and no end is known
	d, err = h.Check(context.Background(), call)
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
	assert.True(t, d.Until().IsZero())
}

func TestTheLastMinuteIsClosed(t *testing.T) {
	t.Parallel()
	h, err := calltime.New(calltime.WithClock(today), calltime.WithZoneComparison())
	require.NoError(t, err)
	call := dnc.Call{Number: number(t, "+12025550100"), Time: instant(t, "2026-11-26T01:58:59Z")}
	d, err := h.Check(context.Background(), call)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	call.Time = instant(t, "2026-11-26T01:59:00Z")
	d, err = h.Check(context.Background(), call)
	require.NoError(t, err)
	assert.False(t, d.Callable())
}

func TestEveryRowNamesItsSourceAndTheDayItWasReviewed(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, r := range calltime.Rows() {
		assert.NotEmpty(t, r.Source, r.ID)
		assert.Contains(t, "PSU", r.Evidence, r.ID)
		assert.NotEmpty(t, r.Evidence, r.ID)
		_, err := time.Parse(time.DateOnly, r.Reviewed)
		require.NoError(t, err, r.ID)
		assert.False(t, ids[r.ID], "%s twice", r.ID)
		ids[r.ID] = true
		if r.Evidence == "U" || strings.Contains(r.Note, "conflict") {
			assert.Regexp(t, `strict|verify|banned`, r.Note, r.ID)
		}
	}
	for _, h := range calltime.HolidayTables() {
		assert.NotEmpty(t, h.Source, h.Jurisdiction)
		assert.NotEmpty(t, h.Evidence, h.Jurisdiction)
		assert.Equal(t, "2027-11-25", h.Through, h.Jurisdiction)
		_, err := time.Parse(time.DateOnly, h.Reviewed)
		require.NoError(t, err, h.Jurisdiction)
	}
}

// What NANPA and the maintainers of libphonenumber got wrong or late, code by code.
func TestAreaCodesThatTablesHaveWrong(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	const eastern, central, mountain, pacific = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
	for code, want := range map[string][]string{
		// Codes that answer all 42 zones there, as toll-free numbers do.
		"436": {eastern}, "457": {central}, "465": {eastern}, "471": {central}, "621": {central}, "624": {eastern},
		"679": {eastern}, "729": {central, eastern}, "837": {pacific}, "861": {central}, "924": {central},
		// Overlays that have one zone there.
		"364": {central, eastern}, "448": {central, eastern}, "930": {central, eastern}, "458": {mountain, pacific},
		// Wrong for years.
		"551": {eastern}, "684": {"Pacific/Pago_Pago"}, "262": {central}, "414": {central}, "608": {central}, "715": {central},
		"308": {central, mountain},
	} {
		call := dnc.Call{Number: number(t, "+1"+code+"5550100"), Time: today()}
		assert.Equal(t, want, places(h, call, "zone"), code)
	}
}

func TestAreaCodesOfSeveralOffsets(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	for code := range strings.FieldsSeq("208 219 250 270 308 418 423 541 574 605 606 620 701 709 775 785 807 812 850 867 879 906 907 928 986") {
		offsets := map[string]bool{}
		for _, s := range h.Explain(dnc.Call{Number: number(t, "+1"+code+"5550100"), Time: instant(t, "2026-07-15T18:00:00Z")}) {
			if s.Kind == "zone" {
				offsets[s.Local[len(s.Local)-6:]] = true
			}
		}
		assert.Greater(t, len(offsets), 1, code)
	}
}
