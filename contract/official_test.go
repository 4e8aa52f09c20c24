package contract_test

import (
	"encoding/json"
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// object sends a request that must succeed and returns the object of its reply.
func (v *validator) object(source *auth.Source, method, path, body string) map[string]any {
	v.t.Helper()
	resp, err := v.RoundTrip(v.raw(source, method, path, body))
	require.NoError(v.t, err)
	data, err := io.ReadAll(resp.Body)
	require.NoError(v.t, err)
	require.Less(v.t, resp.StatusCode, 300, "%s %s: %s", method, path, data)
	var o map[string]any
	_ = json.Unmarshal(data, &o)
	return o
}

// The requests of the vendor's own clients, in the shapes of their models, and the platform's
// answers to them.
func TestOfficialClients(t *testing.T) {
	synctest.Test(t, official)
}

func official(t *testing.T) {
	t.Helper()
	p := genesystest.New()
	v := newValidator(t, p)
	s := p.Source()
	id := func(o map[string]any) string { return o["id"].(string) }
	body := func(o map[string]any, change string, value any) string {
		o[change] = value
		text, err := json.Marshal(o)
		require.NoError(t, err)
		return string(text)
	}

	limits := v.object(s, "POST", "/attemptlimits", `{"name":"three","maxAttemptsPerContact":3,"maxAttemptsPerNumber":2,"resetPeriod":"TODAY","timeZoneId":"America/New_York","recallEntries":{"busy":{"nbrAttempts":1,"minutesBetweenAttempts":5}}}`)
	v.object(s, "PUT", "/attemptlimits/"+id(limits), body(limits, "maxAttemptsPerContact", 4))
	times := v.object(s, "POST", "/callabletimesets", `{"name":"day","callableTimes":[{"timeZoneId":"America/New_York","timeSlots":[{"startTime":"08:00:00","stopTime":"21:00:00","day":1}]}]}`)
	v.object(s, "PUT", "/callabletimesets/"+id(times), body(times, "name", "days"))
	rules := v.object(s, "POST", "/rulesets", `{"name":"rules","rules":[{"name":"r","order":1,"category":"DIALER_PRECALL","conditions":[],"actions":[]}]}`)
	v.object(s, "PUT", "/rulesets/"+id(rules), body(rules, "name", "ruleset"))
	list := v.object(s, "POST", "/contactlists", `{"name":"Spring","columnNames":["name","phone"],"phoneColumns":[{"columnName":"phone","type":"cell"}],"attemptLimits":{"id":"`+id(limits)+`"}}`)
	v.object(s, "PUT", "/contactlists/"+id(list), body(list, "name", "Summer"))
	dnc := v.object(s, "POST", "/dnclists", `{"name":"Opt-outs","dncSourceType":"rds","contactMethod":"Any"}`)
	v.object(s, "PUT", "/dnclists/"+id(dnc), body(dnc, "name", "Opted out"))
	v.object(s, "PATCH", "/dnclists/"+id(dnc)+"/emailaddresses", `{"action":"Add","emailAddresses":["ann@example.com"]}`)
	v.object(s, "POST", "/dnclists/"+id(dnc)+"/phonenumbers", `["+12125550100"]`)
	v.object(s, "PATCH", "/dnclists/"+id(dnc)+"/whatsappnumbers", `{"action":"Add","whatsAppNumbers":["+12125550100"]}`)
	v.object(s, "DELETE", "/dnclists/"+id(dnc)+"/emailaddresses?expiredOnly=true", "")
	custom := v.object(s, "POST", "/dnclists", `{"name":"custom","dncSourceType":"rds_custom","customExclusionColumn":"account"}`)
	v.object(s, "PATCH", "/dnclists/"+id(custom)+"/customexclusioncolumns", `{"action":"Add","customExclusionColumnEntries":["17"]}`)
	v.object(s, "GET", "/dnclists/divisionviews?includeSize=true&name=Op", "")
	v.object(s, "GET", "/dnclists/divisionviews/"+id(dnc), "")
	v.object(s, "POST", "/dnclists/uploads", `{"id":"`+id(dnc)+`","contentType":"text/csv","phoneColumns":"phone","signedUrlTimeoutSeconds":60}`)

	campaign := v.object(s, "POST", "/campaigns", `{"name":"Spring","contactList":{"id":"`+id(list)+`"},"dialingMode":"agentless","phoneColumns":[{"columnName":"phone","type":"cell"}],
		"callerName":"Us","callerAddress":"+12125550100","dncLists":[{"id":"`+id(dnc)+`"}],"callableTimeSet":{"id":"`+id(times)+`"},"ruleSets":[{"id":"`+id(rules)+`"}]}`)
	v.object(s, "GET", "/campaigns?name=S&filterType=Prefix&id="+id(campaign)+"&sortBy=name&sortOrder=ascending&dncListIds="+id(dnc), "")
	v.object(s, "PATCH", "/campaigns/"+id(campaign), `{"abandonRate":0.5}`)
	v.object(s, "GET", "/campaigns/"+id(campaign)+"/diagnostics", "")
	p.SetProgress(id(campaign), 1, map[string]int{"ININ-OUTBOUND-DNC-SKIPPED": 2})
	v.object(s, "GET", "/campaigns/"+id(campaign)+"/progress", "")
	v.object(s, "POST", "/campaigns/progress", `["`+id(campaign)+`"]`)
	v.object(s, "GET", "/campaigns/"+id(campaign)+"/stats", "")
	v.object(s, "DELETE", "/campaigns/"+id(campaign)+"/progress", "")
	on := v.object(s, "PUT", "/campaigns/"+id(campaign), body(v.object(s, "GET", "/campaigns/"+id(campaign), ""), "campaignStatus", "on"))
	assert.Equal(t, "on", on["campaignStatus"])
	v.object(s, "POST", "/campaigns/"+id(campaign)+"/stop", "")

	sequence := v.object(s, "POST", "/sequences", `{"name":"all","campaigns":[{"id":"`+id(campaign)+`"}],"repeat":true}`)
	v.object(s, "PUT", "/sequences/"+id(sequence), body(sequence, "status", "on"))
	v.object(s, "GET", "/sequences/"+id(sequence), "")
	const hours = `"intervals":[{"start":"2026-12-01T09:00:00.000Z","end":"2026-12-01T17:00:00.000Z"}],"timeZone":"US/Eastern",` +
		`"recurrences":[{"start":"2026-12-01T09:00:00","end":"2026-12-01T17:00:00","pattern":{"type":"Daily","interval":1},"range":{"type":"NoEnd"}}]`
	for collection, of := range map[string][2]string{"campaigns": {"campaign", id(campaign)}, "sequences": {"sequence", id(sequence)}} {
		path := "/schedules/" + collection
		schedule := v.object(s, "PUT", path+"/"+of[1], `{`+hours+`,"`+of[0]+`":{"id":"`+of[1]+`"}}`)
		v.object(s, "PUT", path+"/"+of[1], body(schedule, "timeZone", "UTC"))
		v.object(s, "GET", path+"/"+of[1], "")
		v.object(s, "GET", path, "")
		v.object(s, "DELETE", path+"/"+of[1], "")
		assert.Equal(t, 404, v.status(s, "GET", path+"/"+of[1], ""))
	}
	assert.Equal(t, 400, v.status(s, "DELETE", "/campaigns/"+id(campaign), ""), "it is in a sequence")
	v.object(s, "DELETE", "/sequences/"+id(sequence), "")

	contacts := "/contactlists/" + id(list) + "/contacts"
	v.object(s, "POST", contacts, `[{"id":"CUST-1","contactListId":"`+id(list)+`","data":{"name":"Ann","phone":"+12125550100"}},{"id":"CUST-2","contactListId":"`+id(list)+`","data":{"name":"Bob","phone":"+12125550101"}}]`)
	v.object(s, "POST", contacts+"/bulk", `["CUST-1"]`)
	v.object(s, "POST", contacts+"/bulk/update", `{"contactIds":["CUST-1"],"contact":{"contactListId":"`+id(list)+`","data":{},"callable":false}}`)
	v.object(s, "GET", contacts+"/bulk/jobs", "")
	v.object(s, "DELETE", contacts+"/CUST-1", "")
	v.object(s, "DELETE", contacts+"?contactIds=CUST-2", "")
	v.object(s, "POST", "/contactlists/"+id(list)+"/clear", "")

	for _, used := range []string{"/attemptlimits/" + id(limits), "/callabletimesets/" + id(times), "/rulesets/" + id(rules), "/contactlists/" + id(list), "/dnclists/" + id(dnc)} {
		assert.Equal(t, 400, v.status(s, "DELETE", used, ""), used)
	}
	v.object(s, "GET", "/campaigns/"+id(campaign), "") // it is off by now
	v.object(s, "DELETE", "/campaigns/"+id(campaign), "")
	for _, free := range []string{"/callabletimesets/" + id(times), "/rulesets/" + id(rules), "/contactlists/" + id(list), "/dnclists/" + id(dnc), "/attemptlimits/" + id(limits)} {
		v.object(s, "DELETE", free, "")
		assert.Equal(t, 404, v.status(s, "GET", free, ""), free)
	}
	for _, listing := range []string{"/attemptlimits", "/callabletimesets", "/rulesets", "/campaignrules", "/sequences", "/contactlists", "/dnclists", "/campaigns"} {
		v.object(s, "GET", listing+"?pageSize=1&pageNumber=1&name=x&filterType=Equals", "")
	}
}
