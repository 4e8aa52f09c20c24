package preflight_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

func sum(data []byte) [32]byte { return sha256.Sum256(data) }

// inForce has the platform say what limits and rules are in force.
func (b *bed) inForce(attempts, times bool, ruleSets ...string) {
	ref := func(yes bool) string {
		if !yes {
			return "null"
		}
		return fmt.Sprintf(`{"id":%q}`, noID)
	}
	sets := []string{}
	for _, id := range ruleSets {
		sets = append(sets, fmt.Sprintf(`{"id":%q}`, id))
	}
	b.p.AddFault(genesystest.Fault{Path: "/diagnostics", Times: -1, Status: 200, Body: fmt.Sprintf(
		`{"callableContacts":{"dncLists":[],"attemptLimits":%s,"callableTimeSet":%s,"ruleSets":[%s]},"totalNumberOfContacts":1}`,
		ref(attempts), ref(times), strings.Join(sets, ","))})
}

// ruleSet makes a rule set with a rule for each action.
func (b *bed) ruleSet(actions ...string) string {
	b.Helper()
	var rules []string
	for _, a := range actions {
		rules = append(rules, fmt.Sprintf(`{"name":"r","category":"DIALER_PRECALL","conditions":[],"actions":[{"type":"Action","actionTypeName":%q}]}`, a))
	}
	id, err := b.p.AddObject("rulesets", `{"name":"s","rules":[`+strings.Join(rules, ",")+`]}`)
	require.NoError(b, err)
	return id
}

// rule makes a campaign rule of one action, on this campaign or on another.
func (b *bed) rule(action string, enabled, this bool) {
	b.Helper()
	on := noID
	if this {
		on = b.campaign
	}
	_, err := b.p.AddObject("campaignrules", fmt.Sprintf(`{"name":"r","enabled":%v,"campaignRuleEntities":{"campaigns":[]},"campaignRuleConditions":[],`+
		`"campaignRuleActions":[{"actionType":%q,"campaignRuleActionEntities":{"campaigns":[{"id":%q}]}}]}`, enabled, action, on))
	require.NoError(b, err)
}

func kinds(t *testing.T, err error) (kinds []preflight.GapKind) {
	t.Helper()
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*preflight.UnprotectedError](err)
	require.True(t, ok, "%v", err)
	require.ErrorIs(t, err, preflight.ErrUnprotected)
	for _, g := range e.Gaps {
		kinds = append(kinds, g.Kind)
		assert.Contains(t, err.Error(), g.Text)
	}
	return kinds
}

