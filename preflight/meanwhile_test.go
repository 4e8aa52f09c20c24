package preflight_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

// Without a start, too, Apply says when the world has become another while it worked: marking takes
// minutes.
func TestWhatChangesMeanwhileWithoutAStart(t *testing.T) {
	for name, change := range map[string]func(*bed){
		"one more contact": func(b *bed) { b.add("+14155550142", "") },
		"the columns": func(b *bed) {
			b.edit(func(c *genesys.Campaign) error {
				return c.SetField("phoneColumns", []map[string]string{{"columnName": "other phone"}})
			})
		},
		"the list": func(b *bed) {
			b.edit(func(c *genesys.Campaign) error { return c.SetContactList(b.p.AddContactList("x", "phone", "phone2")) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, "+14155550143", "")
			plan := b.plan()
			b.when(http.MethodPatch, "/phonenumbers", func() { change(b) })
			result, err := plan.Apply(t.Context())
			require.ErrorIs(t, err, preflight.ErrChanged)
			assert.Equal(t, []string{"+14155550143"}, b.p.DNCEntries(result.Applied.DNCListID), "what is known is blocked")
		})
	}
}

// The contacts of a campaign that somebody else has started meanwhile are looked at as those of one
// that is to be started.
func TestCampaignThatSomebodyElseStarts(t *testing.T) {
	for name, change := range map[string]func(*bed){"as planned": nil, "another number": func(b *bed) { b.put(1, "+14155550143", "") }} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, "+14155550142", "", "+14155550100", "")
			plan := b.plan(start)
			b.when(http.MethodPatch, "/phonenumbers", func() {
				require.NoError(t, b.c.StartCampaign(t.Context(), b.campaign))
				if change != nil {
					change(b)
				}
			})
			result, err := plan.Apply(t.Context())
			assert.False(t, result.Started)
			assert.Equal(t, genesys.StatusOn, result.Applied.After.Status())
			if change == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, preflight.ErrChanged)
			}
		})
	}
}

// A list without entries blocks nobody.
func TestOwnListThatLosesEntries(t *testing.T) {
	b := newBed(t, "+14155550142", "+14155550143")
	plan := b.plan(start)
	b.when(http.MethodPost, "/export", func() {
		for list, err := range b.c.DNCLists(t.Context(), genesys.DNCListQuery{Name: genesys.OwnDNCListName(b.campaign)}) {
			require.NoError(t, err)
			require.NoError(t, b.c.RemoveDNCNumbers(t.Context(), list.ID, []string{"+14155550143"}))
		}
	})
	result, err := plan.Apply(t.Context())
	require.ErrorIs(t, err, preflight.ErrChanged)
	require.ErrorContains(t, err, "lacks numbers that must be blocked: 1 of 2")
	assert.False(t, result.Started)
	assert.Zero(t, b.p.CountRequests("POST", "/start"))
}

// Reads lag behind writes: a contact that is not found may be called all the same.
func TestContactThatIsNotFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, opts := range [][]preflight.Option{{parse}, {parse, start}} {
			b := newBed(t, "(415) 555-0142", "x")
			plan := b.plan(opts...)
			b.p.AddFault(genesystest.Fault{Method: "GET", Path: "/contacts/", Status: 404, Body: `{"code":"not.found"}`})
			result, err := plan.Apply(t.Context())
			require.ErrorIs(t, err, preflight.ErrChanged)
			assert.Equal(t, 1, result.Marked, "the other one")
			assert.Equal(t, []string{"+14155550142"}, b.p.DNCEntries(result.Applied.DNCListID))
			assert.Zero(t, b.p.CountRequests("POST", "/start"))
			result, err = plan.Apply(t.Context())
			require.NoError(t, err, "it is seen now")
			assert.Equal(t, 2, result.Marked)
		}
	})
}
