package preflight_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

// Contacts may have ids of the customer's own.
func TestContactsWithIDsOfTheirOwn(t *testing.T) {
	b := newBed(t)
	_, err := b.c.AddContacts(t.Context(), b.list, []genesys.Contact{
		{ID: "CUST-1001", Data: contact("(415) 555-0142")}, {ID: "7", Data: contact("x")}, {ID: "CUST_1003", Data: contact("+14155550100")},
	}, genesys.AddOptions{})
	require.NoError(t, err)
	plan := b.plan(parse, start)
	assert.Empty(t, plan.Unmarkable())
	result, err := plan.Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, result.Marked)
	assert.True(t, result.Started)
}

func contact(phone string) map[string]string {
	return map[string]string{"name": "n", "phone": phone, "phone2": "", "other phone": ""}
}

// An id that has no address is told by the plan. It does not stop the other marks, and the rules
// hold, but nothing is started.
func TestContactThatCannotBeMarked(t *testing.T) {
	for name, another := range map[string]bool{"the campaign's own list": false, "another list": true} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, "(415) 555-0142", "", "x", "", "+14155550143", "")
			rules := genesys.Rules{}
			if another {
				rules.ContactListID = b.list
				other := b.p.AddContactList("Winter", "phone", "phone2")
				b.edit(func(c *genesys.Campaign) error { return c.SetContactList(other) })
			}
			ids := b.p.Contacts(b.list)
			rows := []string{`""inin-outbound-id"",name,phone,phone2,other phone,ContactCallable`}
			for i, phone := range []string{"(415) 555-0142", "x", "+14155550143"} {
				id := ids[i].ID
				if i == 0 {
					id = "a/b"
				}
				rows = append(rows, fmt.Sprintf("%s,n,%s,,,true", id, phone))
			}
			b.file(rows...)
			plan := b.plan(parse, start, preflight.WithRules(rules))
			assert.Equal(t, []string{"a/b"}, plan.Unmarkable())
			assert.Contains(t, plan.String(), "1 cannot be marked")

			result, err := plan.Apply(t.Context())
			require.ErrorIs(t, err, preflight.ErrNotMarked)
			require.ErrorIs(t, err, genesys.ErrInvalidInput)
			require.Len(t, result.Unmarked, 1)
			assert.Equal(t, "a/b", result.Unmarked[0].ContactID)
			assert.Equal(t, "phone", result.Unmarked[0].Column)
			assert.Equal(t, 1, result.Marked, "the other one")
			assert.Equal(t, []string{"+14155550142", "+14155550143"}, b.p.DNCEntries(result.Applied.DNCListID))
			assert.Equal(t, b.list, result.Applied.After.ContactListID())
			assert.False(t, result.Started)
			assert.Zero(t, b.p.CountRequests("POST", "/start"))
		})
	}
}

// What the platform refuses of one contact does not stop the others. What it would refuse of all
// ends the call, after the rules hold.
func TestRefusedMarks(t *testing.T) {
	for name, test := range map[string]struct {
		fault  genesystest.Fault
		marked int
		is     error
	}{
		"bad request":   {genesystest.Fault{Status: 400, Body: `{"code":"x"}`}, 1, preflight.ErrNotMarked},
		"not found":     {genesystest.Fault{Status: 404, Body: `{"code":"not.found"}`}, 1, preflight.ErrChanged},
		"no permission": {genesystest.Fault{Status: 403, Body: `{"code":"missing.permissions"}`, Times: -1}, 0, genesys.ErrForbidden},
		"down":          {genesystest.Fault{Status: 503, Times: -1}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, "(415) 555-0142", "x")
				plan := b.plan(parse, start)
				test.fault.Path = "/contacts/"
				b.p.AddFault(test.fault)
				result, err := plan.Apply(t.Context())
				require.Error(t, err)
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				assert.Equal(t, test.marked, result.Marked)
				assert.Equal(t, []string{"+14155550142"}, b.p.DNCEntries(result.Applied.DNCListID))
				assert.Zero(t, b.p.CountRequests("POST", "/start"))

				b.p.ClearFaults()
				result, err = plan.Apply(t.Context())
				require.NoError(t, err)
				assert.Equal(t, 2, result.Marked)
				assert.Empty(t, result.Unmarked)
				assert.True(t, result.Started)
			})
		})
	}
}

// Many marks go in bulk.
func TestManyMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		for range 5 {
			b.add(slices.Repeat([]string{"n/a", ""}, 500)...)
		}
		plan := b.plan()
		assert.Equal(t, 2500, plan.Preview().Marks)
		seen := len(b.p.Requests())
		result, err := plan.Apply(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 2500, result.Marked)
		n := len(b.p.Requests()) - seen
		assert.Less(t, n, 200)
		assert.Zero(t, b.p.CountRequests(http.MethodPut, "/contacts/"))
	})
}
