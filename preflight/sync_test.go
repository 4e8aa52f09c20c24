package preflight_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
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

const optedOut = "aaaaaaaa-0000-4000-8000-000000000001"

// ours is a list of one's own: what RedisChecker and RedisWriter are.
type ours struct {
	*dnc.Memory
	numbers  []dnc.Number
	added    int
	recorded []preflight.OptOut
	failed   error // of the record
	lost     bool  // Add says yes and does nothing
}

func newOurs(t *testing.T, numbers ...string) *ours {
	o := &ours{}
	for _, n := range numbers {
		o.numbers = append(o.numbers, number(t, n))
	}
	o.Memory = dnc.NewMemory("optouts", o.numbers...)
	return o
}

func (o *ours) Add(ctx context.Context, numbers ...dnc.Number) (int, error) {
	if o.lost {
		return len(numbers), nil
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	o.added += len(numbers)
	o.numbers = append(o.numbers, numbers...)
	return len(numbers), o.Memory.Add(numbers...)
}

func (o *ours) record(_ context.Context, outs []preflight.OptOut) error {
	o.recorded = append(o.recorded, outs...)
	return o.failed
}

func (o *ours) all() iter.Seq2[dnc.Number, error] {
	return func(yield func(dnc.Number, error) bool) {
		for _, n := range slices.Clone(o.numbers) {
			if !yield(n, nil) {
				return
			}
		}
	}
}

func (o *ours) e164() []string {
	var out []string
	for _, n := range o.numbers {
		out = append(out, n.E164())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// syncBed has a DNC list to which agents add, one for our numbers, and a contact with a wrap-up
// code.
func syncBed(t *testing.T) (b *bed, agents, sent string, o *ours, opts []preflight.SyncOption) {
	b = newBed(t, "+14155550160", "(415) 555-0161", "+14155550162", "")
	contacts := b.p.Contacts(b.list)
	b.p.SetWrapUp(b.list, contacts[0].ID, "phone2", strings.ToUpper(optedOut))
	b.p.SetWrapUp(b.list, contacts[1].ID, "phone", noID)
	agents = b.p.AddDNCListFor("Any", "agents", "+14155550142", "+14155550170", "ann@example.com")
	sent = b.p.AddDNCList("ours", "+14155550180", "+14155550100")
	o = newOurs(t, "+14155550100", "+14155550142")
	return b, agents, sent, o, []preflight.SyncOption{
		preflight.FromDNCLists(agents), preflight.FromWrapUps(b.list, optedOut), preflight.IntoList(o, o, o.record), preflight.ToDNCList(sent, o.all()), parse,
	}
}

// Opt-outs come in with where they came from, ours go out, and the second run writes nothing.
func TestSync(t *testing.T) {
	b, agents, sent, o, opts := syncBed(t)
	before := b.writes()
	report, err := preflight.Sync(t.Context(), b.c, append(opts, preflight.SyncDryRun())...)
	require.NoError(t, err)
	assert.Equal(t, []int{3, 2, 4, 3}, []int{report.OptOuts, report.Added, report.OwnNumbers, report.Sent})
	assert.Equal(t, before, b.writes())
	assert.Empty(t, o.recorded)

	report, err = preflight.Sync(t.Context(), b.c, opts...)
	require.NoError(t, err)
	assert.Equal(t, "opt-outs on the platform: 3, added to the list: 2; numbers of the list: 4, sent to the platform: 3, entries there that are not on the list: 1", report.String())
	assert.Equal(t, []dnc.Number{number(t, "+14155550180")}, report.ForeignNumbers)
	assert.Equal(t, 1, report.EmailAddresses)
	contact := b.p.Contacts(b.list)[0].ID
	assert.Equal(t, []preflight.OptOut{
		{Number: number(t, "+14155550170"), Source: preflight.SourceDNCList, ListID: agents},
		{Number: number(t, "+14155550161"), Source: preflight.SourceWrapUp, ListID: b.list, ContactID: contact, Column: "phone2", Code: strings.ToUpper(optedOut)},
	}, o.recorded)
	all := []string{"+14155550100", "+14155550142", "+14155550161", "+14155550170"}
	assert.Equal(t, all, o.e164())
	assert.Equal(t, append(all, "+14155550180"), b.p.DNCEntries(sent), "what is not ours stays")
	assert.Len(t, b.p.DNCEntries(agents), 3)

	before, added := b.writes(), o.added
	report, err = preflight.Sync(t.Context(), b.c, opts...)
	require.NoError(t, err)
	assert.Equal(t, []int{3, 0, 0}, []int{report.OptOuts, report.Added, report.Sent})
	assert.Equal(t, before, b.writes())
	assert.Equal(t, added, o.added)
	assert.NotContains(t, fmt.Sprintf("%+v %v %#v", report, o.recorded, o.recorded[0]), "55501")
}

// An entry that expires is an opt-out; one that has expired is not. Ours are sent for good.
func TestSyncOfEntriesThatExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, agents, sent, o, opts := syncBed(t)
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), agents, []string{"+14155550171"}, time.Now().Add(time.Hour).Truncate(time.Minute)))
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), agents, []string{"+14155550172"}, time.Now().Add(3*time.Hour).Truncate(time.Minute)))
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), sent, []string{"+14155550100"}, time.Now().Add(48*time.Hour).Truncate(time.Minute)))
		time.Sleep(2 * time.Hour)
		report, err := preflight.Sync(t.Context(), b.c, opts...)
		require.NoError(t, err)
		assert.Equal(t, []int{1, 4}, []int{report.Expired, report.OptOuts})
		assert.NotContains(t, o.e164(), "+14155550171")
		assert.Contains(t, o.e164(), "+14155550172")
		assert.Zero(t, b.p.DNCExpiry(sent, "+14155550100"))
	})
}

