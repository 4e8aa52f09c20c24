package preflight_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var parse = preflight.WithParse(dnc.Parser{Country: "1"}.Parse)

// start accepts what the campaigns of these tests have not.
var start = preflight.StartWhenVerified(preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes)

const noID = "99999999-9999-4999-8999-999999999999"

type bed struct {
	*testing.T
	p              *genesystest.Platform
	c              *genesys.CampaignClient
	list, campaign string
	other          string // another contact list, of tests that have one
	checker        *dnc.Memory
	before         func(*http.Request) // what happens before a request arrives
	around         func(*http.Request) (*http.Response, error)
}

// RoundTrip is what goes on between the requests of a client.
func (b *bed) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.before != nil {
		b.before(r)
	}
	if b.around != nil {
		return b.around(r)
	}
	return b.p.RoundTrip(r)
}

// when has something happen once, before the request of that method and path end.
func (b *bed) when(method, end string, do func()) {
	b.before = func(r *http.Request) {
		if r.Method == method && strings.HasSuffix(r.URL.Path, end) {
			b.before = nil
			do()
		}
	}
}

// newBed has a campaign that dials two columns, and a checker that blocks +14155550142 and
// +14155550143.
func newBed(t *testing.T, phones ...string) *bed {
	t.Helper()
	return newBedOn(t, genesystest.New(), phones...)
}

