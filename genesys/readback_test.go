package genesys_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// keeps is a client of a platform that answers 204 to every change of numbers, and takes over only
// what keep leaves.
func (b *bed) keeps(keep func([]string) []string) *genesys.CampaignClient {
	return b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodPatch {
			return b.p.RoundTrip(r)
		}
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var body struct {
			Action  string   `json:"action"`
			Numbers []string `json:"phoneNumbers"`
			Expires string   `json:"expirationDateTime,omitempty"`
		}
		if err := json.Unmarshal(data, &body); err != nil {
			return nil, err
		}
		if body.Numbers = keep(body.Numbers); len(body.Numbers) == 0 {
			return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: r}, nil
		}
		data, _ = json.Marshal(body)
		changed := r.Clone(r.Context())
		changed.Body, changed.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
		return b.p.RoundTrip(changed)
	})))
}

// A reply of 204 does not prove that a number is blocked, whatever size the list has.
func TestNumbersAreReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, keep := range map[string]func([]string) []string{
			"none":          func([]string) []string { return nil },
			"all but one":   func(n []string) []string { return n[1:] },
			"others":        func(n []string) []string { return numbers(len(n) + 50)[50:] },
			"one in a half": func(n []string) []string { return n[:len(n)/2] },
		} {
			for _, there := range []int{0, 1, 40} { // on the campaign's own list, which is attached
				b := newBed(t)
				c := b.keeps(keep)
				own := b.p.AddDNCList(genesys.OwnDNCListName(b.campaign), numbers(there)...)
				_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.AttachDNCLists(own) })
				require.NoError(t, err)
				rules := genesys.Rules{BlockedNumbers: numbers(45)[40:]}
				_, err = c.ApplyRules(t.Context(), b.campaign, rules)
				require.ErrorIs(t, err, genesys.ErrNotVerified, "%s, %d", name, there)
				require.ErrorContains(t, err, "of 5")

				missing, err := b.c.MissingDNCNumbers(t.Context(), own, rules.BlockedNumbers, time.Time{})
				require.NoError(t, err)
				assert.NotEmpty(t, missing)

				done, err := b.c.ApplyRules(t.Context(), b.campaign, rules)
				require.NoError(t, err)
				assert.Subset(t, b.p.DNCEntries(own), rules.BlockedNumbers)
				assert.Equal(t, len(missing), done.NumbersSent, "those that were kept need not be sent")
			}
		}
	})
}

// The export that another tool had asked for shows the list as it was then. A number that was taken
// off since is sent.
func TestExportOfAnotherTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, genesystest.WithExportDelay(3*time.Second))
		own := b.p.AddDNCList(genesys.OwnDNCListName(b.campaign), numbers(4)...)
		go func() {
			for _, err := range b.c.ExportDNCList(t.Context(), own) {
				assert.NoError(t, err)
			}
		}()
		time.Sleep(time.Second)
		require.NoError(t, b.c.RemoveDNCNumbers(t.Context(), own, numbers(1)))
		_, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(2)})
		require.NoError(t, err)
		assert.Equal(t, numbers(4), b.p.DNCEntries(own))
	})
}

func TestMissingDNCNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list := b.p.AddDNCList("Opt-outs", numbers(2)...)
		soon := time.Now().Add(time.Hour).Truncate(time.Minute)
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(3)[2:], soon))
		all := append(numbers(5), numbers(5)...)
		for _, test := range []struct {
			until time.Time
			want  []string
		}{
			{time.Time{}, numbers(5)[2:]},
			{soon, numbers(5)[3:]},
			{soon.Add(-time.Minute), numbers(5)[3:]},
			{soon.Add(time.Minute), numbers(5)[2:]},
		} {
			missing, err := b.c.MissingDNCNumbers(t.Context(), list, all, test.until)
			require.NoError(t, err)
			assert.Equal(t, test.want, missing, "%v", test.until)
		}
		_, err := b.c.MissingDNCNumbers(t.Context(), list, []string{"4155550000"}, time.Time{})
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
		_, err = b.c.MissingDNCNumbers(t.Context(), "x", numbers(1), time.Time{})
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
	})
}

// How entries are spelled that people have put on a list does not matter, as long as they name one
// number.
func TestSpellingOfEntries(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("Opt-outs", "+1 (415) 555-0000", "14155550001")
	missing, err := b.c.MissingDNCNumbers(t.Context(), list, numbers(2), time.Time{})
	require.NoError(t, err)
	assert.Equal(t, numbers(2)[1:], missing, "without a plus it may be another country's")
}

// How the platform compares other spellings than the contacts' is not documented. So a number is put
// on the campaign's own list as it is written in contacts, unless that could end an entry early.
func TestSpellingOnTheOwnList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, expires := range []time.Time{{}, time.Now().Add(time.Hour)} {
			b := newBed(t)
			own := b.p.AddDNCList(genesys.OwnDNCListName(b.campaign), "+1 (415) 555-0000")
			for run := range 2 {
				done, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(1), Expires: expires})
				require.NoError(t, err)
				assert.Empty(t, done.NewNumbers())
				assert.Equal(t, expires.IsZero() && run == 0, done.NumbersSent == 1)
			}
			assert.Equal(t, expires.IsZero(), slices.Contains(b.p.DNCEntries(own), numbers(1)[0]))
		}
	})
}

