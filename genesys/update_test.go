package genesys_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// The campaign that a client of five years ago would mangle.
const odd = `"previewAutoEnd":true,"aFieldOfTomorrow":{"z":[1,2.50,{"y":null}],"a":"<b>&\u0041\/"},"abandonRate":0.30000000000000000001,
	"aNumberOfTomorrow":123456789012345678901234567890,"maxCallsPerAgentDecimal":1.25,"outboundLineCount":1e3,"version":41,"name":"Spr\u00edng",
	"dncLists":[ {"selfUri":"/x","id":"%s", "name" : "first"} ],`

func TestUpdateKeepsEveryByte(t *testing.T) {
	b := newBed(t)
	first, second := b.p.AddDNCList("first"), b.p.AddDNCList("second")
	id := b.add(fmt.Sprintf(odd, first))
	before := members(t, b.p.Campaign(id))

	after, err := b.c.UpdateCampaign(t.Context(), id, func(c *genesys.Campaign) error {
		assert.Equal(t, "Spríng", c.Name())
		return c.AttachDNCLists(second, first)
	})
	require.NoError(t, err)
	assert.Equal(t, []string{first, second}, after.DNCListIDs())
	stored := members(t, b.p.Campaign(id))
	for name, value := range before {
		switch name {
		case "version", "dateModified", "dncLists":
		default:
			assert.Equal(t, string(value), string(stored[name]), name)
		}
	}
	assert.Equal(t, `[{"selfUri":"/x","id":"`+first+`", "name" : "first"},{"id":"`+second+`"}]`, string(stored["dncLists"]))
	assert.Equal(t, "42", string(stored["version"]))
	journal := b.p.Requests()
	assert.Equal(t, "useMaxCallsPerAgentDecimal=true", journal[len(journal)-1].Query)
}

func members(t *testing.T, data []byte) map[string]json.RawMessage {
	t.Helper()
	var m map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &m))
	return m
}

func TestUpdateThatChangesNothingWritesNothing(t *testing.T) {
	b := newBed(t)
	_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.SetContactList(b.list) })
	require.NoError(t, err)
	assert.Zero(t, b.writes())
	sentinel := errors.New("no")
	_, err = b.c.UpdateCampaign(t.Context(), b.campaign, func(*genesys.Campaign) error { return sentinel })
	require.ErrorIs(t, err, sentinel)
	_, err = b.c.UpdateCampaign(t.Context(), b.campaign, nil)
	require.ErrorIs(t, err, genesys.ErrInvalidInput)
	assert.Zero(t, b.writes())
}

func TestUpdateRefusesWhatThePlatformOwns(t *testing.T) {
	b := newBed(t)
	for _, name := range []string{"id", "version", "campaignStatus", "dateCreated", "dateModified", "errors", "selfUri", ""} {
		_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.SetField(name, "x") })
		require.ErrorIs(t, err, genesys.ErrInvalidInput, name)
	}
	for _, change := range []func(*genesys.Campaign) error{
		func(c *genesys.Campaign) error { return json.Unmarshal([]byte(`{"name":"partial"}`), c) },
		func(c *genesys.Campaign) error { return c.SetField("contactList", nil) },
		func(c *genesys.Campaign) error { return c.SetField("x", json.RawMessage("{")) },
		func(c *genesys.Campaign) error { return c.SetField("x", func() {}) },
		func(c *genesys.Campaign) error { return c.SetContactList("../x") },
		func(c *genesys.Campaign) error { return c.AttachDNCLists("") },
		func(c *genesys.Campaign) error { return c.DetachDNCList("1") },
	} {
		_, err := b.c.UpdateCampaign(t.Context(), b.campaign, change)
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
	}
	assert.Zero(t, b.writes())
}

// Two writers on one campaign for a thousand rounds lose no change.
func TestTwoWritersLoseNothing(t *testing.T) {
	synctest.Test(t, twoWriters) // the waits after conflicts take no time
}

