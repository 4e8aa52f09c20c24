package dnc_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
)

var ctx = context.Background()

func memory(tb testing.TB, listed []dnc.Number) dnc.Checker {
	tb.Helper()
	return dnc.NewMemory("blacklist", listed...)
}

// with returns a Checker with a fixed answer for every number that is one.
func with(v dnc.Verdict, err error, codes ...string) dnc.Checker {
	return dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: v}
			var reasons []dnc.Reason
			for _, c := range codes {
				reasons = append(reasons, dnc.Reason{Code: c})
			}
			ds[i].Reasons = dnc.ReasonsOf(reasons...)
		}
		return ds, err
	})
}

func unknownFor(code string) dnc.Checker {
	return with(dnc.Unknown, &dnc.Error{Code: code, List: "fake"}, code)
}

func codes(d dnc.Decision) (cs []string) {
	for r := range d.Reasons.All() {
		cs = append(cs, r.Code)
	}
	return cs
}

// checkBoth asks for a number alone and in a batch, and demands the same answer.
func checkBoth(t *testing.T, c dnc.Checker, n dnc.Number) (dnc.Decision, error) {
	t.Helper()
	d, err := c.Check(ctx, n)
	ds, batch := c.CheckBatch(ctx, []dnc.Number{n})
	require.Len(t, ds, 1)
	assert.Equal(t, d, ds[0])
	if err == nil {
		assert.NoError(t, batch)
	} else {
		assert.EqualError(t, batch, err.Error())
	}
	return d, err
}

func TestConformance(t *testing.T) {
	for name, wrap := range map[string]func(dnc.Checker) dnc.Checker{
		"memory":       func(c dnc.Checker) dnc.Checker { return c },
		"CheckerFunc":  func(c dnc.Checker) dnc.Checker { return dnc.CheckerFunc(c.CheckBatch) },
		"Union of one": func(c dnc.Checker) dnc.Checker { return dnc.Union(c) },
		"Union":        func(c dnc.Checker) dnc.Checker { return dnc.Union(c, other(t), other(t)) },
		"wide Union":   func(c dnc.Checker) dnc.Checker { return dnc.Union(c, other(t), other(t), other(t), other(t)) },
		"ByPrefix":     func(c dnc.Checker) dnc.Checker { return dnc.ByPrefix(map[string]dnc.Checker{"+1": c, "44": other(t)}) },
		"TimeLimit":    func(c dnc.Checker) dnc.Checker { return dnc.TimeLimit(c, 0) },
		"Breaker":      func(c dnc.Checker) dnc.Checker { return dnc.Breaker(c) },
		"Fallback":     func(c dnc.Checker) dnc.Checker { return dnc.Fallback(c, quiet) },
		"Protect":      func(c dnc.Checker) dnc.Checker { return dnc.Protect(dnc.Union(c, other(t))) },
	} {
		t.Run(name, func(t *testing.T) {
			dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker { return wrap(memory(tb, listed)) })
		})
	}
}

var quiet = dnc.WithLogger(slog.New(slog.DiscardHandler))

func other(t testing.TB) dnc.Checker { return dnc.NewMemory("other", must(t, "+442079460000")) }

func TestDecoratorsDistrust(t *testing.T) {
	for name, wrap := range map[string]func(dnc.Checker) dnc.Checker{
		"Union of one": func(c dnc.Checker) dnc.Checker { return dnc.Union(c) },
		"Union":        func(c dnc.Checker) dnc.Checker { return dnc.Union(other(t), c) },
		"ByPrefix":     func(c dnc.Checker) dnc.Checker { return dnc.ByPrefix(map[string]dnc.Checker{"1": c}) },
		"TimeLimit":    func(c dnc.Checker) dnc.Checker { return dnc.TimeLimit(c, 0) },
		"Breaker":      func(c dnc.Checker) dnc.Checker { return dnc.Breaker(c, quiet) },
		"Fallback":     func(c dnc.Checker) dnc.Checker { return dnc.Fallback(c, quiet) },
		"allowing fallback": func(c dnc.Checker) dnc.Checker {
			return dnc.Fallback(c, quiet, dnc.DangerouslyAllowUnchecked())
		},
		"Protect": func(c dnc.Checker) dnc.Checker { return dnc.Fallback(dnc.Union(dnc.Breaker(c, quiet)), quiet) },
		"CheckerFunc": func(c dnc.Checker) dnc.Checker {
			if c == nil {
				return dnc.CheckerFunc(nil)
			}
			return dnc.CheckerFunc(c.CheckBatch)
		},
	} {
		t.Run(name, func(t *testing.T) { dnctest.TestDecorator(t, wrap) })
	}
}

