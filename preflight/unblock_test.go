package preflight_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

// newBlockedBed has a campaign whose plan has blocked four numbers; one of them was on the list
// before. Three of them are allowed since.
func newBlockedBed(t *testing.T, rules genesys.Rules) (b *bed, first *preflight.Plan, own string) {
	b = newBed(t, "+14155550100", "+14155550142", "+14155550143", "+14155550144", "+14155550145", "(415) 555-0142")
	own = b.p.AddDNCList(genesys.OwnDNCListName(b.campaign), "+14155550144")
	require.NoError(t, b.checker.Add(number(t, "+14155550144"), number(t, "+14155550145")))
	first = b.plan(parse, preflight.WithRules(rules))
	_, err := first.Apply(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"+14155550142", "+14155550143", "+14155550144", "+14155550145"}, b.p.DNCEntries(own))
	require.NoError(t, b.checker.Remove(number(t, "+14155550142"), number(t, "+14155550144"), number(t, "+14155550145")))
	return b, reread(t, b, first), own
}

// leave takes the numbers that were blocked out of the contact list.
func (b *bed) leave() {
	for i := range 3 {
		b.put(i, "+14155550100", "")
	}
}

// removals counts the requests that take numbers off.
func (b *bed) removals() int {
	n := 0
	for _, e := range b.p.Requests() {
		if e.Method == http.MethodPatch && strings.Contains(string(e.Body), `"Remove"`) {
			n++
		}
	}
	return n
}

func unblocked(r preflight.Result) map[string]error {
	out := map[string]error{}
	for _, u := range r.UnblockResults {
		out[u.Number.E164()] = u.Err
	}
	return out
}

// What an earlier plan has put on the list and the checker allows now is taken off, and nothing
// else.
func TestUnblockAllowed(t *testing.T) {
	b, first, own := newBlockedBed(t, genesys.Rules{})
	plain := b.plan(parse)
	result, err := plain.Apply(t.Context())
	require.NoError(t, err)
	assert.Empty(t, result.UnblockResults)
	assert.Len(t, b.p.DNCEntries(own), 4, "only on request")

	second := b.plan(parse, preflight.UnblockAllowed(first))
	assert.Equal(t, 2, second.Preview().Unblock)
	assert.True(t, second.Preview().Changed())
	result, err = reread(t, b, second).Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[string]error{"+14155550142": nil, "+14155550145": nil}, unblocked(result))
	assert.Equal(t, []string{"+14155550143", "+14155550144"}, b.p.DNCEntries(own), "0144 was there before")
	assert.Equal(t, 1, b.removals())
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", result, result, result.UnblockResults), "55501")

	before := b.writes()
	result, err = second.Apply(t.Context())
	require.NoError(t, err)
	assert.Len(t, result.UnblockResults, 2)
	assert.Equal(t, before, b.writes(), "nothing is left to take off")
	b.inForce(true, true)
	require.NoError(t, second.AssertProtected(t.Context()), "the list has not lost what it was to lose")
}

// Whatever is not as the earlier plan has left it stays, and so does doubt.
func TestWhatIsNotUnblocked(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(b *bed, own string)
		rules   genesys.Rules
		opts    []preflight.Option
		planned int
		after   func(b *bed, own string)
		text    string
	}{
		"its expiry was changed": {
			change: func(*bed, string) {}, planned: 2, text: "somebody has changed it",
			after: func(b *bed, own string) {
				require.NoError(b, b.c.AddDNCNumbers(b.Context(), own, []string{"+14155550142", "+14155550145"}, time.Now().Add(48*time.Hour).Truncate(time.Minute)))
			},
		},
		"the plan is old": {change: func(*bed, string) {}, planned: 2, text: "older than an hour", after: func(*bed, string) { time.Sleep(61 * time.Minute) }},
		"it is spelled otherwise": {
			change: func(*bed, string) {}, planned: 2, text: "somebody else has added it",
			after: func(b *bed, own string) {
				b.when(http.MethodPost, own+"/export", func() { // that of ApplyRules
					b.when(http.MethodPost, own+"/export", func() {
						b.file("PhoneNumber,ContactMethod,ExpirationDateTime", "+1 415 555 0142,Phone,", "+1 415 555 0145,Phone,", "+14155550143,Phone,", "+14155550144,Phone,")
					})
				})
			},
		},
		"the caller named it": {change: func(*bed, string) {}, rules: genesys.Rules{BlockedNumbers: []string{"+14155550142", "+14155550145"}}},
		"the caller names it": {change: func(*bed, string) {}, opts: []preflight.Option{preflight.WithRules(genesys.Rules{BlockedNumbers: []string{"+14155550142", "+14155550145"}})}},
		"it is blocked again": {change: func(b *bed, _ string) {
			b.leave()
			require.NoError(b, b.checker.Add(number(b.T, "+14155550142"), number(b.T, "+14155550145")))
		}},
		"the list has no answer": {change: func(b *bed, _ string) {
			b.leave()
			b.checker = dnc.NewMemory("blacklist")
		}, opts: []preflight.Option{preflight.BlockUnknown()}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, first, own := newBlockedBed(t, test.rules)
				test.change(b, own)
				second := b.plan(append(test.opts, parse, preflight.UnblockAllowed(first))...)
				assert.Equal(t, test.planned, second.Preview().Unblock)
				if test.after != nil {
					b.when(http.MethodGet, "/campaigns/"+b.campaign, func() { test.after(b, own) })
				}
				result, err := second.Apply(t.Context())
				require.NoError(t, err)
				assert.Len(t, result.UnblockResults, test.planned)
				for _, u := range result.UnblockResults {
					require.ErrorContains(t, u.Err, test.text)
				}
				assert.Zero(t, b.removals())
			})
		})
	}
}

