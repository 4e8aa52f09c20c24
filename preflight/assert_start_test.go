package preflight_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

// object makes an object of the platform.
func (b *bed) object(collection, format string, args ...any) (id string) {
	b.Helper()
	id, err := b.p.AddObject(collection, fmt.Sprintf(format, args...))
	require.NoError(b, err)
	return id
}

// sequence makes a campaign sequence that has this campaign; more is members with a comma before each.
func (b *bed) sequence(status, more string) (id string) {
	b.Helper()
	return b.object("sequences", `{"name":"s","status":%q,"campaigns":[{"id":%q},{"id":%q}]%s}`, status, noID, b.campaign, more)
}

// interval is one that ends so long from now.
func interval(end time.Duration) string {
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format("2006-01-02T15:04:05.000Z") }
	return fmt.Sprintf(`"intervals":[{"start":%q,"end":%q}]`, at(end-8*time.Hour), at(end))
}

// schedules makes a schedule of the "campaign" or "sequence" with an id.
func (b *bed) schedules(of, id, members string) {
	b.Helper()
	b.object("schedules/"+of+"s", `{%s,%q:{"id":%q}}`, members, of, id)
}

// ruleOn makes a campaign rule that watches some sequences, and has an action on others.
func (b *bed) ruleOn(action, watched, changed string, triggering bool) {
	b.Helper()
	ref := func(id string) string {
		if id == "" {
			return `[]`
		}
		return fmt.Sprintf(`[{"id":%q}]`, id)
	}
	b.object("campaignrules", `{"name":"r","enabled":true,"campaignRuleEntities":{"sequences":%s},"campaignRuleConditions":[],`+
		`"campaignRuleActions":[{"actionType":%q,"campaignRuleActionEntities":{"sequences":%s,"useTriggeringEntity":%v}}]}`, ref(watched), action, ref(changed), triggering)
}

