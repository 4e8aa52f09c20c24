package preflight_test

import (
	"fmt"
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
	"github.com/dnc-go/dnc/preflight"
)

// between has a change happen before the kth request to the API, counted from 0, and tells which
// request that was: "" if there are fewer.
func (b *bed) between(k int, change func()) (at func() string) {
	n, path := 0, ""
	b.before = func(r *http.Request) {
		what, ok := strings.CutPrefix(r.URL.Path, "/api/v2/outbound/")
		if !ok {
			return
		}
		if n++; n == k+1 {
			before := b.before
			b.before = nil
			change()
			b.before, path = before, r.Method+" "+what
		}
	}
	return func() string { return path }
}

// own is the id of the campaign's own DNC list, "" if there is none.
func (b *bed) own() (id string) {
	for list, err := range b.c.DNCLists(b.Context(), genesys.DNCListQuery{Name: genesys.OwnDNCListName(b.campaign)}) {
		require.NoError(b, err)
		id = list.ID
	}
	return id
}

// differs tells how the campaign is other than the plan wants it.
func (b *bed) differs(attached ...string) (how []string) {
	now, err := b.c.Campaign(b.Context(), b.campaign)
	require.NoError(b, err)
	if now.ContactListID() != b.list {
		how = append(how, "another contact list")
	}
	if len(now.PhoneColumns()) != 2 {
		how = append(how, "other columns")
	}
	for _, id := range attached {
		if !slices.Contains(now.DNCListIDs(), id) {
			how = append(how, "a DNC list is not attached")
		}
	}
	return how
}

// Whatever somebody else changes between two requests of Apply, success means that the campaign is
// as it was planned, and a campaign that is on dials what was checked.
func TestChangesBetweenTheRequestsOfApply(t *testing.T) {
	for name, change := range map[string]func(*bed){
		"lists are detached": func(b *bed) {
			b.edit(func(c *genesys.Campaign) error {
				for _, id := range c.DNCListIDs() {
					if err := c.DetachDNCList(id); err != nil {
						return err
					}
				}
				return nil
			})
		},
		"another contact list": func(b *bed) { b.edit(func(c *genesys.Campaign) error { return c.SetContactList(b.other) }) },
		"other columns": func(b *bed) {
			b.edit(func(c *genesys.Campaign) error {
				return c.SetField("phoneColumns", []map[string]string{{"columnName": "other phone"}})
			})
		},
	} {
		for mode, opts := range map[string][]preflight.Option{"apply": nil, "start": {start}, "unblock and start": {start}} {
			t.Run(name+"/"+mode, func(t *testing.T) {
				t.Parallel()
				for k, more := 0, true; more; k++ {
					synctest.Test(t, func(t *testing.T) {
						b := newBed(t, "+14155550142", "", "+14155550100", "", "(415) 555-0143", "")
						b.other = b.p.AddContactList("x", "name", "phone", "phone2", "other phone")
						x := b.p.AddDNCList("x", "+14155550199")
						opts := append([]preflight.Option{parse, preflight.WithRules(genesys.Rules{DNCListIDs: []string{x}})}, opts...)
						if mode == "unblock and start" {
							require.NoError(t, b.checker.Add(number(t, "+14155550100")))
							earlier := b.plan(opts[:2]...)
							_, err := earlier.Apply(t.Context())
							require.NoError(t, err)
							require.NoError(t, b.checker.Remove(number(t, "+14155550100")))
							opts = append(opts, preflight.UnblockAllowed(earlier))
						}
						plan := b.plan(opts...)
						at := b.between(k, func() {
							if now, err := b.c.Campaign(t.Context(), b.campaign); err == nil && now.Status() == genesys.StatusOff {
								change(b)
							}
						})
						result, err := plan.Apply(t.Context())
						b.before, more = nil, at() != ""
						how := b.differs(b.own(), x)
						text := fmt.Sprintf("before request %d, %s: %v", k, at(), err)
						if err == nil {
							assert.Empty(t, how, text)
						} else if len(how) > 0 {
							assert.False(t, result.Started, text)
							now, err := b.c.Campaign(t.Context(), b.campaign)
							require.NoError(t, err)
							assert.NotEqual(t, genesys.StatusOn, now.Status(), text)
						}
					})
				}
			})
		}
	}
}

// A campaign that was changed at the moment of its start is stopped again, and where that is not
// possible the error says so.
func TestChangeAtTheMomentOfTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, stops := range []bool{true, false} {
			b := newBed(t, "+14155550142", "")
			plan := b.plan(start)
			if !stops {
				b.p.AddFault(genesystest.Fault{Method: "POST", Path: "/stop", Status: http.StatusForbidden, Times: -1, Body: `{"code":"missing.permissions","message":"needs outbound:campaign:stop"}`})
			}
			b.when(http.MethodPost, "/start", func() {
				b.edit(func(c *genesys.Campaign) error { return c.DetachDNCList(c.DNCListIDs()[0]) })
			})
			result, err := plan.Apply(t.Context())
			require.ErrorIs(t, err, preflight.ErrChanged)
			require.ErrorContains(t, err, "is not attached")
			assert.Equal(t, !stops, result.Started)
			if stops {
				require.ErrorContains(t, err, "was stopped again")
			} else {
				require.ErrorContains(t, err, "DIALS: stop it")
				require.ErrorContains(t, err, "outbound:campaign:stop")
			}
		}
	})
}

