package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// validator is a transport that holds everything that passes to the definition.
type validator struct {
	t      *testing.T
	p      *genesystest.Platform
	router routers.Router

	mu   sync.Mutex
	seen map[string]bool // operation and status
}

func newValidator(t *testing.T, p *genesystest.Platform) *validator {
	t.Helper()
	var v2 openapi2.T
	require.NoError(t, json.Unmarshal(definition(t), &v2))
	v3, err := openapi2conv.ToV3(&v2)
	require.NoError(t, err)
	v3.Servers = openapi3.Servers{{URL: p.Source().Region().APIURL()}}
	router, err := gorillamux.NewRouter(v3)
	require.NoError(t, err)
	return &validator{t: t, p: p, router: router, seen: map[string]bool{}}
}

func (v *validator) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.Path, "/api/v2/outbound/") {
		return v.p.RoundTrip(r)
	}
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	copied := func() *http.Request {
		c := r.Clone(r.Context())
		c.Body = io.NopCloser(bytes.NewReader(sent))
		return c
	}
	resp, err := v.p.RoundTrip(copied())
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	v.validate(copied(), resp, body)
	return resp, nil
}

// options let whole objects be sent back as they were read, what is read-only included.
var options = &openapi3filter.Options{
	AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, ExcludeReadOnlyValidations: true,
}

func (v *validator) validate(r *http.Request, resp *http.Response, body []byte) {
	route, params, err := v.router.FindRoute(r)
	if err != nil {
		v.t.Errorf("%s %s is not in the definition: %v", r.Method, r.URL.Path, err)
		return
	}
	name := fmt.Sprintf("%s %s %d", r.Method, route.Path, resp.StatusCode)
	v.mu.Lock()
	v.seen[name] = true
	v.mu.Unlock()
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	if resp.StatusCode < 300 {
		if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
			v.t.Errorf("the platform accepted %s: %v", name, err)
		}
	}
	if len(body) == 0 { // 204, and statuses for which the definition has no schema
		if known := route.Operation.Responses; known.Status(resp.StatusCode) == nil && known.Default() == nil {
			v.t.Errorf("the platform answered %s, which is not in the definition", name)
		}
		return
	}
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(body)), Options: options,
	})
	if err != nil {
		v.t.Errorf("the platform answered %s: %s: %v", name, body, err)
	}
}

// Every operation of the client, with success and with the errors that the platform knows.
func TestContract(t *testing.T) {
	synctest.Test(t, contract)
}

