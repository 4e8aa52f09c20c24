package dnc_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
)

// unsure is a Checker that leaves every number open.
func unsure(code string) dnc.Checker {
	return dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: dnc.Unknown, Reasons: dnc.ReasonsOf(dnc.Reason{Code: code, List: "unsure"})}
		}
		return ds, &dnc.Error{Code: code, List: "unsure"}
	})
}

func TestBlockOnly(t *testing.T) {
	national := dnc.NewMemory("national", number("+12125550123"))
	colorado := dnc.NewMemory("colorado", number("+13035550124"))
	state := dnc.BlockOnly(colorado)
	for name, c := range map[string]struct {
		checker  dnc.Checker
		national dnc.Verdict // of a number that the national list has
		state    dnc.Verdict // of one that the state has
		none     dnc.Verdict // of one that none has
		code     string      // of the last
	}{
		"in a Union":              {dnc.Union(national, state), dnc.Block, dnc.Block, dnc.Allow, dnc.CodeAllowed},
		"first in a Union":        {dnc.Union(state, national), dnc.Block, dnc.Block, dnc.Allow, dnc.CodeAllowed},
		"behind Protect":          {dnc.Protect(dnc.Union(national, state)), dnc.Block, dnc.Block, dnc.Allow, dnc.CodeAllowed},
		"around a guard":          {dnc.Union(national, dnc.BlockOnly(dnc.TimeLimit(colorado, time.Second))), dnc.Block, dnc.Block, dnc.Allow, dnc.CodeAllowed},
		"in a Union of its own":   {dnc.Union(national, dnc.Union(state, state)), dnc.Block, dnc.Block, dnc.Allow, dnc.CodeAllowed},
		"alone":                   {state, dnc.Unknown, dnc.Block, dnc.Unknown, dnc.CodeNotListed},
		"alone in a Union":        {dnc.Union(state), dnc.Unknown, dnc.Block, dnc.Unknown, dnc.CodeNotListed},
		"among its like":          {dnc.Union(state, dnc.BlockOnly(national)), dnc.Block, dnc.Block, dnc.Unknown, dnc.CodeNotListed},
		"the national is lost":    {dnc.Union(unsure(dnc.CodeListMissing), state), dnc.Unknown, dnc.Block, dnc.Unknown, dnc.CodeListMissing},
		"the national is foreign": {dnc.Union(unsure(dnc.CodeNotCovered), state), dnc.Unknown, dnc.Block, dnc.Unknown, dnc.CodeNotCovered},
		"the state's is lost":     {dnc.Union(national, dnc.BlockOnly(dnc.NewMemory("colorado"))), dnc.Block, dnc.Unknown, dnc.Unknown, dnc.CodeListMissing},
		"the state's is stale":    {dnc.Union(national, dnc.BlockOnly(unsure(dnc.CodeListStale))), dnc.Block, dnc.Unknown, dnc.Unknown, dnc.CodeListStale},
		"outside of the state":    {dnc.Union(national, dnc.BlockOnly(unsure(dnc.CodeNotCovered))), dnc.Block, dnc.Allow, dnc.Allow, dnc.CodeAllowed},
		"a fallback within it":    {dnc.Union(national, dnc.BlockOnly(dnc.Fallback(unsure(dnc.CodeStoreTimeout), dnc.DangerouslyAllowUnchecked(), quiet))), dnc.Block, dnc.Unknown, dnc.Unknown, dnc.CodeStoreTimeout},
		"nil":                     {dnc.Union(national, dnc.BlockOnly(nil)), dnc.Block, dnc.Unknown, dnc.Unknown, dnc.CodeCheckerFailed},
	} {
		t.Run(name, func(t *testing.T) {
			ns := []dnc.Number{number("+12125550123"), number("+13035550124"), number("+14155550199"), {}}
			want := []dnc.Verdict{c.national, c.state, c.none, dnc.Block}
			ds, err := c.checker.CheckBatch(t.Context(), ns)
			assert.Equal(t, c.none == dnc.Unknown || c.state == dnc.Unknown, err != nil, "%v", err)
			for i, n := range ns {
				assert.Equal(t, want[i], ds[i].Verdict, "number %d: %v", i, ds[i])
				d, err := c.checker.Check(t.Context(), n)
				assert.Equal(t, ds[i].Verdict, d.Verdict)
				assert.Equal(t, ds[i].Reasons, d.Reasons)
				assert.Equal(t, d.Verdict == dnc.Unknown, err != nil)
			}
			assert.Equal(t, c.code, ds[2].Reason().Code)
			if c.none == dnc.Unknown && c.code != dnc.CodeNotListed {
				require.NotErrorIs(t, err, dnc.ErrNotListed, "the list that only blocks is not to blame")
			}
			if c.code == dnc.CodeNotListed {
				require.ErrorIs(t, err, dnc.ErrNotListed)
			}
		})
	}
	// Each list that was asked is among the reasons of an Allow.
	d, err := dnc.Union(state, national).Check(t.Context(), number("+14155550199"))
	require.NoError(t, err)
	assert.Equal(t, []dnc.Reason{{Code: dnc.CodeAllowed, List: "colorado"}, {Code: dnc.CodeAllowed, List: "national"}}, slices.Collect(d.Reasons.All()))
}

func TestBlockOnlyKeepsTheContract(t *testing.T) {
	dnctest.TestDecorator(t, dnc.BlockOnly)
	dnctest.TestChecker(t, func(_ testing.TB, listed []dnc.Number) dnc.Checker {
		list := dnc.NewMemory("national", listed...)
		return dnc.Union(list, dnc.BlockOnly(list))
	})
}

// A list that does not cover a number does not have it: that is the only error.
func TestBlockOnlyTellsOnlyThatANumberIsNotListed(t *testing.T) {
	ns := []dnc.Number{number("+12125550123"), number("+13035550124")}
	_, err := dnc.BlockOnly(unsure(dnc.CodeNotCovered)).CheckBatch(t.Context(), ns)
	require.ErrorIs(t, err, dnc.ErrNotListed)
	require.NotErrorIs(t, err, dnc.ErrNotCovered)
}
