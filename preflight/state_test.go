package preflight_test

import (
	"context"
	"errors"
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

// file answers the downloads of exports.
func (b *bed) file(rows ...string) {
	b.p.AddFault(genesystest.Fault{
		Path: "/signed/", Status: http.StatusOK, Header: map[string]string{"Content-Type": "text/csv"}, Times: -1,
		Body: "\ufeff" + strings.Join(rows, "\r\n") + "\r\n",
	})
}

// What an export does not show cannot be checked.
func TestExportThatIsNotWhole(t *testing.T) {
	for name, test := range map[string]struct {
		rows []string
		is   error
		text string
	}{
		"whole":                 {[]string{`""inin-outbound-id"",name,phone,phone2,other phone,ContactCallable`, "1,n,+14155550100,,,true"}, nil, ""},
		"without a column":      {[]string{`""inin-outbound-id"",name,phone,other phone,ContactCallable`, "1,n,+14155550100,,true"}, genesys.ErrUnexpectedReply, `"phone2"`},
		"another name":          {[]string{`""inin-outbound-id"",name, phone,phone2,other phone,ContactCallable`, "1,n,+14155550100,,,true"}, genesys.ErrUnexpectedReply, `"phone"`},
		"another case":          {[]string{`""inin-outbound-id"",name,Phone,phone2,other phone,ContactCallable`, "1,n,+14155550100,,,true"}, genesys.ErrUnexpectedReply, `"phone"`},
		"quotes in the name":    {[]string{`""inin-outbound-id"",name,"""phone""",phone2,other phone,ContactCallable`, "1,n,+14155550100,,,true"}, genesys.ErrUnexpectedReply, `"phone"`},
		"a column twice":        {[]string{`""inin-outbound-id"",name,phone,phone,phone2,ContactCallable`, "1,n,+14155550142,,,true"}, genesys.ErrUnexpectedReply, `a column twice, "phone"`},
		"behind the platform's": {[]string{`""inin-outbound-id"",name,phone,other phone,ContactCallable,phone2`, "1,n,+14155550100,,true,"}, genesys.ErrUnexpectedReply, `"phone2"`},
		"no contacts":           {[]string{`""inin-outbound-id"",name,phone,phone2,other phone,ContactCallable`}, preflight.ErrChanged, "1 on the contact list, 0 in its export"},
		"one too many": {
			[]string{`""inin-outbound-id"",name,phone,phone2,other phone,ContactCallable`, "1,n,+14155550100,,,true", "2,n,+14155550101,,,true"},
			preflight.ErrChanged, "1 on the contact list, 2 in its export",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, "+14155550100", "")
			b.file(test.rows...)
			_, err := preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign)
			if test.is == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, test.is)
			require.ErrorContains(t, err, test.text)
		})
	}
}

// A contact that comes between the look at the list and its export is in the plan.
func TestContactThatComesBeforeTheExport(t *testing.T) {
	b := newBed(t, "+14155550100", "")
	b.when(http.MethodPost, "/export", func() { b.add("+14155550142", "") })
	plan := b.plan()
	assert.Equal(t, 1, plan.Counts().Blocked)
	_, err := plan.Apply(t.Context())
	require.NoError(t, err)
}

func TestListWithoutASize(t *testing.T) {
	b := newBed(t, "+14155550100", "")
	b.p.AddFault(genesystest.Fault{
		Method: "GET", Path: "/contactlists/" + b.list, Times: 1, Status: 200,
		Body: fmt.Sprintf(`{"id":%q,"name":"Spring","columnNames":["name","phone","phone2","other phone"]}`, b.list),
	})
	_, err := preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign)
	require.NoError(t, err, "it is asked again")

	b.when(http.MethodPost, "/export", func() {
		b.p.AddFault(genesystest.Fault{Path: "/contactlists/" + b.list, Skip: 5, Status: 200, Body: fmt.Sprintf(`{"id":%q}`, b.list)})
	})
	b.file(`""inin-outbound-id"",name,phone,phone2,other phone,ContactCallable`)
	_, err = preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign)
	require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
	require.ErrorContains(t, err, "how many contacts")
}

// A contact that is not dialled now may be dialled tomorrow: its numbers are decided on too.
func TestUncallableContactsAreChecked(t *testing.T) {
	b := newBed(t, "+14155550142", "(415) 555-0143", "x", "+14155550100")
	for i, what := range []genesys.ContactPart{genesys.WholeContact(), genesys.PhoneColumn("phone")} {
		require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, b.p.Contacts(b.list)[i].ID, what))
	}
	plan := b.plan(parse)
	assert.Equal(t, "campaign "+b.campaign+", contacts: 2; numbers: 1 allowed, 2 blocked, 0 unknown, 1 invalid, 3 already uncallable", plan.String())
	result, err := plan.Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"+14155550142", "+14155550143"}, b.p.DNCEntries(result.Applied.DNCListID))
	assert.Equal(t, 1, result.Marked, "the number in another spelling; the other one is marked")
	assert.Contains(t, string(b.p.Contacts(b.list)[0].Raw), `"phoneNumberStatus":{"phone2":{"callable":false}}`)
}

