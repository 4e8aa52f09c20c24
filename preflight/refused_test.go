package preflight_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

// The permissions that planning, applying with a start, and asserting need: with all of them it
// works, and without any one the error names it and nothing is started.
func TestPermissions(t *testing.T) {
	all := []string{
		"outbound:campaign:view", "outbound:campaign:edit", "outbound:campaign:start", "outbound:dncList:view", "outbound:dncList:add", "outbound:dnc:view",
		"outbound:dnc:edit", "outbound:contactList:view", "outbound:contact:view", "outbound:contact:edit",
		"outbound:campaignRule:view", "outbound:ruleSet:view", "outbound:schedule:view", "outbound:campaignSequence:view",
	}
	for _, missing := range append([]string{""}, all...) {
		t.Run("without "+missing, func(t *testing.T) {
			b := newBed(t, "+14155550142", "x")
			b.inForce(false, false, b.ruleSet("DO_NOT_DIAL"))
			permissions := []string{"outbound:campaignDiagnostic:view"}
			for _, p := range all {
				if p != missing {
					permissions = append(permissions, p)
				}
			}
			source, err := b.p.AddClient(permissions...).Source()
			require.NoError(t, err)
			b.c, err = genesys.NewCampaignClient(source, genesys.WithLimiter(nil), genesys.WithTransport(b))
			require.NoError(t, err)
			var started bool
			plan, err := preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign,
				preflight.StartWhenVerified(preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes, preflight.GapRuleSets))
			if err == nil {
				var result preflight.Result
				result, err = plan.Apply(t.Context())
				started = result.Started
			}
			if missing == "" {
				require.NoError(t, err)
				assert.True(t, started)
				return
			}
			require.ErrorIs(t, err, genesys.ErrForbidden)
			require.ErrorContains(t, err, missing)
			assert.False(t, started)
		})
	}
}

// What goes wrong on the platform while a plan is made is an error that says so, and never a
// smaller plan.
func TestPlatformInTrouble(t *testing.T) {
	header := "inin-outbound-id,name,phone,phone2,other phone,ContactCallable\r\n"
	for name, test := range map[string]struct {
		fault genesystest.Fault
		is    error
		text  string
	}{
		"an export that is never ready": {genesystest.Fault{Method: "GET", Path: "/export", Status: 404, Body: `{"code":"no.available.list.export.uri"}`, Times: -1}, nil, "not ready within 15 minutes"},
		"throttled without end":         {genesystest.Fault{Path: "/contactlists/", Status: 429, Header: map[string]string{"Retry-After": "30"}, Times: -1}, genesys.ErrRateLimited, "429"},
		"down":                          {genesystest.Fault{Path: "/contactlists/", Status: 503, Times: -1}, nil, "503"},
		"a page in place of the file":   {genesystest.Fault{Path: "/signed/", Status: 200, Body: "<html>", Times: -1}, genesys.ErrUnexpectedReply, "export"},
		"a file that ends in a row":     {genesystest.Fault{Path: "/signed/", Status: 200, Body: header + "1,n,+14155", Times: -1}, genesys.ErrUnexpectedReply, "line 2"},
		"a file that breaks off": {genesystest.Fault{Path: "/signed/", Status: 200, Times: -1, Stream: func() io.Reader {
			return io.MultiReader(strings.NewReader(header+"1,n,+14155550142,,,true\r\n"), broken{})
		}}, nil, "export"},
		"a file of another list":  {genesystest.Fault{Path: "/signed/", Status: 200, Body: "inin-outbound-id,email,ContactCallable\r\n1,a@b.example,true\r\n", Times: -1}, genesys.ErrUnexpectedReply, `"phone"`},
		"a file without a header": {genesystest.Fault{Path: "/signed/", Status: 200, Body: "1,n,+14155550142,,,true\r\n", Times: -1}, genesys.ErrUnexpectedReply, "inin-outbound-id"},
		"a file with fewer rows":  {genesystest.Fault{Path: "/signed/", Status: 200, Body: header, Times: -1}, preflight.ErrChanged, "1 on the contact list, 0 in its export"},
		"a column twice":          {genesystest.Fault{Path: "/signed/", Status: 200, Body: strings.Replace(header, "phone2", "phone", 1), Times: -1}, genesys.ErrUnexpectedReply, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, "+14155550142", "")
				b.p.AddFault(test.fault)
				before := b.writes()
				plan, err := preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign)
				require.Error(t, err)
				assert.Nil(t, plan)
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				require.ErrorContains(t, err, test.text)
				assert.NotContains(t, err.Error(), "5550142")
				assert.Equal(t, before, b.writes())
			})
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Contacts may have no number, or many.
func TestContactsWithoutAndWithManyNumbers(t *testing.T) {
	b := newBed(t)
	columns := []string{"a phone", "b phone", "c phone", "d phone", "e phone"}
	list := b.p.AddContactList("Many", columns...)
	var refs []string
	for _, c := range columns {
		refs = append(refs, fmt.Sprintf(`{"columnName":%q}`, c))
	}
	campaign, err := b.p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q},"phoneColumns":[%s]}`, list, strings.Join(refs, ",")))
	require.NoError(t, err)
	full, none := map[string]string{}, map[string]string{}
	for i, c := range columns {
		full[c], none[c] = fmt.Sprintf("+1415555014%d", i), ""
	}
	_, err = b.c.AddContacts(t.Context(), list, []genesys.Contact{{Data: none}, {Data: full}}, genesys.AddOptions{})
	require.NoError(t, err)
	plan, err := preflight.NewPlan(t.Context(), b.checker, b.c, campaign)
	require.NoError(t, err)
	assert.Equal(t, preflight.Counts{Contacts: 2, Allowed: 3, Blocked: 2}, plan.Counts())
}

// A checker that ends with the context makes no plan.
func TestPlanThatIsGivenUp(t *testing.T) {
	b := newBed(t, "+14155550142", "")
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the operator gave up")
	b.when("POST", "/export", func() { cancel(why) })
	plan, err := preflight.NewPlan(ctx, b.checker, b.c, b.campaign)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, why)
	assert.Nil(t, plan)
}
