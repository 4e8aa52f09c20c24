package dnc_test

import (
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

func numbers(ns ...dnc.Number) iter.Seq2[dnc.Number, error] {
	return func(yield func(dnc.Number, error) bool) {
		for _, n := range ns {
			if !yield(n, nil) {
				return
			}
		}
	}
}

func TestMemoryWithoutAListIsMissing(t *testing.T) {
	n := must(t, "+14155550123")
	m := dnc.NewMemory("blacklist")
	d, err := checkBoth(t, m, n)
	assert.Equal(t, dnc.CodeListMissing, d.Reason().Code)
	require.ErrorIs(t, err, dnc.ErrListMissing)
	require.ErrorIs(t, m.Add(n), dnc.ErrListMissing)
	require.ErrorIs(t, m.Remove(n), dnc.ErrListMissing)
	require.NoError(t, m.SetGeoRule("+1900", dnc.GeoRule{RiskLevel: "high"}))
	d, err = checkBoth(t, m, must(t, "+19005550123"))
	require.NoError(t, err)
	assert.Equal(t, []string{"geo_blocked_high", "list_missing"}, codes(d))
}

func TestMemoryChanges(t *testing.T) {
	a, b := must(t, "+14155550123"), must(t, "+14155550124")
	m := dnc.NewMemory("optouts", a)
	verdicts := func() (vs []dnc.Verdict) {
		ds, err := m.CheckBatch(ctx, []dnc.Number{a, b})
		require.NoError(t, err)
		for _, d := range ds {
			vs = append(vs, d.Verdict)
		}
		return vs
	}
	assert.Equal(t, []dnc.Verdict{dnc.Block, dnc.Allow}, verdicts())
	require.NoError(t, m.Add(b))
	assert.Equal(t, []dnc.Verdict{dnc.Block, dnc.Block}, verdicts())
	require.NoError(t, m.Remove(a, b))
	assert.Equal(t, []dnc.Verdict{dnc.Allow, dnc.Allow}, verdicts(), "it was loaded, and is empty now")
	count, err := m.Replace(numbers(b, b))
	require.NoError(t, err)
	assert.Equal(t, 1, count)
	assert.Equal(t, 1, m.Len())
	assert.Equal(t, []dnc.Verdict{dnc.Allow, dnc.Block}, verdicts())

	_, err = m.Replace(nil)
	require.ErrorIs(t, err, dnc.ErrOption)
	assert.Equal(t, 1, m.Len(), "the old list stays")

	broken := errors.New("broken")
	_, err = m.Replace(func(yield func(dnc.Number, error) bool) { _ = yield(a, nil) && yield(a, broken) })
	require.ErrorIs(t, err, broken)
	_, err = m.Replace(numbers(a, dnc.Number{}))
	require.ErrorIs(t, err, dnc.ErrInvalidNumber)
	_, err = m.Replace(numbers())
	require.ErrorIs(t, err, dnc.ErrListIncomplete)
	require.ErrorIs(t, m.Add(a, dnc.Number{}), dnc.ErrInvalidNumber)
	require.ErrorIs(t, m.Remove(dnc.Number{}), dnc.ErrInvalidNumber)
	assert.Equal(t, []dnc.Verdict{dnc.Allow, dnc.Block}, verdicts(), "nothing of that has changed it")

	d, err := m.Check(ctx, b)
	require.NoError(t, err)
	assert.Equal(t, dnc.Reason{Code: "dnc_optouts", List: "optouts"}, d.Reason())
}

func TestMemoryMadeWrongIsNeverAllow(t *testing.T) {
	n := must(t, "+14155550123")
	for _, m := range []*dnc.Memory{dnc.NewMemory("", n), dnc.NewMemory("Black List", n), dnc.NewMemory("blacklist", n, dnc.Number{}), nil} {
		d, err := dnc.Union(m).Check(ctx, must(t, "+14155550124"))
		assert.Equal(t, dnc.Unknown, d.Verdict)
		require.Error(t, err)
	}
}

func TestGeoRules(t *testing.T) {
	m := dnc.NewMemory("blacklist", must(t, "+19005550100"))
	for prefix, rule := range map[string]dnc.GeoRule{
		"+1": {Allowed: true}, "1900": {RiskLevel: "High"}, "+1 (900) 555": {RiskLevel: "very high!"}, "+19005550199": {Allowed: true},
		"+44": {}, "+33": {RiskLevel: "low"}, "+34": {RiskLevel: "A-Z/0:9{"}, "+336": {Allowed: true, RiskLevel: "none"},
	} {
		require.NoError(t, m.SetGeoRule(prefix, rule))
	}
	for _, bad := range []string{"", "+", "x", "0", "+01", "1900*", "1+", "1234567890123456"} {
		require.Error(t, m.SetGeoRule(bad, dnc.GeoRule{}), "%q", bad)
	}
	for number, want := range map[string][]string{
		"+14155550123":  {"allowed"},
		"+19004440123":  {"geo_blocked_high"},
		"+34612345678":  {"geo_blocked_a_z_0_9_"},
		"+19005550101":  {"geo_blocked_very_high_"},
		"+19005550199":  {"allowed"},
		"+19005550100":  {"dnc_blacklist", "geo_blocked_very_high_"},
		"+442079460000": {"geo_blocked_unspecified"},
		"+33123456789":  {"geo_blocked_low"},
		"+33612345678":  {"allowed"},
		"+4930123456":   {"allowed"},
	} {
		d, err := checkBoth(t, m, must(t, number))
		require.NoError(t, err)
		assert.Equal(t, want, codes(d), number[:3])
	}
}