func contract(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	p := genesystest.New(genesystest.WithListLimit(50), genesystest.WithExportDelay(3*time.Second), genesystest.WithStopDelay(time.Second), genesystest.WithJobDelay(time.Second), genesystest.WithImportDelay(time.Second))
	v := newValidator(t, p)
	c, err := genesys.NewCampaignClient(p.Source(), genesys.WithTransport(v))
	require.NoError(t, err)
	contacts := p.AddContactList("Spring", "name", "phone")
	campaign, err := p.AddCampaign(`{"contactList":{"id":"` + contacts + `"},"abandonRate":0.25,"maxCallsPerAgentDecimal":1.5}`)
	require.NoError(t, err)
	numbers := []string{"+12125550100", "+12125550101"}
	const none = "99999999-9999-4999-8999-999999999999"

	added, err := c.AddContacts(ctx, contacts, []genesys.Contact{{Data: map[string]string{"name": "Ann", "phone": numbers[0]}}}, genesys.AddOptions{})
	require.NoError(t, err)
	require.NoError(t, c.MarkUncallable(ctx, contacts, added[0].ID, genesys.PhoneColumn("phone")))
	require.NoError(t, c.MarkUncallable(ctx, contacts, added[0].ID, genesys.Medium("Voice", "phone")))
	crowd := make([]genesys.Contact, 60)
	var marks []genesys.Mark
	for i := range crowd {
		crowd[i] = genesys.Contact{ID: fmt.Sprintf("CUST-%d", i), Data: map[string]string{"name": "Ann", "phone": numbers[1]}}
		marks = append(marks, genesys.Mark{ContactID: crowd[i].ID, Part: genesys.PhoneColumn("phone")})
	}
	_, err = c.AddContacts(ctx, contacts, crowd, genesys.AddOptions{})
	require.NoError(t, err)
	failed, err := c.MarkAllUncallable(ctx, contacts, marks)
	require.NoError(t, err)
	require.Empty(t, failed)
	for _, err := range c.SearchContacts(ctx, contacts, genesys.ContactQuery{Column: "phone", Values: numbers}) {
		require.NoError(t, err)
	}
	for _, err := range c.ExportContacts(ctx, contacts) {
		require.NoError(t, err)
	}
	for _, err := range c.ContactLists(ctx, genesys.ContactListQuery{Name: "Spring"}) {
		require.NoError(t, err)
	}
	done, err := c.ApplyRules(ctx, campaign, genesys.Rules{BlockedNumbers: numbers, Expires: time.Now().Add(time.Hour).Truncate(time.Minute)})
	require.NoError(t, err)
	_, err = c.ApplyRules(ctx, campaign, genesys.Rules{BlockedNumbers: numbers, ContactListID: contacts, DNCListIDs: []string{done.DNCListID}})
	require.NoError(t, err)
	require.NoError(t, c.RemoveDNCNumbers(ctx, done.DNCListID, numbers[:1]))
	require.NoError(t, c.RemoveExpiredDNCEntries(ctx, done.DNCListID))
	for _, err := range c.DNCLists(ctx, genesys.DNCListQuery{}) {
		require.NoError(t, err)
	}
	for _, err := range c.Campaigns(ctx, genesys.CampaignQuery{Name: "Campaign", ContactListID: contacts, DNCListID: done.DNCListID}) {
		require.NoError(t, err)
	}
	_, err = c.Diagnostics(ctx, campaign)
	require.NoError(t, err)
	limits, err := p.AddObject("attemptlimits", `{"name":"three","maxAttemptsPerContact":3}`)
	require.NoError(t, err)
	times, err := p.AddObject("callabletimesets", `{"name":"day","callableTimes":[{"timeZoneId":"US/Eastern","timeSlots":[{"startTime":"08:00:00","stopTime":"21:00:00","day":1}]}]}`)
	require.NoError(t, err)
	_, err = c.AttemptLimits(ctx, limits)
	require.NoError(t, err)
	for _, err := range c.AllAttemptLimits(ctx, genesys.AttemptLimitsQuery{Name: "three"}) {
		require.NoError(t, err)
	}
	_, err = c.CallableTimeSet(ctx, times)
	require.NoError(t, err)
	for _, err := range c.CallableTimeSets(ctx, genesys.CallableTimeSetQuery{}) {
		require.NoError(t, err)
	}
	_, err = p.AddObject("campaignrules", `{"name":"rule","enabled":true,"campaignRuleEntities":{"campaigns":[]},"campaignRuleConditions":[],"campaignRuleActions":[]}`)
	require.NoError(t, err)
	for _, err := range c.CampaignRules(ctx, genesys.CampaignRuleQuery{}) {
		require.NoError(t, err)
	}
	sequence, err := p.AddObject("sequences", `{"name":"all","campaigns":[{"id":"`+campaign+`"}],"currentCampaign":0,"status":"off"}`)
	require.NoError(t, err)
	for _, err := range c.CampaignSequences(ctx, genesys.CampaignSequenceQuery{Name: "all"}) {
		require.NoError(t, err)
	}
	for of, read := range map[string]func() (*genesys.Schedule, error){
		"campaign": func() (*genesys.Schedule, error) { return c.CampaignSchedule(ctx, campaign) },
		"sequence": func() (*genesys.Schedule, error) { return c.SequenceSchedule(ctx, sequence) },
	} {
		_, err = read()
		require.ErrorIs(t, err, genesys.ErrNotFound)
		_, err = p.AddObject("schedules/"+of+"s", `{"intervals":[],"`+of+`":{"id":"`+map[string]string{"campaign": campaign, "sequence": sequence}[of]+`"}}`)
		require.NoError(t, err)
		_, err = read()
		require.NoError(t, err)
	}
	require.NoError(t, c.SetAttemptLimits(ctx, contacts, limits))
	_, err = c.UpdateCampaign(ctx, campaign, func(c *genesys.Campaign) error { return c.SetCallableTimeSet(times) })
	require.NoError(t, err)
	p.SetProgress(campaign, 1, map[string]int{"ININ-OUTBOUND-DNC-SKIPPED": 2})
	_, err = c.Progress(ctx, campaign)
	require.NoError(t, err)
	require.NoError(t, c.AddDNCEntries(ctx, p.AddDNCListFor("Email", "mail"), genesys.EmailAddresses, []string{"ann@example.com"}, time.Time{}))
	require.NoError(t, c.AddDNCEntries(ctx, p.AddDNCListFor("WhatsApp", "app"), genesys.WhatsAppNumbers, numbers, time.Now().Add(time.Hour).Truncate(time.Minute)))
	require.NoError(t, c.AddDNCEntries(ctx, p.AddExternalDNCList("custom", genesys.SourceCustom), genesys.CustomEntries, []string{"17"}, time.Time{}))
	require.NoError(t, c.UploadDNCNumbers(ctx, p.AddDNCList("upload"), numbers, time.Now().Add(time.Hour).Truncate(time.Minute)))
	require.NoError(t, c.StartCampaign(ctx, campaign))
	require.NoError(t, c.StopCampaign(ctx, campaign))
	_, err = c.WaitStatus(ctx, campaign, genesys.StatusOff)
	require.NoError(t, err)

	_, err = c.Campaign(ctx, none)
	require.ErrorIs(t, err, genesys.ErrNotFound)
	require.Error(t, c.StopCampaign(ctx, campaign))
	require.ErrorIs(t, c.AddDNCNumbers(ctx, p.AddDNCList("full"), many(51), time.Time{}), genesys.ErrListFull)
	require.ErrorIs(t, c.AddDNCNumbers(ctx, p.AddExternalDNCList("other", "gryphon"), numbers, time.Time{}), genesys.ErrNotInternal)
	require.NoError(t, c.EmptyDNCList(ctx, done.DNCListID, genesys.EveryNumberMayBeDialled))
	p.RevokeTokens()
	_, err = c.ContactList(ctx, contacts)
	require.NoError(t, err)

	for _, want := range []string{
		"GET /api/v2/outbound/campaigns 200", "GET /api/v2/outbound/campaigns/{campaignId} 200", "GET /api/v2/outbound/campaigns/{campaignId} 404",
		"PUT /api/v2/outbound/campaigns/{campaignId} 200", "GET /api/v2/outbound/campaigns/{campaignId}/diagnostics 200",
		"POST /api/v2/outbound/campaigns/{campaignId}/start 204", "POST /api/v2/outbound/campaigns/{campaignId}/stop 204",
		"GET /api/v2/outbound/dnclists 200", "POST /api/v2/outbound/dnclists 200", "GET /api/v2/outbound/dnclists/{dncListId} 200",
		"PATCH /api/v2/outbound/dnclists/{dncListId}/phonenumbers 204", "PATCH /api/v2/outbound/dnclists/{dncListId}/phonenumbers 400",
		"DELETE /api/v2/outbound/dnclists/{dncListId}/phonenumbers 204", "POST /api/v2/outbound/dnclists/{dncListId}/export 200",
		"GET /api/v2/outbound/dnclists/{dncListId}/export 200", "GET /api/v2/outbound/dnclists/{dncListId}/export 404",
		"GET /api/v2/outbound/contactlists 200", "GET /api/v2/outbound/contactlists/{contactListId} 200", "GET /api/v2/outbound/contactlists/{contactListId} 401",
		"POST /api/v2/outbound/contactlists/{contactListId}/contacts 200", "POST /api/v2/outbound/contactlists/{contactListId}/contacts/search 200",
		"GET /api/v2/outbound/contactlists/{contactListId}/contacts/{contactId} 200", "PUT /api/v2/outbound/contactlists/{contactListId}/contacts/{contactId} 200",
		"GET /api/v2/outbound/sequences 200", "GET /api/v2/outbound/schedules/campaigns/{campaignId} 200", "GET /api/v2/outbound/schedules/campaigns/{campaignId} 404",
		"GET /api/v2/outbound/schedules/sequences/{sequenceId} 200", "GET /api/v2/outbound/schedules/sequences/{sequenceId} 404",
		"GET /api/v2/outbound/campaignrules 200", "GET /api/v2/outbound/attemptlimits 200", "GET /api/v2/outbound/attemptlimits/{attemptLimitsId} 200", "GET /api/v2/outbound/callabletimesets 200",
		"GET /api/v2/outbound/callabletimesets/{callableTimeSetId} 200", "PUT /api/v2/outbound/contactlists/{contactListId} 200",
		"GET /api/v2/outbound/campaigns/{campaignId}/progress 200", "PATCH /api/v2/outbound/dnclists/{dncListId}/emailaddresses 204",
		"PATCH /api/v2/outbound/dnclists/{dncListId}/whatsappnumbers 204", "PATCH /api/v2/outbound/dnclists/{dncListId}/customexclusioncolumns 204",
		"POST /api/v2/outbound/dnclists/uploads 200", "GET /api/v2/outbound/dnclists/{dncListId}/importstatus 200",
		"POST /api/v2/outbound/contactlists/{contactListId}/contacts/bulk 200", "POST /api/v2/outbound/contactlists/{contactListId}/contacts/bulk/update 202",
		"GET /api/v2/outbound/contactlists/{contactListId}/contacts/bulk/jobs/{jobId} 200",
		"POST /api/v2/outbound/contactlists/{contactListId}/export 200", "GET /api/v2/outbound/contactlists/{contactListId}/export 200",
	} {
		assert.True(t, v.seen[want], "not tried: %s", want)
	}
}

func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("+1212555%04d", i)
	}
	return out
}
