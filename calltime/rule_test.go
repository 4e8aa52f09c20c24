package calltime_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
	"github.com/dnc-go/dnc/dnctest"
)

func TestHoursIsARule(t *testing.T) {
	t.Parallel()
	noon, night := instant(t, "2026-11-25T17:00:00Z"), instant(t, "2026-11-25T05:00:00Z")
	n, other := number(t, "+12025550100"), number(t, "+13035550100")
	dnctest.TestRule(t, newHours(t),
		[]dnc.Call{{Number: n, Time: noon}, {Number: other, Time: noon}},
		[]dnc.Call{{Number: n, Time: night}, {Number: other, Time: night}})
}

func TestTheZeroHoursIsUnknown(t *testing.T) {
	t.Parallel()
	var h calltime.Hours
	d, err := h.Check(context.Background(), dnc.Call{Number: number(t, "+12025550100")})
	require.ErrorIs(t, err, dnc.ErrCheckerFailed)
	assert.Equal(t, dnc.Unknown, d.Verdict)
}

func check(tb testing.TB, h *calltime.Hours, call dnc.Call) (dnc.Decision, error) {
	tb.Helper()
	return h.Check(context.Background(), call)
}

func TestWhatTellsNoZoneIsUnknown(t *testing.T) {
	t.Parallel()
	h, err := calltime.New(calltime.WithClock(today))
	require.NoError(t, err)
	noon := instant(t, "2026-11-25T19:00:00Z")
	for name, call := range map[string]dnc.Call{
		"toll-free":       {Number: number(t, "+18005550100"), Time: noon},
		"personal":        {Number: number(t, "+15005550100"), Time: noon},
		"unknown zone":    {Number: number(t, "+12025550100"), Time: noon, Location: dnc.Location{Zones: []string{"Eastern"}}},
		"unknown region":  {Number: number(t, "+12025550100"), Time: noon, Location: dnc.Location{Region: "US-XX"}},
		"postal code":     {Number: number(t, "+12025550100"), Time: noon, Location: dnc.Location{Postal: "00001"}},
		"region US alone": {Number: number(t, "+18005550100"), Time: noon, Location: dnc.Location{Region: "US"}},
	} {
		d, err := check(t, h, call)
		require.ErrorIs(t, err, dnc.ErrZoneUnknown, name)
		assert.Equal(t, dnc.Unknown, d.Verdict, name)
		_, err = h.Next(call)
		require.Error(t, err, name)
	}
	_, err = check(t, h, dnc.Call{Number: number(t, "+4930123456"), Time: noon})
	require.ErrorIs(t, err, dnc.ErrNotCovered)
}

// Answers are kept by what is known of a call. Two calls that differ must not share one.
func TestAnEmptyZoneIsNotTheAnswerOfNoZone(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	call := dnc.Call{Number: number(t, "+12025550100"), Time: instant(t, "2026-11-25T19:00:00Z")}
	for range 2 {
		call.Location.Zones = nil
		d, err := check(t, h, call)
		require.NoError(t, err)
		assert.True(t, d.Callable())
		call.Location.Zones = []string{""}
		_, err = check(t, h, call)
		require.ErrorIs(t, err, dnc.ErrZoneUnknown)
	}
}

func TestWhatTheCallerKnows(t *testing.T) {
	t.Parallel()
	at := instant(t, "2026-11-26T01:30:00Z") // 20:30 in New York, 17:30 in Los Angeles
	california := dnc.Call{Number: number(t, "+12135550100"), Time: at}
	h := newHours(t, calltime.WithPostal(func(code string) (dnc.Location, bool) {
		return dnc.Location{Zones: []string{"America/New_York"}, Region: "US-FL"}, code == "33101"
	}))
	d, err := check(t, h, california)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	for _, where := range []dnc.Location{{Region: "US-FL"}, {Postal: "33101"}} {
		california.Location = where
		d, err = check(t, h, california)
		require.NoError(t, err)
		assert.Equal(t, "us-fl/hours", d.Reason().List, "%v", where)
	}
	california.Location = dnc.Location{Postal: "32401"} // the other table does not have it: Florida, by the one of this package
	d, err = check(t, h, california)
	require.NoError(t, err)
	assert.Equal(t, "us-fl/hours", d.Reason().List)
	california.Location = dnc.Location{Postal: "00001"}
	_, err = check(t, h, california)
	require.ErrorIs(t, err, dnc.ErrZoneUnknown)
}

