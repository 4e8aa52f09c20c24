package dnc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// golden compares JSON with a file of testdata. The files are the contract with those who read
// reports: change one by hand, knowingly.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	assert.Equal(t, strings.TrimSpace(string(want)), string(got))
}

func TestAReportReadsItsOwnJSON(t *testing.T) {
	missing := unknownFor(dnc.CodeListMissing)
	list := dnc.NewMemory("blacklist", must(t, "+14155550123"))
	for _, c := range []dnc.Checker{list, missing, dnc.Protect(missing), dnc.Union(list, missing)} {
		report, _ := dnc.Validate(ctx, c, []string{"+14155550123", "+1 415 555 0100", "", "abc"}, nil)
		written, err := json.Marshal(report)
		require.NoError(t, err)
		var read dnc.Report
		require.NoError(t, json.Unmarshal(written, &read))
		again, err := json.Marshal(read)
		require.NoError(t, err)
		assert.JSONEq(t, string(written), string(again))
		assert.Equal(t, report.String(), read.String())
		assert.Equal(t, report.Decisions[1].Decision, read.Decisions[1].Decision)
		require.ErrorIs(t, read.Decisions[2].Invalid, dnc.ErrInvalidNumber)
	}
	var read dnc.Report
	require.ErrorContains(t, json.Unmarshal([]byte(`{"total":1,"blocked":0,"allowed":1,"decisions":[{"phoneNumber":"+14155550123","verdict":"block"}]}`), &read), "contradict")
}

// Nobody can change the reasons of other decisions.
func TestReasonsCannotBeChanged(t *testing.T) {
	own := []dnc.Reason{{Code: "dnc_crm"}}
	reasons := dnc.ReasonsOf(own...)
	own[0].Code = "allowed"
	assert.Equal(t, "dnc_crm", reasons.String())
	assert.Equal(t, 1, reasons.Len())
	text, err := json.Marshal(dnc.Reasons{})
	require.NoError(t, err)
	assert.JSONEq(t, "[]", string(text))
	require.Error(t, json.Unmarshal([]byte(`{"code":"allowed"}`), &reasons))
	assert.Equal(t, "dnc_crm", reasons.String(), "an error changes nothing")
	n := must(t, "+14155550123")
	list := dnc.NewMemory("blacklist", n)
	a, _ := list.Check(ctx, n)
	b, _ := list.Check(ctx, n)
	assert.Equal(t, a, b)
	counts := map[dnc.Reasons]int{a.Reasons: 1}
	counts[b.Reasons]++
	assert.Len(t, counts, 1, "decisions of one list share their reasons")
}

func TestReportJSON(t *testing.T) {
	list := dnc.NewMemory("blacklist", must(t, "+14155550123"))
	require.NoError(t, list.SetGeoRule("+1900", dnc.GeoRule{RiskLevel: "High"}))
	versioned := dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(ns))
		late := false
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: dnc.ReasonsOf(
				dnc.Reason{Code: dnc.CodeAllowed, List: "national", Version: "12", Date: time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC)},
			)}
			if n == must(t, "+14155550199") {
				late = true
				ds[i] = dnc.Decision{Number: n, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeStoreTimeout, List: "national"})}
			}
		}
		if late {
			return ds, errors.New("late")
		}
		return ds, nil
	})
	inputs := []string{"+1 (415) 555-0123", "+14155550100", "+19005550123", "+14155550199", "no number <b>"}

	r, err := dnc.Validate(ctx, dnc.Union(list, versioned), inputs, dnc.ParseNumber)
	require.Error(t, err)
	golden(t, "report.json", r)

	r, err = dnc.Validate(ctx, dnc.Fallback(dnc.Union(list, versioned), quiet), inputs, nil)
	require.NoError(t, err)
	golden(t, "report_fallback.json", r)
	assert.Equal(t, 1, r.Unknown)

	r, err = dnc.Validate(ctx, list, nil, dnc.ParseNumber)
	require.NoError(t, err)
	golden(t, "report_empty.json", r)
	golden(t, "report_empty.json", dnc.Report{})

	d, _ := list.Check(ctx, must(t, "+14155550123"))
	golden(t, "decision.json", d)
}