// AssertProtected names everything that is missing.
func TestAssertProtected(t *testing.T) {
	for name, test := range map[string]struct {
		change func(b *bed, own, required string)
		want   []preflight.GapKind
		moved  bool
	}{
		"nothing":        {func(*bed, string, string) {}, nil, false},
		"a contact came": {func(b *bed, _, _ string) { b.add("+14155550101", "") }, []preflight.GapKind{preflight.GapContactsAdded}, true},
		"another number": {func(b *bed, _, _ string) { b.put(0, "+14155550101", "") }, []preflight.GapKind{preflight.GapContactsChanged}, true},
		"a mark is gone": {func(b *bed, _, _ string) { b.put(1, "x", "") }, []preflight.GapKind{preflight.GapMarkGone}, true},
		"own list off": {func(b *bed, own, _ string) {
			b.edit(func(c *genesys.Campaign) error { return c.DetachDNCList(own) })
		}, []preflight.GapKind{preflight.GapListNotAttached}, true},
		"required list off": {func(b *bed, _, required string) {
			b.edit(func(c *genesys.Campaign) error { return c.DetachDNCList(required) })
		}, []preflight.GapKind{preflight.GapListNotAttached}, true},
		"an entry less, in a list that is longer": {func(b *bed, own, _ string) {
			require.NoError(b, b.c.RemoveDNCNumbers(b.Context(), own, []string{"+14155550142"}))
			require.NoError(b, b.c.AddDNCNumbers(b.Context(), own, []string{"+14155550198", "+14155550199"}, time.Time{}))
		}, []preflight.GapKind{preflight.GapEntriesMissing}, true},
		"a list that was emptied": {func(b *bed, _, required string) {
			require.NoError(b, b.c.EmptyDNCList(b.Context(), required, genesys.EveryNumberMayBeDialled))
		}, []preflight.GapKind{preflight.GapListEmpty}, false},
		"a list that lost a third": {func(b *bed, _, required string) {
			require.NoError(b, b.c.RemoveDNCNumbers(b.Context(), required, []string{"+14155550199"}))
		}, []preflight.GapKind{preflight.GapListShrunk}, false},
		"entries that expire": {func(b *bed, own, _ string) {
			require.NoError(b, b.c.AddDNCNumbers(b.Context(), own, []string{"+14155550142"}, time.Now().Add(48*time.Hour).Truncate(time.Minute)))
		}, []preflight.GapKind{preflight.GapEntriesExpire}, false},
		"other columns": {func(b *bed, _, _ string) {
			b.edit(func(c *genesys.Campaign) error {
				return c.SetField("phoneColumns", []map[string]string{{"columnName": "phone"}})
			})
		}, []preflight.GapKind{preflight.GapOtherColumns}, true},
		"another list": {func(b *bed, _, _ string) {
			b.edit(func(c *genesys.Campaign) error { return c.SetContactList(b.p.AddContactList("x", "phone", "phone2")) })
		}, []preflight.GapKind{preflight.GapOtherContactList}, true},
		"a day later":       {func(*bed, string, string) { time.Sleep(25 * time.Hour) }, []preflight.GapKind{preflight.GapDecisionsOld}, false},
		"no attempt limits": {func(b *bed, _, _ string) { b.p.ClearFaults(); b.inForce(false, true) }, []preflight.GapKind{preflight.GapNoAttemptLimits}, false},
		"no callable times": {func(b *bed, _, _ string) { b.p.ClearFaults(); b.inForce(true, false) }, []preflight.GapKind{preflight.GapNoCallableTimes}, false},
		"a rule set that cannot be found": {
			func(b *bed, _, _ string) { b.p.ClearFaults(); b.inForce(true, true, noID) },
			[]preflight.GapKind{preflight.GapRuleSets, preflight.GapRuleSetsChange},
			false,
		},
		"rule sets that only keep from calling": {
			func(b *bed, _, _ string) {
				b.p.ClearFaults()
				b.inForce(true, true, b.ruleSet("DO_NOT_DIAL", "NUMBER_UNCALLABLE"))
			},
			[]preflight.GapKind{preflight.GapRuleSets},
			false,
		},
		"rule sets that change contacts": {
			func(b *bed, _, _ string) {
				b.p.ClearFaults()
				b.inForce(true, true, b.ruleSet("DO_NOT_DIAL"), b.ruleSet("SCHEDULE_CALLBACK", "MODIFY_CONTACT_ATTRIBUTE"))
			},
			[]preflight.GapKind{preflight.GapRuleSets, preflight.GapRuleSetsChange, preflight.GapRuleSetsCallback},
			false,
		},
		"a rule that starts it":       {func(b *bed, _, _ string) { b.rule("turnOnCampaign", true, true) }, []preflight.GapKind{preflight.GapRulesStart}, false},
		"a rule that recycles it":     {func(b *bed, _, _ string) { b.rule("recycleCampaign", true, true) }, []preflight.GapKind{preflight.GapRulesStart}, false},
		"a rule that changes it":      {func(b *bed, _, _ string) { b.rule("setCampaignDialingMode", true, true) }, []preflight.GapKind{preflight.GapRulesChange}, false},
		"a rule with a new action":    {func(b *bed, _, _ string) { b.rule("doSomethingNew", true, true) }, []preflight.GapKind{preflight.GapRulesChange}, false},
		"a rule that starts sequence": {func(b *bed, _, _ string) { b.rule("turnOnSequence", true, false) }, []preflight.GapKind{preflight.GapRulesStart}, false},
		"rules that do no harm": {func(b *bed, _, _ string) {
			b.rule("turnOffCampaign", true, true)
			b.rule("turnOnCampaign", false, true)
			b.rule("turnOnCampaign", true, false)
			b.rule("turnOnSequence", false, false)
		}, nil, false},
		"automatic time zones": {func(b *bed, _, _ string) {
			b.p.ClearFaults()
			b.inForce(true, false)
			b.around = func(r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/contactlists/"+b.list) {
					return b.p.RoundTrip(r)
				}
				body := fmt.Sprintf(`{"id":%q,"columnNames":["name","phone","phone2","other phone"],"size":2,"automaticTimeZoneMapping":true}`, b.list)
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
			}
		}, []preflight.GapKind{preflight.GapAutomaticTimeZones}, false},
		"two things at once": {func(b *bed, own, _ string) {
			b.edit(func(c *genesys.Campaign) error { return c.DetachDNCList(own) })
			b.add("+14155550101", "")
		}, []preflight.GapKind{preflight.GapContactsAdded, preflight.GapListNotAttached}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, "+14155550100", "+14155550142", "x", "")
				b.inForce(true, true)
				required := b.p.AddDNCList("required", "+14155550197", "+14155550198", "+14155550199")
				plan := b.plan(preflight.WithRules(genesys.Rules{DNCListIDs: []string{required}}))
				result, err := plan.Apply(t.Context())
				require.NoError(t, err)
				require.NoError(t, plan.AssertProtected(t.Context()))

				test.change(b, result.Applied.DNCListID, required)
				before := b.writes()
				err = plan.AssertProtected(t.Context())
				assert.Equal(t, test.want, kinds(t, err))
				assert.Equal(t, test.moved, errors.Is(err, preflight.ErrChanged))
				assert.Equal(t, before, b.writes(), "it changes nothing")
				accepted := plan.AssertProtected(t.Context(), test.want...)
				if test.moved {
					require.ErrorIs(t, accepted, preflight.ErrInvalidInput, "what was not checked cannot be accepted")
				} else {
					require.NoError(t, accepted)
				}
				if len(test.want) > 1 && !test.moved {
					assert.Equal(t, test.want[1:], kinds(t, plan.AssertProtected(t.Context(), test.want[0])), "each by its name")
				}
			})
		})
	}
}

