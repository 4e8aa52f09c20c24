package preflight_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/preflight"
)

// A number without a full answer makes no plan, whatever a decorator has made of the doubt: blocked
// on the platform it would stay blocked when the list is back.
func TestDoubtMakesNoPlan(t *testing.T) {
	missing := dnc.NewMemory("blacklist")
	down := always(dnc.Decision{Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeStoreTimeout, List: "crm"})})
	for name, test := range map[string]struct {
		checker dnc.Checker
		code    string
		is      error
	}{
		"unknown":                    {missing, "list_missing", dnc.ErrListMissing},
		"a fallback that blocks":     {dnc.Protect(missing), "list_missing", dnc.ErrListMissing},
		"one of two lists":           {dnc.Protect(dnc.Union(dnc.NewMemory("other", number(t, "+14155550199")), missing)), "list_missing", dnc.ErrListMissing},
		"a fallback that allows":     {dnc.Fallback(down, dnc.DangerouslyAllowUnchecked()), "store_timeout", dnc.ErrStoreTimeout},
		"a fallback of a fallback":   {dnc.Protect(dnc.Protect(missing)), "list_missing", dnc.ErrListMissing},
		"a decorator of one's own":   {blocker{missing}, "list_missing", dnc.ErrListMissing},
		"a fallback beside an error": {dnc.Fallback(down), "store_timeout", dnc.ErrStoreTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, "+14155550100", "+14155550101")
			before := b.writes()
			plan, err := preflight.NewPlan(t.Context(), test.checker, b.c, b.campaign, start)
			require.ErrorIs(t, err, preflight.ErrUndecided)
			require.ErrorIs(t, err, test.is)
			require.ErrorContains(t, err, "2 of 2")
			require.ErrorContains(t, err, test.code)
			assert.Nil(t, plan)
			assert.Equal(t, before, b.writes())
		})
	}
}

// blocker is a Checker that makes Block of Unknown and does not say so.
type blocker struct{ dnc.Checker }

func (b blocker) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	ds, _ := b.Checker.CheckBatch(ctx, ns)
	for i := range ds {
		ds[i].Verdict = dnc.Block
	}
	return ds, nil
}

// One number in doubt is enough, and what the lists do say still counts.
func TestDoubtAboutOne(t *testing.T) {
	b := newBed(t, "+14155550100", "+14155550142", "x", "+445550142000")
	north := dnc.ByPrefix(map[string]dnc.Checker{"+1": b.checker})
	_, err := preflight.NewPlan(t.Context(), dnc.Protect(north), b.c, b.campaign)
	require.ErrorIs(t, err, preflight.ErrUndecided)
	require.ErrorIs(t, err, dnc.ErrNotCovered)
	require.ErrorContains(t, err, "1 of 4")

	plan, err := preflight.NewPlan(t.Context(), dnc.Protect(north), b.c, b.campaign, preflight.BlockUnknown())
	require.NoError(t, err)
	assert.Equal(t, preflight.Counts{Contacts: 2, Allowed: 1, Blocked: 1, Unknown: 1, Invalid: 1}, plan.Counts())
	result, err := plan.Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"+14155550142", "+445550142000"}, b.p.DNCEntries(result.Applied.DNCListID))
}

// With BlockUnknown a number that a fallback allows is blocked too.
func TestBlockUnknown(t *testing.T) {
	b := newBed(t, "+14155550100", "+14155550101")
	down := always(decision(dnc.Unknown, dnc.CodeStoreUnavailable))
	plan, err := preflight.NewPlan(t.Context(), dnc.Fallback(down, dnc.DangerouslyAllowUnchecked()), b.c, b.campaign, preflight.BlockUnknown())
	require.NoError(t, err)
	assert.Equal(t, 2, plan.Counts().Unknown)
	result, err := plan.Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"+14155550100", "+14155550101"}, b.p.DNCEntries(result.Applied.DNCListID))
}