// Nothing is written where anything that is read cannot be believed.
func TestSyncThatStops(t *testing.T) {
	boom := errors.New("boom")
	for name, test := range map[string]struct {
		spoil func(b *bed, agents, sent string, o *ours) []preflight.SyncOption
		is    error
	}{
		"an export fails": {func(b *bed, agents, _ string, _ *ours) []preflight.SyncOption {
			b.p.AddFault(genesystest.Fault{Method: "POST", Path: agents + "/export", Status: 403, Body: `{"code":"missing.permissions","message":"m"}`, Times: -1})
			return nil
		}, genesys.ErrForbidden},
		"the last export is cut off": {func(b *bed, _, _ string, _ *ours) []preflight.SyncOption {
			b.p.AddFault(genesystest.Fault{Path: "/signed/", Skip: 4, Status: 200, Header: map[string]string{"Content-Type": "text/csv"}, Body: "PhoneNumber,ContactMethod,ExpirationDateTime\r\n", Times: -1})
			return nil
		}, genesys.ErrUnexpectedReply},
		"a list that does not stop changing": {func(b *bed, agents, _ string, _ *ours) []preflight.SyncOption {
			n := 0
			b.before = func(r *http.Request) {
				if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, agents+"/export") {
					n++
					hook := b.before
					b.before = nil
					require.NoError(b, b.c.AddDNCNumbers(b.Context(), agents, []string{fmt.Sprintf("+1415777%04d", n)}, time.Time{}))
					b.before = hook
				}
			}
			return nil
		}, preflight.ErrChanged},
		"wrap-up codes by name": {func(b *bed, _, _ string, _ *ours) []preflight.SyncOption {
			b.p.SetWrapUp(b.list, b.p.Contacts(b.list)[1].ID, "phone", "Opted out")
			return nil
		}, genesys.ErrUnexpectedReply},
		"the list of IntoList has no answer": {func(_ *bed, _, _ string, o *ours) []preflight.SyncOption {
			o.Memory = dnc.NewMemory("optouts")
			return nil
		}, preflight.ErrUndecided},
		"we have no numbers": {func(_ *bed, _, _ string, o *ours) []preflight.SyncOption { o.numbers = nil; return nil }, dnc.ErrListMissing},
		"the record fails":   {func(_ *bed, _, _ string, o *ours) []preflight.SyncOption { o.failed = boom; return nil }, boom},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, agents, sent, o, opts := syncBed(t)
				want := b.p.DNCEntries(sent)
				opts = append(opts, test.spoil(b, agents, sent, o)...)
				_, err := preflight.Sync(t.Context(), b.c, opts...)
				require.ErrorIs(t, err, test.is)
				assert.NotContains(t, err.Error(), "55501")
				assert.Zero(t, o.added)
				assert.Equal(t, want, b.p.DNCEntries(sent))
			})
		})
	}
}