func newBedOn(t *testing.T, p *genesystest.Platform, phones ...string) *bed {
	t.Helper()
	b := &bed{T: t, p: p}
	b.list = b.p.AddContactList("Spring", "name", "phone", "phone2", "other phone")
	var err error
	b.campaign, err = b.p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q},"phoneColumns":[{"columnName":"phone"},{"columnName":"phone2"}]}`, b.list))
	require.NoError(t, err)
	b.c, err = genesys.NewCampaignClient(b.p.Source(), genesys.WithLimiter(nil), genesys.WithTransport(b))
	require.NoError(t, err)
	b.checker = dnc.NewMemory("blacklist", number(t, "+14155550142"), number(t, "+14155550143"))
	b.add(phones...)
	return b
}

// plan is a plan of the campaign that must succeed.
func (b *bed) plan(opts ...preflight.Option) *preflight.Plan {
	b.Helper()
	plan, err := preflight.NewPlan(b.Context(), b.checker, b.c, b.campaign, opts...)
	require.NoError(b, err)
	return plan
}

func (b *bed) add(phones ...string) {
	b.Helper()
	var contacts []genesys.Contact
	for i := 0; i < len(phones); i += 2 {
		contacts = append(contacts, genesys.Contact{Data: map[string]string{
			"name": "n", "phone": phones[i], "phone2": phones[i+1], "other phone": "+14155550142",
		}})
	}
	_, err := b.c.AddContacts(b.Context(), b.list, contacts, genesys.AddOptions{})
	require.NoError(b, err)
}

// decision is an answer with a reason for each code.
func decision(v dnc.Verdict, codes ...string) dnc.Decision {
	reasons := make([]dnc.Reason, len(codes))
	for i, code := range codes {
		reasons[i].Code = code
	}
	return dnc.Decision{Verdict: v, Reasons: dnc.ReasonsOf(reasons...)}
}

// answering is a checker that gives some numbers answers of their own.
func answering(c dnc.Checker, answers map[string]dnc.Decision) dnc.Checker {
	return dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds, err := c.CheckBatch(ctx, ns)
		for i, n := range ns {
			d, ok := answers[n.E164()]
			if !ok {
				continue
			}
			d.Number = n
			ds[i] = d
			if d.Verdict == dnc.Unknown {
				err = &dnc.Error{Code: d.Reason().Code, List: d.Reason().List}
			}
		}
		return ds, err
	})
}

// always is a checker that has one answer for every number.
func always(d dnc.Decision) dnc.Checker {
	return dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) (ds []dnc.Decision, err error) {
		for _, n := range ns {
			d.Number = n
			ds = append(ds, d)
		}
		if d.Verdict == dnc.Unknown {
			err = errors.New("down")
		}
		return ds, err
	})
}

func number(t *testing.T, s string) dnc.Number {
	t.Helper()
	n, err := dnc.ParseNumber(s)
	require.NoError(t, err)
	return n
}

func TestPlanAndApply(t *testing.T) {
	b := newBed(t,
		"+14155550100", "",
		"+14155550142", "+14155550101",
		"(415) 555-0143", "+14155550142",
		"not a number", "415-555-0102",
	)
	required := b.p.AddDNCList("required", "+14155550199")
	writes := b.p.CountRequests("PUT", "") + b.p.CountRequests("PATCH", "") + b.p.CountRequests("POST", "/dnclists")
	plan, err := preflight.NewPlan(t.Context(), dnc.Protect(b.checker), b.c, b.campaign,
		parse, preflight.WithRules(genesys.Rules{DNCListIDs: []string{required}}), start)
	require.NoError(t, err)
	assert.Equal(t, writes, b.p.CountRequests("PUT", "")+b.p.CountRequests("PATCH", "")+b.p.CountRequests("POST", "/dnclists"), "a plan writes nothing")
	assert.Equal(t, "campaign "+b.campaign+", contacts: 4; numbers: 3 allowed, 3 blocked, 0 unknown, 1 invalid, 0 already uncallable", plan.String())
	assert.Equal(t, []preflight.ReasonCount{{Code: "dnc_blacklist", List: "blacklist", Numbers: 3}, {Code: "invalid_number", Numbers: 1}}, plan.Reasons())
	assert.Equal(t, []preflight.ListUsed{{List: "blacklist", Numbers: 6}}, plan.Lists())
	assert.True(t, plan.Preview().Changed())

	result, err := plan.Apply(t.Context())
	require.NoError(t, err)
	assert.True(t, result.Started)
	assert.Equal(t, 2, result.Marked, "the one that is no number, and the one that is spelled otherwise")
	assert.Equal(t, []string{"+14155550142", "+14155550143"}, b.p.DNCEntries(result.Applied.DNCListID))
	assert.Equal(t, []string{result.Applied.DNCListID, required}, result.Applied.After.DNCListIDs())
	assert.Equal(t, genesys.StatusOn, result.Applied.After.Status())
	contacts := b.p.Contacts(b.list)
	assert.NotContains(t, string(contacts[1].Raw), "phoneNumberStatus")
	assert.Contains(t, string(contacts[2].Raw), `"phoneNumberStatus":{"phone":{"callable":false}}`)
	assert.Contains(t, string(contacts[3].Raw), `"phoneNumberStatus":{"phone":{"callable":false}}`)

	again := b.plan(parse)
	assert.Equal(t, 2, again.Counts().Uncallable)
	assert.Equal(t, 3, again.Counts().Blocked, "also what the platform does not dial at present is asked about")
	assert.False(t, again.Preview().Changed())
	result, err = again.Apply(t.Context())
	require.NoError(t, err)
	assert.False(t, result.Started)
}

func TestAPlanIsForOneState(t *testing.T) {
	b := newBed(t, "+14155550100", "")
	plan := b.plan(start)
	b.add("+14155550142", "")
	_, err := plan.Apply(t.Context())
	require.ErrorIs(t, err, preflight.ErrChanged)
	other := b.p.AddContactList("Summer", "phone", "phone2")
	_, err = b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.SetContactList(other) })
	require.NoError(t, err)
	_, err = plan.Apply(t.Context())
	require.ErrorIs(t, err, preflight.ErrChanged)
	c, err := b.c.Campaign(t.Context(), b.campaign)
	require.NoError(t, err)
	assert.Equal(t, genesys.StatusOff, c.Status())
	assert.Zero(t, b.p.CountRequests("POST", "/start"))
}

func TestAnotherContactList(t *testing.T) {
	b := newBed(t, "+14155550100", "")
	other := b.p.AddContactList("Summer", "phone", "phone2")
	_, err := b.c.AddContacts(t.Context(), other, []genesys.Contact{{Data: map[string]string{"phone": "+14155550143", "phone2": ""}}}, genesys.AddOptions{})
	require.NoError(t, err)
	plan := b.plan(preflight.WithRules(genesys.Rules{ContactListID: other}))
	assert.Equal(t, 1, plan.Counts().Blocked)
	result, err := plan.Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, other, result.Applied.After.ContactListID())

	poor := b.p.AddContactList("Winter", "phone")
	_, err = preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign, preflight.WithRules(genesys.Rules{ContactListID: poor}))
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
}

func TestWhatCannotBePlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, "+14155550100", "")
		ctx := t.Context()
		for name, plan := range map[string]func() (*preflight.Plan, error){
			"checker": func() (*preflight.Plan, error) { return preflight.NewPlan(ctx, nil, b.c, b.campaign) },
			"client":  func() (*preflight.Plan, error) { return preflight.NewPlan(ctx, b.checker, nil, b.campaign) },
			"option":  func() (*preflight.Plan, error) { return preflight.NewPlan(ctx, b.checker, b.c, b.campaign, nil) },
			"parse": func() (*preflight.Plan, error) {
				return preflight.NewPlan(ctx, b.checker, b.c, b.campaign, preflight.WithParse(nil))
			},
			"id":       func() (*preflight.Plan, error) { return preflight.NewPlan(ctx, b.checker, b.c, "x") },
			"campaign": func() (*preflight.Plan, error) { return preflight.NewPlan(ctx, b.checker, b.c, noID) },
			"list": func() (*preflight.Plan, error) {
				return preflight.NewPlan(ctx, b.checker, b.c, b.campaign, preflight.WithRules(genesys.Rules{ContactListID: noID}))
			},
			"expiry": func() (*preflight.Plan, error) {
				return preflight.NewPlan(ctx, b.checker, b.c, b.campaign, preflight.WithRules(genesys.Rules{Expires: time.Now().Add(-time.Hour)}))
			},
		} {
			_, err := plan()
			require.Error(t, err, name)
		}
		_, err := (&preflight.Plan{}).Apply(ctx)
		require.ErrorIs(t, err, preflight.ErrInvalidInput)

		b.p.AddFault(genesystest.Fault{Path: "/signed/", Status: 200, Body: "<html>", Times: -1})
		_, err = preflight.NewPlan(ctx, b.checker, b.c, b.campaign)
		require.ErrorIs(t, err, genesys.ErrUnexpectedReply, "contacts that cannot be read are not nobody")
		b.p.ClearFaults()

		gone, cancel := context.WithCancel(ctx)
		cancel()
		_, err = preflight.NewPlan(gone, b.checker, b.c, b.campaign)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestAPlanPrintsNoNumbers(t *testing.T) {
	b := newBed(t, "+14155550142", "(415) 555-0143")
	plan := b.plan(parse)
	var text strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		fmt.Fprintf(&text, verb+verb, plan, *plan)
	}
	slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "plan", plan, "value", *plan)
	b.p.AddFault(genesystest.Fault{Method: "PATCH", Status: 400, Body: `{"message":"+14155550142 is bad"}`})
	_, err := plan.Apply(t.Context())
	require.Error(t, err)
	_, ok := errors.AsType[*genesys.Error](err)
	assert.True(t, ok)
	text.WriteString(err.Error())
	assert.NotContains(t, text.String(), "5550142")
	assert.NotContains(t, text.String(), "0143")
}
