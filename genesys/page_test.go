package genesys_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// A listing that is short, and does not say so, is worse than none.
func TestListingsThatAreNotWhole(t *testing.T) {
	id := func(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n) }
	first := fmt.Sprintf(`{"entities":[{"id":%q},{"id":%q}],"pageCount":3}`, id(1), id(2))
	for name, test := range map[string]struct {
		pages []string
		items int
		text  string
	}{
		"whole":                 {[]string{first, `{"entities":[{"id":"` + id(2) + `"},{"id":"` + id(3) + `"}],"pageCount":3}`, `{"entities":[],"pageCount":3}`}, 3, ""},
		"empty":                 {[]string{`{"entities":[],"pageCount":0}`}, 0, ""},
		"shrank":                {[]string{first, `{"entities":[{"id":"` + id(3) + `"}],"pageCount":1}`}, 3, ""},
		"empty before the end":  {[]string{first, `{"entities":[],"pageCount":3}`}, 2, "nothing new before its end"},
		"the same again":        {[]string{first, first}, 2, "nothing new before its end"},
		"no count":              {[]string{`{"entities":[{"id":"` + id(1) + `"}]}`}, 1, "how many pages"},
		"no count and no items": {[]string{`{}`}, 0, "how many pages"},
		"a count of none":       {[]string{`{"entities":[{"id":"` + id(1) + `"}],"pageCount":0}`}, 1, "how many pages"},
		"too many":              {[]string{`{"entities":[{"id":"` + id(1) + `"}],"pageCount":100001}`}, 1, "more pages"},
		"a total and no items":  {[]string{`{"entities":[],"total":3,"pageCount":0}`}, 0, "fewer items"},
		"null for items":        {[]string{`{"entities":null,"total":3,"pageCount":1}`}, 0, "fewer items"},
		"items of another name": {[]string{`{"results":[{"id":"` + id(1) + `"}],"total":1,"pageCount":1}`}, 0, "fewer items"},
		"a page and no items":   {[]string{`{"pageCount":1}`}, 0, "no items"},
		"fewer than the total":  {[]string{`{"entities":[{"id":"` + id(1) + `"}],"total":2,"pageCount":1}`}, 1, "fewer items"},
		"another page":          {[]string{`{"entities":[{"id":"` + id(1) + `"}],"total":1,"pageCount":1,"pageNumber":2}`}, 1, "another page"},
		"less than nothing":     {[]string{`{"entities":[],"total":-1,"pageCount":0}`}, 0, "shorter"},
		"fewer pages than none": {[]string{`{"entities":[],"pageCount":-1}`}, 0, "how many pages"},
		"the next of the last":  {[]string{`{"entities":[{"id":"` + id(1) + `"}],"total":1,"pageCount":1,"nextUri":"/x?pageNumber=2"}`}, 1, "next page"},
		"the last one repeated": {[]string{
			`{"entities":[{"id":"` + id(1) + `"},{"id":"` + id(2) + `"}],"pageCount":2}`, `{"entities":[{"id":"` + id(1) + `"},{"id":"` + id(2) + `"}],"pageCount":2}`,
		}, 2, "there before"},
		"a total on one page alone": {[]string{
			`{"entities":[{"id":"` + id(1) + `"}],"total":4,"pageCount":2}`, `{"entities":[{"id":"` + id(2) + `"}],"pageCount":2}`,
		}, 2, "fewer items"},
		"deleted meanwhile": {[]string{
			`{"entities":[{"id":"` + id(1) + `"}],"total":3,"pageCount":3}`, `{"entities":[{"id":"` + id(3) + `"}],"total":2,"pageCount":2}`,
		}, 2, "shorter"},
		"added meanwhile": {[]string{
			`{"entities":[{"id":"` + id(1) + `"}],"total":2,"pageCount":2,"nextUri":"/x"}`,
			`{"entities":[{"id":"` + id(2) + `"}],"total":3,"pageCount":3}`, `{"entities":[{"id":"` + id(3) + `"}],"total":3,"pageCount":3}`,
		}, 3, ""},
		"empty with a total": {[]string{`{"entities":[],"total":0,"pageCount":1}`}, 0, ""},
		"no id":              {[]string{`{"entities":[{"id":"` + id(1) + `"},{"name":"x"}],"pageCount":1}`}, 1, "no id"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			at := 0
			c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
				if strings.HasPrefix(r.URL.Path, "/oauth/") {
					return b.p.RoundTrip(r)
				}
				at++
				return answer(r, http.StatusOK, test.pages[at-1]), nil
			})))
			for what, read := range map[string]func() (int, error){
				"campaigns": func() (n int, last error) {
					for _, err := range c.Campaigns(t.Context(), genesys.CampaignQuery{}) {
						n, last = n+1, err
					}
					return n, last
				},
				"DNC lists": func() (n int, last error) {
					for _, err := range c.DNCLists(t.Context(), genesys.DNCListQuery{}) {
						n, last = n+1, err
					}
					return n, last
				},
				"contact lists": func() (n int, last error) {
					for _, err := range c.ContactLists(t.Context(), genesys.ContactListQuery{}) {
						n, last = n+1, err
					}
					return n, last
				},
				"contacts": func() (n int, last error) {
					for _, err := range c.SearchContacts(t.Context(), b.list, genesys.ContactQuery{}) {
						n, last = n+1, err
					}
					return n, last
				},
			} {
				at = 0
				n, err := read()
				if test.text == "" {
					require.NoError(t, err, what)
					assert.Equal(t, test.items, n, what)
					continue
				}
				require.ErrorIs(t, err, genesys.ErrUnexpectedReply, what)
				require.ErrorContains(t, err, test.text, what)
				assert.Equal(t, test.items+1, n, what)
			}
		})
	}
}