// What can switch the campaign on without a program is a gap, and so is what cannot be judged.
func TestWhatStartsTheCampaign(t *testing.T) {
	t.Parallel()
	schedule, sequence, rule, change := preflight.GapScheduleStarts, preflight.GapSequencesStart, preflight.GapRulesStart, preflight.GapRulesChange
	for name, test := range map[string]struct {
		change func(b *bed)
		want   []preflight.GapKind
		text   string
	}{
		"a schedule to come":          {func(b *bed) { b.schedules("campaign", b.campaign, interval(48*time.Hour)) }, []preflight.GapKind{schedule}, "switch it on until 2000-01-03 "},
		"a schedule that runs":        {func(b *bed) { b.schedules("campaign", b.campaign, interval(time.Hour)) }, []preflight.GapKind{schedule}, "until 2000-01-01 1"},
		"a schedule that may be over": {func(b *bed) { b.schedules("campaign", b.campaign, interval(-11*time.Hour)) }, []preflight.GapKind{schedule}, "until 2000-01-01 0"},
		"a schedule that is over":     {func(b *bed) { b.schedules("campaign", b.campaign, interval(-13*time.Hour)) }, nil, ""},
		"an empty schedule":           {func(b *bed) { b.schedules("campaign", b.campaign, `"intervals":[],"recurrences":[]`) }, nil, ""},
		"a schedule that repeats": {func(b *bed) {
			b.schedules("campaign", b.campaign, `"intervals":[],"recurrences":[{"start":"1999-01-01T09:00:00","end":"1999-01-01T17:00:00","pattern":{"type":"Daily","interval":1},"range":{"type":"NoEnd"}}]`)
		}, []preflight.GapKind{schedule}, "no end, or none that can be read"},
		"a schedule that repeated": {func(b *bed) {
			b.schedules("campaign", b.campaign, `"intervals":[],"recurrences":[{"start":"1999-01-01T09:00:00","end":"1999-01-01T17:00:00","pattern":{"type":"Daily","interval":1},"range":{"type":"EndDate","end":"1999-12-01T17:00:00"}}]`)
		}, nil, ""},
		"a schedule that cannot be read": {func(b *bed) { b.schedules("campaign", b.campaign, `"intervals":[{"start":"soon"}]`) }, []preflight.GapKind{schedule}, "none that can be read"},
		"a schedule without intervals":   {func(b *bed) { b.schedules("campaign", b.campaign, `"name":"x"`) }, []preflight.GapKind{schedule}, "none that can be read"},
		"another campaign's schedule": {func(b *bed) {
			other, err := b.p.AddCampaign(fmt.Sprintf(`{"name":"other","contactList":{"id":%q}}`, b.list))
			require.NoError(b, err)
			b.schedules("campaign", other, interval(time.Hour))
		}, nil, ""},

		"a sequence that is on":            {func(b *bed) { b.sequence("on", "") }, []preflight.GapKind{sequence}, "is not off and may start it"},
		"a sequence that is past it":       {func(b *bed) { b.sequence("on", `,"currentCampaign":2`) }, []preflight.GapKind{sequence}, ""},
		"a sequence that is off":           {func(b *bed) { b.sequence("off", `,"repeat":true`) }, nil, ""},
		"a sequence that is complete":      {func(b *bed) { b.sequence("complete", `,"repeat":false`) }, nil, ""},
		"a sequence that begins again":     {func(b *bed) { b.sequence("complete", `,"repeat":true`) }, []preflight.GapKind{sequence}, ""},
		"a sequence with another status":   {func(b *bed) { b.sequence("stopping", "") }, []preflight.GapKind{sequence}, ""},
		"a sequence of other campaigns":    {func(b *bed) { b.object("sequences", `{"name":"s","status":"on","campaigns":[{"id":%q}]}`, noID) }, nil, ""},
		"a sequence without its campaigns": {func(b *bed) { b.object("sequences", `{"name":"s","status":"on"}`) }, []preflight.GapKind{sequence}, ""},
		"a sequence in other letters": {func(b *bed) {
			b.object("sequences", `{"name":"s","status":"on","campaigns":[{"id":%q}]}`, strings.ToUpper(b.campaign))
		}, []preflight.GapKind{sequence}, ""},
		"a sequence with a schedule": {func(b *bed) { b.schedules("sequence", b.sequence("off", ""), interval(time.Hour)) }, []preflight.GapKind{sequence}, "until 2000-01-01 1"},
		"a complete sequence with a schedule": {func(b *bed) {
			b.schedules("sequence", b.sequence("complete", ""), `"intervals":[{}]`)
		}, []preflight.GapKind{sequence}, "none that can be read, and the sequence may start"},
		"a sequence whose schedule is over": {func(b *bed) { b.schedules("sequence", b.sequence("off", ""), interval(-13*time.Hour)) }, nil, ""},
		"a schedule of a sequence of other campaigns": {func(b *bed) {
			b.schedules("sequence", b.object("sequences", `{"name":"s","status":"off","campaigns":[{"id":%q}]}`, noID), interval(time.Hour))
		}, nil, ""},
		"the last of many sequences": {func(b *bed) {
			for i := range 250 {
				b.object("sequences", `{"name":"s%d","status":"on","campaigns":[{"id":%q}]}`, i, noID)
			}
			b.sequence("on", "")
		}, []preflight.GapKind{sequence}, ""},

		"a rule that starts a sequence with it":    {func(b *bed) { b.ruleOn("turnOnSequence", "", b.sequence("off", ""), false) }, []preflight.GapKind{rule}, ""},
		"a rule that starts a sequence in letters": {func(b *bed) { b.ruleOn("turnOnSequence", "", strings.ToUpper(b.sequence("off", "")), false) }, []preflight.GapKind{rule}, ""},
		"a rule that starts what it watches":       {func(b *bed) { b.ruleOn("turnOnSequence", b.sequence("off", ""), "", true) }, []preflight.GapKind{rule}, ""},
		"a rule that recycles what it watches":     {func(b *bed) { b.ruleOn("recycleCampaign", b.sequence("off", ""), "", true) }, []preflight.GapKind{rule}, ""},
		"a rule that starts a hidden sequence":     {func(b *bed) { b.ruleOn("turnOnSequence", "", noID, false) }, []preflight.GapKind{rule}, ""},
		"a rule that starts a sequence not named":  {func(b *bed) { b.ruleOn("turnOnSequence", b.sequence("off", ""), "", false) }, []preflight.GapKind{rule}, ""},
		"a rule with a new action on a sequence":   {func(b *bed) { b.ruleOn("doSomethingNew", "", b.sequence("off", ""), false) }, []preflight.GapKind{change}, "doSomethingNew"},
		"a rule that starts another sequence": {func(b *bed) {
			id := ""
			for strings.ToUpper(id) == id { // ids are counted: one with a letter
				id = b.object("sequences", `{"name":"s","status":"on","campaigns":[{"id":%q}]}`, noID)
			}
			b.ruleOn("turnOnSequence", "", strings.ToUpper(id), false)
		}, nil, ""},
		"a rule that stops a sequence":          {func(b *bed) { b.ruleOn("turnOffSequence", "", b.sequence("off", ""), false) }, nil, ""},
		"a rule with an action on a hidden one": {func(b *bed) { b.ruleOn("doSomethingNew", "", noID, false) }, nil, ""},

		"all at once": {func(b *bed) {
			b.schedules("campaign", b.campaign, interval(time.Hour))
			b.rule("turnOnCampaign", true, true)
			b.schedules("sequence", b.sequence("off", ""), interval(time.Hour))
			b.sequence("on", "")
		}, []preflight.GapKind{rule, schedule, sequence, sequence}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, "+14155550100", "")
				b.inForce(true, true)
				plan := b.plan()
				test.change(b)
				before := b.writes()
				err := plan.AssertProtected(t.Context())
				assert.Equal(t, test.want, kinds(t, err))
				if test.text != "" {
					require.ErrorContains(t, err, test.text)
				}
				require.NoError(t, plan.AssertProtected(t.Context(), test.want...), "each can be accepted by its name")
				assert.Equal(t, before, b.writes())
				if len(test.want) > 0 {
					var text, page strings.Builder
					r := preflight.Report{Plan: plan, AssertedAt: time.Now(), Asserted: err}
					require.NoError(t, r.WriteText(&text))
					require.NoError(t, r.WriteHTML(&page))
					for _, kind := range test.want {
						assert.Contains(t, text.String(), string(kind))
						assert.Contains(t, page.String(), string(kind))
					}
				}
			})
		})
	}
}

