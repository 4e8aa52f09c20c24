package genesystest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// caller sends requests as the vendor's own clients do.
type caller struct {
	*testing.T
	p      *genesystest.Platform
	source *auth.Source
}

// call returns the status and the body, an object or an array.
func (c caller) call(method, path, body string) (int, map[string]any) {
	c.Helper()
	token, err := c.source.Token(c.Context())
	require.NoError(c, err)
	if !strings.HasPrefix(path, "/api/") {
		path = "/api/v2/outbound" + path
	}
	req, err := http.NewRequestWithContext(c.Context(), method, c.source.Region().APIURL()+path, strings.NewReader(body))
	require.NoError(c, err)
	req.Header.Set("Content-Type", "application/json")
	token.SetAuthHeader(req)
	resp, err := c.p.RoundTrip(req)
	require.NoError(c, err)
	data, err := io.ReadAll(resp.Body)
	require.NoError(c, err)
	var o map[string]any
	if strings.HasPrefix(string(data), "[") {
		var items []any
		require.NoError(c, json.Unmarshal(data, &items))
		return resp.StatusCode, map[string]any{"items": items}
	}
	_ = json.Unmarshal(data, &o)
	return resp.StatusCode, o
}

// must is call with a status that is expected.
func (c caller) must(status int, method, path, body string) map[string]any {
	c.Helper()
	got, o := c.call(method, path, body)
	require.Equal(c, status, got, "%s %s: %v", method, path, o)
	return o
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

// A whole campaign with all that belongs to it, from its making to its end.
func TestLifeOfACampaign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := genesystest.New()
		c := caller{t, p, p.Source()}
		limits := c.must(200, "POST", "/attemptlimits", `{"name":"three","maxAttemptsPerContact":3,"resetPeriod":"TODAY","timeZoneId":"America/New_York"}`)["id"].(string)
		times := c.must(200, "POST", "/callabletimesets", `{"name":"day","callableTimes":[{"timeZoneId":"America/New_York","timeSlots":[{"startTime":"08:00:00","stopTime":"21:00:00","day":1}]}]}`)["id"].(string)
		rules := c.must(200, "POST", "/rulesets", `{"name":"rules","rules":[]}`)["id"].(string)
		list := c.must(200, "POST", "/contactlists", `{"name":"Spring","columnNames":["name","phone"],"phoneColumns":[{"columnName":"phone","type":"cell"}],"attemptLimits":{"id":"`+limits+`"}}`)["id"].(string)
		filter := c.must(200, "POST", "/contactlistfilters", `{"name":"filter","contactList":{"id":"`+list+`"}}`)["id"].(string)
		dnc := c.must(200, "POST", "/dnclists", `{"name":"Opt-outs","dncSourceType":"rds","contactMethod":"Phone"}`)["id"].(string)
		campaign := c.must(200, "POST", "/campaigns", `{"name":"Spring","contactList":{"id":"`+list+`"},"dialingMode":"agentless","phoneColumns":[{"columnName":"phone"}],
			"callerName":"Us","callerAddress":"+12125550100","dncLists":[{"id":"`+dnc+`"}],"callableTimeSet":{"id":"`+times+`"},"ruleSets":[{"id":"`+rules+`"}],"contactListFilters":[{"id":"`+filter+`"}]}`)
		id := campaign["id"].(string)
		assert.Equal(t, "off", campaign["campaignStatus"])
		assert.InDelta(t, 1, campaign["version"], 0)

		d := c.must(200, "GET", "/campaigns/"+id+"/diagnostics", "")["callableContacts"].(map[string]any)
		assert.JSONEq(t, `{"dncLists":[{"id":"`+dnc+`"}],"ruleSets":[{"id":"`+rules+`"}],"callableTimeSet":{"id":"`+times+`"},"attemptLimits":{"id":"`+limits+`"}}`, text(t, d))
		for _, used := range []string{"/attemptlimits/" + limits, "/callabletimesets/" + times, "/rulesets/" + rules, "/contactlistfilters/" + filter, "/dnclists/" + dnc, "/contactlists/" + list} {
			c.must(400, "DELETE", used, "")
		}
		p.SetProgress(id, 1, map[string]int{"ININ-OUTBOUND-DNC-SKIPPED": 2})
		progress := c.must(200, "GET", "/campaigns/"+id+"/progress", "")
		assert.JSONEq(t, `{"ININ-OUTBOUND-DNC-SKIPPED":2}`, text(t, progress["numberOfContactsSkipped"]))
		assert.Len(t, c.must(200, "POST", "/campaigns/progress", `["`+id+`"]`)["items"], 1)
		c.must(200, "GET", "/campaigns/"+id+"/stats", "")
		c.must(202, "DELETE", "/campaigns/"+id+"/progress", "")
		c.must(429, "DELETE", "/campaigns/"+id+"/progress", "")

		c.must(204, "POST", "/campaigns/"+id+"/start", "")
		c.must(400, "DELETE", "/campaigns/"+id, "")
		c.must(204, "POST", "/campaigns/"+id+"/stop", "")
		assert.Equal(t, id, c.must(200, "DELETE", "/campaigns/"+id, "")["id"])
		c.must(404, "GET", "/campaigns/"+id, "")
		for _, free := range []string{"/callabletimesets/" + times, "/rulesets/" + rules, "/contactlistfilters/" + filter, "/dnclists/" + dnc, "/contactlists/" + list, "/attemptlimits/" + limits} {
			c.must(200, "DELETE", free, "")
			c.must(404, "GET", free, "")
		}
	})
}

