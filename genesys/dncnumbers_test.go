package genesys_test

import (
	"encoding/json"
	"errors"
	"fmt"
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

func TestAddAndRemoveNumbersInChunks(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("x", "+14155559999")
	require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(2500), time.Time{}))
	assert.Len(t, b.p.DNCEntries(list), 2501)
	assert.Equal(t, 3, b.p.CountRequests("PATCH", "phonenumbers"))
	require.NoError(t, b.c.RemoveDNCNumbers(t.Context(), list, numbers(2500)))
	assert.Equal(t, []string{"+14155559999"}, b.p.DNCEntries(list))
	before := b.writes()
	require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, nil, time.Time{}))
	assert.Equal(t, before, b.writes(), "nothing to add is no request")
}

func TestChunksAreHalvedAfter413(t *testing.T) {
	b := newBed(t, genesystest.WithMaxNumbers(300))
	list := b.p.AddDNCList("x")
	require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(1100), time.Time{}))
	assert.Len(t, b.p.DNCEntries(list), 1100)
	var sizes []int
	for _, e := range b.p.Requests() {
		var body struct{ PhoneNumbers []string }
		if e.Method == http.MethodPatch && json.Unmarshal(e.Body, &body) == nil {
			sizes = append(sizes, len(body.PhoneNumbers))
		}
	}
	assert.Equal(t, []int{1000, 500, 250, 250, 250, 250, 100}, sizes)

	b = newBed(t, genesystest.WithMaxBody(40))
	list = b.p.AddDNCList("x")
	err := b.c.AddDNCNumbers(t.Context(), list, numbers(4), time.Time{})
	require.ErrorIs(t, err, genesys.ErrTooLarge, "not halved for ever")
	assert.Equal(t, 3, b.p.CountRequests("PATCH", "phonenumbers"))
}

// The error says how many are in, so that the rest can be sent.
func TestAPartialFailureCanBeResumed(t *testing.T) {
	b := newBed(t)
	c := b.client(once, genesys.WithChunkSize(100))
	list := b.p.AddDNCList("x")
	b.p.AddFault(genesystest.Fault{Method: "PATCH", Skip: 3, Status: 500})
	all := numbers(1000)
	err := c.AddDNCNumbers(t.Context(), list, all, time.Time{})
	part, ok := errors.AsType[*genesys.PartialError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, 300, part.Done)
	assert.Equal(t, 1000, part.Total)
	assert.Equal(t, all[:300], b.p.DNCEntries(list))
	require.NoError(t, c.AddDNCNumbers(t.Context(), list, all[part.Done:], time.Time{}))
	assert.Len(t, b.p.DNCEntries(list), 1000)
}

func TestAFullList(t *testing.T) {
	b := newBed(t, genesystest.WithListLimit(1500))
	list := b.p.AddDNCList("x")
	err := b.c.AddDNCNumbers(t.Context(), list, numbers(2000), time.Time{})
	require.ErrorIs(t, err, genesys.ErrListFull)
	e, ok := errors.AsType[*genesys.Error](err)
	require.True(t, ok)
	assert.Equal(t, genesys.Limit{Key: "dnc.records.per.list", Namespace: "outbound", Value: 1500}, e.Limit)
	require.ErrorContains(t, err, "1500")
	require.ErrorContains(t, err, "first 1000 of 2000")
	assert.False(t, e.Retryable())
}

func TestBadNumbersSendNothing(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("x")
	for _, bad := range []string{
		"", "+", "14155550123", "+04155550123", "+1415555", "+1234567890123456", "+1 415 555 0123", "+1415555012a", "+1415555０123", "(415) 555-0123",
		"+14155550123\n", "tel:+14155550123",
	} {
		err := b.c.AddDNCNumbers(t.Context(), list, []string{"+14155550100", bad, "+14155550101"}, time.Time{})
		if bad == "+1415555" { // seven digits are the shortest
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, genesys.ErrInvalidInput, "%q", bad)
		require.ErrorContains(t, err, "number 1 of 3")
		if len(bad) > 5 {
			assert.NotContains(t, err.Error(), strings.TrimSpace(bad))
		}
	}
	assert.Equal(t, 1, b.writes())
	require.ErrorIs(t, b.c.RemoveDNCNumbers(t.Context(), list, []string{"911"}), genesys.ErrInvalidInput)
	for _, id := range badIDs {
		require.ErrorIs(t, b.c.AddDNCNumbers(t.Context(), id, numbers(1), time.Time{}), genesys.ErrInvalidInput, id)
	}
}

