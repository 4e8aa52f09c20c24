package preflight_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/preflight"
)

const days, weekdays = "1234567", "123456"

// times has the campaign call one contact, in a zone, at times of a callable time set.
func (b *bed) times(contactZone, phone, setZone, start, stop, on string) {
	b.Helper()
	var slots []string
	for _, day := range on {
		slots = append(slots, fmt.Sprintf(`{"startTime":"%s:00","stopTime":"%s:00","day":%c}`, start, stop, day))
	}
	id, err := b.p.AddObject("callabletimesets", fmt.Sprintf(`{"name":"s","callableTimes":[{"timeZoneId":%q,"timeSlots":[%s]}]}`, setZone, strings.Join(slots, ",")))
	require.NoError(b, err)
	b.edit(func(c *genesys.Campaign) error { return c.SetCallableTimeSet(id) })
	_, err = b.c.AddContacts(b.Context(), b.list, []genesys.Contact{{Data: map[string]string{"name": contactZone, "phone": phone, "phone2": "", "other phone": ""}}}, genesys.AddOptions{})
	require.NoError(b, err)
	b.around = func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/contactlists/"+b.list) {
			return b.p.RoundTrip(r)
		}
		body := fmt.Sprintf(`{"id":%q,"columnNames":["name","phone","phone2","other phone"],"size":1,"phoneColumns":[{"columnName":"phone","type":"x","callableTimeColumn":"name"}]}`, b.list)
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

func newHours(t *testing.T, now time.Time) *calltime.Hours {
	t.Helper()
	h, err := calltime.New(calltime.WithMargin(0), calltime.WithClock(func() time.Time { return now }))
	require.NoError(t, err)
	return h
}

// The callable times of a campaign are compared with the hours at the contacts' zones.
func TestCallableTimesAndHours(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 10, 5, 4, 0, 0, 0, time.UTC) // midnight in New York
	const ny, newYork, florida = "America/New_York", "+12125550101", "+13055550101"
	wider, unknown := preflight.GapCallableTimesWider, preflight.GapHoursUnknown
	for name, test := range map[string]struct {
		zone, phone, set, start, stop, on string
		from                              time.Time
		want                              preflight.GapKind
		n                                 int
		text                              string
	}{
		"8 to 21":                 {ny, newYork, ny, "08:00", "21:00", days, monday, "", 0, ""},
		"from 7":                  {ny, newYork, ny, "07:00", "21:00", days, monday, wider, 7, "America/New_York, Monday 2026-10-05 07:00: "},
		"2 minutes early":         {ny, newYork, ny, "07:58", "21:00", "1", monday, wider, 1, "Monday 2026-10-05 07:58: "},
		"to 22":                   {ny, newYork, ny, "08:00", "22:00", days, monday, wider, 7, "Monday 2026-10-05 21:00: "},
		"a minute too long":       {ny, newYork, ny, "08:00", "21:01", "7", monday, wider, 1, "Sunday 2026-10-11 21:00: "},
		"Florida to 21":           {ny, florida, ny, "08:00", "21:00", days, monday, wider, 7, "Monday 2026-10-05 20:00: "},
		"Florida to 20":           {ny, florida, ny, "08:00", "20:00", days, monday, "", 0, ""},
		"Mississippi, holidays":   {"America/Chicago", "+16015550101", "America/Chicago", "08:00", "20:00", weekdays, monday.AddDate(0, 0, 8), unknown, 6, "08:00: the hours are not known: list_stale"},
		"Mississippi, Sunday":     {"America/Chicago", "+16015550101", "America/Chicago", "08:00", "20:00", "7", monday.AddDate(0, 0, 8), wider, 1, "Sunday 2026-10-18 08:00: "},
		"clocks go back":          {ny, newYork, ny, "08:00", "21:00", days, monday.AddDate(0, 0, 23), "", 0, ""},
		"clocks go back, at 1":    {ny, newYork, ny, "01:00", "21:00", "7", monday.AddDate(0, 0, 23), wider, 1, "Sunday 2026-11-01 01:00: "},
		"no times for the zone":   {ny, newYork, "America/Chicago", "08:00", "20:00", days, monday, unknown, 1, "no times"},
		"no zone":                 {"+12125550101", newYork, ny, "08:00", "20:00", days, monday, unknown, 1, "numbers without a known time zone: 1"},
		"a slot that ends before": {ny, newYork, ny, "20:00", "08:00", "1", monday, unknown, 1, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			b.times(test.zone, test.phone, test.set, test.start, test.stop, test.on)
			plan := b.plan(preflight.WithHours(newHours(t, test.from), dnc.Call{Time: test.from}))
			err := plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits)
			var want []preflight.GapKind
			for range test.n {
				want = append(want, test.want)
			}
			assert.Equal(t, want, kinds(t, err))
			if test.n > 0 {
				require.ErrorContains(t, err, test.text)
				assert.NotContains(t, err.Error(), "555010")
				require.NoError(t, plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits, test.want))
			}
		})
	}
}

