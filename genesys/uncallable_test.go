package genesys_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// Between a write that failed and its repetition somebody else may have marked the contact: what
// was read before would undo that.
func TestMarkIsReadAnewBeforeItIsRepeated(t *testing.T) {
	for name, fault := range map[string]genesystest.Fault{
		"unavailable":       {Status: 503, Header: map[string]string{"Retry-After": "60"}},
		"throttled":         {Status: 429, Header: map[string]string{"Retry-After": "60"}},
		"lost":              {Drop: true},
		"lost when it came": {Drop: true, ActFirst: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t)
				added, err := b.c.AddContacts(t.Context(), b.list, contacts(1), genesys.AddOptions{})
				require.NoError(t, err)
				fault.Method, fault.Path = http.MethodPut, "/contacts/"
				b.p.AddFault(fault)
				other, puts := b.client(), 0
				c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
					resp, err := b.p.RoundTrip(r)
					if puts == 0 && r.Method == http.MethodPut {
						puts++
						require.NoError(t, other.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact()))
					}
					return resp, err
				})))
				require.NoError(t, c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.PhoneColumn("phone")))
				got := b.p.Contacts(b.list)[0]
				assert.False(t, got.Callable, "the mark of the other one stays")
				assert.Contains(t, string(got.Raw), `"phoneNumberStatus":{"phone":{"callable":false}}`)
			})
		})
	}
}

// It is repeated as often as anything else, and by one count.
func TestMarkGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		added, err := b.c.AddContacts(t.Context(), b.list, contacts(1), genesys.AddOptions{})
		require.NoError(t, err)
		b.p.AddFault(genesystest.Fault{Method: http.MethodPut, Status: 503, Times: -1})
		err = b.c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact())
		e, ok := asError(err)
		require.True(t, ok, "%v", err)
		assert.True(t, e.Uncertain)
		assert.Equal(t, 4, b.p.CountRequests(http.MethodPut, ""))
		require.Error(t, b.client(once).MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact()))
		assert.Equal(t, 5, b.p.CountRequests(http.MethodPut, ""))

		b.p.ClearFaults()
		b.p.AddFault(genesystest.Fault{Method: http.MethodPut, Status: 400, Times: -1})
		require.Error(t, b.c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact()))
		assert.Equal(t, 6, b.p.CountRequests(http.MethodPut, ""), "what is refused is not repeated")

		b.p.ClearFaults()
		b.p.AddFault(genesystest.Fault{Method: http.MethodPut, Status: 200, Body: "<html>", Times: -1})
		require.ErrorIs(t, b.c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact()), genesys.ErrUnexpectedReply)
		assert.Equal(t, 7, b.p.CountRequests(http.MethodPut, ""))

		b.p.ClearFaults()
		b.p.AddFault(genesystest.Fault{Method: http.MethodGet, Path: "/contacts/", Status: 503, Times: -1})
		gets := b.p.CountRequests(http.MethodGet, "/contacts/")
		require.Error(t, b.c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact()))
		assert.Equal(t, gets+4, b.p.CountRequests(http.MethodGet, "/contacts/"), "the tries of the two do not multiply")
	})
}