func TestTrust(t *testing.T) {
	t.Parallel()
	trusting := newHours(t, calltime.WithTrust(calltime.TrustAddress))
	// A number of Florida, a contact in California: Florida presumes residence by the area code.
	call := dnc.Call{Number: number(t, "+13055550100"), Time: instant(t, "2026-11-26T04:30:00Z"), Location: dnc.Location{Region: "US-CA"}}
	d, err := check(t, trusting, call)
	require.NoError(t, err)
	assert.Equal(t, "us-fl/hours", d.Reason().List) // 20:30 in California: open there, closed by Florida's row
	// A number of New York has no such presumption.
	call.Number = number(t, "+12125550100")
	d, err = check(t, trusting, call)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	d, err = check(t, newHours(t), call)
	require.NoError(t, err)
	assert.False(t, d.Callable())
	// A contact in "the United States" may be in the state of the number.
	sunday := dnc.Call{Number: number(t, "+12145550100"), Time: instant(t, "2026-11-29T16:00:00Z"), Location: dnc.Location{Region: "US"}}
	d, err = check(t, trusting, sunday)
	require.NoError(t, err)
	assert.Equal(t, "us-tx/hours", d.Reason().List)
	sunday.Location.Region = "US-GA"
	d, err = check(t, trusting, sunday)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	// 270-826 (Henderson) is in Chicago's zone; the area code also has New York's.
	exchange := dnc.Call{Number: number(t, "+12708260100"), Time: instant(t, "2026-11-26T02:30:00Z")}
	d, err = check(t, newHours(t, calltime.WithTrust(calltime.TrustExchange)), exchange)
	require.NoError(t, err)
	assert.True(t, d.Callable()) // 20:30 in Chicago's zone
	d, err = check(t, newHours(t), exchange)
	require.NoError(t, err)
	assert.Contains(t, d.Reasons.String(), "us/hours") // 21:30 in New York's
}

// Adding a zone, a row or a holiday never opens what was closed.
func TestMoreKnowledgeNeverOpens(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	zones := []string{"America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "Asia/Kolkata", "Australia/Adelaide", "Europe/Paris"}
	regions := []string{"US-FL", "US-TX", "US-KY", "US-RI", "US-LA", "FR", "AU", "CA-ON"}
	codes := []string{"202", "364", "850", "907", "928", "801", "305", "504", "709", "416"}
	base := newHours(t)
	var stricter []*calltime.Hours
	for range 8 {
		tables := calltime.HolidayTables()
		for _, table := range tables {
			for range 20 {
				table.Days[today().AddDate(0, 0, r.IntN(300)).Format(time.DateOnly)] = "test"
			}
		}
		stricter = append(stricter, newHours(t, calltime.WithHolidays(tables...), calltime.WithRows(calltime.Row{
			ID: "test", Jurisdiction: "US", Weekdays: fmt.Sprintf("%d-%d", r.IntN(12), 13+r.IntN(11)), Holidays: calltime.SameHours, Source: "test", Reviewed: "2026-11-25",
		})))
	}
	closed := 0
	for i := range 3000 {
		call := dnc.Call{
			Number: number(t, fmt.Sprintf("+1%s55501%02d", codes[r.IntN(len(codes))], i%100)),
			Time:   today().Add(time.Duration(r.IntN(300*24*60)) * time.Minute),
		}
		if r.IntN(2) == 0 {
			call.Location.Region = regions[r.IntN(len(regions))]
		}
		before, _ := check(t, base, call)
		more := call
		more.Location.Zones = []string{zones[r.IntN(len(zones))]}
		after, _ := check(t, base, more)
		ruled, _ := check(t, stricter[r.IntN(len(stricter))], call)
		if !before.Callable() {
			closed++
			require.False(t, ruled.Callable(), "%v opened %v with a row or a holiday", call.Time, call)
			require.False(t, after.Callable(), "%v opened %v with a zone\n%s\n%s", call.Time, call, calltime.FormatSteps(base.Explain(call)), calltime.FormatSteps(base.Explain(more)))
		}
	}
	assert.Greater(t, closed, 500)
}

// zoneFile packs zones as tools/calltime does.
func zoneFile(tb testing.TB, released string, zones map[string][]byte) *bytes.Reader {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := fmt.Fprintf(w, "# tzdata test %s\n", released)
	require.NoError(tb, err)
	for name, content := range zones {
		_, err = fmt.Fprintf(w, "%s\n%s\n", name, base64.StdEncoding.EncodeToString(content))
		require.NoError(tb, err)
	}
	require.NoError(tb, w.Close())
	return bytes.NewReader(b.Bytes())
}

// fixed is the TZif of a zone that is always so many seconds east of UTC.
func fixed(seconds int32) []byte {
	b := []byte("TZif\x00")
	b = append(b, make([]byte, 15)...)
	b = append(b, make([]byte, 12)...) // no UT, standard, leap
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4)
	b = append(b, byte(seconds>>24), byte(seconds>>16), byte(seconds>>8), byte(seconds), 0, 0)
	return append(b, "TST\x00"...)
}

