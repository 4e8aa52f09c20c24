package preflight_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/preflight"
)

// Hours block now, and a list without an answer says nothing about tomorrow: that is doubt.
func TestHoursDoNotHideDoubt(t *testing.T) {
	down := dnc.CheckerFunc(func(context.Context, []dnc.Number) ([]dnc.Decision, error) {
		return nil, &dnc.Error{Code: dnc.CodeListStale, List: "national"}
	})
	closed := dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: dnc.Block, Reasons: dnc.ReasonsOf(dnc.Reason{Code: "until_then", Until: time.Now().Add(time.Hour)})}
		}
		return ds, nil
	})
	b := newBed(t, "+14155550110", "")
	plan, err := preflight.NewPlan(t.Context(), closed, b.c, b.campaign, parse)
	require.NoError(t, err)
	assert.Equal(t, 1, plan.Counts().Later, "a reason with an end")
	_, err = preflight.NewPlan(t.Context(), dnc.Union(closed, down), b.c, b.campaign, parse)
	require.ErrorIs(t, err, preflight.ErrUndecided)
	report, err := preflight.Load(t.Context(), b.c, dnc.Union(closed, down), b.list, manyRows(1))
	require.ErrorIs(t, err, preflight.ErrUndecided)
	assert.Equal(t, 1, report.Unknown)
}

// What ends by itself is reported, and neither listed nor marked: both would last for good.
func TestWhatEndsByItselfIsNotWritten(t *testing.T) {
	reasons := map[string][]string{
		"+14155550110": {"outside_hours"}, "+14155550111": {"holiday"}, "+14155550112": {"emergency", "outside_hours"},
		"+14155550113": {"attempt_limit"}, "+14155550114": {"outside_hours", "dnc_blacklist"}, "+14155550115": {"dnc_blacklist"},
	}
	checker := dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeAllowed})}
			if codes := reasons[n.E164()]; codes != nil {
				var rs []dnc.Reason
				for _, code := range codes {
					rs = append(rs, dnc.Reason{Code: code})
				}
				ds[i].Verdict, ds[i].Reasons = dnc.Block, dnc.ReasonsOf(rs...)
			}
		}
		return ds, nil
	})
	b := newBed(t, "+14155550110", "+14155550111", "+14155550112", "415 555 0113", "+14155550114", "+14155550115", "+14155550100", "")
	plan, err := preflight.NewPlan(t.Context(), checker, b.c, b.campaign, parse)
	require.NoError(t, err)
	assert.Equal(t, preflight.Counts{Contacts: 4, Allowed: 1, Blocked: 2, Later: 4}, plan.Counts())
	assert.Contains(t, plan.String(), "4 blocked for now alone")
	assert.Equal(t, 2, plan.Preview().Numbers)

	result, err := reread(t, b, plan).Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"+14155550114", "+14155550115"}, b.p.DNCNumbers(result.Applied.DNCListID))
	assert.Zero(t, result.Marked)

	var rows, text bytes.Buffer
	require.NoError(t, plan.WriteCSV(&rows, dnc.Number.E164))
	assert.Contains(t, rows.String(), ",phone,+14155550110,later,outside_hours,,,,no,no\n")
	assert.Contains(t, rows.String(), ",phone2,+14155550113,later,attempt_limit,,,,no,no\n")
	require.NoError(t, preflight.Report{Plan: plan}.WriteText(&text))
	assert.Regexp(t, `blocked for now alone +4`, text.String())
}
