package dnc_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
)

const (
	onNational  = "+14155550100"
	onNone      = "+14155550101"
	onCampaign  = "+14155550102"
	atOtherTime = "+14155550103"
)

func callTo(t *testing.T, number string) dnc.Call {
	t.Helper()
	n, err := dnc.ParseNumber(number)
	require.NoError(t, err)
	return dnc.Call{Number: n}
}

func listOf(t *testing.T, name string, numbers ...string) *dnc.Memory {
	t.Helper()
	ns := make([]dnc.Number, len(numbers))
	for i, s := range numbers {
		ns[i] = callTo(t, s).Number
	}
	return dnc.NewMemory(name, ns...)
}

// hoursUntil is a Rule as hours are: closed until then for one number, and never a voucher.
func hoursUntil(t *testing.T, closed string, until time.Time) dnc.Rule {
	number := callTo(t, closed).Number
	return dnc.RuleFunc(func(_ context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(calls))
		for i, call := range calls {
			d := dnc.Decision{Number: call.Number, Verdict: dnc.Allow, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeNotForbidden, List: "hours"})}
			if call.Number == number {
				d.Verdict = dnc.Block
				d.Reasons = dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeOutsideHours, List: "hours", Until: until})
			}
			ds[i] = d
		}
		return ds, nil
	})
}

func TestAllMergesListsAndHours(t *testing.T) {
	opens := time.Date(2026, 11, 27, 14, 0, 0, 0, time.UTC)
	for name, gate := range map[string]dnc.Rule{
		"All":         dnc.All(dnc.RuleOf(listOf(t, "national", onNational)), hoursUntil(t, atOtherTime, opens)),
		"ProtectRule": dnc.ProtectRule(dnc.All(dnc.RuleOf(listOf(t, "national", onNational)), hoursUntil(t, atOtherTime, opens)), dnc.WithLogger(slog.New(slog.DiscardHandler))),
	} {
		t.Run(name, func(t *testing.T) {
			calls := []dnc.Call{callTo(t, onNational), callTo(t, onNone), callTo(t, atOtherTime), {}}
			ds, err := gate.CheckBatch(t.Context(), calls)
			require.NoError(t, err)
			for i, want := range []dnc.Verdict{dnc.Block, dnc.Allow, dnc.Block, dnc.Block} {
				assert.Equal(t, want, ds[i].Verdict, ds[i])
				d, err := gate.Check(t.Context(), calls[i])
				require.NoError(t, err)
				assert.Equal(t, ds[i].String(), d.String())
			}
			assert.Equal(t, "dnc_national", ds[0].Reason().Code)
			assert.Equal(t, dnc.CodeAllowed, ds[1].Reason().Code)
			assert.Equal(t, dnc.CodeOutsideHours, ds[2].Reason().Code)
			assert.Equal(t, dnc.CodeInvalidNumber, ds[3].Reason().Code)

			assert.True(t, ds[0].Until().IsZero(), "a list has no end")
			assert.True(t, ds[1].Until().IsZero())
			assert.Equal(t, opens, ds[2].Until())
			for i, want := range []bool{false, false, true, false} {
				assert.Equal(t, want, ds[i].Temporary(), ds[i])
			}
		})
	}
}

