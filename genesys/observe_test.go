package genesys_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/retry"
)

// observed is what an Observer was told, each ended request as "METHOD route status retries".
type observed struct {
	mu    sync.Mutex
	begun int
	ended []string
	last  genesys.Observation
}

type observerKey struct{}

func (o *observed) observe(ctx context.Context, method, route string) (context.Context, func(genesys.Observation)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.begun++
	return context.WithValue(ctx, observerKey{}, route), func(got genesys.Observation) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.last = got
		o.ended = append(o.ended, fmt.Sprint(method, " ", route, " ", got.Status, " ", got.Retries))
	}
}

func (o *observed) take() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() { o.ended = nil }()
	return o.ended
}

const (
	campaignRoute = "/api/v2/outbound/campaigns/{id}"
	listRoute     = "/api/v2/outbound/dnclists/{id}"
)

func TestObserver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		o := new(observed)
		c := b.client(genesys.WithObserver(o.observe))
		_, err := c.Campaign(t.Context(), b.campaign)
		require.NoError(t, err)
		assert.Equal(t, []string{"GET " + campaignRoute + " 200 0"}, o.take())

		b.p.AddFault(genesystest.Fault{Status: 503, Times: 2})
		_, err = c.Campaign(t.Context(), b.campaign)
		require.NoError(t, err)
		assert.Equal(t, []string{"GET " + campaignRoute + " 200 2"}, o.take())

		b.p.RevokeTokens() // a 401 is a try, too
		_, err = c.Campaign(t.Context(), b.campaign)
		require.NoError(t, err)
		assert.Equal(t, []string{"GET " + campaignRoute + " 200 1"}, o.take())

		_, err = c.Campaign(t.Context(), noID)
		require.ErrorIs(t, err, genesys.ErrNotFound)
		assert.Equal(t, []string{"GET " + campaignRoute + " 404 0"}, o.take())
		require.ErrorIs(t, o.last.Err, genesys.ErrNotFound)

		b.p.AddFault(genesystest.Fault{Drop: true, Times: 4})
		_, err = c.Campaign(t.Context(), b.campaign)
		require.Error(t, err)
		assert.Equal(t, []string{"GET " + campaignRoute + " 0 3"}, o.take())

		b.p.AddFault(genesystest.Fault{Status: 200, Header: map[string]string{"Content-Type": "text/html"}, Body: "<p>"})
		_, err = c.Campaign(t.Context(), b.campaign)
		require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
		assert.Equal(t, []string{"GET " + campaignRoute + " 200 0"}, o.take())
		require.ErrorIs(t, o.last.Err, genesys.ErrUnexpectedReply)

		_, err = c.Campaign(t.Context(), "") // nothing is sent
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
		assert.Empty(t, o.take())
	})
}

// A number may stand in the id of a contact and in a query. Routes have neither.
func TestObserverSeesNoNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const id = "14155550123"
		b := newBed(t)
		o := new(observed)
		c := b.client(genesys.WithObserver(o.observe))
		_, err := c.AddContacts(t.Context(), b.list, []genesys.Contact{
			{ID: id, Data: map[string]string{"name": "A", "phone": "+" + id}},
		}, genesys.AddOptions{})
		require.NoError(t, err)
		require.NoError(t, c.MarkUncallable(t.Context(), b.list, id, genesys.ContactPart{}))
		list := b.p.AddDNCList("Opt-outs", "+"+id)
		require.NoError(t, c.UploadDNCNumbers(t.Context(), list, numbers(3), time.Time{}))
		for _, err := range c.Campaigns(t.Context(), genesys.CampaignQuery{Name: id}) {
			t.Fatal("no campaign has that name", err)
		}
		all := o.take()
		for _, seen := range all {
			assert.NotContains(t, seen, "4155550123")
			assert.NotContains(t, seen, "?")
		}
		const contact = "/api/v2/outbound/contactlists/{id}/contacts/{id}"
		for _, want := range []string{
			"POST /api/v2/outbound/contactlists/{id}/contacts 200 0", "GET " + contact + " 200 0", "PUT " + contact + " 200 0",
			"POST /api/v2/outbound/dnclists/uploads 200 0", "PUT signed upload 200 0",
			"GET /api/v2/downloads/{id} 303 0", "GET signed download 200 0", "GET /api/v2/outbound/campaigns 200 0",
		} {
			assert.Contains(t, all, want)
		}
		assert.Len(t, all, o.begun, "each that began has ended")
	})
}

func TestObserverSeesWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		o := new(observed)
		c := b.client(genesys.WithObserver(o.observe), genesys.WithLimiter(rate.NewLimiter(1, 1)))
		_, err := c.DNCList(t.Context(), b.p.AddDNCList("Opt-outs"))
		require.NoError(t, err)
		assert.Zero(t, o.last.Waited)
		b.p.AddFault(genesystest.Fault{Status: 503, Delay: 100 * time.Millisecond})
		_, err = c.DNCList(t.Context(), b.p.AddDNCList("More"))
		require.NoError(t, err)
		assert.GreaterOrEqual(t, o.last.Waited, time.Second)
		assert.LessOrEqual(t, o.last.Waited, 2*time.Second, "what the platform takes is no wait")
		assert.Equal(t, []string{"GET " + listRoute + " 200 0", "GET " + listRoute + " 200 1"}, o.take())

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err = c.Campaign(ctx, b.campaign)
		require.ErrorIs(t, err, retry.ErrRateLimitWait)
		require.ErrorIs(t, o.last.Err, retry.ErrRateLimitWait)
		assert.Zero(t, o.last.Status)
	})
}

// What an Observer puts into the context is there when the request is sent.
func TestObserverChangesTheContext(t *testing.T) {
	b := newBed(t)
	route := ""
	c := b.client(genesys.WithObserver(new(observed).observe), genesys.WithTransport(transport(
		func(r *http.Request) (*http.Response, error) {
			route, _ = r.Context().Value(observerKey{}).(string)
			return b.p.RoundTrip(r)
		})))
	_, err := c.Campaign(t.Context(), b.campaign)
	require.NoError(t, err)
	assert.Equal(t, campaignRoute, route)
}

// A file whose storage cannot be reached ends its request, too.
func TestObserverSeesAStorageThatCannotBeReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		o := new(observed)
		c := b.client(genesys.WithObserver(o.observe))
		b.p.AddFault(genesystest.Fault{Method: "PUT", Path: "/uploads/", Drop: true, Times: -1})
		require.Error(t, c.UploadDNCNumbers(t.Context(), b.p.AddDNCList("Opt-outs"), numbers(1), time.Time{}))
		require.Error(t, o.last.Err)
		assert.Contains(t, o.take(), "PUT signed upload 0 3")
	})
}

func TestObserverThatIsNil(t *testing.T) {
	_, err := genesys.NewCampaignClient(genesystest.New().Source(), genesys.WithObserver(nil))
	require.ErrorIs(t, err, genesys.ErrInvalidInput)
}
