package genesys_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
)

// Customers give contacts ids of their own.
func TestIDsOfCustomers(t *testing.T) {
	b := newBed(t)
	for _, id := range []string{"CUST-1001", "cust_1001", "1", "4155550123"} {
		_, err := b.c.AddContacts(t.Context(), b.list, []genesys.Contact{{ID: id, Data: map[string]string{"name": "Ann", "phone": "+14155550100"}}}, genesys.AddOptions{})
		require.NoError(t, err, id)
		require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, id, genesys.PhoneColumn("phone")), id)
	}
	for _, c := range b.p.Contacts(b.list) {
		assert.Contains(t, string(c.Raw), `"phoneNumberStatus":{"phone":{"callable":false}}`, c.ID)
	}
}

// What the platform would refuse is for it to say; what would be another path is never sent.
func TestIDsInAPath(t *testing.T) {
	for id, want := range map[string]string{
		"A 1":          "A%201",
		"a+b=c:d@e":    "a+b=c:d@e",
		"Größe, 1&2":   "Gr%C3%B6%C3%9Fe%2C%201&2",
		"...a":         "...a",
		"\u2024\u2024": "%E2%80%A4%E2%80%A4", // looks like two dots
	} {
		b := newBed(t)
		var paths []string
		c := b.client(once, genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "api.genesystest.invalid" {
				paths = append(paths, r.URL.EscapedPath())
				return answer(r, http.StatusNotFound, `{"code":"contact.not.found"}`), nil
			}
			return b.p.RoundTrip(r)
		})))
		require.ErrorIs(t, c.MarkUncallable(t.Context(), b.list, id, genesys.WholeContact()), genesys.ErrNotFound)
		assert.Equal(t, []string{"/api/v2/outbound/contactlists/" + b.list + "/contacts/" + want}, paths)
	}
	b := newBed(t)
	for _, id := range []string{
		"", ".", "..", "...", "../../campaigns", "a/b", `a\b`, "..%2f..", "%2e%2e", "a?clear=true", "a#b", "a;b", "a\x00b", "a\nb", "a\u0085", "\xff", strings.Repeat("a", 257),
	} {
		require.ErrorIs(t, b.c.MarkUncallable(t.Context(), b.list, id, genesys.WholeContact()), genesys.ErrInvalidInput, "%q", id)
		if id != "" {
			_, err := b.c.AddContacts(t.Context(), b.list, []genesys.Contact{{ID: id, Data: map[string]string{"x": "y"}}}, genesys.AddOptions{})
			require.ErrorIs(t, err, genesys.ErrInvalidInput, "%q", id)
		}
	}
	assert.Empty(t, b.p.Requests())
}

// Two ids of customers that differ in a letter's case, or in a dash, are two contacts.
func TestAnotherContactIsNotMarked(t *testing.T) {
	b := newBed(t)
	for _, other := range []string{"cust-1001", "CUST1001"} {
		c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, "/contacts/") {
				return answer(r, http.StatusOK, `{"id":"`+other+`","contactListId":"`+b.list+`","data":{"phone":"+14155550100"}}`), nil
			}
			return b.p.RoundTrip(r)
		})))
		require.ErrorIs(t, c.MarkUncallable(t.Context(), b.list, "CUST-1001", genesys.WholeContact()), genesys.ErrUnexpectedReply)
	}
}

// An id may be a phone number, and is in no error.
func TestIDsInErrors(t *testing.T) {
	b := newBed(t)
	for _, id := range []string{"+14155550123", "415 555 0123", "tel-415-555-0123"} {
		err := b.c.MarkUncallable(t.Context(), b.list, id, genesys.WholeContact())
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "0123")
		e, ok := asError(err)
		require.True(t, ok)
		assert.NotContains(t, e.Path, "0123")
	}
}