func TestUntilIsTheLatestAndOnlyOfWhatBlocks(t *testing.T) {
	eight, nine := time.Unix(8, 0), time.Unix(9, 0)
	hours := dnc.Reason{Code: dnc.CodeOutsideHours, Until: eight}
	for _, tc := range []struct {
		name      string
		verdict   dnc.Verdict
		reasons   []dnc.Reason
		until     time.Time
		temporary bool
	}{
		{"one", dnc.Block, []dnc.Reason{hours}, eight, true},
		{"the latest", dnc.Block, []dnc.Reason{hours, {Code: dnc.CodeHoliday, Until: nine}, hours}, nine, true},
		{"a list beside", dnc.Block, []dnc.Reason{{Code: "dnc_national"}, hours}, time.Time{}, false},
		{"an emergency until lifted", dnc.Block, []dnc.Reason{hours, {Code: dnc.CodeEmergency}}, time.Time{}, true},
		{"a limit of another package", dnc.Block, []dnc.Reason{{Code: "attempt_limit", Until: nine}}, nine, true},
		{"doubt beside", dnc.Block, []dnc.Reason{hours, {Code: dnc.CodeListStale}}, eight, true},
		{"a fallback", dnc.Block, []dnc.Reason{{Code: dnc.CodeStoreTimeout}}, time.Time{}, false},
		{"unknown", dnc.Unknown, []dnc.Reason{{Code: dnc.CodeZoneUnknown, Until: nine}}, time.Time{}, false},
		{"allowed", dnc.Allow, []dnc.Reason{{Code: dnc.CodeNotForbidden, Until: nine}}, time.Time{}, false},
		{"none", dnc.Block, nil, time.Time{}, false},
	} {
		d := dnc.Decision{Verdict: tc.verdict, Reasons: dnc.ReasonsOf(tc.reasons...)}
		assert.Equal(t, tc.until, d.Until(), tc.name)
		assert.Equal(t, tc.temporary, d.Temporary(), tc.name)
	}
}

// A rule of hours knows nothing of the number. It must not replace the list that a list which only
// blocks needs beside it.
func TestHoursDoNotVouchForANumber(t *testing.T) {
	hours := hoursUntil(t, atOtherTime, time.Unix(1, 0))
	silent := dnc.RuleFunc(func(_ context.Context, calls []dnc.Call) ([]dnc.Decision, error) { // allows without a reason
		return []dnc.Decision{{Number: calls[0].Number, Verdict: dnc.Allow}}, nil
	})
	state := dnc.RuleOf(dnc.BlockOnly(listOf(t, "state", onNational)))
	national := dnc.RuleOf(listOf(t, "national", onNational))
	call := callTo(t, onNone)
	for _, tc := range []struct {
		name string
		rule dnc.Rule
		want dnc.Verdict
	}{
		{"a list that only blocks, and hours", dnc.All(state, hours), dnc.Unknown},
		{"the other way round", dnc.All(hours, state), dnc.Unknown},
		{"nested", dnc.All(dnc.All(hours, state), hours), dnc.Unknown},
		{"beside a rule without reasons", dnc.All(state, silent), dnc.Unknown},
		{"as a Checker", dnc.RuleOf(dnc.Union(dnc.CheckerOf(hours, dnc.Call{}), dnc.CheckerOf(state, dnc.Call{}))), dnc.Unknown},
		{"beside a list that allows", dnc.All(state, hours, national), dnc.Allow},
		{"nested beside a list that allows", dnc.All(dnc.All(state, hours), dnc.All(national, hours)), dnc.Allow},
		{"hours alone", dnc.All(hours), dnc.Allow},
	} {
		d, err := tc.rule.Check(t.Context(), call)
		assert.Equal(t, tc.want, d.Verdict, "%s: %v", tc.name, d)
		assert.Equal(t, tc.want == dnc.Unknown, errors.Is(err, dnc.ErrNotListed), "%s: %v", tc.name, err)
		ds, batchErr := tc.rule.CheckBatch(t.Context(), []dnc.Call{call})
		assert.Equal(t, d.String(), ds[0].String(), tc.name)
		assert.Equal(t, err == nil, batchErr == nil, tc.name)
	}
}

