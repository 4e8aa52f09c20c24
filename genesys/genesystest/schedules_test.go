package genesystest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys/genesystest"
)

// Sequences and schedules from their making to their end.
func TestLifeOfASchedule(t *testing.T) {
	p := genesystest.New()
	c := caller{t, p, p.Source()}
	campaign, err := p.AddCampaign(`{"contactList":{"id":"` + p.AddContactList("Spring", "phone") + `"}}`)
	require.NoError(t, err)
	sequence := c.must(200, "POST", "/sequences", `{"name":"all","campaigns":[{"id":"`+campaign+`"}]}`)
	id := sequence["id"].(string)
	assert.Equal(t, "off", sequence["status"])
	c.must(400, "DELETE", "/campaigns/"+campaign, "")
	sequence["status"], sequence["repeat"] = "on", true
	assert.Equal(t, "on", c.must(200, "PUT", "/sequences/"+id, text(t, sequence))["status"])
	c.must(409, "PUT", "/sequences/"+id, text(t, sequence))
	assert.InDelta(t, 1, c.must(200, "GET", "/sequences?name=al&pageSize=1&sortBy=name&sortOrder=ascending", "")["total"], 0)

	const hours = `"intervals":[{"start":"2026-12-01T09:00:00.000Z","end":"2026-12-01T17:00:00.000Z"}],"timeZone":"US/Eastern",` +
		`"recurrences":[{"start":"2026-12-01T09:00:00","end":"2026-12-01T17:00:00","pattern":{"type":"Weekly","interval":1,"daysOfWeek":["Monday"]},` +
		`"range":{"type":"EndDate","end":"2026-12-31T17:00:00"},"alterations":[{"type":"Exclusion","start":"2026-12-07T00:00:00","end":"2026-12-08T00:00:00"}]}]`
	for collection, of := range map[string][2]string{"campaigns": {"campaign", campaign}, "sequences": {"sequence", id}} {
		path := "/schedules/" + collection
		one := path + "/" + of[1]
		c.must(404, "GET", one, "")
		c.must(404, "DELETE", one, "")
		assert.Empty(t, c.must(200, "GET", path, "")["items"])
		made := c.must(200, "PUT", one, `{`+hours+`,"`+of[0]+`":{"id":"`+of[1]+`"}}`)
		assert.Equal(t, made, c.must(200, "GET", one, ""))
		assert.Len(t, c.must(200, "GET", path, "")["items"], 1)
		made["intervals"] = []any{}
		assert.InDelta(t, 2, c.must(200, "PUT", one, text(t, made))["version"], 0)
		c.must(409, "PUT", one, text(t, made))
		c.must(200, "DELETE", one, "")
		c.must(404, "GET", one, "")
	}
	_, err = p.AddObject("schedules/sequences", `{"sequence":{"id":"`+id+`"}}`)
	require.NoError(t, err)
	c.must(200, "GET", "/schedules/sequences/"+id, "")
	c.must(200, "DELETE", "/sequences/"+id, "")
	c.must(404, "GET", "/schedules/sequences/"+id, "")
	assert.Empty(t, c.must(200, "GET", "/schedules/sequences", "")["items"])
	c.must(200, "DELETE", "/campaigns/"+campaign, "")
}

func TestSchedulesThatAreRefused(t *testing.T) {
	p := genesystest.New()
	campaign, err := p.AddCampaign(`{"contactList":{"id":"` + p.AddContactList("Spring", "phone") + `"}}`)
	require.NoError(t, err)
	other, err := p.AddCampaign(`{"contactList":{"id":"` + p.AddContactList("Summer", "phone") + `"},"name":"other"}`)
	require.NoError(t, err)
	good := `{"intervals":[],"campaign":{"id":"` + campaign + `"}}`
	recurrence := func(members string) string {
		return `{"recurrences":[` + with(t, `{"start":"2026-12-01T09:00:00","end":"2026-12-01T17:00:00","pattern":{"type":"Daily","interval":1},"range":{"type":"NoEnd"}}`, members) + `]}`
	}
	for change, want := range map[string]string{
		`{"intervals":"-"}`:                                    "invalid.property",
		`{"intervals":null}`:                                   "invalid.property",
		`{"campaign":"-"}`:                                     "invalid.property",
		`{"campaign":{"id":"` + other + `"}}`:                  "bad.request",
		`{"campaign":"` + campaign + `"}`:                      "invalid.value",
		`{"timeZone":7}`:                                       "invalid.value",
		`{"intervals":[{"start":"2026-12-01T09:00:00.000Z"}]}`: "invalid.value",
		`{"intervals":[{"start":"2026-12-01T09:00:00.000Z","end":"tomorrow"}]}`: "invalid.value",
		`{"intervals":[{"start":1,"end":2}]}`:                                   "invalid.value",
		recurrence(`{"end":"-"}`):                                               "invalid.value",
		recurrence(`{"pattern":"-"}`):                                           "invalid.value",
		recurrence(`{"pattern":{"type":"Monthly","interval":1}}`):               "invalid.value",
		recurrence(`{"pattern":{"type":"Weekly","interval":1}}`):                "invalid.value",
		recurrence(`{"pattern":{"type":"Daily","interval":0}}`):                 "invalid.value",
		recurrence(`{"range":"-"}`):                                             "invalid.value",
		recurrence(`{"range":{"type":"Sometimes"}}`):                            "invalid.value",
		recurrence(`{"range":{"type":"EndDate"}}`):                              "invalid.value",
		recurrence(`{"range":{"type":"Numbered"}}`):                             "invalid.value",
		recurrence(`{"alterations":[{"type":"Move"}]}`):                         "invalid.value",
	} {
		status, code := send(t, p, "PUT", "/schedules/campaigns/"+campaign, with(t, good, change))
		assert.Equal(t, 400, status, change)
		assert.Equal(t, want, code, change)
	}
	status, code := send(t, p, "PUT", "/schedules/campaigns/"+campaign, `[]`)
	assert.Equal(t, 400, status)
	assert.Equal(t, "bad.request", code)
	status, _ = send(t, p, "PUT", "/schedules/campaigns/"+p.AddDNCList("x"), good)
	assert.Equal(t, 404, status)
	status, _ = send(t, p, "PUT", "/schedules/campaigns/"+campaign, with(t, good, recurrence(`{}`)))
	assert.Equal(t, 200, status)

	for body, want := range map[string]string{
		`{"campaigns":[]}`: "name.cannot.be.blank",
		`{"name":"x"}`:     "invalid.property",
		`{"name":"x","campaigns":["` + campaign + `"]}`:                       "invalid.value",
		`{"name":"x","campaigns":[{"id":"` + p.AddDNCList("y") + `"}]}`:       "bad.request",
		`{"name":"x","campaigns":[{"id":"` + campaign + `"}],"status":"ON"}`:  "invalid.value",
		`{"name":"x","campaigns":[{"id":"` + campaign + `"}],"repeat":"yes"}`: "invalid.value",
	} {
		status, code := send(t, p, "POST", "/sequences", body)
		assert.Equal(t, 400, status, body)
		assert.Equal(t, want, code, body)
	}
}
