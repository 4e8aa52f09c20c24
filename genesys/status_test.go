package genesys_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

func TestStartAndStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, genesystest.WithStopDelay(90*time.Second))
		require.NoError(t, b.c.StartCampaign(t.Context(), b.campaign))
		c, err := b.c.WaitStatus(t.Context(), b.campaign, genesys.StatusOn)
		require.NoError(t, err)
		assert.Equal(t, genesys.StatusOn, c.Status())
		require.ErrorIs(t, b.c.StartCampaign(t.Context(), b.campaign), genesys.ErrCampaignStatus)

		require.NoError(t, b.c.StopCampaign(t.Context(), b.campaign))
		start := time.Now()
		c, err = b.c.WaitStatus(t.Context(), b.campaign, genesys.StatusOff)
		require.NoError(t, err)
		assert.Equal(t, genesys.StatusOff, c.Status())
		assert.InDelta(t, 95, time.Since(start).Seconds(), 6)
		require.ErrorIs(t, b.c.StopCampaign(t.Context(), b.campaign), genesys.ErrCampaignStatus)
	})
}

func TestWaitInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c, err := b.c.WaitStatus(ctx, b.campaign, genesys.StatusOn)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, genesys.ErrCampaignStatus)
		assert.Equal(t, genesys.StatusOff, c.Status())
		b.p.SetStatus(b.campaign, "invalid")
		_, err = b.c.WaitStatus(t.Context(), b.campaign, genesys.StatusOn)
		e, ok := errors.AsType[*genesys.StatusError](err)
		require.True(t, ok)
		assert.Equal(t, genesys.StatusInvalid, e.Status)
		_, err = b.c.WaitStatus(t.Context(), b.campaign)
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
	})
}

// A start whose reply is lost is looked for, never repeated.
func TestSwitchingIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, fault := range []genesystest.Fault{
			{Path: "/start", ActFirst: true, Drop: true}, {Path: "/start", ActFirst: true, Status: 504}, {Path: "/start", ActFirst: true, Status: 500},
		} {
			b := newBed(t)
			b.p.AddFault(fault)
			require.NoError(t, b.c.StartCampaign(t.Context(), b.campaign))
			assert.Equal(t, 1, b.p.CountRequests("POST", "/start"))

			fault.ActFirst = false
			b = newBed(t)
			b.p.AddFault(fault)
			err := b.c.StartCampaign(t.Context(), b.campaign)
			e, ok := errors.AsType[*genesys.Error](err)
			require.True(t, ok)
			assert.True(t, e.Uncertain)
			assert.Equal(t, 1, b.p.CountRequests("POST", "/start"))
		}
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Path: "/start", Status: 429, Header: map[string]string{"Retry-After": "2"}})
		require.NoError(t, b.c.StartCampaign(t.Context(), b.campaign), "429 says that nothing was done")
	})
}

func TestAContactListServesOneCampaign(t *testing.T) {
	b := newBed(t)
	other := b.add("")
	require.NoError(t, b.c.StartCampaign(t.Context(), b.campaign))
	require.ErrorIs(t, b.c.StartCampaign(t.Context(), other), genesys.ErrCampaignStatus)
}

func TestCampaigns(t *testing.T) {
	b := newBed(t)
	for range 250 {
		b.add(`"name":"many",`)
	}
	named := b.add(`"name":"many more",`)
	list := b.p.AddDNCList("x")
	_, err := b.c.UpdateCampaign(t.Context(), named, func(c *genesys.Campaign) error { return c.AttachDNCLists(list) })
	require.NoError(t, err)
	count := func(q genesys.CampaignQuery) (n int) {
		for c, err := range b.c.Campaigns(t.Context(), q) {
			require.NoError(t, err)
			require.NotEmpty(t, c.ID())
			n++
		}
		return n
	}
	assert.Equal(t, 252, count(genesys.CampaignQuery{}))
	assert.Equal(t, 250, count(genesys.CampaignQuery{Name: "many"}), "the name is exact")
	assert.Equal(t, 1, count(genesys.CampaignQuery{DNCListID: list}))
	assert.Equal(t, 252, count(genesys.CampaignQuery{ContactListID: b.list}))
	for _, err := range b.c.Campaigns(t.Context(), genesys.CampaignQuery{ContactListID: ".."}) {
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
	}
	b.p.AddFault(genesystest.Fault{Path: "/campaigns", Skip: 1, Status: 403})
	n := 0
	for _, err := range b.c.Campaigns(t.Context(), genesys.CampaignQuery{}) {
		n++
		if err != nil {
			require.ErrorIs(t, err, genesys.ErrForbidden)
		}
	}
	assert.Equal(t, 101, n, "an error is the last item")
}

func TestDiagnostics(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("x")
	_, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{DNCListIDs: []string{list}})
	require.NoError(t, err)
	d, err := b.c.Diagnostics(t.Context(), b.campaign)
	require.NoError(t, err)
	assert.Equal(t, []string{list}, d.DNCListIDs)
	assert.NotEmpty(t, d.Raw)
}
