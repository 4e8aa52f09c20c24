package genesys_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

func TestApplyRules(t *testing.T) {
	b := newBed(t)
	required := b.p.AddDNCList("required", "+12125559999")
	other := b.p.AddDNCList("other")
	_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.AttachDNCLists(other) })
	require.NoError(t, err)
	contacts := b.p.AddContactList("Summer", "phone")
	rules := genesys.Rules{ContactListID: contacts, BlockedNumbers: append(numbers(1200), numbers(3)...), DNCListIDs: []string{required, required}}

	dry := rules
	dry.DryRun = true
	before := b.writes()
	would, err := b.c.ApplyRules(t.Context(), b.campaign, dry)
	require.NoError(t, err)
	assert.Equal(t, before, b.writes())
	assert.True(t, would.Changed() && would.DNCListCreated && would.ContactListChanged)
	assert.Equal(t, 1200, would.NumbersSent)
	assert.Equal(t, []string{other, required}, would.After.DNCListIDs())

	done, err := b.c.ApplyRules(t.Context(), b.campaign, rules)
	require.NoError(t, err)
	assert.True(t, done.DNCListCreated && done.ContactListChanged)
	assert.Equal(t, 1200, done.NumbersSent, "each once")
	assert.Equal(t, []string{other, done.DNCListID, required}, done.After.DNCListIDs(), "the order stays, new ones at the end")
	assert.Equal(t, []string{done.DNCListID, required}, done.Attached)
	assert.Equal(t, contacts, done.After.ContactListID())
	assert.Equal(t, numbers(1200), b.p.DNCEntries(done.DNCListID))
	assert.Equal(t, genesys.StatusOff, done.After.Status())

	again, err := b.c.ApplyRules(t.Context(), b.campaign, rules)
	require.NoError(t, err)
	assert.False(t, again.Changed(), "nothing is written that holds already")
	assert.Equal(t, done.DNCListID, again.DNCListID)
	assert.Equal(t, 2, b.p.CountRequests("PUT", "/campaigns/"))
	assert.Equal(t, 2, b.p.CountRequests("PATCH", ""), "1,200 numbers are two requests, once")
}

func TestOnlyMissingNumbersAreSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, genesystest.WithExportDelay(20*time.Second))
		_, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(5)})
		require.NoError(t, err)
		before := b.p.CountRequests("PATCH", "")
		same, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(5)})
		require.NoError(t, err)
		assert.False(t, same.Changed())
		assert.Equal(t, before, b.p.CountRequests("PATCH", ""))
		more, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(8)})
		require.NoError(t, err)
		assert.Equal(t, 3, more.NumbersSent)
		assert.Equal(t, numbers(8), b.p.DNCEntries(more.DNCListID))

		soon := time.Now().Add(time.Hour).Truncate(time.Minute)
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), more.DNCListID, numbers(2), soon))
		longer, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(8)})
		require.NoError(t, err)
		assert.Equal(t, 2, longer.NumbersSent, "what would expire is missing")
		assert.True(t, b.p.DNCExpiry(more.DNCListID, numbers(1)[0]).IsZero())
	})
}

// Whatever can refuse the change is asked before the first write.
func TestRulesThatCannotHoldWriteNothing(t *testing.T) {
	b := newBed(t)
	other := b.p.AddContactList("Summer", "phone")
	list := b.p.AddDNCList("x")
	twice := b.add("")
	b.p.AddDNCList(genesys.OwnDNCListName(twice))
	b.p.AddDNCList(genesys.OwnDNCListName(twice))
	foreign := b.add("")
	b.p.AddExternalDNCList(genesys.OwnDNCListName(foreign), "gryphon")
	b.p.AddDNCList(genesys.OwnDNCListName(b.campaign) + " old") // a prefix is not the name
	for name, test := range map[string]struct {
		campaign, status string
		rules            genesys.Rules
		is               error
	}{
		"campaign":              {noID, "", genesys.Rules{}, genesys.ErrNotFound},
		"campaign id":           {"../x", "", genesys.Rules{}, genesys.ErrInvalidInput},
		"contact list id":       {b.campaign, "off", genesys.Rules{ContactListID: "x"}, genesys.ErrInvalidInput},
		"contact list":          {b.campaign, "off", genesys.Rules{ContactListID: noID}, genesys.ErrNotFound},
		"DNC list id":           {b.campaign, "off", genesys.Rules{DNCListIDs: []string{list, ""}}, genesys.ErrInvalidInput},
		"DNC list":              {b.campaign, "off", genesys.Rules{DNCListIDs: []string{list, noID}}, genesys.ErrNotFound},
		"number":                {b.campaign, "off", genesys.Rules{BlockedNumbers: []string{"+14155550100", "x"}}, genesys.ErrInvalidInput},
		"expiry":                {b.campaign, "off", genesys.Rules{BlockedNumbers: numbers(1), Expires: time.Unix(60, 0)}, genesys.ErrInvalidInput},
		"list of a running one": {b.campaign, "on", genesys.Rules{BlockedNumbers: numbers(1), ContactListID: other}, genesys.ErrCampaignStatus},
		"stopping":              {b.campaign, "stopping", genesys.Rules{BlockedNumbers: numbers(1)}, genesys.ErrCampaignStatus},
		"forced stopping":       {b.campaign, "forced_stopping", genesys.Rules{DNCListIDs: []string{list}}, genesys.ErrCampaignStatus},
		"two of the name":       {twice, "off", genesys.Rules{BlockedNumbers: numbers(1)}, genesys.ErrAmbiguousList},
		"not internal":          {foreign, "off", genesys.Rules{BlockedNumbers: numbers(1)}, genesys.ErrNotInternal},
	} {
		if test.status != "" {
			b.p.SetStatus(test.campaign, test.status)
		}
		_, err := b.c.ApplyRules(t.Context(), test.campaign, test.rules)
		require.ErrorIs(t, err, test.is, name)
		assert.Zero(t, b.writes(), name)
	}
	reader := b.only("outbound:campaign:view", "outbound:dncList:view")
	_, err := reader.ApplyRules(t.Context(), b.campaign, genesys.Rules{ContactListID: other})
	require.ErrorIs(t, err, genesys.ErrForbidden)
	assert.Zero(t, b.writes())
}