func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list := b.p.AddDNCList("x")
		now := time.Now() // midnight UTC in a bubble
		for name, bad := range map[string]time.Time{
			"past": now.Add(-time.Minute), "now": now, "seconds": now.Add(time.Hour + time.Second), "nanoseconds": now.Add(time.Hour + 1),
			"beyond 180 days": now.Add(180*24*time.Hour + time.Minute),
		} {
			require.ErrorIs(t, b.c.AddDNCNumbers(t.Context(), list, numbers(1), bad), genesys.ErrInvalidInput, name)
		}
		assert.Zero(t, b.writes())
		for _, good := range []time.Time{now.Add(time.Minute), now.Add(180 * 24 * time.Hour), now.Add(time.Hour).In(time.FixedZone("", -8*3600))} {
			require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(1), good))
			assert.True(t, good.Equal(b.p.DNCExpiry(list, numbers(1)[0])))
		}
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, []string{"+14155559999"}, time.Time{}))
		<-time.After(2 * time.Hour)
		assert.Equal(t, []string{"+14155559999"}, b.p.DNCEntries(list))
		require.NoError(t, b.c.RemoveExpiredDNCEntries(t.Context(), list))
		now2, err := b.c.DNCList(t.Context(), list)
		require.NoError(t, err)
		assert.EqualValues(t, 1, now2.Size)
	})
}

func TestEmptyingMustBeSpelledOut(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("x", numbers(3)...)
	require.ErrorIs(t, b.c.EmptyDNCList(t.Context(), list, ""), genesys.ErrInvalidInput)
	require.ErrorIs(t, b.c.EmptyDNCList(t.Context(), list, "yes"), genesys.ErrInvalidInput)
	require.NoError(t, b.c.RemoveExpiredDNCEntries(t.Context(), list))
	assert.Len(t, b.p.DNCEntries(list), 3)
	require.NoError(t, b.c.EmptyDNCList(t.Context(), list, genesys.EveryNumberMayBeDialled))
	assert.Empty(t, b.p.DNCEntries(list))
}

func TestAListThatIsNotInternal(t *testing.T) {
	b := newBed(t)
	for _, source := range []string{"dnc.com", "gryphon", genesys.SourceCustom} {
		list := b.p.AddExternalDNCList("x", source)
		err := b.c.AddDNCNumbers(t.Context(), list, numbers(1), time.Time{})
		require.ErrorIs(t, err, genesys.ErrNotInternal, source)
	}
	list := b.p.AddDNCList("y")
	b.p.AddFault(genesystest.Fault{Method: "PATCH", Status: 501, Times: -1})
	require.ErrorIs(t, b.c.AddDNCNumbers(t.Context(), list, numbers(1), time.Time{}), genesys.ErrNotInternal)
	assert.Equal(t, 4, b.p.CountRequests("PATCH", ""), "501 is never repeated")
}

// Adding is safe to repeat, also where the reply was lost.
func TestAddingIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, fault := range []genesystest.Fault{
			{Method: "PATCH", ActFirst: true, Drop: true},
			{Method: "PATCH", Drop: true},
			{Method: "PATCH", Status: 500, Times: 2},
			{Method: "PATCH", Status: 502},
			{Method: "PATCH", Status: 503, Times: 3},
			{Method: "PATCH", Status: 504, ActFirst: true},
			{Method: "PATCH", Status: 429},
			{Method: "PATCH", Status: 408},
		} {
			b := newBed(t)
			list := b.p.AddDNCList("x")
			b.p.AddFault(fault)
			require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(3), time.Time{}), "%+v", fault)
			assert.Equal(t, numbers(3), b.p.DNCEntries(list))
		}
	})
}

