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

// Days that the laws of the states have, and that an earlier table lacked.
func TestHolidaysByTheTextOfTheLaw(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	for _, tc := range []struct{ number, at, row string }{
		{"+14015550100", "2027-05-04T17:00:00Z", "us-ri/hours"}, // Rhode Island Independence Day
		{"+18015550100", "2027-03-26T18:00:00Z", "us-ut/hours"}, // Good Friday, since 2026-05-06
		{"+12285550100", "2027-02-09T18:00:00Z", "us-ms/hours"}, // Mardi Gras
		{"+17175550100", "2027-06-14T17:00:00Z", "us-pa/hours"}, // Flag Day
		{"+15045550100", "2027-07-05T17:00:00Z", "us-la/hours"}, // Independence Day, on the Monday
	} {
		d, err := check(t, h, dnc.Call{Number: number(t, tc.number), Time: instant(t, tc.at)})
		require.NoError(t, err)
		assert.Equal(t, dnc.CodeHoliday, d.Reason().Code, tc.at)
		assert.Equal(t, tc.row, d.Reason().List)
	}
}

func TestAHolidayWithoutANameIsAHoliday(t *testing.T) {
	t.Parallel()
	days := map[string]string{"2026-12-03": ""}
	h := newHours(t, calltime.WithHolidays(calltime.HolidayTable{
		Jurisdiction: "US-LA", From: "2026-11-01", Through: "2026-12-31", Days: days, Source: "test", Reviewed: "2026-11-25",
	}))
	clear(days) // the table is a copy
	d, err := check(t, h, dnc.Call{Number: number(t, "+15045550100"), Time: instant(t, "2026-12-03T18:00:00Z")})
	require.NoError(t, err)
	assert.Equal(t, dnc.CodeHoliday, d.Reason().Code)
}

func TestARowThatIsNeverInForceIsRefused(t *testing.T) {
	t.Parallel()
	row := openAllDay("US")
	row.From, row.Until = "2027-01-01", "2026-01-01"
	_, err := calltime.New(calltime.WithRows(row))
	require.ErrorIs(t, err, dnc.ErrOption)
	_, err = calltime.ReadRows(strings.NewReader(`[{"id":"a","jurisdiction":"US","from":"2027-01-01","until":"2027-01-01",` +
		`"weekdays":"8-21","saturday":"","sunday":"","holidays":"same","source":"x","reviewed":"2026-11-25"}]`))
	require.ErrorContains(t, err, "never in force")
}

func TestRowsAreACopy(t *testing.T) {
	t.Parallel()
	for _, r := range calltime.Rows() {
		for i := range r.WaivedBy {
			r.WaivedBy[i] = "changed"
		}
	}
	for _, r := range calltime.Rows() {
		assert.NotContains(t, r.WaivedBy, "changed", r.ID)
	}
}

// A region that is written in another way, or that nobody knows, must not be passed over: the
// override would close nothing.
func TestAnOverrideOfARegionThatIsNotKnown(t *testing.T) {
	t.Parallel()
	for region, closed := range map[string][2]bool{ // Louisiana, Ontario
		"US-LA":     {true, false},
		"US":        {true, false},
		"US-XX":     {true, false},
		"us-la":     {true, true},
		"Louisiana": {true, true},
		"":          {true, true},
		"XX":        {true, true},
		"XX-LA":     {true, true},
		"CA-ON":     {false, true},
		"CA-XX":     {false, true},
		"FR-75":     {false, false},
		"PR":        {false, false}, // Puerto Rico
		"DE":        {false, false},
	} {
		h, _ := overridden(t, &source{answer: calltime.Overrides{All: []calltime.Override{{
			Region: region, Kind: calltime.OverrideEmergency, From: instant(t, "2026-11-20T00:00:00Z"), Source: "test",
		}}}})
		for i, n := range []string{"+15045550100", "+14165550100"} {
			d, _ := check(t, h, dnc.Call{Number: number(t, n)})
			assert.Equal(t, closed[i], !d.Callable(), "%q %s", region, n)
		}
	}
	h, _ := overridden(t, &source{answer: calltime.Overrides{All: []calltime.Override{{
		Region: "PR", Kind: calltime.OverrideEmergency, From: instant(t, "2026-11-20T00:00:00Z"), Source: "test",
	}}}})
	d, err := check(t, h, dnc.Call{Number: number(t, "+17875550100")})
	require.NoError(t, err)
	assert.Equal(t, dnc.CodeEmergency, d.Reason().Code)
	for _, region := range []string{"us-la", "XX", "Louisiana"} {
		h, _ = overridden(t, &source{answer: calltime.Overrides{Unreadable: []string{region}}})
		_, err = check(t, h, dnc.Call{Number: number(t, "+15045550100")})
		require.ErrorIs(t, err, dnc.ErrListIncomplete, region)
	}
}