func TestABatchErrorBesideSomeUnknownKeepsTheRest(t *testing.T) {
	a, b := must(t, "+14155550001"), must(t, "+14155550002")
	cause := errors.New("half")
	c := dnc.Union(dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		return []dnc.Decision{
			{Number: ns[0], Verdict: dnc.Allow},
			{Number: ns[1], Verdict: dnc.Unknown, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeStoreTimeout})},
		}, cause
	}))
	ds, err := c.CheckBatch(ctx, []dnc.Number{a, b})
	require.ErrorIs(t, err, cause)
	assert.Equal(t, dnc.Allow, ds[0].Verdict)
	assert.Equal(t, dnc.CodeAllowed, ds[0].Reason().Code)
	assert.Equal(t, dnc.Unknown, ds[1].Verdict)
}

func TestUnion(t *testing.T) {
	n := must(t, "+14155550123")
	allow := with(dnc.Allow, nil, "allowed")
	block, geo := with(dnc.Block, nil, "dnc_a"), with(dnc.Block, nil, "geo_blocked_high")
	missing, late := unknownFor(dnc.CodeListMissing), unknownFor(dnc.CodeStoreTimeout)

	for _, c := range []struct {
		name    string
		of      []dnc.Checker
		verdict dnc.Verdict
		codes   []string
	}{
		{"all allow", []dnc.Checker{allow, allow}, dnc.Allow, []string{"allowed", "allowed"}},
		{"one blocks", []dnc.Checker{allow, block}, dnc.Block, []string{"dnc_a", "allowed"}},
		{"one is unknown", []dnc.Checker{allow, missing}, dnc.Unknown, []string{"list_missing", "allowed"}},
		{"block beats unknown", []dnc.Checker{missing, block, allow}, dnc.Block, []string{"dnc_a", "list_missing", "allowed"}},
		{"every ground", []dnc.Checker{late, block, allow, missing, geo}, dnc.Block, []string{"dnc_a", "geo_blocked_high", "store_timeout", "list_missing", "allowed"}},
		{"none", nil, dnc.Unknown, []string{"checker_failed"}},
		{"nil", []dnc.Checker{allow, nil}, dnc.Unknown, []string{"checker_failed", "allowed"}},
		{"nil and a block", []dnc.Checker{nil, block}, dnc.Block, []string{"dnc_a", "checker_failed"}},
		{"a code of its own", []dnc.Checker{with(dnc.Unknown, errors.New("x"), "crm_down"), block}, dnc.Block, []string{"dnc_a", "crm_down"}},
		{"nested", []dnc.Checker{dnc.Union(missing, block), geo}, dnc.Block, []string{"dnc_a", "geo_blocked_high", "list_missing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := checkBoth(t, dnc.Union(c.of...), n)
			assert.Equal(t, c.verdict, d.Verdict)
			assert.Equal(t, c.codes, codes(d))
			assert.Equal(t, c.verdict == dnc.Unknown, err != nil)
		})
	}
	_, err := dnc.Union(missing, late).Check(ctx, n)
	require.ErrorIs(t, err, dnc.ErrListMissing)
	require.ErrorIs(t, err, dnc.ErrStoreTimeout)
}

// A caller's slice handed to Union can be changed afterwards.
func TestUnionKeepsItsCheckers(t *testing.T) {
	cs := []dnc.Checker{with(dnc.Block, nil, "dnc_a"), with(dnc.Allow, nil, "allowed")}
	u := dnc.Union(cs...)
	cs[0] = cs[1]
	d, _ := u.Check(ctx, must(t, "+14155550123"))
	assert.Equal(t, dnc.Block, d.Verdict)
}