// What changes while the rules are applied was never checked: the campaign is not started.
func TestWhatChangesMeanwhile(t *testing.T) {
	for name, change := range map[string]func(*bed){
		"one more":     func(b *bed) { b.add("+14155550142", "") },
		"another text": func(b *bed) { b.put(0, "+14155550142", "") },
		"another cell": func(b *bed) { b.put(0, "", "+14155550100") },
		"another contact with the same numbers": func(b *bed) {
			b.p.AddFault(genesystest.Fault{Path: "/signed/", Status: 200, Header: map[string]string{"Content-Type": "text/csv"}, Body: "inin-outbound-id," +
				"name,phone,phone2,other phone,ContactCallable\r\n1,n,+14155550100,,,true\r\n2,n,0,,,true\r\n3,n,0,,,true\r\n"})
		},
		"a mark of before":    func(b *bed) { b.put(2, "0", "") },
		"a mark that is gone": func(b *bed) { b.put(1, "0", "") },
		"the columns": func(b *bed) {
			b.edit(func(c *genesys.Campaign) error {
				return c.SetField("phoneColumns", []map[string]string{{"columnName": "other phone"}})
			})
		},
		"the list": func(b *bed) {
			b.edit(func(c *genesys.Campaign) error { return c.SetContactList(b.p.AddContactList("x", "phone", "phone2")) })
		},
		"a DNC list": func(b *bed) {
			b.edit(func(c *genesys.Campaign) error { return c.DetachDNCList(c.DNCListIDs()[0]) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, "+14155550100", "", "0", "", "0", "")
			require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, b.p.Contacts(b.list)[2].ID, genesys.PhoneColumn("phone")))
			plan := b.plan(start, preflight.WithRules(genesys.Rules{DNCListIDs: []string{b.p.AddDNCList("x", "+14155550199")}}))
			b.when(http.MethodPost, "/export", func() { change(b) }) // of the look before the start
			result, err := plan.Apply(t.Context())
			require.ErrorIs(t, err, preflight.ErrChanged)
			assert.NotNil(t, result.Applied)
			assert.False(t, result.Started)
			assert.Zero(t, b.p.CountRequests("POST", "/start"))
		})
	}
}

// put writes a contact as somebody else does: without its marks.
func (b *bed) put(i int, phone, phone2 string) {
	_, err := b.c.AddContacts(b.Context(), b.list, []genesys.Contact{{ID: b.p.Contacts(b.list)[i].ID, Data: map[string]string{
		"name": "n", "phone": phone, "phone2": phone2, "other phone": "+14155550142",
	}}}, genesys.AddOptions{ResetAttempts: true})
	require.NoError(b, err)
}

func (b *bed) edit(change func(*genesys.Campaign) error) {
	_, err := b.c.UpdateCampaign(b.Context(), b.campaign, change)
	require.NoError(b, err)
}

// Columns that the campaign dials since were never looked at.
func TestOtherColumnsThanPlanned(t *testing.T) {
	b := newBed(t, "+14155550142", "")
	plan := b.plan()
	b.edit(func(c *genesys.Campaign) error {
		return c.SetField("phoneColumns", []map[string]string{{"columnName": "phone"}, {"columnName": "phone2"}, {"columnName": "other phone"}})
	})
	writes := b.p.CountRequests("PUT", "") + b.p.CountRequests("PATCH", "")
	_, err := plan.Apply(t.Context())
	require.ErrorIs(t, err, preflight.ErrChanged)
	assert.Equal(t, writes, b.p.CountRequests("PUT", "")+b.p.CountRequests("PATCH", ""))
}

func TestCampaignWithoutPhoneColumns(t *testing.T) {
	b := newBed(t, "+14155550100", "")
	var err error
	b.campaign, err = b.p.AddCampaign(`{"contactList":{"id":"` + b.list + `"},"phoneColumns":[]}`)
	require.NoError(t, err)
	_, err = preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign)
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
	require.ErrorContains(t, err, "no phone columns")
}

// A start of a campaign that is complete calls everybody again.
func TestCompleteCampaignIsNotStarted(t *testing.T) {
	b := newBed(t, "+14155550100", "")
	plan := b.plan(start)
	b.p.SetStatus(b.campaign, "complete")
	result, err := plan.Apply(t.Context())
	require.ErrorIs(t, err, genesys.ErrCampaignStatus)
	require.ErrorContains(t, err, "RedialWhenComplete")
	assert.Nil(t, result.Applied)
	_, err = preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign, start)
	require.ErrorIs(t, err, genesys.ErrCampaignStatus)

	b.p.SetStatus(b.campaign, "off")
	b.when(http.MethodPost, "/export", func() { b.p.SetStatus(b.campaign, "complete") })
	result, err = plan.Apply(t.Context())
	require.ErrorIs(t, err, genesys.ErrCampaignStatus)
	assert.NotNil(t, result.Applied)
	assert.Zero(t, b.p.CountRequests("POST", "/start"))

	_, err = preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign)
	require.NoError(t, err, "without a start nothing is dialled")
	plan = b.plan(start, preflight.RedialWhenComplete())
	result, err = plan.Apply(t.Context())
	require.NoError(t, err)
	assert.True(t, result.Started)
}