func TestRulesInEveryStatus(t *testing.T) {
	for _, status := range []string{"on", "off", "complete", "invalid", "forced_off"} {
		b := newBed(t)
		b.p.SetStatus(b.campaign, status)
		done, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(2)})
		require.NoError(t, err, status)
		assert.Equal(t, genesys.Status(status), done.After.Status(), "the status is echoed")
		assert.Equal(t, []string{done.DNCListID}, done.After.DNCListIDs())
	}
}

// A run that was cut off anywhere is finished by the next one, with one list.
func TestRulesAfterAnyFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, where := range []genesystest.Fault{
			{Method: "POST", Path: "/dnclists"}, {Method: "PATCH"}, {Method: "PUT"}, {Method: "GET", Path: "/campaigns/", Skip: 1}, {Method: "GET", Path: "/dnclists/"},
		} {
			for _, act := range []bool{false, true} {
				for _, how := range []genesystest.Fault{{Drop: true}, {Status: 503}, {Status: 401}, {Status: 429}, {Status: 504}} {
					fault := how
					fault.Method, fault.Path, fault.Skip, fault.ActFirst = where.Method, where.Path, where.Skip, act && how.Status != 401 && how.Status != 429
					b := newBed(t)
					b.p.AddFault(fault)
					rules := genesys.Rules{BlockedNumbers: numbers(3)}
					done, err := b.c.ApplyRules(t.Context(), b.campaign, rules)
					if err != nil { // a creation that is in doubt is not repeated by itself
						done, err = b.c.ApplyRules(t.Context(), b.campaign, rules)
					}
					require.NoError(t, err, "%+v", fault)
					assert.Equal(t, numbers(3), b.p.DNCEntries(done.DNCListID))
					lists := 0
					for _, err := range b.c.DNCLists(t.Context(), genesys.DNCListQuery{Name: genesys.OwnDNCListName(b.campaign)}) {
						require.NoError(t, err)
						lists++
					}
					assert.Equal(t, 1, lists, "%+v", fault)
					assert.Equal(t, []string{done.DNCListID}, done.After.DNCListIDs())
				}
			}
		}
	})
}

func TestWhatCannotBeReadBackIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list := b.p.AddDNCList("x")
		// The platform says yes to the PUT and does not do it.
		b.p.AddFault(genesystest.Fault{Method: "PUT", Status: 200, Body: string(b.p.Campaign(b.campaign)), Times: -1})
		done, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{DNCListIDs: []string{list}})
		require.ErrorIs(t, err, genesys.ErrNotVerified)
		assert.Empty(t, done.After.DNCListIDs())

		b = newBed(t)
		b.p.AddFault(genesystest.Fault{Method: "PATCH", Status: 204, Times: -1})
		_, err = b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(3)})
		require.ErrorIs(t, err, genesys.ErrNotVerified)
		require.ErrorContains(t, err, "entries: 0 for 3")

		// Reads that lag behind are waited for.
		b = newBed(t)
		b.p.AddFault(genesystest.Fault{Method: "GET", Path: "/dnclists/", Status: 404, Times: 2})
		_, err = b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(3)})
		require.NoError(t, err)

		b = newBed(t)
		b.p.AddFault(genesystest.Fault{Method: "GET", Path: "/dnclists/", Status: 404, Times: -1})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err = b.c.ApplyRules(ctx, b.campaign, genesys.Rules{BlockedNumbers: numbers(3)})
		require.ErrorIs(t, err, genesys.ErrNotVerified)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// Somebody else attaches a list while the rules are applied.
func TestRulesBesideAnotherWriter(t *testing.T) {
	b := newBed(t)
	theirs := b.p.AddDNCList("theirs")
	meddled := false
	mine := b.p.AddDNCList("mine")
	_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error {
		if !meddled {
			meddled = true
			_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.AttachDNCLists(theirs) })
			require.NoError(t, err)
		}
		return c.AttachDNCLists(mine)
	})
	require.NoError(t, err)
	c, err := b.c.Campaign(t.Context(), b.campaign)
	require.NoError(t, err)
	assert.Equal(t, []string{theirs, mine}, c.DNCListIDs())
}