// Before anything was applied everything is missing.
func TestAssertBeforeApply(t *testing.T) {
	b := newBed(t, "+14155550142", "x")
	b.inForce(true, true)
	plan := b.plan()
	assert.Equal(t, []preflight.GapKind{preflight.GapMarkGone, preflight.GapEntriesMissing}, kinds(t, plan.AssertProtected(t.Context())))
}

// The data of a national list is good for 31 days.
func TestOldListData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for age, want := range map[time.Duration][]preflight.GapKind{30 * 24 * time.Hour: nil, 32 * 24 * time.Hour: {preflight.GapListCopyOld}} {
			b := newBed(t, "+14155550100", "")
			b.inForce(true, true)
			plan, err := preflight.NewPlan(t.Context(), dated{b.checker, time.Now().Add(-age)}, b.c, b.campaign)
			require.NoError(t, err)
			assert.Equal(t, want, kinds(t, plan.AssertProtected(t.Context())))
		}
	})
}

// A start needs what AssertProtected asks for, or its name.
func TestStartNeedsProtection(t *testing.T) {
	b := newBed(t, "+14155550100", "")
	plan := b.plan(preflight.StartWhenVerified(preflight.GapNoAttemptLimits))
	result, err := plan.Apply(t.Context())
	assert.Equal(t, []preflight.GapKind{preflight.GapNoCallableTimes}, kinds(t, err))
	assert.False(t, result.Started)
	assert.Zero(t, b.p.CountRequests("POST", "/start"))
	for _, kind := range []preflight.GapKind{preflight.GapContactsChanged, "x", ""} {
		_, err = preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign, preflight.StartWhenVerified(kind))
		require.ErrorIs(t, err, preflight.ErrInvalidInput)
	}
	_, err = preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign, preflight.WithRules(genesys.Rules{DryRun: true}))
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
}

