package genesys_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// hides is a client that does not see the first listings of DNC lists: reads lag behind writes.
func (b *bed) hides(listings int) *genesys.CampaignClient {
	return b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/dnclists") && listings > 0 {
			listings--
			return answer(r, http.StatusOK, `{"entities":[],"pageCount":0,"total":0}`), nil
		}
		return b.p.RoundTrip(r)
	})))
}

// own is how many DNC lists have the name of the campaign's own.
func (b *bed) own() (n int) {
	for _, err := range b.c.DNCLists(b.Context(), genesys.DNCListQuery{Name: genesys.OwnDNCListName(b.campaign)}) {
		require.NoError(b, err)
		n++
	}
	return n
}

func TestOwnListIsMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, hidden := range []int{1, 2, 3, 5, 1000} {
			b := newBed(t)
			c := b.hides(hidden)
			for range 3 {
				done, err := c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(2)})
				require.NoError(t, err)
				assert.Equal(t, numbers(2), b.p.DNCEntries(done.DNCListID))
				assert.Equal(t, []string{done.DNCListID}, done.After.DNCListIDs())
			}
			assert.Equal(t, 1, b.own(), "%d listings do not show it", hidden)
		}
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Path: "/dnclists", Delay: time.Second, Times: -1}) // so that they meet
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				_, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(i + 1)})
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Equal(t, 1, b.own(), "by five at once")
	})
}

// Somebody else makes a list of that name at the same moment: nothing is put on either.
func TestTwoOwnLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, hidden := range []bool{false, true} {
			b := newBed(t)
			var theirs string
			c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/dnclists") && theirs == "" {
					resp, err := b.p.RoundTrip(r)
					theirs = b.p.AddDNCList(genesys.OwnDNCListName(b.campaign))
					return resp, err
				}
				if hidden && theirs != "" && r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/dnclists") {
					return answer(r, http.StatusOK, `{"entities":[{"id":"`+theirs+`","name":"`+genesys.OwnDNCListName(b.campaign)+`","dncSourceType":"rds"}],"pageCount":1}`), nil
				}
				return b.p.RoundTrip(r)
			})))
			_, err := c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(2)})
			require.ErrorIs(t, err, genesys.ErrAmbiguousList)
			require.NotErrorIs(t, err, genesys.ErrInvalidInput)
			assert.Zero(t, b.p.CountRequests("PATCH", ""))
			assert.Zero(t, b.p.CountRequests("PUT", ""))
			_, err = b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(2)})
			require.ErrorIs(t, err, genesys.ErrAmbiguousList)
		}
	})
}

// A list that was just made may not be there yet for other operations. One that has been there for
// long is.
func TestListThatIsNotThereYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, fault := range []genesystest.Fault{
			{Method: "PATCH", Status: 404, Body: `{"code":"dnc.list.not.found"}`},
			{Method: "PUT", Status: 400, Body: `{"code":"dnc.list.not.found"}`},
		} {
			b := newBed(t)
			fault.Times = 3
			b.p.AddFault(fault)
			done, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(1500)})
			require.NoError(t, err)
			assert.Len(t, b.p.DNCEntries(done.DNCListID), 1500)
			assert.Equal(t, 1500, done.NumbersSent)

			b.p.AddFault(fault)
			_, err = b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(1501), DNCListIDs: []string{b.p.AddDNCList("x")}})
			require.Error(t, err)

			b = newBed(t)
			fault.Times = -1
			b.p.AddFault(fault)
			start := time.Now()
			_, err = b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(2)})
			require.ErrorContains(t, err, "dnc.list.not.found")
			assert.Equal(t, 7, b.p.CountRequests(fault.Method, ""), "not for ever")
			assert.Less(t, time.Since(start), time.Minute)
		}
	})
}

// A number that is blocked without an expiry stays so, whatever rules with an expiry say.
func TestExpiryCutsNothingShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list := b.p.AddDNCList(genesys.OwnDNCListName(b.campaign), numbers(2)...)
		later := time.Now().Add(48 * time.Hour).Truncate(time.Minute)
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(3)[2:], later))
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(4)[3:], later.Add(-47*time.Hour)))
		at := later.Add(-24 * time.Hour)
		rules := genesys.Rules{BlockedNumbers: numbers(5), Expires: at}
		writes := b.writes()
		_, err := b.only("outbound:campaign:view", "outbound:dncList:view", "outbound:dnc:edit", "outbound:campaign:edit").ApplyRules(t.Context(), b.campaign, rules)
		require.ErrorIs(t, err, genesys.ErrForbidden, "without outbound:dnc:view it cannot be known")
		assert.Equal(t, numbers(4), b.p.DNCEntries(list))
		for range 2 {
			_, err := b.c.ApplyRules(t.Context(), b.campaign, rules)
			require.NoError(t, err)
			for i, want := range []time.Time{{}, {}, later, at, at} {
				assert.True(t, want.Equal(b.p.DNCExpiry(list, numbers(5)[i])), "%d", i)
			}
		}
		assert.Positive(t, b.writes()-writes)
		assert.Equal(t, 3, b.p.CountRequests("PATCH", ""), "the second time there is nothing to send")
	})
}
