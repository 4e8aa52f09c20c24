package preflight_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/preflight"
)

// Hours block now, and a list without an answer says nothing about tomorrow: that is doubt.
func TestHoursDoNotHideDoubt(t *testing.T) {
	down := always(decision(dnc.Unknown, dnc.CodeListStale))
	closed := always(dnc.Decision{
		Verdict: dnc.Block, Reasons: dnc.ReasonsOf(dnc.Reason{Code: "until_then", Until: time.Now().Add(time.Hour)}),
	})
	b := newBed(t, "+14155550110", "")
	plan, err := preflight.NewPlan(t.Context(), closed, b.c, b.campaign, parse)
	require.NoError(t, err)
	assert.Equal(t, 1, plan.Counts().BlockedForNow, "a reason with an end")
	_, err = preflight.NewPlan(t.Context(), dnc.Union(closed, down), b.c, b.campaign, parse)
	require.ErrorIs(t, err, preflight.ErrUndecided)
	report, err := preflight.Load(t.Context(), b.c, dnc.Union(closed, down), b.list, manyRows(1))
	require.ErrorIs(t, err, preflight.ErrUndecided)
	assert.Equal(t, 1, report.Unknown)
}

// What ends by itself is reported, and neither listed nor marked: both would last for good.
func TestWhatEndsByItselfIsNotWritten(t *testing.T) {
	checker := answering(always(decision(dnc.Allow, dnc.CodeAllowed)), map[string]dnc.Decision{
		"+14155550110": decision(dnc.Block, "outside_hours"),
		"+14155550111": decision(dnc.Block, "holiday"),
		"+14155550112": decision(dnc.Block, "emergency", "outside_hours"),
		"+14155550113": decision(dnc.Block, "attempt_limit"),
		"+14155550114": decision(dnc.Block, "outside_hours", "dnc_blacklist"),
		"+14155550115": decision(dnc.Block, "dnc_blacklist"),
	})
	b := newBed(t, "+14155550110", "+14155550111", "+14155550112", "415 555 0113", "+14155550114", "+14155550115", "+14155550100", "")
	plan, err := preflight.NewPlan(t.Context(), checker, b.c, b.campaign, parse)
	require.NoError(t, err)
	assert.Equal(t, preflight.Counts{Contacts: 4, Allowed: 1, Blocked: 2, BlockedForNow: 4}, plan.Counts())
	assert.Contains(t, plan.String(), "4 blocked only for now")
	assert.Equal(t, 2, plan.Preview().Numbers)

	result, err := reread(t, b, plan).Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"+14155550114", "+14155550115"}, b.p.DNCEntries(result.Applied.DNCListID))
	assert.Zero(t, result.Marked)

	var rows, text bytes.Buffer
	require.NoError(t, plan.WriteCSV(&rows, dnc.Number.E164))
	assert.Contains(t, rows.String(), ",phone,+14155550110,block_for_now,outside_hours,,,,no,no\n")
	assert.Contains(t, rows.String(), ",phone2,+14155550113,block_for_now,attempt_limit,,,,no,no\n")
	require.NoError(t, preflight.Report{Plan: plan}.WriteText(&text))
	assert.Regexp(t, `blocked only for now +4`, text.String())
}
