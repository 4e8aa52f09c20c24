package genesystest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys/genesystest"
)

// send is one request of a client that may do everything. It returns the status and the error's
// code.
func send(t *testing.T, p *genesystest.Platform, method, path, body string) (status int, code string) {
	t.Helper()
	source := p.Source()
	token, err := source.Token(t.Context())
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), method, source.Region().APIURL()+"/api/v2/outbound"+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	token.SetAuthHeader(req)
	resp, err := p.RoundTrip(req)
	require.NoError(t, err)
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var e struct{ Code string }
	_ = json.Unmarshal(data, &e)
	return resp.StatusCode, e.Code
}

// with is a JSON object with some members replaced; one that is replaced by nothing is gone.
func with(t *testing.T, object, members string) string {
	t.Helper()
	all := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal([]byte(object), &all))
	var changes map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(members), &changes))
	for name, value := range changes {
		all[name] = value
		if string(value) == `"-"` {
			delete(all, name)
		}
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	return string(text)
}

func TestCampaignsThatAreRefused(t *testing.T) {
	p := genesystest.New()
	list := p.AddContactList("Spring", "name", "phone")
	id, err := p.AddCampaign(`{"contactList":{"id":"` + list + `"},"queue":{"id":"` + list + `"},"script":{"id":"` + list + `"}}`)
	require.NoError(t, err)
	for change, want := range map[string]string{
		`{"name":"-"}`:  "invalid.property",
		`{"name":null}`: "invalid.property",
		`{"name":7}`:    "invalid.value",
		`{"name":""}`:   "name.cannot.be.blank",
		`{"name":"` + strings.Repeat("x", 65) + `"}`:     "name.length.exceeded",
		`{"callerAddress":17}`:                           "invalid.value",
		`{"callerAddress":""}`:                           "missing.caller.id.address",
		`{"callerName":""}`:                              "missing.caller.id.name",
		`{"version":"1"}`:                                "invalid.value",
		`{"version":1.5}`:                                "invalid.value",
		`{"version":"-"}`:                                "invalid.property",
		`{"version":2}`:                                  "invalid.update.wrong.version",
		`{"campaignStatus":"-"}`:                         "invalid.property",
		`{"campaignStatus":"paused"}`:                    "invalid.value",
		`{"campaignStatus":"complete"}`:                  "invalid.update.bad.status.transition",
		`{"dialingMode":"turbo"}`:                        "invalid.value",
		`{"dialingMode":"Preview"}`:                      "invalid.value",
		`{"dialingMode":3}`:                              "invalid.value",
		`{"dialingMode":"power","queue":"-"}`:            "invalid.property",
		`{"dialingMode":"predictive","queue":null}`:      "invalid.property",
		`{"dialingMode":"progressive","queue":"-"}`:      "invalid.property",
		`{"dialingMode":"preview","queue":"-"}`:          "invalid.property",
		`{"dialingMode":"preview","script":"-"}`:         "invalid.property",
		`{"queue":{}}`:                                   "invalid.value",
		`{"queue":"x"}`:                                  "invalid.value",
		`{"phoneColumns":[]}`:                            "invalid.campaign.phone.columns",
		`{"phoneColumns":"x"}`:                           "invalid.value",
		`{"phoneColumns":[{}]}`:                          "invalid.campaign.phone.columns",
		`{"phoneColumns":["phone"]}`:                     "invalid.value",
		`{"phoneColumns":[null]}`:                        "invalid.value",
		`{"phoneColumns":[{"columnName":7}]}`:            "invalid.value",
		`{"phoneColumns":[{"columnName":"fax"}]}`:        "invalid.campaign.phone.columns",
		`{"contactList":"` + list + `"}`:                 "invalid.value",
		`{"contactList":{"id":"` + id + `"}}`:            "contact.list.not.found",
		`{"dncLists":{}}`:                                "invalid.value",
		`{"dncLists":["` + list + `"]}`:                  "invalid.value",
		`{"dncLists":[{"id":"` + list + `"}]}`:           "dnc.list.not.found",
		`{"priority":0}`:                                 "invalid.priority",
		`{"priority":"high"}`:                            "invalid.value",
		`{"alwaysRunning":"yes"}`:                        "invalid.value",
		`{"abandonRate":"0.1"}`:                          "invalid.value",
		`{"site":{"id":"x"},"edgeGroup":{"id":"x"}}`:     "site.and.edge.group.cannot.be.configured",
		`{"contactSorts":[{"direction":"UP"}]}`:          "invalid.value",
		`{"dynamicLineBalancingSettings":{"enabled":1}}`: "invalid.value",
	} {
		before := p.Campaign(id)
		status, code := send(t, p, "PUT", "/campaigns/"+id, with(t, string(before), change))
		assert.Contains(t, []int{400, 409}, status, change)
		assert.Equal(t, want, code, change)
		assert.Equal(t, string(before), string(p.Campaign(id)), "nothing has changed")
	}
	for _, body := range []string{``, `[]`, `"x"`, `{`, `{"name":"a","name":"b"}`} {
		status, code := send(t, p, "PUT", "/campaigns/"+id, body)
		assert.Equal(t, 400, status, body)
		assert.Equal(t, "bad.request", code, body)
	}
	for _, change := range []string{
		`{"dialingMode":"external"}`, `{"dialingMode":"preview"}`, `{"priority":5.0}`, `{"aFieldOfTomorrow":{"x":[1]}}`, `{"abandonRate":null}`,
		`{"phoneColumns":[{"columnName":"phone"}]}`,
	} {
		status, code := send(t, p, "PUT", "/campaigns/"+id, with(t, string(p.Campaign(id)), change))
		assert.Equal(t, 200, status, "%s: %s", change, code)
	}
	assert.NotContains(t, string(p.Campaign(id)), "abandonRate", "null is absent")
	_, err = p.AddCampaign(`{"contactList":{"id":"` + list + `"},"phoneColumns":[]}`)
	require.NoError(t, err, "an old one may be as it could not be today")
}