// Terraform switches by a PUT of the object as it was read. Read-only properties may be absent, and
// what is null or empty is absent.
func TestStatusByPut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := genesystest.New()
		c := caller{t, p, p.Source()}
		list := p.AddContactList("Spring", "phone")
		dnc := p.AddDNCList("x")
		id, err := p.AddCampaign(`{"contactList":{"id":"` + list + `"},"dncLists":[{"id":"` + dnc + `"}],"skillColumns":[],"priority":3}`)
		require.NoError(t, err)
		object := func(change func(map[string]any)) string {
			o := c.must(200, "GET", "/campaigns/"+id, "")
			for _, own := range []string{"id", "dateCreated", "dateModified", "selfUri"} {
				delete(o, own)
			}
			change(o)
			return text(t, o)
		}
		on := object(func(o map[string]any) {
			o["campaignStatus"], o["ruleSets"], o["queue"], o["contactSorts"] = "on", []any{}, nil, []any{}
			o["dncLists"] = []any{map[string]any{"id": dnc, "name": "x", "selfUri": "/x"}}
			delete(o, "skillColumns")
		})
		assert.Equal(t, "on", c.must(200, "PUT", "/campaigns/"+id, on)["campaignStatus"])
		assert.Contains(t, string(p.Campaign(id)), `"dncLists":[{"id":"`+dnc+`"}]`, "nothing else has changed")
		c.must(400, "PUT", "/campaigns/"+id, object(func(o map[string]any) { o["campaignStatus"], o["priority"] = "off", 4 }))
		c.must(400, "PUT", "/campaigns/"+id, object(func(o map[string]any) { o["campaignStatus"], o["dncLists"] = "off", nil }))
		c.must(409, "PUT", "/campaigns/"+id, object(func(o map[string]any) { o["campaignStatus"], o["version"] = "off", 1 }))
		c.must(200, "PUT", "/campaigns/"+id, object(func(o map[string]any) { o["campaignStatus"] = "off" }))
		assert.Equal(t, "off", c.must(200, "GET", "/campaigns/"+id, "")["campaignStatus"])
	})
}

func names(o map[string]any) (all []string) {
	for _, e := range o["entities"].([]any) {
		all = append(all, e.(map[string]any)["name"].(string))
	}
	return all
}