// The monotonic clock stands still while a computer sleeps: what was read before the sleep is old.
func TestOverridesOfBeforeASleepAreReadAgain(t *testing.T) {
	t.Parallel()
	s := &source{}
	begin := time.Now()
	now := begin
	h := newHours(t, calltime.WithClock(func() time.Time { return now }), calltime.WithOverrides(s))
	call := dnc.Call{Number: number(t, "+12145550100"), Time: instant(t, "2026-11-25T18:00:00Z")}
	_, err := check(t, h, call)
	require.NoError(t, err)
	s.err = context.DeadlineExceeded
	now = begin.Round(0).Add(8 * time.Hour) // without a monotonic reading, as the wall clock alone says it
	_, err = check(t, h, call)
	require.ErrorIs(t, err, dnc.ErrListStale)
}

// A read of the overrides takes time. The answer is for the instant after it.
func TestTheInstantOfACallIsAfterTheOverridesWereRead(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-11-26T01:59:59Z")
	h := newHours(t, calltime.WithClock(func() time.Time { return now }), calltime.WithOverrides(calltime.OverrideFunc(
		func(context.Context) (calltime.Overrides, error) {
			now = now.Add(2 * time.Second)
			return calltime.Overrides{}, nil
		})))
	d, err := check(t, h, dnc.Call{Number: number(t, "+12025550100")})
	require.NoError(t, err)
	assert.False(t, d.Callable())
}

// The clock runs between the check and the answer of Next: an instant that was not checked is none.
func TestNextIsTheInstantThatWasChecked(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-11-26T01:59:50Z")
	h := newHours(t, calltime.WithClock(func() time.Time {
		now = now.Add(3 * time.Second)
		return now
	}))
	for range 6 {
		next, err := h.Next(dnc.Call{Number: number(t, "+12025550100")})
		require.NoError(t, err)
		d, err := check(t, h, dnc.Call{Number: number(t, "+12025550100"), Time: next})
		require.NoError(t, err)
		assert.True(t, d.Callable(), next)
	}
	_, err := (&calltime.Hours{}).Next(dnc.Call{Number: number(t, "+12025550100")})
	require.ErrorIs(t, err, dnc.ErrCheckerFailed)
}

// A clock that goes back finds no answer of later.
func TestAClockThatGoesBack(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-11-26T13:00:00Z")
	h := newHours(t, calltime.WithClock(func() time.Time { return now }))
	for _, step := range []struct {
		by   time.Duration
		open bool
	}{{0, true}, {-time.Second, false}, {time.Second, true}, {-11 * time.Hour, false}, {-time.Second, true}} {
		now = now.Add(step.by)
		d, err := check(t, h, dnc.Call{Number: number(t, "+12025550100")})
		require.NoError(t, err)
		assert.Equal(t, step.open, d.Callable(), now)
	}
}

func TestOtherNamesOfAZoneHaveItsCanary(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithZoneData(zoneFile(t, "2026-10-29", map[string][]byte{
		"Canada/Pacific": fixed(-8 * 3600), "America/Yellowknife": fixed(-7 * 3600), "Canada/Central": fixed(-6 * 3600),
	})), calltime.WithTrust(calltime.TrustAddress))
	for _, zone := range []string{"Canada/Pacific", "America/Yellowknife", "Canada/Central"} {
		_, err := check(t, h, dnc.Call{
			Number: number(t, "+18005550100"), Time: instant(t, "2026-11-25T19:00:00Z"),
			Location: dnc.Location{Zones: []string{zone}, Region: "US"},
		})
		require.ErrorIs(t, err, dnc.ErrListStale, zone)
	}
}

func TestAPostalTableThatAnswersNothing(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithPostal(func(string) (dnc.Location, bool) { return dnc.Location{}, true }))
	call := dnc.Call{Number: number(t, "+12025550100"), Time: instant(t, "2026-11-25T19:00:00Z")}
	call.Location.Postal = "00001"
	_, err := check(t, h, call)
	require.ErrorIs(t, err, dnc.ErrZoneUnknown)
	call.Location.Postal = "94110" // by the table of the package
	assert.Contains(t, places(h, call, "zone"), "America/Los_Angeles")
}

func TestStatesThatPresumeResidence(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithTrust(calltime.TrustAddress))
	for n, row := range map[string]string{"+12065550100": "us-wa/hours", "+13015550100": "us-md/hours", "+14055550100": "us-ok/hours"} {
		d, err := check(t, h, dnc.Call{
			Number: number(t, n), Time: instant(t, "2026-11-26T01:30:00Z"), Location: dnc.Location{Region: "US-GA"}, // 20:30 there
		})
		require.NoError(t, err)
		assert.Equal(t, row, d.Reason().List)
	}
}