// What the rule does not know is a gap, and so is a rule that was not saved. Without the option
// nothing is compared.
func TestHoursUnknown(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.times("America/New_York", "+12125550101", "America/New_York", "03:00", "04:00", "1")
	down := dnc.RuleFunc(func(context.Context, []dnc.Call) ([]dnc.Decision, error) { return nil, errors.New("down") })
	plan := b.plan(preflight.WithHours(down, dnc.Call{}))
	err := plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits)
	assert.Equal(t, []preflight.GapKind{preflight.GapHoursUnknown}, kinds(t, err))
	var file bytes.Buffer
	require.NoError(t, plan.Save(&file))
	read, err := preflight.ReadPlan(&file, b.c)
	require.NoError(t, err)
	assert.Equal(t, []preflight.GapKind{preflight.GapHoursUnknown}, kinds(t, read.AssertProtected(t.Context(), preflight.GapNoAttemptLimits)))

	for _, o := range []preflight.ReadOption{nil, preflight.WithHours(nil, dnc.Call{}), preflight.WithParse(nil)} {
		require.NoError(t, plan.Save(&file))
		_, err = preflight.ReadPlan(&file, b.c, o)
		require.ErrorIs(t, err, preflight.ErrInvalidInput)
		file.Reset()
	}

	without := b.plan()
	require.NoError(t, without.AssertProtected(t.Context(), preflight.GapNoAttemptLimits))
	_, err = preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign, preflight.WithHours(nil, dnc.Call{}))
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
}

// The last minute of a slot is asked too, and everything in between every 5 minutes.
func TestHoursThatEndWithinASlot(t *testing.T) {
	t.Parallel()
	for closed, want := range map[string]string{"20:59": "20:59", "12:00": "12:00", "08:00": "08:00"} {
		loc, err := time.LoadLocation("America/New_York")
		require.NoError(t, err)
		rule := dnc.RuleFunc(func(_ context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
			ds := make([]dnc.Decision, len(calls))
			for i, c := range calls {
				ds[i] = dnc.Decision{Number: c.Number, Verdict: dnc.Allow, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeNotForbidden})}
				if c.Time.In(loc).Format("15:04") == closed {
					ds[i].Verdict, ds[i].Reasons = dnc.Block, dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeOutsideHours})
				}
			}
			return ds, nil
		})
		b := newBed(t)
		b.times("America/New_York", "+12125550101", "America/New_York", "08:00", "21:00", "1")
		plan := b.plan(preflight.WithHours(rule, dnc.Call{}))
		err = plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits)
		assert.Equal(t, []preflight.GapKind{preflight.GapCallableTimesWider}, kinds(t, err))
		require.ErrorContains(t, err, want)
	}
}