// A request that takes numbers off is sent once: a repetition would take off what was added since.
func TestUnblockIsSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, first, _ := newBlockedBed(t, genesys.Rules{})
		second := b.plan(parse, preflight.UnblockAllowed(first))
		b.p.AddFault(genesystest.Fault{Method: "PATCH", Path: "/phonenumbers", Drop: true, ActFirst: true})
		result, err := second.Apply(t.Context())
		e, ok := errors.AsType[*genesys.Error](err)
		require.True(t, ok, "%v", err)
		assert.True(t, e.Uncertain)
		assert.Equal(t, 1, b.removals())
		for _, u := range result.UnblockResults {
			require.Error(t, u.Err)
		}

		b, first, own := newBlockedBed(t, genesys.Rules{})
		second = b.plan(parse, preflight.UnblockAllowed(first))
		b.p.AddFault(genesystest.Fault{Method: "PATCH", Path: "/phonenumbers", Status: 204, Times: -1})
		result, err = second.Apply(t.Context())
		require.ErrorIs(t, err, genesys.ErrNotVerified)
		assert.Equal(t, 1, b.removals())
		assert.Len(t, b.p.DNCEntries(own), 4)
		require.ErrorIs(t, result.UnblockResults[0].Err, genesys.ErrNotVerified)
	})
}

// Nothing is taken off where something is missing or the contacts have changed.
func TestNothingIsUnblockedBesideAGap(t *testing.T) {
	b, first, own := newBlockedBed(t, genesys.Rules{})
	second := b.plan(parse, preflight.UnblockAllowed(first), preflight.StartWhenVerified())
	_, err := second.Apply(t.Context())
	require.ErrorIs(t, err, preflight.ErrUnprotected)
	assert.Len(t, b.p.DNCEntries(own), 4)

	third := b.plan(parse, preflight.UnblockAllowed(first))
	b.when(http.MethodPost, "/contactlists/"+b.list+"/export", func() { b.add("+14155550109", "") })
	_, err = third.Apply(t.Context())
	require.ErrorIs(t, err, preflight.ErrChanged)
	assert.Len(t, b.p.DNCEntries(own), 4)

	fourth := b.plan(parse, preflight.UnblockAllowed(first), start)
	result, err := fourth.Apply(t.Context())
	require.NoError(t, err)
	assert.True(t, result.Started)
	assert.Equal(t, []string{"+14155550143", "+14155550144"}, b.p.DNCEntries(own))
}

// Every prefix: only the numbers that are allowed again become callable, and another process that
// goes on ends in the same state.
func TestEveryPrefixOfUnblock(t *testing.T) {
	var want state
	last := 1
	for at := 0; at <= last; at++ { // 0 is not killed
		for _, acts := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				b, first, _ := newBlockedBed(t, genesys.Rules{})
				require.NoError(t, b.checker.Add(number(t, "+14155550100"))) // there is something to block, too
				second := b.plan(parse, preflight.UnblockAllowed(first))
				before := b.callable()
				var err error
				n := b.killed(at, acts, func(ctx context.Context) { _, err = second.Apply(ctx) })
				where := fmt.Sprintf("request %d, acts %v", at, acts)
				for cell := range b.callable() {
					if !strings.HasSuffix(cell, " +14155550142") && !strings.HasSuffix(cell, " +14155550145") {
						require.Contains(t, before, cell, where)
					}
				}
				if at == 0 {
					require.NoError(t, err)
					want, last = b.state(), n
					require.Equal(t, 1, b.removals())
					return
				}
				require.ErrorIs(t, err, context.Canceled, where)
				_, err = reread(t, b, second).Apply(t.Context())
				require.NoError(t, err, where)
				assert.Equal(t, want, b.state(), where)
			})
		}
	}
	assert.Greater(t, last, 20)
}

func TestUnblockThatCannotBe(t *testing.T) {
	b, first, _ := newBlockedBed(t, genesys.Rules{})
	for _, opt := range []preflight.Option{preflight.UnblockAllowed(), preflight.UnblockAllowed(nil), preflight.UnblockAllowed(new(preflight.Plan))} {
		_, err := preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign, parse, opt)
		require.ErrorIs(t, err, preflight.ErrInvalidInput)
	}
	other, err := b.p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q},"phoneColumns":[{"columnName":"phone"}]}`, b.list))
	require.NoError(t, err)
	_, err = preflight.NewPlan(t.Context(), b.checker, b.c, other, parse, preflight.UnblockAllowed(first))
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
}

// A list that another campaign has too keeps its entries: nobody has asked whether that campaign may
// dial the numbers.
func TestUnblockOnASharedList(t *testing.T) {
	b, first, own := newBlockedBed(t, genesys.Rules{})
	second := b.plan(parse, preflight.UnblockAllowed(first))
	_, err := b.p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q},"dncLists":[{"id":%q}]}`, b.list, own))
	require.NoError(t, err)
	result, err := second.Apply(t.Context())
	require.NoError(t, err)
	require.Len(t, result.UnblockResults, 2)
	for _, u := range result.UnblockResults {
		require.ErrorContains(t, u.Err, "another campaign")
	}
	assert.Zero(t, b.removals())
	assert.Len(t, b.p.DNCEntries(own), 4)

	b.p.AddFault(genesystest.Fault{Method: "GET", Path: "/outbound/campaigns", Status: 500, Skip: 3, Times: -1}) // that of the listing
	_, err = second.Apply(t.Context())
	require.Error(t, err)
	assert.Zero(t, b.removals())
}