func TestAllOfNothingNeverAllows(t *testing.T) {
	for name, rule := range map[string]dnc.Rule{
		"no rules": dnc.All(), "a nil rule": dnc.All(nil), "a nil list": dnc.RuleOf(nil), "a nil func": dnc.RuleFunc(nil),
		"protected nil": dnc.ProtectRule(nil, dnc.WithLogger(slog.New(slog.DiscardHandler))), "protected none": dnc.ProtectRule(dnc.All(), dnc.WithLogger(slog.New(slog.DiscardHandler))),
		"a campaign's list that is nil": dnc.All(dnc.ByCampaign(nil)),
		"no rules beside a list":        dnc.All(dnc.RuleOf(listOf(t, "national", onNational)), dnc.All()),
		"protected beside a list": dnc.ProtectRule(dnc.All(dnc.RuleOf(listOf(t, "national", onNational)), dnc.All()),
			dnc.WithLogger(slog.New(slog.DiscardHandler))),
		"protected beside a union of none": dnc.ProtectRule(dnc.All(dnc.RuleOf(listOf(t, "national", onNational)), dnc.RuleOf(dnc.Union())),
			dnc.WithLogger(slog.New(slog.DiscardHandler))),
	} {
		call := callTo(t, onNone)
		call.Campaign = "spring"
		d, _ := rule.Check(t.Context(), call)
		assert.False(t, d.Callable(), name)
		assert.Equal(t, dnc.CodeCheckerFailed, d.Reason().Code, name)
		ds, _ := rule.CheckBatch(t.Context(), []dnc.Call{call, {}})
		assert.False(t, ds[0].Callable(), name)
		assert.Equal(t, dnc.CodeInvalidNumber, ds[1].Reason().Code, name)
	}
}

func TestRulesKeepTheContract(t *testing.T) {
	free, listed := []dnc.Call{callTo(t, onNone)}, []dnc.Call{callTo(t, onNational)}
	free[0].Campaign, listed[0].Campaign = "spring", "spring"
	national := listOf(t, "national", onNational)
	campaigns := dnc.ByCampaign(func(string) (dnc.Checker, error) { return listOf(t, "campaign", onNational), nil })
	for name, rule := range map[string]dnc.Rule{
		"RuleOf":      dnc.RuleOf(national),
		"All":         dnc.All(dnc.RuleOf(national), campaigns),
		"ProtectRule": dnc.ProtectRule(dnc.All(dnc.RuleOf(dnc.Union(national, national)), campaigns), dnc.WithLogger(slog.New(slog.DiscardHandler))),
	} {
		t.Run(name, func(t *testing.T) { dnctest.TestRule(t, rule, free, listed) })
	}
	t.Run("All distrusts", func(t *testing.T) {
		dnctest.TestRuleDecorator(t, func(r dnc.Rule) dnc.Rule { return dnc.All(r, dnc.RuleOf(listOf(t, "national", "+12025550100"))) })
	})
	t.Run("ProtectRule distrusts", func(t *testing.T) {
		dnctest.TestRuleDecorator(t, func(r dnc.Rule) dnc.Rule { return dnc.ProtectRule(r, dnc.WithLogger(slog.New(slog.DiscardHandler))) })
	})
	t.Run("CheckerOf", func(t *testing.T) {
		dnctest.TestChecker(t, func(_ testing.TB, listed []dnc.Number) dnc.Checker {
			return dnc.CheckerOf(dnc.All(dnc.RuleOf(dnc.NewMemory("national", listed...))), dnc.Call{Campaign: "spring"})
		})
		dnctest.TestDecorator(t, func(c dnc.Checker) dnc.Checker { return dnc.CheckerOf(dnc.All(dnc.RuleOf(c)), dnc.Call{}) })
	})
}

// A million numbers must not become a million Calls at once, and each has the template's fields.
func TestCheckerOfAsksInParts(t *testing.T) {
	const size = 25_001
	asked := 0
	rule := dnc.RuleFunc(func(_ context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
		asked += len(calls)
		require.LessOrEqual(t, len(calls), 10_000)
		ds := make([]dnc.Decision, len(calls))
		for i, call := range calls {
			require.Equal(t, "spring", call.Campaign)
			ds[i] = dnc.Decision{Number: call.Number, Verdict: dnc.Allow, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeNotForbidden})}
		}
		return ds, nil
	})
	ns := make([]dnc.Number, size)
	for i := range ns {
		ns[i] = callTo(t, fmt.Sprintf("+1415555%04d", i%10_000)).Number
	}
	ds, err := dnc.CheckerOf(rule, dnc.Call{Campaign: "spring"}).CheckBatch(t.Context(), ns)
	require.NoError(t, err)
	require.Len(t, ds, size)
	assert.Equal(t, size, asked)
	for i, d := range ds {
		require.Equal(t, ns[i], d.Number)
	}
}