func TestZoneDataThatFailsItsCanaryIsStale(t *testing.T) {
	t.Parallel()
	old := zoneFile(t, "2026-10-29", map[string][]byte{"America/Winnipeg": fixed(-6 * 3600), "America/Chicago": fixed(-6 * 3600)})
	h := newHours(t, calltime.WithZoneData(old))
	call := dnc.Call{Number: number(t, "+12045550100"), Time: instant(t, "2026-11-25T18:00:00Z")}
	d, err := check(t, h, call)
	require.ErrorIs(t, err, dnc.ErrListStale)
	assert.Equal(t, dnc.Unknown, d.Verdict)
	call.Number = number(t, "+13125550100")
	_, err = check(t, h, call)
	require.NoError(t, err) // Chicago's zone has no canary that fails
}

func TestMissingZoneDataIsUnknown(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithZoneData(zoneFile(t, "2026-10-29", map[string][]byte{"America/Chicago": fixed(-6 * 3600), "America/Denver": []byte("nothing")})))
	for _, n := range []string{"+12025550100", "+13035550100"} {
		d, err := check(t, h, dnc.Call{Number: number(t, n), Time: instant(t, "2026-11-25T18:00:00Z")})
		require.ErrorIs(t, err, dnc.ErrListMissing)
		assert.Equal(t, dnc.Unknown, d.Verdict)
	}
}

func TestASystemWithOldZoneDataClosesBothTimes(t *testing.T) {
	t.Parallel()
	var incidents []dnc.Incident
	old := func(zone string) (*time.Location, error) {
		if zone == "America/Winnipeg" {
			return time.FixedZone("CST", -6*3600), nil
		}
		return nil, fmt.Errorf("no zone %s", zone)
	}
	h := newHours(t, calltime.WithZoneComparison(old), calltime.WithIncidents(func(i dnc.Incident) { incidents = append(incidents, i) }))
	call := dnc.Call{Number: number(t, "+12045550100"), Time: instant(t, "2026-11-25T14:30:00Z")} // 9:30 by the right data, 8:30 by the old
	d, err := check(t, h, call)
	require.NoError(t, err)
	assert.False(t, d.Callable())
	assert.Equal(t, "2026-11-25T15:00:00Z", d.Until().UTC().Format(time.RFC3339))
	for range 3 {
		_, err = check(t, h, call)
		require.NoError(t, err)
	}
	require.Len(t, incidents, 1)
	assert.Equal(t, calltime.EventZoneDataDiffers, incidents[0].Event)
	assert.Contains(t, calltime.FormatSteps(h.Explain(call)), "2026-11-25T09:30:00-05:00 2026-11-25T08:30:00-06:00")
	d, err = check(t, newHours(t), call)
	require.NoError(t, err)
	assert.True(t, d.Callable())
}

func TestOldZoneDataIsReportedAndThenStale(t *testing.T) {
	t.Parallel()
	var events []string
	now := instant(t, "2027-04-27T15:00:00Z") // 180 days after the release
	h, err := calltime.New(calltime.WithZoneComparison(), calltime.WithClock(func() time.Time { return now }),
		calltime.WithIncidents(func(i dnc.Incident) { events = append(events, i.Event) }))
	require.NoError(t, err)
	call := dnc.Call{Number: number(t, "+12025550100")}
	for range 2 {
		d, err := check(t, h, call)
		require.NoError(t, err)
		assert.True(t, d.Callable())
	}
	assert.Equal(t, []string{calltime.EventZoneDataOld}, events)
	now = instant(t, "2027-12-03T15:00:00Z") // 400 days
	d, err := check(t, h, call)
	require.ErrorIs(t, err, dnc.ErrListStale)
	assert.Equal(t, dnc.Unknown, d.Verdict)
	_, err = check(t, h, dnc.Call{Number: call.Number, Time: instant(t, "2024-07-01T15:00:00Z")})
	require.ErrorIs(t, err, dnc.ErrListStale)
}