// Another tool's older export lacks what was added since.
func TestSyncWithAnOlderExport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := genesystest.New(genesystest.WithExportDelay(2 * time.Second))
		b := newBedOn(t, p, "+14155550100", "")
		agents := p.AddDNCList("agents", "+14155550142", "+14155550143")
		other, err := genesys.NewCampaignClient(p.Source(), genesys.WithLimiter(nil))
		require.NoError(t, err)
		done := make(chan error, 1)
		go func() {
			_, err := other.MissingDNCNumbers(t.Context(), agents, nil, time.Time{})
			done <- err
		}()
		time.Sleep(500 * time.Millisecond)
		require.NoError(t, b.c.RemoveDNCNumbers(t.Context(), agents, []string{"+14155550143"})) // the size stays
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), agents, []string{"+14155550170"}, time.Time{}))
		time.Sleep(500 * time.Millisecond)
		o := newOurs(t, "+14155550142")
		_, err = preflight.Sync(t.Context(), b.c, preflight.FromDNCLists(agents), preflight.IntoList(o, o, o.record))
		require.NoError(t, err)
		assert.Equal(t, []string{"+14155550142", "+14155550170"}, o.e164())
		require.NoError(t, <-done)
	})
}

// An opt-out by wrap-up code that only the second of two exports shows is not lost.
func TestSyncWithAWrapUpBetweenTwoExports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, "+14155550160", "")
		export := "/contactlists/" + b.list + "/export"
		b.when(http.MethodPost, export, func() {
			b.when(http.MethodPost, export, func() { b.p.SetWrapUp(b.list, b.p.Contacts(b.list)[0].ID, "phone", optedOut) })
		})
		o := newOurs(t, "+14155550100")
		report, err := preflight.Sync(t.Context(), b.c,
			preflight.FromWrapUps(b.list, optedOut), preflight.IntoList(o, o, o.record))
		require.NoError(t, err)
		assert.Equal(t, 1, report.Added)
		assert.Equal(t, []string{"+14155550100", "+14155550160"}, o.e164())
	})
}

// What was written and cannot be read back is an error.
func TestSyncThatIsNotThereAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _, sent, _, opts := syncBed(t)
		b.p.AddFault(genesystest.Fault{Method: "PATCH", Path: sent, Status: 204, Times: -1})
		report, err := preflight.Sync(t.Context(), b.c, opts...)
		require.ErrorIs(t, err, genesys.ErrNotVerified)
		assert.Equal(t, 3, report.Sent)
	})
	synctest.Test(t, func(t *testing.T) {
		b, _, _, o, opts := syncBed(t)
		o.lost = true
		_, err := preflight.Sync(t.Context(), b.c, opts...)
		require.ErrorIs(t, err, genesys.ErrNotVerified)
	})
}

// A geo rule blocks numbers that are not on the list: their opt-outs must outlive it.
func TestSyncIntoAListWithGeoRules(t *testing.T) {
	b, _, _, o, opts := syncBed(t)
	require.NoError(t, o.SetGeoRule("+1415", dnc.GeoRule{RiskLevel: "high"}))
	report, err := preflight.Sync(t.Context(), b.c, opts...)
	require.NoError(t, err)
	assert.Equal(t, 2, report.Added)
	assert.Subset(t, o.e164(), []string{"+14155550161", "+14155550170"})

	b, _, _, o, opts = syncBed(t)
	o.Memory = dnc.NewMemory("optouts") // missing
	require.NoError(t, o.SetGeoRule("+1415", dnc.GeoRule{RiskLevel: "high"}))
	_, err = preflight.Sync(t.Context(), b.c, opts...)
	require.ErrorIs(t, err, preflight.ErrUndecided, "beside the geo rule the list has no answer")
	assert.Zero(t, o.added)
}