func TestUnionErrorNamesOnlyWhatIsOpen(t *testing.T) {
	a, b := must(t, "+14155550001"), must(t, "+442079460000")
	missing := unknownFor(dnc.CodeListMissing)
	split := dnc.ByPrefix(map[string]dnc.Checker{"1": missing, "44": with(dnc.Allow, nil, "allowed")})
	blocked := dnc.NewMemory("blacklist", a)
	ds, err := dnc.Union(split, blocked).CheckBatch(ctx, []dnc.Number{a, b})
	require.NoError(t, err) // the number that split leaves open is blocked by the other
	assert.Equal(t, dnc.Block, ds[0].Verdict)
	assert.Equal(t, dnc.Allow, ds[1].Verdict)
}

func TestByPrefix(t *testing.T) {
	us, uk := with(dnc.Allow, nil, "allowed"), with(dnc.Block, nil, "dnc_uk")
	c := dnc.ByPrefix(map[string]dnc.Checker{"+1": us, "44": uk, "+1 (900)": uk, "+49": nil})
	for number, want := range map[string]string{
		"+14155550123": "allowed", "+442079460000": "dnc_uk", "+19005550123": "dnc_uk",
		"+33123456789": "not_covered", "+4930123456": "checker_failed",
	} {
		d, err := checkBoth(t, c, must(t, number))
		assert.Equal(t, want, d.Reason().Code)
		assert.Equal(t, d.Verdict == dnc.Unknown, err != nil)
	}
	_, err := c.Check(ctx, must(t, "+33123456789"))
	require.ErrorIs(t, err, dnc.ErrNotCovered)

	for _, bad := range []map[string]dnc.Checker{{"": us}, {"+": us}, {"x": us}, {"0": us}, {"+1": us, "1": us}, {"1*": us}} {
		d, err := checkBoth(t, dnc.ByPrefix(bad), must(t, "+14155550123"))
		assert.Equal(t, dnc.Unknown, d.Verdict)
		require.ErrorIs(t, err, dnc.ErrCheckerFailed)
	}
	d, err := checkBoth(t, dnc.ByPrefix(nil), must(t, "+14155550123"))
	assert.Equal(t, "not_covered", d.Reason().Code)
	require.Error(t, err)
}

// Nobody knows what an answer means whose verdict contradicts its reasons. Codes of a Checker's own
// go with every verdict.
func TestAVerdictThatContradictsItsReasons(t *testing.T) {
	n := must(t, "+14155550123")
	cause := errors.New("x")
	for _, c := range []struct {
		name    string
		answer  dnc.Checker
		verdict dnc.Verdict
		code    string
	}{
		{"allowed, and listed", with(dnc.Allow, nil, "allowed", "dnc_a"), dnc.Block, "checker_failed"},
		{"allowed by a geo rule that forbids", with(dnc.Allow, nil, "geo_blocked_high"), dnc.Block, "checker_failed"},
		{"allowed, and no list", with(dnc.Allow, nil, "list_missing"), dnc.Block, "checker_failed"},
		{"allowed, and no number", with(dnc.Allow, nil, "invalid_number"), dnc.Block, "checker_failed"},
		{"unknown, because it is allowed", with(dnc.Unknown, cause, "allowed"), dnc.Block, "checker_failed"},
		{"unknown, because nothing forbids it", with(dnc.Unknown, cause, "not_forbidden"), dnc.Block, "checker_failed"},
		{"allowed for a reason of its own", with(dnc.Allow, nil, "consent"), dnc.Allow, "consent"},
		{"blocked for what is unknown", with(dnc.Block, nil, "list_missing"), dnc.Block, "list_missing"},
		{"blocked for a reason of its own", with(dnc.Block, nil, "crm"), dnc.Block, "crm"},
		{"unknown for a reason of its own", with(dnc.Unknown, cause, "crm_down"), dnc.Block, "crm_down"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// A fallback that allows what the store did not answer allows none of these.
			for _, whole := range []dnc.Checker{c.answer, dnc.Union(c.answer, with(dnc.Allow, nil, "allowed")), dnc.TimeLimit(c.answer, 0)} {
				d, err := checkBoth(t, dnc.Fallback(whole, quiet, dnc.DangerouslyAllowUnchecked()), n)
				require.NoError(t, err)
				assert.Equal(t, c.verdict, d.Verdict)
				assert.Equal(t, c.code, d.Reason().Code)
			}
		})
	}
	// What a fallback allowed is no contradiction: it is marked.
	d, err := checkBoth(t, dnc.Union(dnc.Fallback(unknownFor("store_timeout"), quiet, dnc.DangerouslyAllowUnchecked())), n)
	require.NoError(t, err)
	assert.True(t, d.Callable() && d.Fallback)
}