// A plan that was read back asserts the callable times as the plan that was saved does, if it is
// given the same rule.
func TestAReadPlanComparesHours(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 10, 5, 4, 0, 0, 0, time.UTC)
	hours := preflight.WithHours(newHours(t, monday), dnc.Call{Time: monday})
	for stop, want := range map[string][]preflight.GapKind{"21:00": nil, "21:01": {preflight.GapCallableTimesWider}} {
		b := newBed(t)
		b.times("America/New_York", "+12125550101", "America/New_York", "08:00", stop, "1")
		parse := preflight.WithParse(dnc.ParseNumber)
		plan := b.plan(hours, parse)
		saved := plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits)
		assert.Equal(t, want, kinds(t, saved))
		var file bytes.Buffer
		require.NoError(t, plan.Save(&file))
		read, err := preflight.ReadPlan(bytes.NewReader(file.Bytes()), b.c, hours, parse)
		require.NoError(t, err)
		assert.Equal(t, saved, read.AssertProtected(t.Context(), preflight.GapNoAttemptLimits))
		_, err = preflight.ReadPlan(bytes.NewReader(file.Bytes()), b.c, hours) // another reading of the numbers
		require.ErrorIs(t, err, preflight.ErrInvalidInput)
		wrong := preflight.WithParse(func(string) (dnc.Number, error) { return dnc.Number{}, errors.New("no") })
		read, err = preflight.ReadPlan(bytes.NewReader(file.Bytes()), b.c, hours, wrong)
		require.NoError(t, err)
		require.ErrorContains(t, read.AssertProtected(t.Context(), preflight.GapNoAttemptLimits), "can be read")

		plan = b.plan()
		file.Reset()
		require.NoError(t, plan.Save(&file))
		read, err = preflight.ReadPlan(&file, b.c, hours) // made without hours, compared all the same
		require.NoError(t, err)
		assert.Equal(t, want, kinds(t, read.AssertProtected(t.Context(), preflight.GapNoAttemptLimits)))
	}
}

// A slot from half a minute before eight holds a part of that minute.
func TestASlotWithSeconds(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 10, 5, 4, 0, 0, 0, time.UTC)
	for slot, want := range map[string]string{
		`"startTime":"07:59:30","stopTime":"21:00:00"`: "07:59",
		`"startTime":"08:00:00","stopTime":"21:00:01"`: "21:00",
		`"startTime":"08:00","stopTime":"21:00"`:       "",
	} {
		b := newBed(t)
		b.times("America/New_York", "+12125550101", "America/New_York", "08:00", "21:00", "1")
		id, err := b.p.AddObject("callabletimesets",
			`{"name":"t","callableTimes":[{"timeZoneId":"America/New_York","timeSlots":[{`+slot+`,"day":1}]}]}`)
		require.NoError(t, err)
		b.edit(func(c *genesys.Campaign) error { return c.SetCallableTimeSet(id) })
		err = b.plan(preflight.WithHours(newHours(t, monday), dnc.Call{Time: monday})).AssertProtected(t.Context(), preflight.GapNoAttemptLimits)
		if want == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, want)
		}
	}
}

// The export whose zones are compared has the contacts that were checked: one that is cut off has
// fewer zones.
func TestHoursOfOtherContacts(t *testing.T) {
	b := newBed(t)
	b.times("America/New_York", "+12125550101", "America/New_York", "09:00", "20:00", days)
	plan := b.plan(preflight.WithHours(newHours(t, time.Now()), dnc.Call{}))
	exports, around := 0, b.around
	b.around = func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/api/v2/outbound/contactlists/"+b.list+"/export" && r.Method == http.MethodPost {
			if exports++; exports == 3 {
				b.file("inin-outbound-id,name,phone,phone2,other phone,ContactCallable")
			}
		}
		return around(r)
	}
	err := plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits)
	assert.Equal(t, []preflight.GapKind{preflight.GapContactsChanged}, kinds(t, err))
	require.ErrorIs(t, err, preflight.ErrChanged)
}