// A schedule or a sequence keeps a campaign from being started, unless its gap was accepted.
func TestStartBesideASchedule(t *testing.T) {
	t.Parallel()
	limits := []preflight.GapKind{preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes}
	for _, test := range []struct {
		change func(b *bed)
		kind   preflight.GapKind
	}{
		{func(b *bed) { b.schedules("campaign", b.campaign, interval(time.Hour)) }, preflight.GapScheduleStarts},
		{func(b *bed) { b.sequence("on", "") }, preflight.GapSequencesStart},
	} {
		b := newBed(t, "+14155550100", "")
		test.change(b)
		result, err := b.plan(preflight.StartWhenVerified(limits...)).Apply(t.Context())
		assert.Equal(t, []preflight.GapKind{test.kind}, kinds(t, err))
		assert.False(t, result.Started)
		assert.Zero(t, b.p.CountRequests("POST", "/start"))
		result, err = b.plan(preflight.StartWhenVerified(append(limits, test.kind)...)).Apply(t.Context())
		require.NoError(t, err)
		assert.True(t, result.Started)
	}
}

// A schedule or a sequence that cannot be read is no proof that there is none.
func TestWhatStartsCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault genesystest.Fault
		want  error
	}{
		"a 404 of a proxy":                     {genesystest.Fault{Path: "/schedules/campaigns/", Status: 404, Body: "<html>"}, genesys.ErrNotFound},
		"a 404 without a code":                 {genesystest.Fault{Path: "/schedules/campaigns/", Status: 404, Body: `{"message":"no route"}`}, genesys.ErrNotFound},
		"a 404 of a proxy, of a sequence":      {genesystest.Fault{Path: "/schedules/sequences/", Status: 404, Body: "<html>"}, genesys.ErrNotFound},
		"a 404 of all sequences":               {genesystest.Fault{Path: "/outbound/sequences", Status: 404, Body: `{"code":"not.found"}`}, genesys.ErrNotFound},
		"a refusal":                            {genesystest.Fault{Path: "/schedules/campaigns/", Status: 403, Body: `{"code":"not.authorized"}`}, genesys.ErrForbidden},
		"a page in place of the schedule":      {genesystest.Fault{Path: "/schedules/campaigns/", Status: 200, Body: "<html>"}, genesys.ErrUnexpectedReply},
		"nothing in place of the schedule":     {genesystest.Fault{Path: "/schedules/campaigns/", Status: 200, Body: `{}`}, genesys.ErrUnexpectedReply},
		"another schedule":                     {genesystest.Fault{Path: "/schedules/campaigns/", Status: 200, Body: `{"intervals":[],"campaign":{"id":"` + noID + `"}}`}, genesys.ErrUnexpectedReply},
		"a listing of sequences that is short": {genesystest.Fault{Path: "/outbound/sequences", Status: 200, Body: `{"entities":[],"total":2,"pageCount":1}`}, genesys.ErrUnexpectedReply},
		"a listing without a count":            {genesystest.Fault{Path: "/outbound/sequences", Status: 200, Body: `{"entities":[]}`}, genesys.ErrUnexpectedReply},
		"a sequence of another type":           {genesystest.Fault{Path: "/outbound/sequences", Status: 200, Body: `{"entities":[{"id":"` + noID + `","status":7}],"total":1,"pageCount":1}`}, genesys.ErrUnexpectedReply},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, "+14155550100", "")
			b.sequence("off", "")
			test.fault.Method, test.fault.Times = http.MethodGet, -1
			b.p.AddFault(test.fault)
			result, err := b.plan(start).Apply(t.Context())
			require.ErrorIs(t, err, test.want)
			require.NotErrorIs(t, err, preflight.ErrUnprotected)
			assert.False(t, result.Started)
			assert.Zero(t, b.p.CountRequests("POST", "/start"))
		})
	}
}

