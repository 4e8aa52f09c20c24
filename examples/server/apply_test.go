package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// remote is the program on a platform that it reaches over HTTP with credentials, as a real one.
type remote struct {
	*running
	p                     *genesystest.Platform
	campaign, list, other string
	dnc                   string
}

func startRemote(t *testing.T, args ...string) *remote {
	t.Helper()
	r := &remote{p: genesystest.New()}
	r.list, r.other = r.p.AddContactList("Spring", "phone"), r.p.AddContactList("Summer", "phone")
	var err error
	r.campaign, err = r.p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q},"aFieldOfTomorrow":1.50}`, r.list))
	require.NoError(t, err)
	r.dnc = r.p.AddDNCList("Opt-outs", "+14155550199")
	s := httptest.NewServer(r.p)
	t.Cleanup(s.Close)
	c := r.p.AddClient("outbound:campaign:view", "outbound:campaign:edit", "outbound:dncList:view", "outbound:dncList:add", "outbound:dnc:edit", "outbound:contactList:view")
	r.running = start(t, map[string]string{
		"GENESYSCLOUD_REGION": "eu-west-1", "GENESYSCLOUD_OAUTHCLIENT_ID": c.ClientID, "GENESYSCLOUD_OAUTHCLIENT_SECRET": c.ClientSecret.Reveal(),
	}, append([]string{"-api-url", s.URL, "-login-url", s.URL}, args...)...)
	return r
}

func TestApplyCampaignRules(t *testing.T) {
	s := startRemote(t, "-country", "1")
	body := fmt.Sprintf(`{"campaignId":%q,"contactListId":%q,"blockedNumbers":["+14155550100","(415) 555-0101"],"dncListIds":[%q]}`, s.campaign, s.other, s.dnc)
	r := s.send(t, "POST", "/apply-campaign-rules", body)
	require.Equal(t, 200, r.status, r.body)
	own := strings.Split(strings.Split(r.body, `"dncListId":"`)[1], `"`)[0]
	assert.JSONEq(t, fmt.Sprintf(`{"status":"applied","changed":true,"campaignId":%q,"campaignStatus":"off","contactListId":%q,"contactListChanged":true,
		"blockedNumbers":2,"dncListId":%q,"dncListCreated":true,"dncListIds":[%q,%q],"attached":[%q,%q]}`, s.campaign, s.other, own, own, s.dnc, own, s.dnc), r.body)
	assert.Equal(t, []string{"+14155550100", "+14155550101"}, s.p.DNCEntries(own))
	assert.Contains(t, string(s.p.Campaign(s.campaign)), `"aFieldOfTomorrow":1.50`)

	r = s.send(t, "POST", "/apply-campaign-rules", fmt.Sprintf(`{"campaignId":%q,"blockedNumbers":null,"dncListIds":[]}`, s.campaign))
	assert.Equal(t, 200, r.status)
	assert.Contains(t, r.body, `"changed":false`)
}

func TestApplyOnThePlatformInMemory(t *testing.T) {
	s := start(t, nil)
	r := s.send(t, "POST", "/apply-campaign-rules", `{"campaignId":"`+sampleCampaign+`","blockedNumbers":["+14155550100"]}`)
	assert.Equal(t, 200, r.status, r.body)
	assert.Contains(t, r.body, `"status":"applied"`)
}

func TestApplyErrors(t *testing.T) {
	s := startRemote(t)
	const none = "99999999-9999-4999-8999-999999999999"
	id := s.campaign
	for _, test := range []struct {
		body   string
		status int
		code   string
	}{
		{``, 400, "malformed"},
		{`[]`, 400, "malformed"},
		{`{`, 400, "malformed"},
		{`{"campaignId":"` + id + `"`, 400, "malformed"},
		{`{"campaignId":"` + id + `"} x`, 400, "malformed"},
		{`{"campaignId":"` + id + `","campaignId":"` + id + `"}`, 400, "malformed"},
		{`{"campaignId":"` + id + `","BlockedNumbers":["+14155550100"]}`, 400, "malformed"},
		{`{"campaignId":"` + id + `","dncOptOut":true}`, 400, "malformed"},
		{`{"campaignId":7}`, 400, "malformed"},
		{`{"campaignId":"` + id + `","blockedNumbers":"+14155550100"}`, 400, "malformed"},
		{`{"campaignId":"` + id + `","blockedNumbers":[null]}`, 400, "malformed"},
		{`{"campaignId":"` + id + `","blockedNumbers":["+14155550100","415-555-01"]}`, 400, "malformed"},
		{`{"campaignId":"` + id + "\xff" + `"}`, 400, "malformed"},
		{`{"campaignId":"` + id + `\ud800"}`, 400, "malformed"},
		{`{"campaignId":"` + id + `\`, 400, "malformed"},
		{`\`, 400, "malformed"},
		{`{}`, 400, "invalid_input"},
		{`{"campaignId":"../../users"}`, 400, "invalid_input"},
		{`{"campaignId":"` + id + `","dncListIds":["x"]}`, 400, "invalid_input"},
		{`{"campaignId":"` + none + `"}`, 404, "not_found_on_platform"},
		{`{"campaignId":"` + id + `","contactListId":"` + none + `"}`, 404, "not_found_on_platform"},
		{`{"campaignId":"` + id + `","blockedNumbers":[` + strings.Repeat(`"+14155550100",`, maxContacts) + `"+14155550100"]}`, 413, "too_large"},
	} {
		r := s.send(t, "POST", "/apply-campaign-rules", test.body)
		assert.Equal(t, test.status, r.status, "%.200s: %s", test.body, r.body)
		assert.Equal(t, test.code, r.code(t), "%.200s", test.body)
	}
	assert.Equal(t, 405, s.send(t, "GET", "/apply-campaign-rules", "").status)
	assert.Zero(t, s.p.CountRequests("PUT", "")+s.p.CountRequests("PATCH", ""))

	for _, test := range []struct {
		fault  genesystest.Fault
		status int
		code   string
	}{
		{genesystest.Fault{Path: "/campaigns/", Status: 403, Body: `{"code":"missing.permissions","message":"outbound:campaign:view"}`}, 502, "platform_forbidden"},
		{genesystest.Fault{Path: "/campaigns/", Status: 401, Times: 2}, 502, "platform_unauthorized"},
		{genesystest.Fault{Path: "/campaigns/", Status: 429, Header: map[string]string{"Retry-After": "120"}}, 503, "platform_rate_limited"},
		{genesystest.Fault{Path: "/campaigns/", Status: 200, Body: "<html>"}, 502, "platform_failed"},
		{genesystest.Fault{Path: "/campaigns/", Status: 400, Body: `{"code":"x","message":"of 415-555-0100"}`}, 502, "platform_failed"},
	} {
		s.p.AddFault(test.fault)
		r := s.send(t, "POST", "/apply-campaign-rules", `{"campaignId":"`+id+`"}`)
		assert.Equal(t, test.status, r.status)
		assert.Equal(t, test.code, r.code(t))
		if test.status == 503 {
			assert.Equal(t, "120", r.header.Get("Retry-After"))
		}
	}
	s.p.SetStatus(id, "on")
	r := s.send(t, "POST", "/apply-campaign-rules", `{"campaignId":"`+id+`","contactListId":"`+s.other+`"}`)
	assert.Equal(t, 409, r.status)
	assert.Equal(t, "campaign_status", r.code(t))
}

// What is wrong on the platform is no mistake of the request.
func TestApplyBesideTwoListsOfOneName(t *testing.T) {
	s := startRemote(t)
	for range 2 {
		s.p.AddDNCList(genesys.OwnDNCListName(s.campaign))
	}
	r := s.send(t, "POST", "/apply-campaign-rules", `{"campaignId":"`+s.campaign+`","blockedNumbers":["+14155550100"]}`)
	assert.Equal(t, 409, r.status, r.body)
	assert.Equal(t, "ambiguous_list", r.code(t))
	assert.Zero(t, s.p.CountRequests("PUT", "")+s.p.CountRequests("PATCH", ""))
}

func TestApplyEndsWithItsTime(t *testing.T) {
	s := startRemote(t, "-apply-timeout", "50ms")
	s.p.AddFault(genesystest.Fault{Path: "/campaigns/", Hang: true, Times: -1})
	r := s.send(t, "POST", "/apply-campaign-rules", `{"campaignId":"`+s.campaign+`"}`)
	assert.Equal(t, 504, r.status)
	assert.Equal(t, "platform_timeout", r.code(t))
}

// A queue at the rate limit that is longer than a request's time: come back later, which is no
// fault of the platform.
func TestApplyBehindTheRateLimit(t *testing.T) {
	p := genesystest.New()
	list := p.AddContactList("Spring", "phone")
	campaign, err := p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q}}`, list))
	require.NoError(t, err)
	limiter := rate.NewLimiter(rate.Every(90*time.Second), 1)
	client, err := genesys.NewCampaignClient(p.Source(), genesys.WithLimiter(limiter))
	require.NoError(t, err)
	require.True(t, limiter.Allow(), "somebody else takes the token")
	a := newAPI(config{applyTimeout: 15 * time.Second}, nil, campaigns{client, limiter}, slog.New(slog.DiscardHandler))
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/apply-campaign-rules", strings.NewReader(`{"campaignId":"`+campaign+`"}`))
	r.Header.Set("Content-Type", "application/json")
	a.ServeHTTP(w, r)
	assert.Equal(t, 503, w.Code, w.Body)
	assert.Contains(t, w.Body.String(), `"code":"platform_busy"`)
	wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
	require.NoError(t, err)
	assert.InDelta(t, 2*90-15, wait, 1, "two requests, one in 90 s, of which the last may come after 15 s")
	assert.Zero(t, p.CountRequests("", "/api/"))
}

func TestThePlatformsConfiguration(t *testing.T) {
	id, secret := map[string]string{"GENESYSCLOUD_OAUTHCLIENT_ID": "x"}, map[string]string{"GENESYSCLOUD_OAUTHCLIENT_SECRET": "canary-secret"}
	all := map[string]string{"GENESYSCLOUD_REGION": "evil.com/x", "GENESYSCLOUD_OAUTHCLIENT_ID": "x", "GENESYSCLOUD_OAUTHCLIENT_SECRET": "canary-secret"}
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
	}{
		"id alone": {id, nil}, "secret alone": {secret, nil}, "region": {all, nil},
		"urls alone": {nil, []string{"-api-url", "https://a.example", "-login-url", "https://a.example"}},
		"http":       {all, []string{"-api-url", "http://a.example", "-login-url", "http://a.example"}},
		"timeout":    {nil, []string{"-apply-timeout", "0"}},
	} {
		var out strings.Builder
		code := run(t.Context(), append([]string{"-addr", "127.0.0.1:0"}, c.args...), func(k string) string { return c.env[k] }, &out, &out)
		assert.Equal(t, exitUsage, code, name)
		assert.Contains(t, out.String(), "server: ", name)
		assert.NotContains(t, out.String(), "canary-secret")
	}
	p := platform{region: "eu-west-1", loginURL: "https://gateway.example"}
	region, err := p.where()
	require.NoError(t, err)
	assert.Equal(t, "https://api.mypurecloud.ie", region.APIURL())
	assert.Equal(t, "https://gateway.example", region.LoginURL())
	assert.Equal(t, 502, platformError(genesys.ErrNotVerified).Status)
}
