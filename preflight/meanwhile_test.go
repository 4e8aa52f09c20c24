package preflight_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/preflight"
)

// Without a start, too, Apply says when the world has become another while it worked: marking takes minutes.
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
			plan, err := preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign)
			require.NoError(t, err)
			b.when(http.MethodPatch, "/phonenumbers", func() { change(b) })
			result, err := plan.Apply(t.Context())
			require.ErrorIs(t, err, preflight.ErrChanged)
			assert.Equal(t, []string{"+14155550143"}, b.p.DNCNumbers(result.Applied.DNCListID), "what is known is blocked")
		})
	}
}

// The contacts of a campaign that somebody else has started meanwhile are looked at as those of one that is to be started.
func TestCampaignThatSomebodyElseStarts(t *testing.T) {
	for name, change := range map[string]func(*bed){"as planned": nil, "another number": func(b *bed) { b.put(1, "+14155550143", "") }} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, "+14155550142", "", "+14155550100", "")
			plan, err := preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign, preflight.StartAfter())
			require.NoError(t, err)
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