// Any of two permissions is enough to read a schedule. Without them the error names both.
func TestPermissionsForSchedules(t *testing.T) {
	t.Parallel()
	for permissions, missing := range map[string]string{
		"outbound:schedule:view": "",
		"outbound:campaign:viewSchedule outbound:campaignSequenceSchedule:view": "",
		"outbound:campaign:viewSchedule":                                        "outbound:schedule:view, outbound:campaignSequenceSchedule:view",
		"outbound:campaignSequenceSchedule:view":                                "outbound:schedule:view, outbound:campaign:viewSchedule",
	} {
		b := newBed(t, "+14155550100", "")
		b.sequence("off", "")
		plan := b.plan()
		source, err := b.p.AddClient(append(strings.Fields(permissions), "outbound:campaign:view", "outbound:campaignDiagnostic:view", "outbound:contactList:view",
			"outbound:contact:view", "outbound:dncList:view", "outbound:dnc:view", "outbound:campaignRule:view", "outbound:campaignSequence:view")...).Source()
		require.NoError(t, err)
		c, err := genesys.NewCampaignClient(source, genesys.WithLimiter(nil), genesys.WithTransport(b))
		require.NoError(t, err)
		var file strings.Builder
		require.NoError(t, plan.Save(&file))
		plan, err = preflight.ReadPlan(strings.NewReader(file.String()), c)
		require.NoError(t, err)
		err = plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes)
		if missing == "" {
			require.NoError(t, err, permissions)
			continue
		}
		require.ErrorIs(t, err, genesys.ErrForbidden, permissions)
		require.ErrorContains(t, err, "give the OAuth client a role with "+missing, permissions)
	}
}
