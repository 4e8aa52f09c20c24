package contract_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// raw sends what the client would not send.
func (v *validator) raw(source *auth.Source, method, path, body string) *http.Request {
	v.t.Helper()
	token, err := source.Token(v.t.Context())
	require.NoError(v.t, err)
	req, err := http.NewRequestWithContext(v.t.Context(), method, source.Region().APIURL()+"/api/v2/outbound"+path, strings.NewReader(body))
	require.NoError(v.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	token.SetAuthHeader(req)
	return req
}

func (v *validator) status(source *auth.Source, method, path, body string) int {
	v.t.Helper()
	resp, err := v.RoundTrip(v.raw(source, method, path, body))
	require.NoError(v.t, err)
	require.NoError(v.t, resp.Body.Close())
	return resp.StatusCode
}

// defined reports whether the definition takes a request.
func (v *validator) defined(source *auth.Source, method, path, body string) bool {
	v.t.Helper()
	r := v.raw(source, method, path, body)
	route, params, err := v.router.FindRoute(r)
	require.NoError(v.t, err)
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	return openapi3filter.ValidateRequest(r.Context(), in) == nil
}

// What the definition refuses, the platform refuses, and some of what the definition cannot
// express. What the platform accepts is held to the definition in passing.
func TestRefusals(t *testing.T) {
	synctest.Test(t, refusals)
}

func refusals(t *testing.T) {
	t.Helper()
	p := genesystest.New()
	v := newValidator(t, p)
	s := p.Source()
	contacts, numbers := p.AddContactList("Spring", "name", "phone"), p.AddDNCList("Opt-outs")
	campaign, err := p.AddCampaign(`{"contactList":{"id":"` + contacts + `"}}`)
	require.NoError(t, err)
	contact := `{"contactListId":"` + contacts + `","data":{"name":"Ann","phone":"+12125550100"}}`
	const alsoDefined = true // the definition has no word for it

	for _, test := range []struct {
		method, path, object, change string
		defined                      bool
	}{
		{"PUT", "/campaigns/" + campaign, "", `{"dialingMode":"turbo"}`, false},
		{"PUT", "/campaigns/" + campaign, "", `{"callerAddress":17}`, false},
		{"PUT", "/campaigns/" + campaign, "", `{"name":7}`, false},
		{"PUT", "/campaigns/" + campaign, "", `{"phoneColumns":"x"}`, false},
		{"PUT", "/campaigns/" + campaign, "", `{"phoneColumns":[{}]}`, false},
		{"PUT", "/campaigns/" + campaign, "", `{"phoneColumns":[]}`, alsoDefined},
		{"PUT", "/campaigns/" + campaign, "", `{"campaignStatus":"paused"}`, false},
		{"PUT", "/campaigns/" + campaign, "", `{"version":"1"}`, false},
		{"PUT", "/campaigns/" + campaign, "", `{"dncLists":["x"]}`, false},
		{"PUT", "/campaigns/" + campaign, "", `{"contactList":"x"}`, false},
		{"PUT", "/campaigns/" + campaign, "", `{"contactSorts":[{"direction":"UP"}]}`, false},
		{"PUT", "/campaigns/" + campaign, "", `{"dialingMode":"power"}`, alsoDefined},
		{"PUT", "/campaigns/" + campaign, "", `{"dialingMode":"predictive"}`, alsoDefined},
		{"PUT", "/campaigns/" + campaign, "", `{"dialingMode":"progressive"}`, alsoDefined},
		{"PUT", "/campaigns/" + campaign, "", `{"dialingMode":"preview"}`, alsoDefined},
		{"PATCH", "/campaigns/" + campaign, `{}`, `{"abandonRate":"0.1"}`, false},
		{"PATCH", "/campaigns/" + campaign, `{}`, `{"queue":"x"}`, false},
		{"PATCH", "/campaigns/" + campaign, `{}`, `{"dncLists":[]}`, alsoDefined},
		{"POST", "/contactlists/" + contacts + "/contacts", contact, `{"callable":"no"}`, false},
		{"POST", "/contactlists/" + contacts + "/contacts", contact, `{"data":{"name":"Ann","phone":7}}`, false},
		{"POST", "/contactlists/" + contacts + "/contacts", contact, `{"phoneNumberStatus":{"phone":{"callable":"no"}}}`, false},
		{"POST", "/contactlists/" + contacts + "/contacts", contact, `{"contactableStatus":{"Voice":{"contactable":"no"}}}`, false},
		{"POST", "/contactlists/" + contacts + "/contacts", contact, `{"id":"../x"}`, alsoDefined},
		{"POST", "/contactlists/" + contacts + "/contacts/search", `{"pageNumber":1,"pageSize":9}`, `{"criteria":{"filterType":"XOR"}}`, false},
		{"POST", "/contactlists/" + contacts + "/contacts/search", `{"pageNumber":1,"pageSize":9}`, `{"pageSize":"9"}`, false},
		{"POST", "/dnclists", `{"name":"x","dncSourceType":"rds","contactMethod":"Phone"}`, `{"dncSourceType":"csv"}`, false},
		{"POST", "/dnclists", `{"name":"x","dncSourceType":"rds","contactMethod":"Phone"}`, `{"contactMethod":"Fax"}`, false},
		{"POST", "/dnclists", `{"name":"x","dncSourceType":"rds","contactMethod":"Phone"}`, `{"name":7}`, false},
		{"PATCH", "/dnclists/" + numbers + "/phonenumbers", `{"action":"Add","phoneNumbers":["+12125550100"]}`, `{"action":"add"}`, false},
		{"PATCH", "/dnclists/" + numbers + "/phonenumbers", `{"action":"Add","phoneNumbers":["+12125550100"]}`, `{"phoneNumbers":"x"}`, false},
		{"PATCH", "/dnclists/" + numbers + "/phonenumbers", `{"action":"Add","phoneNumbers":["+12125550100"]}`, `{"phoneNumbers":[1]}`, false},
	} {
		if test.object == "" {
			test.object = string(p.Campaign(campaign))
		}
		body := merged(t, test.object, test.change)
		if strings.HasSuffix(test.path, "/contacts") {
			body = "[" + body + "]"
		}
		assert.Equal(t, 400, v.status(s, test.method, test.path, body), "%s %s", test.method, test.change)
		assert.Equal(t, test.defined, v.defined(s, test.method, test.path, body), "the definition: %s %s", test.method, test.change)
	}
	assert.Equal(t, 400, v.status(s, "POST", "/dnclists/"+numbers+"/phonenumbers", `{"phoneNumbers":[]}`))
	assert.Equal(t, 400, v.status(s, "POST", "/dnclists/"+numbers+"/phonenumbers", `[1]`))
}

func merged(t *testing.T, object, change string) string {
	t.Helper()
	all := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal([]byte(object), &all))
	require.NoError(t, json.Unmarshal([]byte(change), &all))
	text, err := json.Marshal(all)
	require.NoError(t, err)
	return string(text)
}