func TestReportCounts(t *testing.T) {
	for _, c := range []struct {
		name                      string
		c                         dnc.Checker
		blocked, allowed, unknown int
	}{
		{"allow", with(dnc.Allow, nil, "allowed"), 1, 2, 0},
		{"block", with(dnc.Block, nil, "dnc_x"), 3, 0, 0},
		{"unknown", unknownFor(dnc.CodeListMissing), 3, 0, 2},
		{"a code of its own", with(dnc.Unknown, errors.New("x"), "crm_down"), 3, 0, 2},
		{"a code of its own, blocked by a fallback", dnc.Fallback(with(dnc.Unknown, errors.New("x"), "crm_down"), quiet), 3, 0, 2},
		{"fallback blocks", dnc.Fallback(unknownFor(dnc.CodeListMissing), quiet), 3, 0, 2},
		{"fallback allows", dnc.Fallback(unknownFor(dnc.CodeStoreTimeout), quiet, dnc.DangerouslyAllowUnchecked()), 1, 2, 0},
		{"nil", nil, 3, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := dnc.Validate(ctx, c.c, []string{"+14155550101", "bad", "+14155550102"}, nil)
			assert.Equal(t, []int{3, c.blocked, c.allowed, c.unknown}, []int{r.Total, r.Blocked, r.Allowed, r.Unknown})
			open := false
			for _, d := range r.Decisions {
				open = open || d.Decision.Verdict == dnc.Unknown
			}
			assert.Equal(t, open, err != nil)
			assert.Equal(t, dnc.CodeInvalidNumber, r.Decisions[1].Decision.Reason().Code)
			assert.Equal(t, "bad", r.Decisions[1].Input)
		})
	}
}

// A fallback is no answer, whatever it made of the number.
func TestUndecided(t *testing.T) {
	n := []dnc.Number{must(t, "+14155550101")}
	for _, c := range []struct {
		name string
		c    dnc.Checker
		want bool
	}{
		{"allow", with(dnc.Allow, nil, "allowed"), false},
		{"block", with(dnc.Block, nil, "dnc_x"), false},
		{"unknown", unknownFor(dnc.CodeListMissing), true},
		{"fallback blocks", dnc.Protect(unknownFor(dnc.CodeListMissing)), true},
		{"fallback blocks a code of its own", dnc.Fallback(with(dnc.Unknown, errors.New("x"), "crm_down"), quiet), true},
		{"fallback allows", dnc.Fallback(unknownFor(dnc.CodeStoreTimeout), quiet, dnc.DangerouslyAllowUnchecked()), true},
		{"a fallback that does not say so", with(dnc.Block, nil, dnc.CodeListMissing), true},
		{"one list blocks and the other is missing", dnc.Protect(dnc.Union(with(dnc.Block, nil, "dnc_x"), unknownFor(dnc.CodeListMissing))), false},
	} {
		ds, _ := c.c.CheckBatch(ctx, n)
		assert.Equal(t, c.want, ds[0].Undecided(), c.name)
	}
	assert.True(t, dnc.Decision{}.Undecided())
}

func TestReportShowsNoNumber(t *testing.T) {
	r, err := dnc.Validate(ctx, memory(t, []dnc.Number{must(t, "+14155550123")}), []string{"+14155550123"}, nil)
	require.NoError(t, err)
	var out strings.Builder
	for _, v := range []any{r, &r, r.Decisions, r.Decisions[0], r.Decisions[0].Decision, struct{ R dnc.Report }{r}, []dnc.Report{r}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			_, _ = fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "r", r, "c", r.Decisions[0], "d", r.Decisions[0].Decision)
	noCanary(t, out.String())
	assert.Contains(t, fmt.Sprint(r), "total=1 blocked=1")
}

func noCanary(t testing.TB, text string) {
	t.Helper()
	if at := canaryNumber.FindStringIndex(text); at != nil {
		line := text[:at[0]]
		t.Fatalf("a full number was written, %d lines down, after %q", strings.Count(line, "\n"), line[max(0, len(line)-80):])
	}
}

