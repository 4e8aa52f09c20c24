package preflight_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

// beside asks for an export as another tool does, and goes on when the platform has begun it.
func (b *bed) beside() (done func()) {
	other, err := genesys.NewCampaignClient(b.p.Source(), genesys.WithLimiter(nil))
	require.NoError(b, err)
	ended := make(chan error, 1)
	go func() {
		for _, err := range other.ExportContacts(b.Context(), b.list) {
			if err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	time.Sleep(500 * time.Millisecond)
	return func() { require.NoError(b, <-ended) }
}

// Another tool has asked for an export of the same list a second before: its export shows the list
// as it was then, and is ready first. What has changed in that second is checked all the same.
func TestOlderExportOfAnotherTool(t *testing.T) {
	for _, delay := range []time.Duration{2 * time.Second, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			b := newBedOn(t, genesystest.New(genesystest.WithExportDelay(delay)), "+14155550100", "", "+14155550101", "")
			done := b.beside()
			defer done()
			b.put(0, "+14155550142", "")
			time.Sleep(500 * time.Millisecond)
			plan := b.plan()
			assert.Equal(t, 1, plan.Counts().Blocked)
			assert.Equal(t, 1, plan.Counts().Allowed)
			result, err := plan.Apply(t.Context())
			require.NoError(t, err)
			assert.Equal(t, []string{"+14155550142"}, b.p.DNCEntries(result.Applied.DNCListID))
		})
	}
}

// The same just before the start.
func TestOlderExportBeforeTheStart(t *testing.T) {
	for name, opts := range map[string][]preflight.Option{"start": {start}, "no start": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the first look at the export comes between the two
				b := newBedOn(t, genesystest.New(genesystest.WithExportDelay(1700*time.Millisecond)), "+14155550100", "", "+14155550101", "")
				plan := b.plan(opts...)
				done := b.beside()
				defer done()
				b.put(0, "+14155550142", "")
				time.Sleep(500 * time.Millisecond)
				_, err := plan.Apply(t.Context())
				require.ErrorIs(t, err, preflight.ErrChanged)
				assert.Zero(t, b.p.CountRequests("POST", "/start"))
			})
		})
	}
}

// A list that changes all the time cannot be checked.
func TestListThatDoesNotStopChanging(t *testing.T) {
	b := newBed(t, "+14155550100", "")
	n := 0
	b.before = changeAtExports(b, &n)
	_, err := preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign)
	require.ErrorIs(t, err, preflight.ErrChanged)
	require.ErrorContains(t, err, "keeps changing: 6 exports in a row differ")
}

// One change while it is read is read again.
func TestContactThatChangesBetweenTwoExports(t *testing.T) {
	b := newBed(t, "+14155550100", "")
	first := true
	b.when("POST", "/export", func() {
		require.True(t, first)
		first = false
		b.when("POST", "/export", func() { b.put(0, "+14155550143", "") })
	})
	plan := b.plan()
	assert.Equal(t, preflight.Counts{Contacts: 1, Blocked: 1}, plan.Counts())
}

func changeAtExports(b *bed, n *int) func(*http.Request) {
	return func(r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == fmt.Sprintf("/api/v2/outbound/contactlists/%s/export", b.list) {
			*n++
			hook := b.before
			b.before = nil
			b.put(0, fmt.Sprintf("+1415555%04d", *n), "")
			b.before = hook
		}
	}
}