// What the caller does with its template afterwards changes no check.
func TestCheckerOfKeepsItsTemplate(t *testing.T) {
	zones := []string{"America/Chicago"}
	c := dnc.CheckerOf(dnc.RuleFunc(func(_ context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
		require.Equal(t, []string{"America/Chicago"}, calls[0].Location.Zones)
		return []dnc.Decision{{Number: calls[0].Number, Verdict: dnc.Allow}}, nil
	}), dnc.Call{Location: dnc.Location{Zones: zones}})
	zones[0] = "Europe/Paris"
	_, err := c.Check(t.Context(), callTo(t, onNone).Number)
	require.NoError(t, err)
}

func TestByCampaignAsksTheCampaignsOwnList(t *testing.T) {
	var made atomic.Int32
	lists := dnc.ByCampaign(func(id string) (dnc.Checker, error) {
		made.Add(1)
		switch id {
		case "spring":
			return listOf(t, "campaign", onCampaign), nil
		case "empty":
			return dnc.NewMemory("campaign"), nil // never filled
		case "panics":
			panic("on purpose")
		}
		return nil, errors.New("no such campaign")
	})
	gate := dnc.All(dnc.RuleOf(listOf(t, "national", onNational)), lists)
	call := func(number, campaign string) dnc.Call {
		c := callTo(t, number)
		c.Campaign = campaign
		return c
	}
	calls := []dnc.Call{
		call(onCampaign, "spring"), call(onNone, "spring"), call(onCampaign, ""),
		call(onNone, "empty"), call(onNone, "gone"), call(onNone, "panics"), call(onNational, "gone"),
	}
	want := []string{
		"block dnc_campaign", "allow allowed", "allow allowed",
		"unknown list_missing", "unknown checker_failed", "unknown checker_failed", "block dnc_national",
	}
	ds, err := gate.CheckBatch(t.Context(), calls)
	require.Error(t, err)
	require.ErrorIs(t, err, dnc.ErrListMissing)
	for i, d := range ds {
		assert.Equal(t, want[i], d.Verdict.String()+" "+d.Reason().Code, i)
		single, _ := gate.Check(t.Context(), calls[i])
		assert.Equal(t, d.Reason().Code, single.Reason().Code, i)
	}
	// By itself, or beside hours alone, a campaign's list allows nobody.
	for _, rule := range []dnc.Rule{lists, dnc.All(lists, hoursUntil(t, atOtherTime, time.Unix(1, 0)))} {
		d, err := rule.Check(t.Context(), call(onNone, "spring"))
		require.ErrorIs(t, err, dnc.ErrNotListed)
		assert.Equal(t, dnc.Unknown, d.Verdict)
	}
	// spring and empty once; gone in the batch and for two calls, panics in the batch and for one.
	assert.EqualValues(t, 1+1+3+2, made.Load())
}

func TestByCampaignKeepsAThousandLists(t *testing.T) {
	made := 0
	lists := dnc.ByCampaign(func(string) (dnc.Checker, error) { made++; return listOf(t, "campaign", onCampaign), nil })
	call := callTo(t, onCampaign)
	for round := range 2 {
		for i := range 1001 {
			call.Campaign = fmt.Sprint(i)
			d, err := lists.Check(t.Context(), call)
			require.NoError(t, err)
			require.Equal(t, dnc.Block, d.Verdict)
		}
		require.Equal(t, 1001*(round+1), made, "each was the oldest when its turn came again")
	}
	d, err := lists.Check(t.Context(), call)
	require.NoError(t, err)
	require.Equal(t, dnc.Block, d.Verdict)
	require.Equal(t, 2002, made, "the newest is kept")
}