// dated is a Checker whose list has a version and a date.
type dated struct {
	dnc.Checker
	date time.Time
}

func (d dated) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	ds, err := d.Checker.CheckBatch(ctx, ns)
	for i := range ds {
		ds[i].Reasons = dnc.ReasonsOf(dnc.Reason{Code: ds[i].Reason().Code, List: "national", Version: "12", Date: d.date})
	}
	return ds, err
}

// A DNC list of a division that the client's role does not have is attached and works. It does not
// keep a plan from being made, and AssertProtected names it.
func TestListOfAnotherDivision(t *testing.T) {
	for _, status := range []int{403, 404} {
		b := newBed(t, "+14155550100", "+14155550142")
		hidden := b.p.AddDNCList("hidden", "+14155550199")
		b.edit(func(c *genesys.Campaign) error { return c.AttachDNCLists(hidden) })
		b.p.AddFault(genesystest.Fault{Method: "GET", Path: "/dnclists/" + hidden, Status: status, Body: `{"code":"not.authorized"}`, Times: -1})
		plan := b.plan()
		result, err := plan.Apply(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []string{hidden, result.Applied.DNCListID}, result.Applied.After.DNCListIDs())
		b.inForce(true, true)
		err = plan.AssertProtected(t.Context())
		assert.Equal(t, []preflight.GapKind{preflight.GapListEmpty}, kinds(t, err))
		require.ErrorContains(t, err, hidden)
	}
}

// An entry counts in whatever way it is spelled: ApplyRules takes it for the number, too.
func TestEntriesInAnotherSpelling(t *testing.T) {
	b := newBed(t, "+14155550100", "+14155550142")
	own := b.p.AddDNCList(genesys.OwnDNCListName(b.campaign), "+1 (415) 555-0142")
	plan := b.plan()
	_, err := plan.Apply(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.c.RemoveDNCNumbers(t.Context(), own, []string{"+14155550142"}))
	b.inForce(true, true)
	require.NoError(t, plan.AssertProtected(t.Context()))
	require.NoError(t, b.c.EmptyDNCList(t.Context(), own, genesys.EveryNumberMayBeDialled))
	assert.Equal(t, []preflight.GapKind{preflight.GapListEmpty, preflight.GapEntriesMissing}, kinds(t, plan.AssertProtected(t.Context())))
}

// A rule set is in force if the campaign names it, also where the diagnostics do not.
func TestRuleSetsOfTheCampaign(t *testing.T) {
	for _, diagnostics := range []string{``, `{}`, `{"callableContacts":{"ruleSets":null}}`, `{"callableContacts":{"dncLists":[]}}`} {
		b := newBed(t, "+14155550100", "")
		set := b.ruleSet("MODIFY_CONTACT_ATTRIBUTE")
		b.edit(func(c *genesys.Campaign) error {
			return c.SetField("ruleSets", []map[string]string{{"id": strings.ToUpper(set)}})
		})
		if diagnostics == "" {
			diagnostics = `{"callableContacts":{"ruleSets":[{"id":"` + set + `"}]}}`
		}
		b.p.AddFault(genesystest.Fault{Path: "/diagnostics", Status: 200, Body: diagnostics, Times: -1})
		err := b.plan().AssertProtected(t.Context(), preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes)
		assert.Contains(t, kinds(t, err), preflight.GapRuleSets, diagnostics)
		require.ErrorContains(t, err, "1 rule sets act", diagnostics)
	}
}
