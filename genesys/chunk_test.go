package genesys_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// small is a platform that takes no more than so many items in one request, and answers the rest
// with a status.
func (b *bed) small(most, status int) *genesys.CampaignClient {
	return b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodPatch && (r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/contacts")) {
			return b.p.RoundTrip(r)
		}
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if strings.Count(string(data), "+1415") > most {
			return answer(r, status, `{"code":"gateway.timeout"}`), nil
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(strings.NewReader(string(data)))
		return b.p.RoundTrip(r)
	})))
}

// What the platform cannot do at once it is asked for in smaller parts, where a repetition does no
// harm.
func TestPartsThatAreTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		known := make([]genesys.Contact, 1500)
		for i := range known {
			known[i] = genesys.Contact{ID: fmt.Sprint("CUST-", i), Data: map[string]string{"name": "Ann", "phone": fmt.Sprintf("+1415555%04d", i)}}
		}
		for _, status := range []int{413, 504} {
			b := newBed(t)
			c := b.small(300, status)
			list := b.p.AddDNCList("x")
			require.NoError(t, c.AddDNCNumbers(t.Context(), list, numbers(1500), time.Time{}))
			assert.Len(t, b.p.DNCEntries(list), 1500)
			_, err := c.AddContacts(t.Context(), b.list, known, genesys.AddOptions{})
			require.NoError(t, err)
			assert.Len(t, b.p.Contacts(b.list), 1500)

			err = c.RemoveDNCNumbers(t.Context(), list, numbers(500))
			assert.Equal(t, status == 413, err == nil, "a removal that may have been done is not repeated: %v", err)
		}
		unknown := make([]genesys.Contact, 400)
		for i := range unknown {
			unknown[i] = genesys.Contact{Data: known[i].Data}
		}
		for _, status := range []int{413, 504} {
			b := newBed(t)
			_, err := b.small(300, status).AddContacts(t.Context(), b.list, unknown, genesys.AddOptions{})
			assert.Equal(t, status == 413, err == nil, "contacts that would be there twice are not sent again: %v", err)
		}
	})
}

// A campaign that never had a caller's name is changed as any other; only what it has must not be
// lost.
func TestCampaignWithoutACallerName(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("x")
	for _, never := range []string{`"callerName":null,`, ``} {
		var put string
		object := `{"id":"` + b.campaign + `","version":1,"campaignStatus":"off","name":"n","contactList":{"id":"` + b.list + `"},"dialingMode":"external",` + never +
			`"phoneColumns":[{"columnName":"phone"}],"callerAddress":"+12125550100"}`
		c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
			switch {
			case !strings.Contains(r.URL.Path, "/campaigns/"):
				return b.p.RoundTrip(r)
			case r.Method == http.MethodPut:
				data, err := io.ReadAll(r.Body)
				put = string(data)
				return answer(r, http.StatusOK, put), err
			}
			return answer(r, http.StatusOK, object), nil
		})))
		_, err := c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.AttachDNCLists(list) })
		require.NoError(t, err)
		assert.Equal(t, strings.TrimSuffix(object, "}")+`,"dncLists":[{"id":"`+list+`"}]}`, put, "what it never had it is not given")
		_, err = c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.SetField("callerAddress", json.RawMessage("null")) })
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
	}
}

// Lists of another division that are attached already do not keep rules from being applied.
func TestListsOfAnotherDivision(t *testing.T) {
	b := newBed(t)
	hidden, also := b.p.AddDNCList("hidden"), b.p.AddDNCList("also hidden")
	_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.AttachDNCLists(hidden, also) })
	require.NoError(t, err)
	b.p.AddFault(genesystest.Fault{Method: "GET", Path: "/dnclists/" + hidden, Status: 403, Body: `{"code":"not.authorized"}`, Times: -1})
	b.p.AddFault(genesystest.Fault{Method: "GET", Path: "/dnclists/" + also, Status: 404, Body: `{"code":"dnc.list.not.found"}`, Times: -1})
	done, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(2), DNCListIDs: []string{also}})
	require.NoError(t, err)
	assert.Equal(t, []string{hidden, also, done.DNCListID}, done.After.DNCListIDs())
}

// A success without a body is one, whatever content type it has.
func TestEmptySuccess(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("x")
	for _, kind := range []string{"", "application/json", "text/plain", "application/octet-stream", ";"} {
		for _, status := range []int{200, 202, 204} {
			b.p.AddFault(genesystest.Fault{Method: "PATCH", Status: status, Header: map[string]string{"Content-Type": kind}})
			require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(1), time.Time{}), "%d %q", status, kind)
		}
	}
}
