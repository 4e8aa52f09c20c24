package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// crowd is many campaigns on a platform that allows 300 requests a minute.
type crowd struct {
	p         *genesystest.Platform
	api       *api
	campaigns []string
	bodies    []string
}

const ofACrowd = 20

func newCrowd(t *testing.T, opts ...genesystest.Option) *crowd {
	t.Helper()
	c := &crowd{p: genesystest.New(append([]genesystest.Option{genesystest.WithRateLimit(300, true)}, opts...)...)}
	for i := range ofACrowd {
		list := c.p.AddContactList(fmt.Sprintf("list %d", i), "phone")
		id, err := c.p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q}}`, list))
		require.NoError(t, err)
		c.campaigns = append(c.campaigns, id)
		c.bodies = append(c.bodies, fmt.Sprintf(`{"campaignId":%q,"blockedNumbers":["+1415555%04d","+1415556%04d"]}`, id, i, i))
	}
	platform, err := connect(c.p.Source())
	require.NoError(t, err)
	c.api = newAPI(config{applyTimeout: 15 * time.Second}, nil, platform, slog.New(slog.DiscardHandler))
	return c
}

// protect makes the rules of all requests hold before the server is asked.
func (c *crowd) protect(t *testing.T) {
	t.Helper()
	source := c.p.Source()
	client, err := genesys.NewCampaignClient(source, genesys.WithLimiter(rate.NewLimiter(4, 1)))
	require.NoError(t, err)
	for i, id := range c.campaigns {
		_, err := client.ApplyRules(t.Context(), id, genesys.Rules{BlockedNumbers: []string{fmt.Sprintf("+1415555%04d", i), fmt.Sprintf("+1415556%04d", i)}})
		require.NoError(t, err)
	}
	time.Sleep(2 * time.Minute) // the platform's window
}

type answered struct {
	status int
	code   string
	after  time.Duration
	wait   int // Retry-After
}

func (c *crowd) ask(ctx context.Context, i int) answered {
	began := time.Now()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/apply-campaign-rules", strings.NewReader(c.bodies[i]))
	r.Header.Set("Content-Type", "application/json")
	c.api.ServeHTTP(w, r)
	var e struct{ Code string }
	_ = json.Unmarshal(w.Body.Bytes(), &e)
	wait, _ := strconv.Atoi(w.Header().Get("Retry-After"))
	return answered{w.Code, e.Code, time.Since(began), wait}
}

// askAll sends all requests at the same moment.
func (c *crowd) askAll(ctx context.Context) []answered {
	got := make([]answered, ofACrowd)
	var wg sync.WaitGroup
	for i := range ofACrowd {
		wg.Go(func() { got[i] = c.ask(ctx, i) })
	}
	wg.Wait()
	return got
}

// state is whether the rules hold for a campaign: all of them, none of them, or some.
func (c *crowd) state(t *testing.T, i int) string {
	t.Helper()
	campaign := new(genesys.Campaign)
	require.NoError(t, json.Unmarshal(c.p.Campaign(c.campaigns[i]), campaign))
	lists := campaign.DNCListIDs()
	touched := c.p.CountRequests("PUT", c.campaigns[i]) > 0
	for _, e := range c.p.Requests() {
		touched = touched || e.Method != http.MethodGet && strings.Contains(string(e.Body), c.campaigns[i])
	}
	switch {
	case len(lists) == 1 && len(c.p.DNCEntries(lists[0])) == 2:
		return "whole"
	case !touched:
		return "untouched"
	}
	return "half done"
}

// Twenty requests at the same moment, at the platform's limit: what is begun is finished first.
func TestCrowd(t *testing.T) {
	for name, test := range map[string]struct {
		options []genesystest.Option
		changes bool
		atLeast int
	}{
		"nothing to change":                          {nil, false, 12},
		"nothing to change, exports take 3 s":        {[]genesystest.Option{genesystest.WithExportDelay(3 * time.Second)}, false, 8},
		"everything to change":                       {nil, true, 12},
		"everything to change, exports take seconds": {[]genesystest.Option{genesystest.WithExportDelay(2 * time.Second)}, true, 12},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCrowd(t, test.options...)
				if !test.changes {
					c.protect(t)
				}
				done, atOnce := 0, 0
				for i, got := range c.askAll(t.Context()) {
					switch got.status {
					case http.StatusOK:
						done++
						assert.LessOrEqual(t, got.after, 15*time.Second)
						assert.Equal(t, "whole", c.state(t, i))
					case http.StatusServiceUnavailable:
						assert.Equal(t, "platform_busy", got.code)
						assert.Positive(t, got.wait)
						if got.after == 0 {
							atOnce++
						}
						assert.Less(t, got.after, 15*time.Second)
						if test.changes {
							assert.Equal(t, "untouched", c.state(t, i))
						}
					default:
						assert.Fail(t, "another answer", "%+v", got)
					}
				}
				assert.GreaterOrEqual(t, done, test.atLeast)
				assert.Positive(t, atOnce)
				for _, e := range c.p.Requests() {
					assert.NotEqual(t, http.StatusTooManyRequests, e.Status)
				}
				t.Log(done, "done", atOnce, "refused at once", len(c.p.Requests()), "requests")
			})
		})
	}
}

// After a crowd that had everything to change, one that has nothing to change gets through as well.
func TestCrowdAfterChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		c.askAll(t.Context())
		time.Sleep(2 * time.Minute)
		c.protect(t)
		done := 0
		for _, got := range c.askAll(t.Context()) {
			if got.status == http.StatusOK {
				done++
			}
		}
		assert.GreaterOrEqual(t, done, 12)
	})
}

// What was learned in an outage is forgotten after it.
func TestCrowdAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		c.protect(t)
		c.p.AddFault(genesystest.Fault{Path: "/campaigns/", Hang: true, Times: -1})
		for range 10 {
			for _, got := range c.askAll(t.Context()) {
				assert.NotEqual(t, http.StatusOK, got.status)
			}
		}
		c.p.ClearFaults()
		time.Sleep(2 * time.Minute)
		assert.Equal(t, http.StatusOK, c.ask(t.Context(), 0).status, "one alone is let in, whatever was learned")
		time.Sleep(2 * time.Minute)
		done := 0
		for _, got := range c.askAll(t.Context()) {
			if got.status == http.StatusOK {
				done++
			}
		}
		assert.GreaterOrEqual(t, done, 12)
	})
}

// A client that goes away leaves no campaign half done.
func TestClientThatGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		require.True(t, c.api.turns.limiter.AllowN(time.Now(), 10), "the rate limit has nothing in store: each request takes its time")
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan answered)
		go func() { got <- c.ask(ctx, 0) }()
		for c.p.CountRequests("POST", "/dnclists") == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
		assert.Equal(t, http.StatusOK, (<-got).status)
		assert.Equal(t, "whole", c.state(t, 0))
	})
}

// One that waits for its turn is forgotten.
func TestClientThatGoesAwayInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, genesystest.WithExportDelay(3*time.Second))
		c.protect(t)
		require.True(t, c.api.turns.limiter.AllowN(time.Now(), 10), "the rate limit has nothing in store")
		first := make(chan answered)
		go func() { first <- c.ask(t.Context(), 0) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		got := c.ask(ctx, 1)
		assert.NotEqual(t, http.StatusOK, got.status)
		assert.Equal(t, 200*time.Millisecond, got.after)
		assert.Equal(t, http.StatusOK, (<-first).status)
		assert.Equal(t, http.StatusOK, c.ask(t.Context(), 2).status, "its place is free")
	})
}
