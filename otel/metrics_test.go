package dncotel_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
	dncotel "github.com/dnc-go/dnc/otel"
)

func listed(v dnc.Verdict, reason dnc.Reason, err error) dnc.Checker {
	reasons := dnc.ReasonsOf(reason)
	return dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: v, Reasons: reasons}
		}
		return ds, err
	})
}

func lines(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		assert.Regexp(t, `(?m)^`+w+`$`, text)
	}
}

func TestDecisionsAndAges(t *testing.T) {
	t.Parallel()
	out := export(t)
	date := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	opts := append(slices.Clone(out.opts), dncotel.WithClock(func() time.Time { return date.Add(90 * time.Minute) }))
	n := number(t)
	for _, next := range []dnc.Checker{
		listed(dnc.Block, dnc.Reason{Code: "dnc_national", List: "national", Date: date}, nil),
		listed(dnc.Allow, dnc.Reason{Code: dnc.CodeAllowed}, nil),
		listed(dnc.Unknown, dnc.Reason{Code: dnc.CodeStoreTimeout, List: "optouts"}, errors.New("late")),
	} {
		c, err := dncotel.Checker(next, "dialer", opts...)
		require.NoError(t, err)
		_, _ = c.Check(t.Context(), n)
		_, _ = c.CheckBatch(t.Context(), []dnc.Number{n, n, {}})
	}
	lines(
		t, out.text(),
		`dnc_decisions_total\{checker="dialer",code="listed",.*verdict="block"\} 3`,
		`dnc_decisions_total\{checker="dialer",code="allowed",.*verdict="allow"\} 3`,
		`dnc_decisions_total\{checker="dialer",code="store_timeout",.*verdict="unknown"\} 3`,
		`dnc_decisions_total\{checker="dialer",code="invalid_number",.*verdict="block"\} 3`,
		`dnc_decisions_total\{checker="dialer",code="list_missing",.*verdict="unknown"\} 0`,
		`dnc_decisions_total\{checker="dialer",code="list_missing",.*verdict="block"\} 0`,
		`dnc_list_age_seconds\{checker="dialer",list="national",.*source="answers"\} 5400`,
		`dnc_check_duration_seconds_count\{batch="false",checker="dialer",.*verdict="block"\} 1`,
		`dnc_check_duration_seconds_count\{batch="true",checker="dialer",.*\} 3`,
		`dnc_check_batch_size_sum\{checker="dialer",.*\} 9`,
	)
}

// A list behind two decorators has the age of each: that of the one that is asked seldom does not
// stand for the other.
func TestTwoDecoratorsOfOneList(t *testing.T) {
	t.Parallel()
	out := export(t)
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	opts := append(slices.Clone(out.opts), dncotel.WithClock(func() time.Time { return now }))
	ask := func(name string, age time.Duration) {
		reason := dnc.Reason{Code: "dnc_national", List: "national", Date: now.Add(-age)}
		c, err := dncotel.Checker(listed(dnc.Block, reason, nil), name, opts...)
		require.NoError(t, err)
		_, _ = c.Check(t.Context(), number(t))
	}
	ask("dialer", time.Hour)
	ask("nightly", 48*time.Hour)
	lines(t, out.text(),
		`dnc_list_age_seconds\{checker="dialer",list="national",.*source="answers"\} 3600`,
		`dnc_list_age_seconds\{checker="nightly",list="national",.*source="answers"\} 172800`)
}

func TestIncidents(t *testing.T) {
	t.Parallel()
	out := export(t)
	report, err := dncotel.IncidentHook(out.opts...)
	require.NoError(t, err)
	report(dnc.Incident{Event: dnc.EventBreakerOpen, List: "national"})
	lines(t, out.text(), `dnc_breaker_open\{list="national",.*\} 1`)
	report(dnc.Incident{Event: dnc.EventBreakerClosed, List: "national"})
	report(dnc.Incident{Event: dnc.EventFallbackBlock, Numbers: 7})
	report(dnc.Incident{Event: dnc.EventFallbackBlock, Numbers: 3})
	report(dnc.Incident{Event: calltime.EventZoneDataDiffers, List: "zones"})
	report(dnc.Incident{Event: calltime.EventZoneDataOld, List: "zones"})
	lines(
		t, out.text(),
		`dnc_breaker_open\{list="national",.*\} 0`,
		`dnc_incidents_total\{event="fallback_block",list="",.*\} 2`,
		`dnc_incident_numbers_total\{event="fallback_block",list="",.*\} 10`,
		`dnc_incidents_total\{event="zone_data_differs",list="zones",.*\} 1`,
		`dnc_incidents_total\{event="zone_data_old",list="zones",.*\} 1`,
	)
}

func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	out := export(t)
	report, err := dncotel.IncidentHook(out.opts...)
	require.NoError(t, err)
	for i := range 150 {
		report(dnc.Incident{Event: dnc.EventMembersIgnored, List: fmt.Sprint("list_", i)})
	}
	text := out.text()
	lines(t, text, `dnc_incidents_total\{event="members_ignored",list="other",.*\} 50`)
	assert.NotContains(t, text, "list_100")
}
