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

// keep makes an object of a collection.
func (b *bed) keep(collection, object string) string {
	b.Helper()
	id, err := b.p.AddObject(collection, object)
	require.NoError(b, err)
	return id
}

func TestAttemptLimitsAndCallableTimes(t *testing.T) {
	b := newBed(t)
	limitsID := b.keep("attemptlimits", `{"name":"three","maxAttemptsPerContact":3,"maxAttemptsPerNumber":2,"resetPeriod":"TODAY","timeZoneId":"America/New_York"}`)
	b.keep("attemptlimits", `{"name":"three hundred","maxAttemptsPerContact":100}`)
	timesID := b.keep("callabletimesets", `{"name":"day","callableTimes":[{"timeZoneId":"US/Eastern","timeSlots":[{"startTime":"08:00:00","stopTime":"21:00:00","day":1}]}]}`)

	limits, err := b.c.AttemptLimits(t.Context(), limitsID)
	require.NoError(t, err)
	assert.Equal(t, &genesys.AttemptLimits{ID: limitsID, Name: "three", MaxPerContact: 3, MaxPerNumber: 2, TimeZone: "America/New_York", ResetPeriod: "TODAY"}, limits)
	n := 0
	for l, err := range b.c.AllAttemptLimits(t.Context(), genesys.AttemptLimitsQuery{Name: "three"}) {
		require.NoError(t, err)
		assert.Equal(t, *limits, l)
		n++
	}
	assert.Equal(t, 1, n)
	times, err := b.c.CallableTimeSet(t.Context(), timesID)
	require.NoError(t, err)
	assert.Equal(t, []genesys.CallableTime{{TimeZone: "US/Eastern", Slots: []genesys.TimeSlot{{Start: "08:00:00", Stop: "21:00:00", Day: 1}}}}, times.Times)
	for s, err := range b.c.CallableTimeSets(t.Context(), genesys.CallableTimeSetQuery{}) {
		require.NoError(t, err)
		assert.Equal(t, *times, s)
	}

	require.NoError(t, b.c.SetAttemptLimits(t.Context(), b.list, limitsID))
	require.NoError(t, b.c.SetAttemptLimits(t.Context(), b.list, limitsID))
	assert.Equal(t, 1, b.p.CountRequests(http.MethodPut, "/contactlists/"), "once")
	list, err := b.c.ContactList(t.Context(), b.list)
	require.NoError(t, err)
	assert.Equal(t, limitsID, list.AttemptLimitsID)
	assert.Equal(t, []string{"name", "phone"}, list.Columns)
	campaign, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.SetCallableTimeSet(timesID) })
	require.NoError(t, err)
	assert.Equal(t, timesID, campaign.CallableTimeSetID())
	assert.Empty(t, campaign.RuleSetIDs())
	d, err := b.c.Diagnostics(t.Context(), b.campaign)
	require.NoError(t, err)
	assert.Equal(t, []string{limitsID, timesID}, []string{d.AttemptLimitsID, d.CallableTimeSetID})

	for _, id := range []string{"", "x", "../x"} {
		_, err := b.c.AttemptLimits(t.Context(), id)
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
		_, err = b.c.CallableTimeSet(t.Context(), id)
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
		require.ErrorIs(t, b.c.SetAttemptLimits(t.Context(), b.list, id), genesys.ErrInvalidInput)
		_, err = b.c.Progress(t.Context(), id)
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
		require.ErrorIs(t, b.c.BlockConversation(t.Context(), id), genesys.ErrInvalidInput)
	}
	_, err = b.c.AttemptLimits(t.Context(), noID)
	require.ErrorIs(t, err, genesys.ErrNotFound)
}

// Attempt limits that a list is said to have and has not are an error; another's change of the list
// is kept.
func TestAttemptLimitsAreReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		limits := b.keep("attemptlimits", `{"name":"three","maxAttemptsPerContact":3}`)
		b.p.AddFault(genesystest.Fault{Method: http.MethodPut, Path: "/contactlists/", Status: 200, Body: `{"id":"` + b.list + `"}`})
		require.ErrorIs(t, b.c.SetAttemptLimits(t.Context(), b.list, limits), genesys.ErrNotVerified)
		b.p.AddFault(genesystest.Fault{Method: http.MethodPut, Path: "/contactlists/", Status: 409, Body: `{"code":"invalid.update.wrong.version"}`, Times: 2})
		require.NoError(t, b.c.SetAttemptLimits(t.Context(), b.list, limits))
		b.p.AddFault(genesystest.Fault{Method: http.MethodPut, Path: "/contactlists/", Drop: true, ActFirst: true})
		other := b.keep("attemptlimits", `{"name":"one","maxAttemptsPerContact":1}`)
		require.NoError(t, b.c.SetAttemptLimits(t.Context(), b.list, other))
	})
}

func TestProgress(t *testing.T) {
	b := newBed(t)
	_, err := b.c.AddContacts(t.Context(), b.list, contacts(4), genesys.AddOptions{})
	require.NoError(t, err)
	b.p.SetProgress(b.campaign, 1, map[string]int{"ININ-OUTBOUND-ON-DO-NOT-CALL-LIST": 2})
	got, err := b.c.Progress(t.Context(), b.campaign)
	require.NoError(t, err)
	assert.Equal(t, &genesys.Progress{Contacts: 4, Called: 1, Percent: 25, Skipped: map[string]int64{"ININ-OUTBOUND-ON-DO-NOT-CALL-LIST": 2}}, got)
	b.p.AddFault(genesystest.Fault{Path: "/progress", Status: 200, Body: `{"campaign":{"id":"` + noID + `"}}`})
	_, err = b.c.Progress(t.Context(), b.campaign)
	require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
	require.NoError(t, b.c.BlockConversation(t.Context(), noID))
	assert.Equal(t, 1, b.p.CountRequests("POST", "/conversations/"+noID+"/dnc"))
}
