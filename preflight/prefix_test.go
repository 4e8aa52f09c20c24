package preflight_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/preflight"
)

var errKilled = errors.New("the process is gone")

// killed has a process end at its request of a number, counted from 1: before the platform sees it,
// or when the platform has acted and nobody reads the reply. It returns how many requests there
// were.
func (b *bed) killed(at int, acts bool, do func(context.Context)) int {
	ctx, cancel := context.WithCancelCause(b.Context())
	defer cancel(nil)
	n := 0
	b.around = func(r *http.Request) (*http.Response, error) {
		n++
		if n == at {
			cancel(errKilled)
			if acts {
				resp, err := b.p.RoundTrip(r.WithContext(b.Context()))
				require.NoError(b, err)
				require.NoError(b, resp.Body.Close())
			}
		}
		if at > 0 && n >= at {
			return nil, errKilled
		}
		return b.p.RoundTrip(r)
	}
	do(ctx)
	b.around = nil
	return n
}

// state is everything that matters of the platform. Ids differ between runs.
type state struct {
	campaign string
	lists    map[string][]string // DNC lists that are attached, by name, and their numbers
	contacts []string
}

func (b *bed) state() state {
	s := state{lists: map[string][]string{}}
	var o map[string]any
	require.NoError(b, json.Unmarshal(b.p.Campaign(b.campaign), &o))
	for _, name := range []string{"version", "dateModified", "dncLists"} {
		delete(o, name)
	}
	text, err := json.Marshal(o)
	require.NoError(b, err)
	s.campaign = string(text)
	for _, id := range b.attached() {
		list, err := b.c.DNCList(b.Context(), id)
		require.NoError(b, err)
		require.NotContains(b, s.lists, list.Name, "a list is attached twice")
		s.lists[list.Name] = b.p.DNCEntries(id)
	}
	for _, list := range []string{b.list, b.other} {
		for _, c := range b.p.Contacts(list) {
			s.contacts = append(s.contacts, string(c.Raw))
		}
	}
	return s
}

func (b *bed) attached() []string {
	c := new(genesys.Campaign)
	require.NoError(b, json.Unmarshal(b.p.Campaign(b.campaign), c))
	return c.DNCListIDs()
}

// callable are the cells that the platform would dial now: it compares spellings exactly.
func (b *bed) callable() map[string]struct{} {
	c := new(genesys.Campaign)
	require.NoError(b, json.Unmarshal(b.p.Campaign(b.campaign), c))
	var stopped []string
	for _, id := range c.DNCListIDs() {
		stopped = append(stopped, b.p.DNCEntries(id)...)
	}
	out := map[string]struct{}{}
	for _, contact := range b.p.Contacts(c.ContactListID()) {
		var flags struct {
			Status map[string]struct{ Callable *bool } `json:"phoneNumberStatus"`
		}
		require.NoError(b, json.Unmarshal(contact.Raw, &flags))
		for _, column := range c.PhoneColumns() {
			marked := flags.Status[column].Callable
			if text := contact.Data[column]; text != "" && contact.Callable && (marked == nil || *marked) && !slices.Contains(stopped, text) {
				out[c.ContactListID()+" "+contact.ID+" "+column+" "+text] = struct{}{}
			}
		}
	}
	return out
}

// newProtectedBed has a campaign with some protection already: an entry, an attached list, a mark.
func newProtectedBed(t *testing.T) (b *bed, rules genesys.Rules) {
	b = newBed(t, "+14155550100", "+14155550150", "+14155550142", "+14155550101", "(415) 555-0143", "+14155550142", "not a number", "+14155550160")
	own := b.p.AddDNCList(genesys.OwnDNCListName(b.campaign), "+14155550150")
	b.edit(func(c *genesys.Campaign) error { return c.AttachDNCLists(own) })
	require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, b.p.Contacts(b.list)[3].ID, genesys.PhoneColumn("phone2")))
	b.other = b.p.AddContactList("Summer", "phone", "phone2")
	_, err := b.c.AddContacts(t.Context(), b.other, []genesys.Contact{
		{Data: map[string]string{"phone": "415-555-0143", "phone2": "+14155550142"}}, {Data: map[string]string{"phone": "x", "phone2": "+14155550150"}},
	}, genesys.AddOptions{})
	require.NoError(t, err)
	return b, genesys.Rules{DNCListIDs: []string{b.p.AddDNCList("required", "+14155550160")}}
}

// Every prefix of Apply's requests leaves nobody callable who was not before, and a campaign that
// gets another list never dials it before that is safe. Whatever request is the last one of a
// process, another process that goes on ends in the same state.
func TestEveryPrefixOfApply(t *testing.T) {
	for name, another := range map[string]bool{"the campaign's own contact list": false, "another contact list": true} {
		t.Run(name, func(t *testing.T) {
			var want state
			last := 1
			for at := 0; at <= last; at++ { // 0 is not killed
				for _, acts := range []bool{false, true} {
					synctest.Test(t, func(t *testing.T) {
						b, rules := newProtectedBed(t)
						if another {
							rules.ContactListID = b.other
						}
						plan := b.plan(parse, preflight.WithRules(rules))
						before := b.callable()
						var err error
						n := b.killed(at, acts, func(ctx context.Context) { _, err = plan.Apply(ctx) })
						where := fmt.Sprintf("request %d, acts %v", at, acts)
						if at == 0 {
							require.NoError(t, err)
							want, last = b.state(), n
							require.Equal(t, []string{b.list, b.other}[map[bool]int{true: 1}[another]], dialled(t, b))
							return
						}
						require.ErrorIs(t, err, context.Canceled, where)
						for cell := range b.callable() {
							if !strings.HasPrefix(cell, b.other) {
								require.Contains(t, before, cell, where)
							}
						}
						if dialled(t, b) == b.other {
							require.Empty(t, slices.Sorted(maps.Keys(b.callable())), where)
						}
						_, err = reread(t, b, plan).Apply(t.Context())
						require.NoError(t, err, where)
						assert.Equal(t, want, b.state(), where)
					})
				}
			}
			assert.Greater(t, last, 15)
		})
	}
}

func dialled(t *testing.T, b *bed) string {
	c := new(genesys.Campaign)
	require.NoError(t, json.Unmarshal(b.p.Campaign(b.campaign), c))
	return c.ContactListID()
}

// reread is the plan in another process.
func reread(t *testing.T, b *bed, plan *preflight.Plan) *preflight.Plan {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, plan.Save(&file))
	again, err := preflight.ReadPlan(&file, b.c)
	require.NoError(t, err)
	return again
}

// The second time nothing is left to write.
func TestApplyTwice(t *testing.T) {
	b, rules := newProtectedBed(t)
	plan, err := preflight.NewPlan(t.Context(), dnc.Protect(b.checker), b.c, b.campaign, parse, preflight.WithRules(rules))
	require.NoError(t, err)
	_, err = plan.Apply(t.Context())
	require.NoError(t, err)
	before := b.writes()
	_, err = plan.Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, before, b.writes())
}

// writes counts the requests that change something.
func (b *bed) writes() int {
	n := 0
	for _, e := range b.p.Requests() {
		read := e.Method == http.MethodGet || e.Path == "/oauth/token" || strings.HasSuffix(e.Path, "/export")
		if !read {
			n++
		}
	}
	return n
}