// Filters, sorting and paging. Several values are joined by commas or repeated, and the next page's
// address keeps the query.
func TestListings(t *testing.T) {
	p := genesystest.New()
	c := caller{t, p, p.Source()}
	var ids []string
	for _, name := range []string{"b", "a", "c", "ab"} {
		list := p.AddContactList(name, "phone")
		id, err := p.AddCampaign(`{"name":"` + name + `","contactList":{"id":"` + list + `"},"queue":{"id":"` + list + `"}}`)
		require.NoError(t, err)
		ids = append(ids, id)
		p.AddDNCList(name)
	}
	for query, want := range map[string][]string{
		"?id=" + ids[0] + "," + ids[2]:                  {"b", "c"},
		"?id=" + ids[0] + "&id=" + ids[2]:               {"b", "c"},
		"?name=a":                                       {"a", "ab"},
		"?name=a&filterType=Equals":                     {"a"},
		"?name=b&filterType=EndsWith":                   {"b", "ab"},
		"?sortBy=name":                                  {"a", "ab", "b", "c"},
		"?sortBy=name&sortOrder=descending":             {"c", "b", "ab", "a"},
		"?distributionQueueId=" + ids[0]:                nil,
		"?pageSize=3&pageNumber=2&sortBy=name":          {"c"},
		"?name=a&pageSize=1":                            {"a"},
		"?divisionId=" + ids[0]:                         nil,
		"?pageNumber=7":                                 nil,
		"?id=" + ids[3] + "&name=a&sortOrder=ascending": {"ab"},
	} {
		assert.Equal(t, want, names(c.must(200, "GET", "/campaigns"+query, "")), query)
	}
	var all []string
	next := "/campaigns?name=a&pageSize=1&sortBy=name"
	for next != "" {
		page := c.must(200, "GET", next, "")
		all = append(all, names(page)...)
		next, _ = page["nextUri"].(string)
	}
	assert.Equal(t, []string{"a", "ab"}, all)
	assert.Equal(t, []string{"a", "ab"}, names(c.must(200, "GET", "/dnclists/divisionviews?name=a&includeSize=true", "")))
	assert.Equal(t, []string{"b", "a", "c", "ab"}, names(c.must(200, "GET", "/contactlists", "")))
	assert.Equal(t, []string{"b", "a", "c", "ab"}, names(c.must(200, "GET", "/contactlists/divisionviews", "")))
	assert.Equal(t, []string{"a"}, names(c.must(200, "GET", "/campaigns/divisionviews?id="+ids[1], "")))
	assert.Equal(t, map[string]any{"id": ids[1], "name": "a", "selfUri": "/api/v2/outbound/campaigns/" + ids[1]}, c.must(200, "GET", "/campaigns/divisionviews/"+ids[1], ""))
	c.must(400, "GET", "/campaigns?sortOrder=up", "")
	c.must(400, "GET", "/campaigns?id="+strings.Repeat(ids[0]+",", 100)+ids[0], "")
}

func TestContactListsAndContacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := genesystest.New(genesystest.WithJobDelay(time.Second))
		c := caller{t, p, p.Source()}
		const list = `{"name":"Spring","columnNames":["name","phone"],"phoneColumns":[{"columnName":"phone","type":"cell"}]}`
		made := c.must(200, "POST", "/contactlists", list)
		id := made["id"].(string)
		c.must(400, "POST", "/contactlists", list)
		for _, wrong := range []string{
			`{}`, `{"name":"x"}`, `{"name":"x","columnNames":["a"],"phoneColumns":[]}`, `{"name":"x","columnNames":["a","a"],"phoneColumns":[{"columnName":"a"}]}`,
			`{"name":"x","columnNames":["a"],"phoneColumns":[{"columnName":"b"}]}`, `{"name":"x","columnNames":"a"}`,
		} {
			c.must(400, "POST", "/contactlists", wrong)
		}
		made["name"] = "Summer"
		changed := c.must(200, "PUT", "/contactlists/"+id, text(t, made))
		assert.InDelta(t, 2, changed["version"], 0)
		c.must(409, "PUT", "/contactlists/"+id, text(t, made))
		changed["columnNames"] = []string{"phone", "name"}
		c.must(400, "PUT", "/contactlists/"+id, text(t, changed))

		contacts := make([]string, 0, 6)
		for _, contact := range []string{"A", "B", "C", "D", "E", "F"} {
			contacts = append(contacts, `{"id":"`+contact+`","contactListId":"`+id+`","data":{"name":"`+contact+`","phone":"+14155550100"}}`)
		}
		c.must(200, "POST", "/contactlists/"+id+"/contacts", "["+strings.Join(contacts, ",")+"]")
		assert.Len(t, c.must(200, "POST", "/contactlists/"+id+"/contacts/bulk", `["A","B","nobody"]`)["items"], 2)
		c.must(400, "POST", "/contactlists/"+id+"/contacts/bulk", text(t, make([]string, 51)))
		job := c.must(202, "POST", "/contactlists/"+id+"/contacts/bulk/update", `{"contactIds":["A","B"],"contact":{"contactListId":"`+id+`","data":{"name":"Z"},"callable":false}}`)
		assert.Equal(t, "InProgress", job["state"])
		assert.True(t, p.Contacts(id)[0].Callable)
		time.Sleep(time.Second) // fake
		job = c.must(200, "GET", "/contactlists/"+id+"/contacts/bulk/jobs/"+job["id"].(string), "")
		assert.Equal(t, "Complete", job["state"])
		assert.False(t, p.Contacts(id)[0].Callable)
		assert.Equal(t, map[string]string{"name": "Z", "phone": "+14155550100"}, p.Contacts(id)[1].Data)
		c.must(202, "POST", "/contactlists/"+id+"/contacts/bulk/remove", `{"criteria":{"clauses":[{"predicates":[{"column":"name","operator":"EQUALS","value":"Z"}]}]}}`)
		time.Sleep(time.Second) // fake
		assert.Len(t, c.must(200, "GET", "/contactlists/"+id+"/contacts/bulk/jobs", "")["entities"], 2)
		assert.Len(t, p.Contacts(id), 4)
		c.must(200, "DELETE", "/contactlists/"+id+"/contacts/C", "")
		c.must(404, "GET", "/contactlists/"+id+"/contacts/C", "")
		c.must(200, "DELETE", "/contactlists/"+id+"/contacts?contactIds=D,E", "")
		assert.Len(t, p.Contacts(id), 1)
		c.must(204, "POST", "/contactlists/"+id+"/clear", "")
		assert.Empty(t, p.Contacts(id))
		c.must(204, "DELETE", "/contactlists?id="+id, "")
		c.must(404, "GET", "/contactlists/"+id, "")
	})
}