// Each Rule of an All has a breaker of its own, and a Rule that fails alone keeps its error.
func TestProtectRuleGuardsEachRule(t *testing.T) {
	call := callTo(t, "+14155550123")
	failed := errors.New("the calendar is down")
	asked := map[string]int{}
	rule := func(name string, answer dnc.Decision, err error) dnc.Rule {
		return dnc.RuleFunc(func(context.Context, []dnc.Call) ([]dnc.Decision, error) {
			asked[name]++
			answer.Number = call.Number
			return []dnc.Decision{answer}, err
		})
	}
	hours := rule("hours", dnc.Decision{Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeStoreUnavailable})}, failed)
	consent := rule("consent", dnc.Decision{Verdict: dnc.Allow, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeNotForbidden})}, nil)
	_, err := hours.Check(ctx, call)
	require.ErrorIs(t, err, failed)
	asked["hours"] = 0
	both := dnc.ProtectRule(dnc.All(hours, consent), quiet, dnc.WithBreakerPolicy(dnc.BreakerPolicy{MinChecks: 3}))
	for range 10 {
		d, err := both.Check(ctx, call)
		require.NoError(t, err)
		assert.Equal(t, dnc.Block, d.Verdict)
	}
	assert.Equal(t, map[string]int{"hours": 3, "consent": 10}, asked)
}

func TestACallShowsNothingOfThePerson(t *testing.T) {
	call := callTo(t, "+14155550123")
	call.Party, call.Campaign, call.Purpose = "Jane Doe 4711", "spring", "sales"
	call.Location = dnc.Location{Postal: "94105"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		s := fmt.Sprintf(verb, call)
		for _, secret := range []string{"5550123", "Jane", "94105"} {
			assert.NotContains(t, s, secret, verb)
		}
		assert.Contains(t, s, `purpose="sales" campaign="spring"`)
	}
	assert.NotContains(t, dnc.Call{}.String(), "=", "what is not known is left out")
	assert.Equal(t, call.String(), call.LogValue().String())
}

func TestChannelText(t *testing.T) {
	for c, name := range map[dnc.Channel]string{dnc.Voice: "voice", dnc.Prerecorded: "prerecorded", dnc.Text: "text"} {
		text, err := c.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, name, string(text))
		assert.Equal(t, name, c.String())
		var back dnc.Channel
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, c, back)
	}
	for _, none := range []dnc.Channel{3, 9} {
		_, err := none.MarshalText()
		require.Error(t, err)
	}
	var c dnc.Channel
	require.Error(t, c.UnmarshalText([]byte("fax")))
	assert.Equal(t, "channel(9)", dnc.Channel(9).String())
	assert.Equal(t, "channel(3)", dnc.Channel(3).String(), "the first that has no name")
}

func TestValidateCalls(t *testing.T) {
	lists := dnc.ByCampaign(func(string) (dnc.Checker, error) { return listOf(t, "campaign", onCampaign), nil })
	rule := dnc.All(dnc.RuleOf(listOf(t, "national", onNational)), lists)
	calls := []dnc.Call{{Campaign: "spring"}, {}, {Campaign: "spring"}, {}}
	numbers := []string{onCampaign, onCampaign, onNational, "no number"}
	r, err := dnc.ValidateCalls(t.Context(), rule, numbers, calls, nil)
	require.NoError(t, err)
	assert.Equal(t, "total=4 blocked=3 allowed=1 unknown=0 invalid=1 (1 of them: it has letters: write digits in their place; an extension is marked by x, ext. or #)", r.String())
	assert.Equal(t, []dnc.Call{{Campaign: "spring"}, {}, {Campaign: "spring"}, {}}, calls, "they are the caller's")

	r, err = dnc.ValidateCalls(t.Context(), rule, numbers, calls[1:], nil)
	require.ErrorIs(t, err, dnc.ErrCheckerFailed)
	assert.Equal(t, 0, r.Allowed)
	assert.Equal(t, 3, r.Unknown)
}

// A list that blocks for its own reason is an answer, whatever a fallback beside it says, in either
// order.
func TestABlockBesideAFallbackIsNoFallback(t *testing.T) {
	t.Parallel()
	n := callTo(t, onNational).Number
	listed := listOf(t, "national", onNational)
	fallback := dnc.Fallback(dnc.NewMemory("empty"), dnc.WithLogger(slog.New(slog.DiscardHandler)))
	for _, c := range []dnc.Checker{dnc.Union(listed, fallback), dnc.Union(fallback, listed)} {
		d, err := c.Check(t.Context(), n)
		require.NoError(t, err)
		assert.Equal(t, dnc.Block, d.Verdict)
		assert.False(t, d.Fallback, d)
	}
}