// Calling hours beside the list say nothing about who is on it.
func TestSyncIntoAListWithHours(t *testing.T) {
	b, _, _, o, opts := syncBed(t)
	night := always(decision(dnc.Block, dnc.CodeOutsideHours))
	opts[2] = preflight.IntoList(dnc.Union(o.Memory, night), o, o.record)
	report, err := preflight.Sync(t.Context(), b.c, opts...)
	require.NoError(t, err)
	assert.Equal(t, 2, report.Added)
}

// Whatever request is the last one of a process, the next run ends in the same state, and nothing
// is ever taken away.
func TestEveryPrefixOfSync(t *testing.T) {
	var want []string
	last := 1
	for at := 0; at <= last; at++ { // 0 is not killed
		for _, acts := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				b, agents, sent, o, opts := syncBed(t)
				was := append(b.p.DNCEntries(sent), b.p.DNCEntries(agents)...)
				var err error
				n := b.killed(at, acts, func(ctx context.Context) { _, err = preflight.Sync(ctx, b.c, opts...) })
				state := func() []string { return slices.Concat(b.p.DNCEntries(sent), b.p.DNCEntries(agents), o.e164()) }
				where := fmt.Sprintf("request %d, acts %v", at, acts)
				if at == 0 {
					require.NoError(t, err)
					want, last = state(), n
					return
				}
				require.ErrorIs(t, err, context.Canceled, where)
				require.Subset(t, state(), was, where)
				_, err = preflight.Sync(t.Context(), b.c, opts...)
				require.NoError(t, err, where)
				assert.Equal(t, want, state(), where)
			})
		}
	}
	assert.Greater(t, last, 20)
}

// Opt-outs that cannot be read are not lost in silence.
func TestSyncOfWhatCannotBeRead(t *testing.T) {
	b, _, _, o, opts := syncBed(t)
	b.p.SetWrapUp(b.list, b.p.Contacts(b.list)[1].ID, "phone2", optedOut) // an empty cell
	report, err := preflight.Sync(t.Context(), b.c, opts...)
	require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
	require.ErrorContains(t, err, "some entries or cells of the platform (1) cannot be read")
	assert.Equal(t, []int{1, 2}, []int{report.Unreadable, report.Added})
	assert.Contains(t, o.e164(), "+14155550170")
}

func TestSyncThatCannotBe(t *testing.T) {
	b, agents, sent, o, _ := syncBed(t)
	own := b.p.AddDNCList(genesys.OwnDNCListName(b.campaign), "+14155550142")
	into := preflight.IntoList(o, o, o.record)
	for name, opts := range map[string][]preflight.SyncOption{
		"nothing":            nil,
		"nil":                {nil},
		"parse":              {preflight.WithParse(nil)},
		"from without into":  {preflight.FromDNCLists(agents)},
		"into without from":  {into},
		"into nil":           {preflight.IntoList(o, nil, o.record)},
		"no record":          {preflight.IntoList(o, o, nil)},
		"into twice":         {into, into},
		"no codes":           {preflight.FromWrapUps(b.list)},
		"a code by its name": {preflight.FromWrapUps(b.list, "Opted out")},
		"to without numbers": {preflight.ToDNCList(sent, nil)},
		"to twice":           {preflight.ToDNCList(sent, o.all()), preflight.ToDNCList(sent, o.all())},
		"from an own list":   {preflight.FromDNCLists(own), into},
		"to an own list":     {preflight.ToDNCList(own, o.all())},
		"an id":              {preflight.FromDNCLists("x"), into},
	} {
		before := b.writes()
		_, err := preflight.Sync(t.Context(), b.c, opts...)
		require.ErrorIs(t, err, preflight.ErrInvalidInput, name)
		assert.Equal(t, before, b.writes(), name)
	}
	_, err := preflight.Sync(t.Context(), nil, preflight.ToDNCList(sent, o.all()))
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
}
