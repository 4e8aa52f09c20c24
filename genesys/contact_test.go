package genesys_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

func contacts(n int) []genesys.Contact {
	out := make([]genesys.Contact, n)
	for i := range out {
		out[i].Data = map[string]string{"name": fmt.Sprintf("Ann, \"the %d\"\nB", i), "phone": numbers(n)[i]}
	}
	return out
}

func TestAddContacts(t *testing.T) {
	b := newBed(t)
	added, err := b.c.AddContacts(t.Context(), b.list, contacts(2100), genesys.AddOptions{})
	require.NoError(t, err)
	require.Len(t, added, 2100)
	assert.Equal(t, 3, b.p.CountRequests("POST", "/contacts"))
	stored := b.p.Contacts(b.list)
	require.Len(t, stored, 2100)
	assert.Equal(t, added[1500].ID, stored[1500].ID)
	assert.Equal(t, contacts(2100)[1500].Data, stored[1500].Data)

	list, err := b.c.ContactList(t.Context(), b.list)
	require.NoError(t, err)
	assert.Equal(t, genesys.ContactList{ID: b.list, Name: "Spring", Columns: []string{"name", "phone"}, PhoneColumns: []string{"phone"}, Size: 2100}, *list)
}

// What somebody was marked as survives an update, and nobody is called again, unless that is asked
// for.
func TestUpdatingContactsIsSafe(t *testing.T) {
	b := newBed(t)
	added, err := b.c.AddContacts(t.Context(), b.list, contacts(1), genesys.AddOptions{})
	require.NoError(t, err)
	require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact()))
	added[0].Uncallable = false
	_, err = b.c.AddContacts(t.Context(), b.list, added, genesys.AddOptions{})
	require.NoError(t, err)
	stored := b.p.Contacts(b.list)
	require.Len(t, stored, 1)
	assert.False(t, stored[0].Callable)
	assert.Zero(t, stored[0].Requeued)
	_, err = b.c.AddContacts(t.Context(), b.list, added, genesys.AddOptions{ResetAttempts: true, Requeue: true})
	require.NoError(t, err)
	assert.True(t, b.p.Contacts(b.list)[0].Callable)
	assert.Equal(t, 1, b.p.Contacts(b.list)[0].Requeued)
}

func TestAddingContactsHasOneEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Method: "POST", Path: "/contacts", ActFirst: true, Drop: true})
		_, err := b.c.AddContacts(t.Context(), b.list, contacts(2), genesys.AddOptions{})
		e, ok := errors.AsType[*genesys.Error](err)
		require.True(t, ok)
		assert.True(t, e.Uncertain)
		stored := b.p.Contacts(b.list)
		assert.Len(t, stored, 2, "not repeated: they would be there twice")

		known := contacts(2)
		known[0].ID, known[1].ID = stored[0].ID, stored[1].ID
		b.p.AddFault(genesystest.Fault{Method: "POST", Path: "/contacts", ActFirst: true, Drop: true})
		_, err = b.c.AddContacts(t.Context(), b.list, known, genesys.AddOptions{})
		require.NoError(t, err, "with ids it is safe")
		assert.Len(t, b.p.Contacts(b.list), 2)

		b = newBed(t)
		b.p.AddFault(genesystest.Fault{Method: "POST", Path: "/contacts", Skip: 1, Status: 400, Body: `{"code":"invalid.contact.columns"}`})
		added, err := b.c.AddContacts(t.Context(), b.list, contacts(1500), genesys.AddOptions{})
		part, ok := errors.AsType[*genesys.PartialError](err)
		require.True(t, ok)
		assert.Equal(t, 1000, part.Done)
		assert.Len(t, added, 1000)
	})
}

func TestBadContacts(t *testing.T) {
	b := newBed(t)
	for _, bad := range [][]genesys.Contact{{{}}, {{ID: "../x", Data: map[string]string{"name": ""}}}} {
		_, err := b.c.AddContacts(t.Context(), b.list, bad, genesys.AddOptions{})
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
	}
	assert.Zero(t, b.writes())
	_, err := b.c.AddContacts(t.Context(), b.list, []genesys.Contact{{Data: map[string]string{"phone": "1"}}}, genesys.AddOptions{})
	require.ErrorContains(t, err, "invalid.contact.columns")
}

func TestSearchContacts(t *testing.T) {
	b := newBed(t)
	_, err := b.c.AddContacts(t.Context(), b.list, contacts(250), genesys.AddOptions{})
	require.NoError(t, err)
	find := func(q genesys.ContactQuery) (n int) {
		for c, err := range b.c.SearchContacts(t.Context(), b.list, q) {
			require.NoError(t, err)
			require.NotEmpty(t, c.ID)
			n++
		}
		return n
	}
	assert.Equal(t, 250, find(genesys.ContactQuery{}))
	assert.Equal(t, 3, find(genesys.ContactQuery{Column: "phone", Values: append(numbers(3), "+14155559999")}))
	for _, q := range []genesys.ContactQuery{{Column: "phone"}, {Values: []string{"x"}}} {
		for _, err := range b.c.SearchContacts(t.Context(), b.list, q) {
			require.ErrorIs(t, err, genesys.ErrInvalidInput)
		}
	}
}

func TestMarkUncallable(t *testing.T) {
	b := newBed(t)
	added, err := b.c.AddContacts(t.Context(), b.list, contacts(1), genesys.AddOptions{})
	require.NoError(t, err)
	id := added[0].ID
	mark := func(what genesys.ContactPart) string {
		require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, id, what))
		return string(b.p.Contacts(b.list)[0].Raw)
	}
	assert.Contains(t, mark(genesys.PhoneColumn("phone")), `"phoneNumberStatus":{"phone":{"callable":false}}`)
	assert.Contains(t, mark(genesys.Medium("Voice", "phone")), `"contactableStatus":{"Voice":{"columnStatus":{"phone":{"contactable":false}}}}`)
	assert.Contains(t, mark(genesys.Medium("Voice", "")), `"contactableStatus":{"Voice":{"columnStatus":{"phone":{"contactable":false}},"contactable":false}}`)
	assert.Contains(t, mark(genesys.WholeContact()), `"callable":false`)
	before := b.writes()
	mark(genesys.WholeContact())
	assert.Equal(t, before, b.writes(), "what is marked is not written again")
	assert.Equal(t, contacts(1)[0].Data, b.p.Contacts(b.list)[0].Data)
	require.ErrorIs(t, b.c.MarkUncallable(t.Context(), b.list, id, genesys.PhoneColumn("Phone")), genesys.ErrInvalidInput)
	require.ErrorIs(t, b.c.MarkUncallable(t.Context(), b.list, noID, genesys.WholeContact()), genesys.ErrNotFound)
}

func TestContactLists(t *testing.T) {
	b := newBed(t)
	b.p.AddContactList("Spring 2", "phone")
	n := 0
	for l, err := range b.c.ContactLists(t.Context(), genesys.ContactListQuery{Name: "Spring"}) {
		require.NoError(t, err)
		assert.Equal(t, b.list, l.ID)
		n++
	}
	assert.Equal(t, 1, n)
}