// A row that the call's day does not have is left out, and one that is in doubt is not open.
func TestExplainIsOpenOnlyForCertain(t *testing.T) {
	t.Parallel()
	row := func(id, from, until string) calltime.Row {
		return calltime.Row{
			ID: id, Jurisdiction: "US-NY", Weekdays: "0-24", Saturday: "0-24", Sunday: "0-24", Holidays: calltime.SameHours,
			From: from, Until: until, Source: "a test", Reviewed: "2026-11-25",
		}
	}
	h, err := calltime.New(calltime.WithClock(today),
		calltime.WithRows(row("us-ny/past", "", "2026-11-25"), row("us-ny/now", "2026-11-25", "2026-11-26"), row("us-ny/next", "2026-11-26", "")))
	require.NoError(t, err)
	noon := instant(t, "2026-11-25T18:00:00Z")
	rows := func(call dnc.Call) map[string]bool {
		open := map[string]bool{}
		for _, s := range h.Explain(call) {
			if s.Kind == "row" {
				open[s.Name] = s.Open
			}
		}
		return open
	}
	for name, tc := range map[string]struct {
		call dnc.Call
		want map[string]bool
	}{
		"in force": {dnc.Call{Number: number(t, "+12125550100"), Time: noon}, map[string]bool{"us/hours": true, "us-ny/now": true}},
		"no zone":  {dnc.Call{Number: number(t, "+18005550100"), Time: noon, Location: dnc.Location{Region: "US"}}, map[string]bool{"us/hours": false}},
		"a zone that is not known": {
			dnc.Call{Number: number(t, "+12125550100"), Time: noon, Location: dnc.Location{Zones: []string{"Eastern"}}},
			map[string]bool{"us/hours": false, "us-ny/now": false},
		},
		"the holidays have ended": {
			dnc.Call{Number: number(t, "+15045550100"), Time: instant(t, "2027-12-01T18:00:00Z")},
			map[string]bool{"us/hours": true, "us-la/hours": false},
		},
	} {
		assert.Equal(t, tc.want, rows(tc.call), name)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	call := dnc.Call{Number: number(t, "+13645550100"), Time: instant(t, "2026-11-26T02:30:00Z")}
	text := calltime.FormatSteps(newHours(t).Explain(call))
	for _, want := range []string{
		"zone America/New_York: 2026-11-25T21:30:00-05:00", "zone America/Chicago: 2026-11-25T20:30:00-06:00 (area code 364)",
		"region US-KY: area code 364", "row us/hours: closed", "47 CFR 64.1200(c)(1)", "reviewed 2026-11-25", "next opening 2026-11-26T16:00:00Z",
	} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, text, "0100")
	call.Number = number(t, "+19305550100")
	assert.Contains(t, calltime.FormatSteps(newHours(t).Explain(call)), "(area code 812, overlay of 930)")
}

func TestOptionsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]calltime.Option{
		"nil": nil, "margin": calltime.WithMargin(2 * time.Hour), "clock": calltime.WithClock(nil), "region": calltime.WithUnknownZones("us"),
		"age": calltime.WithZoneAge(2, 1), "overrides": calltime.WithOverrides(nil), "postal": calltime.WithPostal(nil), "waiver": calltime.WithWaiver(nil),
		"trust": calltime.WithTrust(8), "comparison": calltime.WithZoneComparison(nil), "zones": calltime.WithZoneData(strings.NewReader("x")),
		"area code":           calltime.WithAreaCodes(calltime.AreaCodes{Codes: []calltime.AreaCode{{Code: 100}}}),
		"sibling":             calltime.WithAreaCodes(calltime.AreaCodes{Codes: []calltime.AreaCode{{Code: 201, Siblings: []int{5000}}}}),
		"row without source":  calltime.WithRows(calltime.Row{ID: "x", Jurisdiction: "US", Weekdays: "9-21", Reviewed: "2026-11-25"}),
		"row across midnight": calltime.WithRows(calltime.Row{ID: "x", Jurisdiction: "US", Weekdays: "21-9", Source: "s", Reviewed: "2026-11-25"}),
		"holidays":            calltime.WithHolidays(calltime.HolidayTable{Jurisdiction: "US-LA", From: "2026-12-01", Through: "2026-11-01", Source: "s", Reviewed: "2026-11-25"}),
	} {
		_, err := calltime.New(o)
		require.ErrorIs(t, err, dnc.ErrOption, name)
	}
}