func TestDNCLists(t *testing.T) {
	b := newBed(t)
	var all []string
	for i := range 205 {
		all = append(all, b.p.AddDNCList(fmt.Sprintf("list %d", i)))
	}
	var got []string
	for l, err := range b.c.DNCLists(t.Context(), genesys.DNCListQuery{}) {
		require.NoError(t, err)
		assert.EqualValues(t, -1, l.Size)
		got = append(got, l.ID)
	}
	assert.Equal(t, all, got)
	assert.Equal(t, 3, b.p.CountRequests("GET", "/dnclists"))
	got = nil
	for l, err := range b.c.DNCLists(t.Context(), genesys.DNCListQuery{Name: "list 20"}) {
		require.NoError(t, err)
		got = append(got, l.Name)
	}
	assert.Equal(t, []string{"list 20"}, got, "a name is exact, not a prefix")
	for l, err := range b.c.DNCLists(t.Context(), genesys.DNCListQuery{Name: "list 20", Sizes: true}) {
		require.NoError(t, err)
		assert.Zero(t, l.Size)
	}
	for _, err := range b.c.DNCLists(t.Context(), genesys.DNCListQuery{}) {
		require.NoError(t, err)
		break
	}
	l, err := b.c.CreateDNCList(t.Context(), "new")
	require.NoError(t, err)
	assert.Equal(t, genesys.DNCList{ID: l.ID, Name: "new", SourceType: "rds", ContactMethod: "Phone", Size: -1}, *l)
	_, err = b.c.CreateDNCList(t.Context(), " ")
	require.ErrorIs(t, err, genesys.ErrInvalidInput)
	_, err = b.c.DNCList(t.Context(), noID)
	require.ErrorIs(t, err, genesys.ErrNotFound)
}

// Creating is not repeated: the reply of the first may only have been lost.
func TestCreatingIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Method: "POST", Path: "/dnclists", ActFirst: true, Drop: true})
		_, err := b.c.CreateDNCList(t.Context(), "new")
		e, ok := errors.AsType[*genesys.Error](err)
		require.True(t, ok)
		assert.True(t, e.Uncertain)
		assert.Equal(t, 1, b.p.CountRequests("POST", "/dnclists"))
		b.p.AddFault(genesystest.Fault{Method: "POST", Path: "/dnclists", Status: 429, Header: map[string]string{"Retry-After": "5"}})
		_, err = b.c.CreateDNCList(t.Context(), "newer")
		require.NoError(t, err, "429 says that it has not acted")
	})
}

var badIDs = []string{
	"", "1", "..", "../../users", "11111111-1111-4111-8111-11111111111", "11111111-1111-4111-8111-1111111111111", "11111111-1111-4111-8111-11111111111g",
	"11111111-1111-4111-8111-111111111111/", "11111111-1111-4111-8111-11111111111?", "%2e%2e", "{11111111-1111-4111-8111-1111111111}", "11111111x1111-4111-8111-111111111111",
	" 1111111-1111-4111-8111-111111111111", "11111111-1111-4111-8111-11111111111\n",
}

func TestIDsThatAreNone(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	for _, id := range badIDs {
		first := func(err error) error { return err }
		for name, call := range map[string]func() error{
			"Campaign": func() error { _, err := b.c.Campaign(ctx, id); return err },
			"UpdateCampaign": func() error {
				_, err := b.c.UpdateCampaign(ctx, id, func(*genesys.Campaign) error { return nil })
				return err
			},
			"Start":          func() error { return b.c.StartCampaign(ctx, id) },
			"Stop":           func() error { return b.c.StopCampaign(ctx, id) },
			"WaitStatus":     func() error { _, err := b.c.WaitStatus(ctx, id, genesys.StatusOn); return err },
			"Diagnostics":    func() error { _, err := b.c.Diagnostics(ctx, id); return err },
			"DNCList":        func() error { _, err := b.c.DNCList(ctx, id); return err },
			"RemoveExpired":  func() error { return b.c.RemoveExpiredDNCEntries(ctx, id) },
			"EmptyDNCList":   func() error { return b.c.EmptyDNCList(ctx, id, genesys.EveryNumberMayBeDialled) },
			"ContactList":    func() error { _, err := b.c.ContactList(ctx, id); return err },
			"AddContacts":    func() error { _, err := b.c.AddContacts(ctx, id, nil, genesys.AddOptions{}); return err },
			"MarkUncallable": func() error { return b.c.MarkUncallable(ctx, id, noID, genesys.WholeContact()) },
			"ApplyRules":     func() error { _, err := b.c.ApplyRules(ctx, id, genesys.Rules{}); return err },
			"ExportDNCList": func() error {
				for _, err := range b.c.ExportDNCList(ctx, id) {
					return first(err)
				}
				return nil
			},
			"ExportContacts": func() error {
				for _, err := range b.c.ExportContacts(ctx, id) {
					return first(err)
				}
				return nil
			},
			"SearchContacts": func() error {
				for _, err := range b.c.SearchContacts(ctx, id, genesys.ContactQuery{}) {
					return first(err)
				}
				return nil
			},
		} {
			require.ErrorIs(t, call(), genesys.ErrInvalidInput, "%s(%q)", name, id)
		}
	}
	assert.Empty(t, b.p.Requests(), "nothing was sent, not even a login")
}