func twoWriters(t *testing.T) {
	t.Helper()
	b := newBed(t)
	const rounds = 1000
	var wg sync.WaitGroup
	for writer := range 2 {
		c := b.client()
		wg.Go(func() {
			for i := range rounds {
				_, err := c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error {
					var log []int
					if raw := c.Field("log"); raw != nil {
						require.NoError(t, json.Unmarshal(raw, &log))
					}
					return c.SetField("log", append(log, writer*rounds+i))
				})
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	var log []int
	require.NoError(t, json.Unmarshal(members(t, b.p.Campaign(b.campaign))["log"], &log))
	slices.Sort(log)
	want := make([]int, 2*rounds)
	for i := range want {
		want[i] = i
	}
	assert.Equal(t, want, log)
	conflicts := 0
	for _, e := range b.p.Requests() {
		if e.Code == "invalid.update.wrong.version" {
			conflicts++
		}
	}
	assert.Positive(t, conflicts, "the two never met: this test shows nothing")
}

func TestUpdateConflicts(t *testing.T) {
	conflict := genesystest.Fault{Method: "PUT", Status: 409, Body: `{"code":"invalid.update.wrong.version","message":"wrong version"}`}
	touch := func(n *int) func(*genesys.Campaign) error {
		return func(c *genesys.Campaign) error { *n++; return c.SetField("note", "x") }
	}
	for name, status := range map[string]genesystest.Fault{
		"409":             conflict,
		"400":             {Method: "PUT", Status: 400, Body: `{"code":"bad.request","message":"The version 1 does not match the current version 2"}`},
		"400, capitals":   {Method: "PUT", Status: 400, Body: `{"message":"Version 1 Does Not Match The Current Version 2"}`},
		"400 by its code": {Method: "PUT", Status: 400, Body: `{"code":"invalid.update.wrong.version"}`},
		"409 of a proxy":  {Method: "PUT", Status: 409},
		"412":             {Method: "PUT", Status: 412, Body: `{"code":"precondition.failed"}`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t)
				b.p.AddFault(status)
				calls := 0
				_, err := b.c.UpdateCampaign(t.Context(), b.campaign, touch(&calls))
				require.NoError(t, err)
				assert.Equal(t, 2, calls, "the change is applied to the newer object")

				status.Times = -1
				b.p.AddFault(status)
				calls = 0
				_, err = b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { calls++; return c.SetField("note", calls) })
				require.ErrorIs(t, err, genesys.ErrConflict)
				assert.Equal(t, 20, calls, "and not for ever")
			})
		})
	}
	b := newBed(t)
	b.p.AddFault(genesystest.Fault{Method: "PUT", Status: 409, Body: `{"code":"invalid.update.campaign.active","message":"active"}`})
	calls := 0
	_, err := b.c.UpdateCampaign(t.Context(), b.campaign, touch(&calls))
	require.ErrorIs(t, err, genesys.ErrCampaignStatus)
	require.NotErrorIs(t, err, genesys.ErrConflict)
	assert.Equal(t, 1, calls, "a status is not cured by reading again")
	for _, code := range []string{"duplicate.name", "contact.list.in.use", "referential.integrity.error", "name.already.exists"} {
		b.p.AddFault(genesystest.Fault{Method: "PUT", Status: 409, Body: `{"code":"` + code + `","message":"no"}`})
		calls = 0
		_, err = b.c.UpdateCampaign(t.Context(), b.campaign, touch(&calls))
		require.ErrorContains(t, err, code)
		require.NotErrorIs(t, err, genesys.ErrConflict)
		assert.Equal(t, 1, calls, "nor is what another object is the cause of")
	}
}

// A write whose reply was lost has one effect, and the caller learns of it.
func TestUpdateWhoseReplyIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, fault := range []genesystest.Fault{
			{Method: "PUT", ActFirst: true, Drop: true},
			{Method: "PUT", ActFirst: true, Status: 504, Body: `{"code":"request.timeout"}`},
			{Method: "PUT", ActFirst: true, Status: 408},
			{Method: "PUT", ActFirst: true, Drop: true, Times: 4},
			{Method: "PUT", ActFirst: true, Status: 200, Body: `{"id":`},
		} {
			b := newBed(t)
			b.p.AddFault(fault)
			_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error {
				var n int
				_ = json.Unmarshal(c.Field("count"), &n)
				return c.SetField("count", n+1)
			})
			require.NoError(t, err)
			assert.Equal(t, "1", string(members(t, b.p.Campaign(b.campaign))["count"]), "%+v", fault)
		}
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Method: "PUT", Drop: true, Times: -1})
		_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.SetField("count", 1) })
		e, ok := errors.AsType[*genesys.Error](err)
		require.True(t, ok, "%v", err)
		assert.True(t, e.Uncertain)
		assert.False(t, e.Retryable())
		assert.NotContains(t, members(t, b.p.Campaign(b.campaign)), "count")
	})
}

// A reply that is JSON, and not the campaign, is looked at as one that is lost.
func TestUpdateWhoseReplyIsAnotherThing(t *testing.T) {
	for _, reply := range []string{`{}`, `{"id":"` + noID + `"}`} {
		for _, act := range []bool{true, false} {
			b := newBed(t)
			b.p.AddFault(genesystest.Fault{Method: "PUT", Status: 200, Body: reply, ActFirst: act})
			after, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.SetField("name", "other") })
			assert.Equal(t, 1, b.p.CountRequests("PUT", ""))
			if act {
				require.NoError(t, err)
				assert.Equal(t, "other", after.Name())
				continue
			}
			require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
			e, ok := asError(err)
			require.True(t, ok)
			assert.True(t, e.Uncertain)
		}
	}
}

func TestCampaignOfTwoNames(t *testing.T) {
	b := newBed(t)
	b.p.AddFault(genesystest.Fault{Status: 200, Path: "/campaigns/", Body: `{"id":"` + b.campaign + `","version":1,"version":2}`})
	_, err := b.c.Campaign(t.Context(), b.campaign)
	require.ErrorIs(t, err, genesys.ErrUnexpectedReply, "which version is meant cannot be known")
	b.p.AddFault(genesystest.Fault{Status: 200, Path: "/campaigns/", Body: `{"id":"` + noID + `"}`})
	_, err = b.c.Campaign(t.Context(), b.campaign)
	require.ErrorIs(t, err, genesys.ErrUnexpectedReply, "another campaign")
}

func TestCampaignPrintsNothingPersonal(t *testing.T) {
	b := newBed(t)
	c, err := b.c.Campaign(t.Context(), b.campaign)
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		assert.Equal(t, "campaign "+b.campaign+" (off)", fmt.Sprintf(verb, c))
		assert.Equal(t, "campaign "+b.campaign+" (off)", fmt.Sprintf(verb, *c))
	}
	text, err := json.Marshal(c)
	require.NoError(t, err)
	assert.JSONEq(t, string(b.p.Campaign(b.campaign)), string(text))
	assert.True(t, strings.HasPrefix(string(c.JSON()), "{"))
}