func TestPatchTakesAllOrNothing(t *testing.T) {
	p := genesystest.New()
	id, err := p.AddCampaign(`{"contactList":{"id":"` + p.AddContactList("Spring", "phone") + `"}}`)
	require.NoError(t, err)
	before := p.Campaign(id)
	for body, want := range map[string]string{
		`{"outboundLineCount":4,"dncLists":[]}`: "invalid.property",
		`{"abandonRate":2,"queue":"x"}`:         "invalid.value",
		`{"outboundLineCount":1.5}`:             "invalid.value",
		`[]`:                                    "bad.request",
	} {
		status, code := send(t, p, "PATCH", "/campaigns/"+id, body)
		assert.Equal(t, 400, status, body)
		assert.Equal(t, want, code, body)
		assert.Equal(t, string(before), string(p.Campaign(id)), body)
	}
	status, _ := send(t, p, "PATCH", "/campaigns/"+id, `{"outboundLineCount":4,"maxCallsPerAgent":2.5}`)
	assert.Equal(t, 204, status)
	const changed = `{"outboundLineCount":4,"maxCallsPerAgent":2,"maxCallsPerAgentDecimal":2.5,"version":2,"dateModified":"-"}`
	assert.JSONEq(t, with(t, string(before), changed), with(t, string(p.Campaign(id)), `{"dateModified":"-"}`))
	for query, kept := range map[string]bool{"?useMaxCallsPerAgentDecimal=true": true, "": false} {
		status, _ := send(t, p, "PUT", "/campaigns/"+id+query, with(t, string(p.Campaign(id)), `{"maxCallsPerAgentDecimal":2.5}`))
		assert.Equal(t, 200, status)
		assert.Equal(t, kept, strings.Contains(string(p.Campaign(id)), "maxCallsPerAgentDecimal"))
	}
}

func TestContactsThatAreRefused(t *testing.T) {
	p := genesystest.New()
	list := p.AddContactList("Spring", "name", "phone")
	good := `{"contactListId":"` + list + `","data":{"name":"Ann","phone":"+12125550100"}}`
	for change, want := range map[string]string{
		`{"callable":"no"}`:                 "invalid.value",
		`{"callable":0}`:                    "invalid.value",
		`{"id":"../x"}`:                     "invalid.contact.id",
		`{"id":"a b"}`:                      "invalid.contact.id",
		`{"id":7}`:                          "invalid.value",
		`{"contactListId":"-"}`:             "invalid.property",
		`{"data":"-"}`:                      "invalid.property",
		`{"data":null}`:                     "invalid.property",
		`{"data":{"name":"Ann"}}`:           "invalid.contact.columns",
		`{"data":{"name":"Ann","phone":7}}`: "invalid.value",
		`{"data":{"name":"Ann","phone":"x","fax":"x"}}`:                                "invalid.contact.columns",
		`{"phoneNumberStatus":{"phone":false}}`:                                        "invalid.value",
		`{"phoneNumberStatus":{"phone":{"callable":"no"}}}`:                            "invalid.value",
		`{"contactableStatus":{"Voice":{"contactable":1}}}`:                            "invalid.value",
		`{"contactableStatus":{"Voice":{"columnStatus":{"phone":{"contactable":1}}}}}`: "invalid.value",
	} {
		status, code := send(t, p, "POST", "/contactlists/"+list+"/contacts", "["+good+","+with(t, good, change)+"]")
		assert.Equal(t, 400, status, change)
		assert.Equal(t, want, code, change)
		assert.Empty(t, p.Contacts(list), "all or none")
	}
	status, _ := send(t, p, "POST", "/contactlists/"+list+"/contacts", "["+with(t, good, `{"id":"A-1_b","callable":false}`)+"]")
	assert.Equal(t, 200, status)
	status, code := send(t, p, "PUT", "/contactlists/"+list+"/contacts/A-1_b", with(t, good, `{"callable":"no"}`))
	assert.Equal(t, 400, status)
	assert.Equal(t, "invalid.value", code)
	for _, body := range []string{
		`{"pageNumber":"1","pageSize":10}`, `{"pageNumber":1,"pageSize":10,"criteria":{"filterType":"XOR"}}`,
		`{"pageNumber":1,"pageSize":10,"criteria":{"clauses":[{"predicates":[{"column":"phone","operator":"LIKE","value":"x"}]}]}}`,
	} {
		status, code = send(t, p, "POST", "/contactlists/"+list+"/contacts/search", body)
		assert.Equal(t, 400, status, body)
		assert.Equal(t, "invalid.value", code, body)
	}
}