func TestCampaignThatIsOnAlready(t *testing.T) {
	b := newBed(t, "+14155550100", "+14155550142")
	b.p.SetStatus(b.campaign, "on")
	plan := b.plan(start)
	result, err := plan.Apply(t.Context())
	require.NoError(t, err)
	assert.False(t, result.Started)
	assert.Equal(t, genesys.StatusOn, result.Applied.After.Status())
	assert.Equal(t, []string{"+14155550142"}, b.p.DNCEntries(result.Applied.DNCListID))
	assert.Zero(t, b.p.CountRequests("POST", "/start"))
}

// What the platform makes of the start decides, not that it accepted it.
func TestWhatBecomesOfTheStart(t *testing.T) {
	for status, ok := range map[string]bool{"on": true, "complete": true, "off": false, "forced_off": false, "stopping": false, "invalid": false} {
		t.Run(status, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, "+14155550100", "")
				plan := b.plan(start)
				var begin time.Time
				b.when(http.MethodPost, "/start", func() {
					begin = time.Now()
					b.when(http.MethodGet, b.campaign, func() { b.p.SetStatus(b.campaign, status) })
				})
				result, err := plan.Apply(t.Context())
				assert.Equal(t, ok, result.Started)
				assert.Equal(t, genesys.Status(status), result.Applied.After.Status())
				if !ok {
					e, found := errors.AsType[*genesys.StatusError](err)
					require.True(t, found, "%v", err)
					assert.Equal(t, genesys.Status(status), e.Status)
				}
				assert.Zero(t, time.Since(begin), "at once")
			})
		})
	}
}

// Reads lag behind a start: the status of before is waited out, but not without end. An invalid
// campaign may be started too.
func TestStartThatIsNotSeen(t *testing.T) {
	for _, from := range []string{"off", "invalid", "complete"} {
		for _, late := range []time.Duration{5 * time.Second, time.Hour} {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, "+14155550100", "")
				b.p.SetStatus(b.campaign, from)
				plan := b.plan(start, preflight.RedialWhenComplete())
				b.p.AddFault(genesystest.Fault{Path: "/start", Status: 204, Times: -1})
				b.when(http.MethodPost, "/start", func() { time.AfterFunc(late, func() { b.p.SetStatus(b.campaign, "on") }) })
				begin := time.Now()
				result, err := plan.Apply(t.Context())
				assert.Equal(t, late < time.Hour, result.Started)
				assert.Less(t, time.Since(begin), time.Minute)
				if late < time.Hour {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, genesys.ErrCampaignStatus)

				ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
				defer cancel()
				_, err = plan.Apply(ctx)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, genesys.ErrCampaignStatus)
			})
		}
	}
}

// An entry that somebody put on the campaign's list without an expiry does not get one.
func TestExpiryLeavesPermanentEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, "+14155550142", "+14155550143")
		list := b.p.AddDNCList(genesys.OwnDNCListName(b.campaign), "+14155550142")
		at := time.Now().Add(time.Hour).Truncate(time.Minute)
		plan := b.plan(preflight.WithRules(genesys.Rules{Expires: at}))
		assert.Equal(t, 1, plan.Preview().Numbers)
		_, err := plan.Apply(t.Context())
		require.NoError(t, err)
		assert.Zero(t, b.p.DNCExpiry(list, "+14155550142"))
		assert.True(t, at.Equal(b.p.DNCExpiry(list, "+14155550143")))
	})
}

// A campaign that is on dials whom it must not until the numbers are blocked, and marks take their
// time. Another contact list is set when its numbers are blocked and marked.
func TestOrderOfWrites(t *testing.T) {
	for _, another := range []bool{false, true} {
		b := newBed(t, "415 555 0142", "", "+14155550143", "")
		rules := genesys.Rules{}
		if another {
			rules.ContactListID = b.list
			other := b.p.AddContactList("Summer", "phone", "phone2")
			b.edit(func(c *genesys.Campaign) error { return c.SetContactList(other) })
		}
		plan := b.plan(parse, preflight.WithRules(rules))
		seen := len(b.p.Requests())
		result, err := plan.Apply(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, result.Marked)
		var writes []string
		for _, e := range b.p.Requests()[seen:] {
			switch {
			case e.Method == http.MethodPatch && strings.HasSuffix(e.Path, "/phonenumbers"):
				writes = append(writes, "block")
			case e.Method == http.MethodPut && strings.Contains(e.Path, "/contacts/"):
				writes = append(writes, "mark")
			case e.Method == http.MethodPut && strings.Contains(e.Path, "/campaigns/"):
				writes = append(writes, "campaign")
			}
		}
		want := []string{"block", "campaign", "mark"}
		if another {
			want = append(want, "campaign")
		}
		assert.Equal(t, want, writes)
		assert.Equal(t, another, result.Applied.ContactListChanged)
	}
}