// Whatever type a field has, the others are read.
func TestErrorBodiesFieldByField(t *testing.T) {
	b := newBed(t)
	const whole = `{"message":"You are missing: outbound:campaign:view","code":"missing.permissions","contextId":"ctx-1","messageWithParams":"m","missingPermissions":["outbound:dnc:edit"],` +
		`"limit":{"key":"k","namespace":"n","value":7}}`
	for _, odd := range []string{"message", "code", "contextId", "messageWithParams", "missingPermissions", "limit", "none"} {
		for _, value := range []string{`1`, `{}`, `[1]`, `null`, `"x"`, `{"key":1,"value":"many"}`} {
			var body map[string]json.RawMessage
			require.NoError(t, json.Unmarshal([]byte(whole), &body))
			body[odd] = json.RawMessage(value)
			text, err := json.Marshal(body)
			require.NoError(t, err)
			b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 403, Body: string(text)})
			_, err = b.c.Campaign(t.Context(), b.campaign)
			e, ok := asError(err)
			require.True(t, ok)
			if odd != "code" {
				assert.Equal(t, "missing.permissions", e.Code)
			}
			if odd != "message" {
				assert.Equal(t, "You are missing: outbound:campaign:view", e.Message)
				assert.Contains(t, e.MissingPermissions, "outbound:campaign:view")
			}
			if odd != "contextId" {
				assert.Equal(t, "ctx-1", e.CorrelationID)
			}
			if odd != "missingPermissions" {
				assert.Contains(t, e.MissingPermissions, "outbound:dnc:edit")
			}
			if odd != "limit" {
				assert.Equal(t, genesys.Limit{Key: "k", Namespace: "n", Value: 7}, e.Limit)
			}
		}
	}
}