func TestDNCListsThatAreRefused(t *testing.T) {
	p := genesystest.New()
	list := p.AddDNCList("Opt-outs")
	for body, want := range map[string]string{
		`{}`: "name.cannot.be.blank", `[]`: "bad.request", `{"name":7}`: "invalid.value", `{"name":"x"}`: "invalid.property",
		`{"name":"x","dncSourceType":"csv"}`:                         "invalid.value",
		`{"name":"x","dncSourceType":"rds"}`:                         "invalid.property",
		`{"name":"x","dncSourceType":"rds","contactMethod":"Fax"}`:   "invalid.value",
		`{"name":"x","dncSourceType":"gryphon"}`:                     "invalid.property",
		`{"name":"x","dncSourceType":"dnc.com","loginId":"y"}`:       "invalid.property",
		`{"name":"x","dncSourceType":"rds_custom"}`:                  "invalid.property",
		`{"Name":"x","dncSourceType":"rds","contactMethod":"Phone"}`: "name.cannot.be.blank",
	} {
		status, code := send(t, p, "POST", "/dnclists", body)
		assert.Equal(t, 400, status, body)
		assert.Equal(t, want, code, body)
	}
	for body, want := range map[string]string{
		`{"action":"add","phoneNumbers":["+12125550100"]}`:                                             "invalid.value",
		`{"Action":"Add","phoneNumbers":["+12125550100"]}`:                                             "invalid.property",
		`{"phoneNumbers":["+12125550100"]}`:                                                            "invalid.property",
		`{"action":"Add","phoneNumbers":"+12125550100"}`:                                               "invalid.value",
		`{"action":"Add","phoneNumbers":[12125550100]}`:                                                "invalid.value",
		`{"action":"Add","phoneNumbers":[null]}`:                                                       "invalid.value",
		`{"action":"Add","phoneNumbers":[]}`:                                                           "invalid.property",
		`{"action":"Add","phoneNumbers":["2125550100"]}`:                                               "invalid.phone.number",
		`{"action":"Add","phoneNumbers":["+12125550100"],"expirationDateTime":"2030-01-01T00:00:00Z"}`: "invalid.date.value",
		`["+12125550100"]`: "bad.request",
	} {
		status, code := send(t, p, "PATCH", "/dnclists/"+list+"/phonenumbers", body)
		assert.Equal(t, 400, status, body)
		assert.Equal(t, want, code, body)
	}
	for _, body := range []string{`{"action":"Add","phoneNumbers":["+12125550100"]}`, `[null]`, `[12125550100]`, `"+12125550100"`} {
		status, code := send(t, p, "POST", "/dnclists/"+list+"/phonenumbers", body)
		assert.Equal(t, 400, status, body)
		assert.Equal(t, "bad.request", code, body)
	}
	assert.Empty(t, p.DNCEntries(list))
}

func TestQueriesThatAreRefused(t *testing.T) {
	p := genesystest.New()
	list := p.AddDNCList("Opt-outs", "+12125550100")
	for method, path := range map[string]string{
		"GET": "/dnclists?filterType=equals", "DELETE": "/dnclists/" + list + "/phonenumbers?expiredOnly=yes",
		"POST": "/contactlists/" + p.AddContactList("Spring", "phone") + "/contacts?clearSystemData=0",
	} {
		status, code := send(t, p, method, path, "")
		assert.Equal(t, 400, status, path)
		assert.Equal(t, "invalid.query.param.value", code, path)
	}
	for _, path := range []string{"pageSize=101", "pageSize=0", "pageNumber=-1", "pageNumber=x", "sortOrder=a", "includeSize=1", "dncSourceType=csv"} {
		status, code := send(t, p, "GET", "/dnclists?"+path, "")
		assert.Equal(t, 400, status, path)
		assert.Equal(t, "invalid.query.param.value", code, path)
	}
	assert.NotEmpty(t, p.DNCEntries(list))
}