func TestTextOfVerdicts(t *testing.T) {
	for v, name := range map[dnc.Verdict]string{dnc.Unknown: "unknown", dnc.Allow: "allow", dnc.Block: "block"} {
		assert.Equal(t, name, v.String())
		text, err := v.MarshalText()
		require.NoError(t, err)
		var back dnc.Verdict
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, v, back)
		assert.Equal(t, v == dnc.Allow, dnc.Decision{Verdict: v}.Callable())
	}
	_, err := dnc.Verdict(9).MarshalText()
	require.Error(t, err)
	_, err = dnc.Verdict(3).MarshalText()
	require.Error(t, err)
	assert.Equal(t, "verdict(9)", dnc.Verdict(9).String())
	assert.Equal(t, "verdict(3)", dnc.Verdict(3).String(), "the first that has no name")
	var v dnc.Verdict
	require.Error(t, v.UnmarshalText([]byte("ALLOW")))
	assert.False(t, dnc.Decision{Verdict: 9}.Callable())
	assert.Equal(t, dnc.CodeCheckerFailed, dnc.Decision{}.Reason().Code)
}

func TestErrors(t *testing.T) {
	cause := errors.New("cause")
	for code, sentinel := range map[string]error{
		dnc.CodeListMissing: dnc.ErrListMissing, dnc.CodeListIncomplete: dnc.ErrListIncomplete, dnc.CodeListStale: dnc.ErrListStale,
		dnc.CodeNotCovered: dnc.ErrNotCovered, dnc.CodeGeoRuleInvalid: dnc.ErrGeoRuleInvalid,
		dnc.CodeStoreUnavailable: dnc.ErrStoreUnavailable, dnc.CodeStoreTimeout: dnc.ErrStoreTimeout,
		dnc.CodeStoreMisconfigured: dnc.ErrStoreMisconfigured, dnc.CodeCheckerFailed: dnc.ErrCheckerFailed,
		dnc.CodeCanceled: context.Canceled,
	} {
		err := &dnc.Error{Code: code, List: "l", Hint: "do this", Err: cause}
		require.ErrorIs(t, err, sentinel)
		require.ErrorIs(t, err, cause)
		require.NotErrorIs(t, err, dnc.ErrOption)
		assert.Equal(t, `dnc: list "l": `+code+`: do this: cause`, err.Error())
		assert.Equal(t, code == dnc.CodeStoreUnavailable || code == dnc.CodeStoreTimeout, err.Retryable())
	}
	require.NotErrorIs(t, &dnc.Error{Code: "own"}, dnc.ErrListMissing)
}

// A forgotten country makes every input invalid: the report says why, with counts and without a
// number.
func TestReportSaysWhyInputsAreInvalid(t *testing.T) {
	list := dnc.NewMemory("blacklist", must(t, "+14155550123"))
	inputs := []string{"(415) 555-0123", "(415) 555-0124", "", "+14155550125"}
	r, err := dnc.Validate(ctx, list, inputs, nil)
	require.NoError(t, err)
	assert.Equal(t, 3, r.Invalid)
	assert.Equal(t, map[string]int{
		`it does not begin with "+" and the country code; for national forms use a Parser with a Country`: 2, "it is empty": 1,
	}, r.Causes)
	assert.Equal(t, "total=4 blocked=3 allowed=1 unknown=0 invalid=3 "+
		`(2 of them: it does not begin with "+" and the country code; for national forms use a Parser with a Country)`, r.String())
	require.ErrorIs(t, r.Decisions[0].Invalid, dnc.ErrInvalidNumber)
	require.ErrorContains(t, r.Decisions[0].Invalid, "Country")
	require.NoError(t, r.Decisions[3].Invalid)

	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "report", r)
	assert.Contains(t, log.String(), `"it is empty":1`)
	assert.NotContains(t, log.String(), "0123")
}

// What another parser says may hold the number: its type is told, and a number beside no error is
// asked for.
func TestReportTellsTheTypeOfForeignCauses(t *testing.T) {
	list := dnc.NewMemory("blacklist", must(t, "+14155550123"))
	r, err := dnc.Validate(ctx, list, []string{"4155550123", "zero"}, func(s string) (dnc.Number, error) {
		if s == "zero" {
			return dnc.Number{}, nil
		}
		return must(t, "+14155550100"), fmt.Errorf("no number: %s", s)
	})
	require.NoError(t, err)
	assert.Equal(t, 2, r.Invalid)
	assert.Equal(t, map[string]int{
		"the parser refused it with a *errors.errorString": 1,
		"the parser returned the zero Number and no error": 1,
	}, r.Causes)
	require.ErrorContains(t, r.Decisions[0].Invalid, "4155550123", "the parser's own error is for the caller")
	text, err := json.Marshal(r)
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(string(text), "4155550123"), "the input alone")
}