func TestACheckAllocatesAtMostOnce(t *testing.T) {
	h := newHours(t)
	ctx := context.Background()
	for _, at := range []string{"2026-11-25T17:00:00Z", "2026-11-25T05:00:00Z"} {
		for n, where := range map[string]dnc.Location{
			"+18505550100":  {},
			"+18505550101":  {Zones: []string{"America/Chicago"}, Region: "US-FL"},
			"+18505550102":  {Postal: "32401-1234"},
			"+14165550100":  {Postal: "k1a 0b1"},
			"+447911123456": {},
		} {
			call := dnc.Call{Number: number(t, n), Time: instant(t, at), Location: where}
			assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = h.Check(ctx, call) }), 1.0, "%v", call.Location)
		}
	}
}

// Answers are kept by exchange where the table has it, and by area code elsewhere.
func TestKeptAnswersDifferByExchange(t *testing.T) {
	t.Parallel()
	h := newHours(t, calltime.WithTrust(calltime.TrustExchange))
	at := instant(t, "2026-11-26T02:30:00Z") // 20:30 in Chicago's zone, 21:30 in New York's
	for range 2 {
		for n, open := range map[string]bool{
			"+12708260100": true, "+12705550100": false, "+12708240100": true, "+12709990100": false, "+447911123456": true,
		} {
			d, err := check(t, h, dnc.Call{Number: number(t, n), Time: at})
			require.NoError(t, err)
			assert.Equal(t, open, d.Callable(), n)
		}
	}
}

func BenchmarkHours(b *testing.B) {
	h := newHours(b)
	calls := make([]dnc.Call, 1000)
	for i := range calls {
		calls[i] = dnc.Call{Number: number(b, fmt.Sprintf("+1202555%04d", i)), Time: today(), Location: dnc.Location{Region: "US-FL"}}
	}
	ctx := context.Background()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		_, _ = h.Check(ctx, calls[i%len(calls)])
		i++
	}
}

// A row covers its own channels and days, and nothing else. Where none is left, the answer is doubt,
// not "no rule, so open".
func TestACountryIsCoveredForEachChannelAndDay(t *testing.T) {
	t.Parallel()
	german := func(edit func(*calltime.Row)) calltime.Row {
		r := calltime.Row{
			ID: "de/hours", Jurisdiction: "DE", Weekdays: "0-24", Saturday: "0-24", Sunday: "0-24", Holidays: calltime.SameHours,
			Source: "test", Reviewed: "2026-11-25",
		}
		edit(&r)
		return r
	}
	noon := instant(t, "2026-11-25T11:00:00Z")
	for name, tc := range map[string]struct {
		edit    func(*calltime.Row)
		channel dnc.Channel
		open    bool
	}{
		"every channel and day": {func(*calltime.Row) {}, dnc.Text, true},
		"its channel":           {func(r *calltime.Row) { r.Channels = []dnc.Channel{dnc.Voice} }, dnc.Voice, true},
		"another channel":       {func(r *calltime.Row) { r.Channels = []dnc.Channel{dnc.Voice} }, dnc.Text, false},
		"its first day":         {func(r *calltime.Row) { r.From = "2026-11-25" }, dnc.Voice, true},
		"before its first day":  {func(r *calltime.Row) { r.From = "2026-11-26" }, dnc.Voice, false},
		"after its last day":    {func(r *calltime.Row) { r.Until = "2026-11-25" }, dnc.Voice, false},
		"a state's row alone":   {func(r *calltime.Row) { r.Jurisdiction = "DE-BE" }, dnc.Voice, false},
	} {
		h := newHours(t, calltime.WithRows(append(calltime.Rows(), german(tc.edit))...))
		d, err := check(t, h, dnc.Call{Number: number(t, "+4930123456"), Time: noon, Channel: tc.channel})
		assert.Equal(t, tc.open, d.Callable(), name)
		if !tc.open {
			require.ErrorIs(t, err, dnc.ErrNotCovered, name)
		}
	}
}