// The operations that the client does not have, and the replies that it seldom gets.
func TestReplies(t *testing.T) {
	synctest.Test(t, replies)
}

func replies(t *testing.T) {
	t.Helper()
	p := genesystest.New(genesystest.WithRateLimit(20, false), genesystest.WithMaxNumbers(2), genesystest.WithMaxBody(1<<12))
	v := newValidator(t, p)
	s := p.Source()
	contacts, numbers, unused := p.AddContactList("Spring", "name", "phone"), p.AddDNCList("Opt-outs"), p.AddDNCList("Unused")
	campaign, err := p.AddCampaign(`{"contactList":{"id":"` + contacts + `"},"dncLists":[{"id":"` + numbers + `"}]}`)
	require.NoError(t, err)
	second, err := p.AddCampaign(`{"contactList":{"id":"` + contacts + `"},"campaignStatus":"on"}`)
	require.NoError(t, err)
	nobody, err := p.AddClient().Source()
	require.NoError(t, err)
	const one = `["+12125550100"]`

	for _, test := range []struct {
		source             *auth.Source
		method, path, body string
		status             int
	}{
		{s, "PATCH", "/campaigns/" + campaign, `{"outboundLineCount":4,"abandonRate":2.5,"maxCallsPerAgent":1.5,"queue":{"id":"` + contacts + `"}}`, 204},
		{s, "GET", "/campaigns/" + campaign, "", 200},
		{s, "PUT", "/campaigns/" + campaign, merged(t, string(p.Campaign(campaign)), `{"version":99}`), 409},
		{s, "POST", "/campaigns/" + campaign + "/start", "", 409}, // its contact list is in use
		{s, "POST", "/campaigns/" + second + "/stop", "", 204},
		{s, "POST", "/dnclists/" + numbers + "/phonenumbers", one, 204},
		{s, "POST", "/dnclists/" + numbers + "/phonenumbers?expirationDateTime=2000-01-02T00:00Z", `["+12125550101"]`, 204},
		{s, "POST", "/dnclists/" + numbers + "/phonenumbers?expirationDateTime=tomorrow", one, 400},
		{s, "POST", "/dnclists/" + numbers + "/phonenumbers", `["+12125550100","+12125550101","+12125550102"]`, 413},
		{s, "PATCH", "/dnclists/" + numbers + "/phonenumbers", `{"action":"Add","phoneNumbers":["` + strings.Repeat("1", 1<<12) + `"]}`, 413},
		{s, "DELETE", "/dnclists/" + numbers, "", 400}, // a campaign refers to it
		{s, "DELETE", "/dnclists/" + unused, "", 200},
		{s, "DELETE", "/dnclists/" + unused, "", 404},
		{nobody, "PUT", "/campaigns/" + campaign, string(p.Campaign(campaign)), 403},
		{nobody, "POST", "/dnclists/" + numbers + "/phonenumbers", one, 403},
		{nobody, "PATCH", "/campaigns/" + campaign, `{}`, 403},
	} {
		assert.Equal(t, test.status, v.status(test.source, test.method, test.path, test.body), "%s %s", test.method, test.path)
	}
	last := 0
	for range 20 {
		last = v.status(s, "GET", "/dnclists", "")
	}
	assert.Equal(t, 429, last)
	for _, want := range []string{
		"PATCH /api/v2/outbound/campaigns/{campaignId} 204", "PATCH /api/v2/outbound/campaigns/{campaignId} 403",
		"PUT /api/v2/outbound/campaigns/{campaignId} 403", "PUT /api/v2/outbound/campaigns/{campaignId} 409",
		"POST /api/v2/outbound/campaigns/{campaignId}/start 409", "POST /api/v2/outbound/dnclists/{dncListId}/phonenumbers 204",
		"POST /api/v2/outbound/dnclists/{dncListId}/phonenumbers 413", "PATCH /api/v2/outbound/dnclists/{dncListId}/phonenumbers 413",
		"DELETE /api/v2/outbound/dnclists/{dncListId} 200", "GET /api/v2/outbound/dnclists 429",
	} {
		assert.True(t, v.seen[want], "not tried: %s", want)
	}
}