func TestDNCListsOfOtherKinds(t *testing.T) {
	p := genesystest.New()
	c := caller{t, p, p.Source()}
	mail := c.must(200, "POST", "/dnclists", `{"name":"mail","dncSourceType":"rds","contactMethod":"Email"}`)
	custom := c.must(200, "POST", "/dnclists", `{"name":"custom","dncSourceType":"rds_custom","customExclusionColumn":"account"}`)["id"].(string)
	app := c.must(200, "POST", "/dnclists", `{"name":"app","dncSourceType":"rds","contactMethod":"WhatsApp"}`)["id"].(string)
	id := mail["id"].(string)
	c.must(204, "PATCH", "/dnclists/"+id+"/emailaddresses", `{"action":"Add","emailAddresses":["ann@example.com"]}`)
	c.must(204, "PATCH", "/dnclists/"+custom+"/customexclusioncolumns", `{"action":"Add","customExclusionColumnEntries":["17"]}`)
	c.must(204, "PATCH", "/dnclists/"+app+"/whatsappnumbers", `{"action":"Add","whatsAppNumbers":["+14155550100"]}`)
	c.must(400, "PATCH", "/dnclists/"+id+"/phonenumbers", `{"action":"Add","phoneNumbers":["+14155550100"]}`)
	c.must(400, "PATCH", "/dnclists/"+custom+"/emailaddresses", `{"action":"Add","emailAddresses":["ann@example.com"]}`)
	c.must(400, "PATCH", "/dnclists/"+id+"/emailaddresses", `{"action":"Add","emailAddresses":["ann"]}`)
	mail["name"] = "mails"
	assert.InDelta(t, 2, c.must(200, "PUT", "/dnclists/"+id, text(t, mail))["version"], 0)
	c.must(409, "PUT", "/dnclists/"+id, text(t, mail))
	mail["dncSourceType"] = "gryphon"
	c.must(400, "PUT", "/dnclists/"+id, text(t, mail))
	assert.InDelta(t, 1, c.must(200, "GET", "/dnclists/"+app+"?includeSize=true", "")["size"], 0)
}

// What is not here says so, and which permission an operation needs is as the definition has it.
func TestOperationsThatAreNotHere(t *testing.T) {
	p := genesystest.New()
	c := caller{t, p, p.Source()}
	list := p.AddContactList("x", "phone")
	id, err := p.AddCampaign(`{"contactList":{"id":"` + list + `"}}`)
	require.NoError(t, err)
	for _, path := range []string{"/campaigns/" + id + "/links", "/messagingcampaigns", "/settings", "/api/v2/users/me", "/campaigns/" + id} {
		got := c.must(501, "POST", path, "{}")
		assert.Contains(t, got["message"], "genesystest does not have this operation: POST ")
	}
	source, err := p.AddClient("outbound:campaign:view").Source()
	require.NoError(t, err)
	viewer := caller{t, p, source}
	viewer.must(200, "GET", "/campaigns/"+id+"/diagnostics", "")
	got := viewer.must(403, "DELETE", "/campaigns/"+id+"/progress", "")
	assert.Contains(t, got["message"], "outbound:campaign:edit, outbound:campaign:recycle")
	source, err = p.AddClient("outbound:campaign:recycle", "outbound:dncList:search").Source()
	require.NoError(t, err)
	recycler := caller{t, p, source}
	recycler.must(202, "DELETE", "/campaigns/"+id+"/progress", "")
	recycler.must(200, "GET", "/dnclists/divisionviews", "")
	recycler.must(403, "GET", "/dnclists", "")
}