// exits ends the goroutine that asks it, as t.FailNow in a Checker of a test does.
var exits = dnc.CheckerFunc(func(context.Context, []dnc.Number) ([]dnc.Decision, error) {
	runtime.Goexit()
	return nil, nil
})

// A Checker that ends the goroutine in which it is asked has given no answer.
func TestACheckerThatEndsItsGoroutine(t *testing.T) {
	a, b := must(t, "+14155550001"), must(t, "+14155550002")
	allow := with(dnc.Allow, nil, "allowed")
	campaigns := dnc.ByCampaign(func(string) (dnc.Checker, error) { return exits, nil })
	for name, c := range map[string]dnc.Checker{
		"Union":      dnc.Union(exits, allow),
		"ByPrefix":   dnc.Union(dnc.ByPrefix(map[string]dnc.Checker{"1": exits, "44": allow}), allow),
		"All":        dnc.CheckerOf(dnc.All(dnc.RuleOf(exits), dnc.RuleOf(allow)), dnc.Call{}),
		"ByCampaign": dnc.CheckerOf(dnc.All(campaigns, dnc.RuleOf(allow)), dnc.Call{Campaign: "spring"}),
		"breaker":    dnc.Union(dnc.Breaker(exits, quiet), allow),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := checkBoth(t, c, a)
			require.ErrorIs(t, err, dnc.ErrCheckerFailed)
			require.ErrorContains(t, err, "Goexit")
			assert.Equal(t, a, d.Number)
			assert.Equal(t, []string{"checker_failed", "allowed"}, codes(d))
			ds, err := c.CheckBatch(ctx, []dnc.Number{a, {}, b})
			require.ErrorContains(t, err, "Goexit")
			for i, want := range []dnc.Decision{{Number: a}, {Verdict: dnc.Block}, {Number: b}} {
				assert.Equal(t, want.Number, ds[i].Number)
				assert.Equal(t, want.Verdict, ds[i].Verdict)
			}
		})
	}
}

// Decisions of a batch may share their reasons. Each is judged by its own verdict.
func TestContradictionsBesideDecisionsWithTheSameReasons(t *testing.T) {
	a, b := must(t, "+14155550001"), must(t, "+14155550002")
	allowed, timeout := dnc.ReasonsOf(dnc.Reason{Code: "allowed"}), dnc.ReasonsOf(dnc.Reason{Code: "store_timeout"})
	cause := errors.New("the cause")
	for name, test := range map[string]struct {
		ds   []dnc.Decision
		err  error
		want []dnc.Verdict
		code string // of the second
	}{
		"unknown beside an allow": {
			[]dnc.Decision{{Number: a, Verdict: dnc.Allow, Reasons: allowed}, {Number: b, Reasons: allowed}},
			cause,
			[]dnc.Verdict{dnc.Allow, dnc.Unknown},
			"checker_failed",
		},
		"an allow beside one of a fallback": {
			[]dnc.Decision{{Number: a, Verdict: dnc.Allow, Fallback: true, Reasons: timeout}, {Number: b, Verdict: dnc.Allow, Reasons: timeout}},
			nil,
			[]dnc.Verdict{dnc.Allow, dnc.Unknown},
			"checker_failed",
		},
		"an allow beside an unknown": {
			[]dnc.Decision{{Number: a, Reasons: timeout}, {Number: b, Verdict: dnc.Allow, Reasons: timeout}},
			cause,
			[]dnc.Verdict{dnc.Unknown, dnc.Unknown},
			"checker_failed",
		},
		"an allow without reasons": {
			[]dnc.Decision{{Number: a, Reasons: timeout}, {Number: b, Verdict: dnc.Allow}},
			cause,
			[]dnc.Verdict{dnc.Unknown, dnc.Allow},
			"allowed",
		},
		"an unknown without reasons": {
			[]dnc.Decision{{Number: a, Verdict: dnc.Allow, Reasons: allowed}, {Number: b}},
			cause,
			[]dnc.Verdict{dnc.Allow, dnc.Unknown},
			"checker_failed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			foreign := dnc.CheckerFunc(func(context.Context, []dnc.Number) ([]dnc.Decision, error) { return test.ds, test.err })
			ds, err := dnc.TimeLimit(foreign, 0).CheckBatch(ctx, []dnc.Number{a, b})
			require.Error(t, err)
			for i, d := range ds {
				assert.Equal(t, test.want[i], d.Verdict)
			}
			assert.Equal(t, test.code, ds[1].Reason().Code)
			if test.err != nil {
				require.ErrorIs(t, err, cause)
			}
			assert.Equal(t, !strings.HasSuffix(name, "without reasons"), strings.Contains(err.Error(), "contradicts"), "%v", err)
		})
	}
}