// An id is the same id in capitals.
func TestIDsInAnyCase(t *testing.T) {
	b := newBed(t)
	const lower, upper = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE"
	var c genesys.Campaign
	require.NoError(t, json.Unmarshal([]byte(`{"contactList":{"id":"`+lower+`"},"dncLists":[{"id":"`+lower+`","x":1},{"id":"`+b.list+`"},{"id":"`+upper+`"}]}`), &c))
	before := string(c.JSON())
	require.NoError(t, c.AttachDNCLists(upper, lower))
	require.NoError(t, c.SetContactList(upper))
	assert.Equal(t, before, string(c.JSON()), "nothing changes")
	require.NoError(t, c.DetachDNCList(upper))
	assert.Equal(t, []string{b.list}, c.DNCListIDs())
	require.NoError(t, c.AttachDNCLists(upper, lower))
	assert.Equal(t, []string{b.list, upper}, c.DNCListIDs())
	require.NoError(t, json.Unmarshal([]byte(`{"dncLists":{"id":"x"}}`), &c))
	require.ErrorIs(t, c.AttachDNCLists(upper), genesys.ErrInvalidInput, "what cannot be read is not overwritten")
}

// A page that the platform cannot make in time is asked for in halves, and no item is missed.
func TestPagesThatAreTooLarge(t *testing.T) {
	for name, fault := range map[string]genesystest.Fault{
		"timeout":   {Status: http.StatusGatewayTimeout, Body: `{"code":"gateway.timeout"}`, Times: 4},
		"too large": {Status: http.StatusBadRequest, Body: `{"code":"response.entity.too.large"}`},
		"twice":     {Status: http.StatusBadRequest, Body: `{"code":"response.entity.too.large"}`, Times: 2},
		"later":     {Status: http.StatusBadRequest, Body: `{"code":"response.entity.too.large"}`, Skip: 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBed(t)
			for i := range 230 {
				b.p.AddDNCList(fmt.Sprint("list ", i))
			}
			fault.Method, fault.Path = http.MethodGet, "/dnclists"
			b.p.AddFault(fault)
			n := 0
			for _, err := range b.c.DNCLists(t.Context(), genesys.DNCListQuery{}) {
				require.NoError(t, err, name)
				n++
			}
			assert.Equal(t, 230, n, name)
		})
	}
	b := newBed(t)
	b.p.AddFault(genesystest.Fault{Status: http.StatusBadRequest, Body: `{"code":"response.entity.too.large"}`, Times: -1, Path: "/dnclists"})
	for _, err := range b.c.DNCLists(t.Context(), genesys.DNCListQuery{}) {
		require.Error(t, err)
	}
	assert.Equal(t, 3, b.p.CountRequests("GET", "/dnclists"), "100, 50 and 25")
}

// A filter that the platform does not heed is applied here.
func TestFilterThatIsNotHeeded(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("x")
	named := b.add(`"dncLists":[{"id":"` + list + `"}],`)
	c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.RawQuery = strings.NewReplacer("dncListIds=", "x=", "contactListId=", "y=").Replace(r.URL.RawQuery)
		return b.p.RoundTrip(r)
	})))
	all := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/contacts/search") {
			return answer(r, http.StatusOK, `{"entities":[{"id":"1","data":{"phone":"+14155550000"}},{"id":"2","data":{"phone":"+14155550001"}},{"id":"3"}],"pageCount":1,"total":3}`), nil
		}
		return b.p.RoundTrip(r)
	})))
	for column, want := range map[string][]string{"phone": {"2", "3"}, "": {"1", "2", "3"}} {
		q := genesys.ContactQuery{Column: column}
		if column != "" {
			q.Values = []string{"+14155550001", "+14155550009"}
		}
		var got []string
		for contact, err := range all.SearchContacts(t.Context(), b.list, q) {
			require.NoError(t, err)
			got = append(got, contact.ID)
		}
		assert.Equal(t, want, got, "one without the column may have the value")
	}
	for q, want := range map[genesys.CampaignQuery][]string{
		{DNCListID: list}:       {named},
		{ContactListID: b.list}: {b.campaign, named},
		{ContactListID: noID}:   nil,
	} {
		var got []string
		for c, err := range c.Campaigns(t.Context(), q) {
			require.NoError(t, err)
			got = append(got, c.ID())
		}
		assert.Equal(t, want, got)
	}
}
