package genesys_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// when is a client during whose request something happens, once: before the nth of that method and
// path end, counted from 0.
func (b *bed) when(method, end string, nth int, do func()) *genesys.CampaignClient {
	return b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
		if r.Method == method && strings.HasSuffix(r.URL.Path, end) {
			if nth--; nth == -1 {
				do()
			}
		}
		return b.p.RoundTrip(r)
	})))
}

// Somebody detaches the list while its numbers are looked for: a list that is full protects nobody
// then.
func TestListIsDetachedWhileItIsReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, before := range map[string]int{"a new list": 0, "a list that has numbers": 2} {
			b := newBed(t)
			if before > 0 {
				_, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(before)})
				require.NoError(t, err)
			}
			written := false
			c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
				wrote := r.Method == http.MethodPut || r.Method == http.MethodPatch && before > 0
				reads := strings.Contains(r.URL.Path, "/dnclists/") && r.Method != http.MethodPatch
				if written && reads {
					written = false
					_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error {
						return c.DetachDNCList(c.DNCListIDs()[0])
					})
					require.NoError(t, err)
				}
				resp, err := b.p.RoundTrip(r)
				written = written || wrote
				return resp, err
			})))
			done, err := c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(3)})
			require.ErrorIs(t, err, genesys.ErrNotVerified, name)
			require.ErrorContains(t, err, "lacks a DNC list")
			assert.Empty(t, done.After.DNCListIDs(), "as it is")
		}
	})
}

// Two processes at once: the size of a list that one of them has made counts the numbers of the
// other, too.
func TestNewListThatSomebodyElseFills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		var listID string
		c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodPatch {
				return b.p.RoundTrip(r)
			}
			listID = strings.Split(r.URL.Path, "/")[5]
			if err := b.c.AddDNCNumbers(t.Context(), listID, numbers(9)[4:], time.Time{}); err != nil {
				return nil, err
			}
			return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: r}, nil // and adds nothing
		})))
		_, err := c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(3)})
		require.ErrorIs(t, err, genesys.ErrNotVerified)
		require.ErrorContains(t, err, "lacks numbers that must be blocked: 3 of 3")

		b = newBed(t)
		done, err := b.when(http.MethodPatch, "/phonenumbers", 0, func() {
			for list, err := range b.c.DNCLists(t.Context(), genesys.DNCListQuery{}) {
				require.NoError(t, err)
				require.NoError(t, b.c.AddDNCNumbers(t.Context(), list.ID, numbers(9)[4:], time.Time{}))
			}
		}).ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(3)})
		require.NoError(t, err, "all are there")
		assert.True(t, done.DNCListCreated)
	})
}

// A job replaces the flags of a contact. So contacts are read just before: what another program has
// marked since the first of thousands was read is not undone.
func TestMarksOfOthersMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, at := range map[string]struct{ method, end string }{
			"during the trial":          {http.MethodPost, "/bulk/update"},
			"while others are read":     {http.MethodPost, "/contacts/bulk"},
			"while the trial is judged": {http.MethodGet, ""},
		} {
			b := newBed(t, genesystest.WithJobDelay(3*time.Second))
			list, ids := b.people(1100)
			theirs := ids[1050]
			nth := 0
			if at.end == "/contacts/bulk" {
				nth = 30 // in the middle of the first thousand
			}
			c := b.when(at.method, at.end, nth, func() {
				require.NoError(t, b.c.MarkUncallable(t.Context(), list, theirs, genesys.PhoneColumn("phone 2")))
			})
			failed, err := c.MarkAllUncallable(t.Context(), list, marks(ids, genesys.PhoneColumn("phone")))
			require.NoError(t, err, name)
			assert.Empty(t, failed, name)
			raw := string(b.p.Contacts(list)[1050].Raw)
			assert.Contains(t, raw, `"phone 2":{"callable":false}`, name)
			assert.Contains(t, raw, `"phone":{"callable":false}`, name)
		}
	})
}