// Two lists behind one server fail alike: that is told once.
func TestUnionTellsTheSameFailureOnce(t *testing.T) {
	n := must(t, "+14155550123")
	fails := func(text string) dnc.Checker { return with(dnc.Unknown, errors.New(text), "crm_down") }
	_, err := checkBoth(t, dnc.Union(fails("no route"), fails("no route"), fails("no answer")), n)
	require.EqualError(t, err, "no route\nno answer")
}

// What is no number is blocked, whatever a Checker says of it, and needs no error.
func TestNoNumberNeedsNoError(t *testing.T) {
	cause := errors.New("the cause")
	for name, c := range map[string]dnc.Checker{
		"nil":       dnc.Union(nil),
		"an error":  dnc.Union(with(dnc.Block, cause, "invalid_number")),
		"too short": dnc.Union(dnc.CheckerFunc(func(context.Context, []dnc.Number) ([]dnc.Decision, error) { return nil, cause })),
	} {
		d, err := checkBoth(t, c, dnc.Number{})
		require.NoError(t, err, name)
		assert.Equal(t, "invalid_number", d.Reason().Code, name)
	}
}

// The error of a broken Checker says what is wrong with it, and shows nothing of a panic's value.
func TestWhatABrokenCheckerIsToldAs(t *testing.T) {
	n := must(t, "+14155550123")
	panics := func(value any) dnc.Checker {
		return dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
			if value == nil {
				var ds []dnc.Decision
				_ = ds[len(ns)]
			}
			panic(value)
		})
	}
	call := dnc.Call{Number: n, Campaign: "spring"}
	of := func(r dnc.Rule) dnc.Checker { return dnc.CheckerOf(r, call) }
	for name, test := range map[string]struct {
		checker dnc.Checker
		text    string
	}{
		"nil":                    {dnc.TimeLimit(nil, 0), "a Checker is nil"},
		"a nil rule":             {of(dnc.All(nil)), "a Rule is nil"},
		"a panic of the runtime": {dnc.TimeLimit(panics(nil), 0), "it panicked: runtime error: index out of range"},
		"a panic":                {dnc.TimeLimit(panics("+14155550123"), 0), "it panicked with a string"},
		"no function":            {of(dnc.ByCampaign(nil)), "the function of ByCampaign is nil"},
		"no checker": {
			of(dnc.ByCampaign(func(string) (dnc.Checker, error) { return nil, errors.New("no such campaign") })),
			"the function of ByCampaign has no Checker for a campaign: no such campaign",
		},
	} {
		d, err := checkBoth(t, test.checker, n)
		require.ErrorContains(t, err, test.text, name)
		require.ErrorIs(t, err, dnc.ErrCheckerFailed, name)
		assert.NotContains(t, err.Error(), "5550123", name)
		assert.Equal(t, dnc.Unknown, d.Verdict, name)
	}
}

// A Rule that forbids nothing has not said that the number is on no list.
func TestAnAllowWithoutReasons(t *testing.T) {
	n := must(t, "+14155550123")
	allows := with(dnc.Allow, nil)
	d, err := checkBoth(t, dnc.TimeLimit(allows, 0), n)
	require.NoError(t, err)
	assert.Equal(t, []string{"allowed"}, codes(d))
	rule := dnc.RuleFunc(func(_ context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
		return []dnc.Decision{{Number: calls[0].Number, Verdict: dnc.Allow}}, nil
	})
	d, err = dnc.ProtectRule(rule, quiet).Check(ctx, dnc.Call{Number: n})
	require.NoError(t, err)
	assert.Equal(t, []string{"not_forbidden"}, codes(d))
}