// The campaign's own list is emptied, or loses a number, while contacts are marked.
func TestOwnListIsEmptiedWhileContactsAreMarked(t *testing.T) {
	for name, change := range map[string]func(*bed){
		"emptied": func(b *bed) {
			require.NoError(b, b.c.EmptyDNCList(b.Context(), b.own(), genesys.EveryNumberMayBeDialled))
		},
		"one less": func(b *bed) {
			require.NoError(b, b.c.RemoveDNCNumbers(b.Context(), b.own(), []string{"+14155550142"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, "+14155550142", "", "(415) 555-0143", "")
			plan := b.plan(parse)
			b.when(http.MethodPut, b.p.Contacts(b.list)[1].ID, func() { change(b) })
			_, err := plan.Apply(t.Context())
			require.ErrorIs(t, err, preflight.ErrChanged)
			require.ErrorContains(t, err, "lacks numbers that must be blocked")
		})
	}
}

// A listing that does not show the campaign's own list yet, or two of its name, is no reason to
// refuse a campaign that is protected.
func TestOwnListThatTheListingDoesNotShow(t *testing.T) {
	b := newBed(t, "+14155550142", "")
	plan := b.plan()
	_, err := plan.Apply(t.Context())
	require.NoError(t, err)
	accept := []preflight.GapKind{preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes}
	require.NoError(t, plan.AssertProtected(t.Context(), accept...))

	b.p.AddFault(genesystest.Fault{Method: "GET", Path: "/dnclists", Status: 200, Body: `{"entities":[],"pageCount":0,"total":0}`})
	require.NoError(t, plan.AssertProtected(t.Context(), accept...))

	b.p.AddDNCList(genesys.OwnDNCListName(b.campaign))
	require.NoError(t, plan.AssertProtected(t.Context(), accept...), "the one that is attached counts")

	b.edit(func(c *genesys.Campaign) error { return c.DetachDNCList(c.DNCListIDs()[0]) })
	require.ErrorIs(t, plan.AssertProtected(t.Context(), accept...), preflight.ErrChanged)
}

// A campaign that somebody changes all the time is not known to be protected.
func TestCampaignThatKeepsChanging(t *testing.T) {
	b := newBed(t, "+14155550142", "")
	plan := b.plan()
	_, err := plan.Apply(t.Context())
	require.NoError(t, err)
	n := 0
	changes := func(most int) func(*http.Request) {
		return func(r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/diagnostics") && n < most {
				n++
				b.edit(func(c *genesys.Campaign) error { return c.AttachDNCLists(b.p.AddDNCList("x", "+14155550199")) })
			}
		}
	}
	b.before = changes(2)
	err = plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes)
	require.NoError(t, err)
	n, b.before = 0, changes(3)
	err = plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes)
	require.ErrorIs(t, err, preflight.ErrChanged)
	require.ErrorContains(t, err, "keeps changing it")
}

// A plan that blocks nobody needs no entries: its own list may be empty because everybody is allowed
// again.
func TestOwnListThatUnblockingEmpties(t *testing.T) {
	b := newBed(t, "+14155550142", "")
	earlier := b.plan()
	_, err := earlier.Apply(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.checker.Remove(number(t, "+14155550142")))
	plan := b.plan(start, preflight.UnblockAllowed(earlier))
	result, err := plan.Apply(t.Context())
	require.NoError(t, err)
	assert.True(t, result.Started)
	assert.Empty(t, b.p.DNCEntries(b.own()))
	require.NoError(t, plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes))
}

// Somebody takes numbers off the platform's list while Sync adds others: all of one's own are looked
// for, not only those that were sent.
func TestSyncBesideSomebodyWhoRemoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, change := range map[string]func(b *bed, list string) error{
			"emptied": func(b *bed, list string) error {
				return b.c.EmptyDNCList(b.Context(), list, genesys.EveryNumberMayBeDialled)
			},
			"one less": func(b *bed, list string) error {
				return b.c.RemoveDNCNumbers(b.Context(), list, []string{"+14155550101"})
			},
			"one that expires": func(b *bed, list string) error {
				return b.c.AddDNCNumbers(b.Context(), list, []string{"+14155550101"}, time.Now().Add(time.Hour).Truncate(time.Minute))
			},
		} {
			b := newBed(t)
			list := b.p.AddDNCList("all", "+14155550101")
			o := newOurs(t, "+14155550101", "+14155550102")
			b.when(http.MethodPatch, "/phonenumbers", func() { require.NoError(t, change(b, list)) })
			_, err := preflight.Sync(t.Context(), b.c, preflight.ToDNCList(list, o.all()))
			require.ErrorIs(t, err, genesys.ErrNotVerified, name)
			require.ErrorContains(t, err, "1 numbers that must be on the DNC list", name)
			_, err = preflight.Sync(t.Context(), b.c, preflight.ToDNCList(list, o.all()))
			require.NoError(t, err, "the next run mends it")
			assert.Equal(t, []string{"+14155550101", "+14155550102"}, b.p.DNCEntries(list), name)
		}
	})
}