// What holds already costs six requests of the API, and none of them changes anything.
func TestRulesThatHoldAreCheap(t *testing.T) {
	b := newBed(t)
	rules := genesys.Rules{BlockedNumbers: numbers(2500), DNCListIDs: []string{b.p.AddDNCList("x")}}
	done, err := b.c.ApplyRules(t.Context(), b.campaign, rules)
	require.NoError(t, err)
	rules.DNCListIDs = nil
	before := len(b.p.Requests())
	again, err := b.c.ApplyRules(t.Context(), b.campaign, rules)
	require.NoError(t, err)
	assert.False(t, again.Changed())
	assert.Equal(t, done.After.DNCListIDs(), again.After.DNCListIDs())
	asked := 0
	for _, e := range b.p.Requests()[before:] {
		if strings.HasPrefix(e.Path, "/api/") {
			asked++
		}
		assert.NotContains(t, []string{http.MethodPut, http.MethodPatch, http.MethodDelete}, e.Method)
	}
	assert.Equal(t, 6, asked, "campaign, list, and four for an export")
}

// Nothing is said about a campaign that was read before a long export.
func TestLongExportIsFollowedByAnotherLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, genesystest.WithExportDelay(30*time.Second))
		done, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(2)})
		require.NoError(t, err)
		time.AfterFunc(10*time.Second, func() {
			_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.DetachDNCList(done.DNCListID) })
			assert.NoError(t, err)
		})
		_, err = b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(2)})
		require.ErrorIs(t, err, genesys.ErrNotVerified)
	})
}

// The name of the campaign's own list is taken, and the list is not to be seen: the listing lags,
// or its division is another.
func TestOwnListIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, hidden := range []int{3, 1000} {
			b := newBed(t)
			c := b.hides(hidden)
			own := b.p.AddDNCList(genesys.OwnDNCListName(b.campaign), numbers(3)...)
			done, err := c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(2)})
			if hidden == 3 {
				require.NoError(t, err)
				assert.Equal(t, own, done.DNCListID)
				assert.False(t, done.DNCListCreated)
				assert.Zero(t, done.NumbersSent)
			} else {
				require.ErrorIs(t, err, genesys.ErrNotFound)
				require.ErrorContains(t, err, "division")
				e, ok := asError(err)
				require.True(t, ok)
				assert.Equal(t, "duplicate.name", e.Code)
				assert.Zero(t, b.p.CountRequests("PUT", ""))
			}
			assert.Equal(t, numbers(3), b.p.DNCEntries(own))
		}
	})
}

// A reply that shows a change does not prove that it was kept, and one that does not show it may be
// behind.
func TestWritesAreReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list := b.p.AddDNCList("x")
		added, err := b.c.AddContacts(t.Context(), b.list, contacts(1), genesys.AddOptions{})
		require.NoError(t, err)
		mark := func(c *genesys.CampaignClient) error {
			return c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact())
		}
		echo := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPut { // it says yes, and keeps nothing
				data, err := io.ReadAll(r.Body)
				return answer(r, http.StatusOK, string(data)), err
			}
			return b.p.RoundTrip(r)
		})))
		require.ErrorIs(t, mark(echo), genesys.ErrNotVerified)
		failed, err := echo.MarkAllUncallable(t.Context(), b.list, []genesys.Mark{{ContactID: added[0].ID}})
		require.NoError(t, err)
		require.Len(t, failed, 1)
		require.ErrorIs(t, failed[0].Err, genesys.ErrNotVerified)
		_, err = echo.ApplyRules(t.Context(), b.campaign, genesys.Rules{DNCListIDs: []string{list}})
		require.ErrorIs(t, err, genesys.ErrNotVerified)

		attach := func() (*genesys.Campaign, error) {
			return b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error { return c.AttachDNCLists(list) })
		}
		old := string(b.p.Campaign(b.campaign))
		b.p.AddFault(genesystest.Fault{Method: http.MethodPut, Path: "/campaigns/", Status: 200, Body: old})
		_, err = attach()
		require.ErrorIs(t, err, genesys.ErrNotVerified)
		b.p.AddFault(genesystest.Fault{Method: http.MethodPut, Path: "/campaigns/", Status: 200, Body: old, ActFirst: true})
		b.p.AddFault(genesystest.Fault{Method: http.MethodGet, Path: "/campaigns/", Status: 200, Body: old, Skip: 1, Times: 2})
		after, err := attach()
		require.NoError(t, err)
		assert.Equal(t, []string{list}, after.DNCListIDs(), "a reply and reads that are behind are waited for")
		b.p.AddFault(genesystest.Fault{Method: http.MethodGet, Path: "/contacts/", Status: 200, Body: string(b.p.Contacts(b.list)[0].Raw), Skip: 1, Times: 2})
		require.NoError(t, mark(b.c))
	})
}
