package registry

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
		r := open(tb, universal(tb, s.URL()))
		put(tb, r, seq(listed...))
		return r
	})
}

func TestSnapshotConformance(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
		r := open(tb, universal(tb, s.URL()))
		put(tb, r, seq(listed...))
		snapshot, err := r.Snapshot(ctx)
		require.NoError(tb, err)
		tb.Cleanup(snapshot.Close)
		return snapshot
	})
}

func TestClusterConformance(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 0)
	dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
		r := open(tb, universal(tb, c.URLs()))
		put(tb, r, seq(listed...))
		return r
	})
}

func TestFirstSteps(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	unknownAll(t, r, dnc.CodeListMissing, 14155550000)
	_, err := r.Info(ctx)
	require.ErrorIs(t, err, dnc.ErrListMissing)

	report := put(t, r, plain(14155550000, 14155550001, 14155550001, 12125550009))
	assert.Equal(t, "1", report.Version)
	assert.Empty(t, report.Previous)
	assert.EqualValues(t, 3, report.Numbers)
	assert.EqualValues(t, 3, report.Added)
	assert.EqualValues(t, 1, report.Duplicates)

	d, err := r.Check(ctx, at(0))
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
	assert.Equal(t, "dnc_national", d.Reason().Code)
	assert.Equal(t, "national", d.Reason().List)
	assert.Equal(t, "1", d.Reason().Version)
	assert.WithinDuration(t, time.Now(), d.Reason().Date, 2*time.Hour)
	d, err = r.Check(ctx, at(2))
	require.NoError(t, err)
	assert.True(t, d.Callable())
	assert.Equal(t, "1", d.Reason().Version)
	unknownAll(t, r, dnc.CodeNotCovered, 442079460000)

	report = put(t, r, plain(12125550009, 14155550000, 14155550002, 12125550009, 14155550000)) // unsorted
	assert.Equal(t, "2", report.Version)
	assert.Equal(t, "1", report.Previous)
	assert.EqualValues(t, 3, report.Numbers)
	assert.EqualValues(t, 1, report.Added)
	assert.EqualValues(t, 1, report.Removed)
	assert.EqualValues(t, 2, report.Duplicates)
	got, _ := verdict(t, r, 14155550001)
	assert.Equal(t, dnc.Allow, got)

	info, err := r.Rollback(ctx)
	require.NoError(t, err)
	assert.Equal(t, "1", info.Version)
	assert.EqualValues(t, 3, info.Generation)
	got, _ = verdict(t, r, 14155550001)
	assert.Equal(t, dnc.Block, got)
	all, err := r.Versions(ctx)
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, "1", all[0].Version)
	assert.Equal(t, "2", all[1].Version)
	assert.Equal(t, "a test", all[1].Source)
	_, err = r.Rollback(ctx)
	require.NoError(t, err)
	got, _ = verdict(t, r, 14155550001)
	assert.Equal(t, dnc.Allow, got)

	put(t, r, plain(14155550007))
	assert.Equal(t, []string{"2", "3"}, versionsOf(keysOf(t, s)), "the version in force and the one before")
	require.NoError(t, r.Delete(ctx))
	unknownAll(t, r, dnc.CodeListMissing, 14155550007)
	assert.Equal(t, []string{"dnc:list:national"}, keysOf(t, s), "the generation and the last id stay")
	put(t, r, plain(14155550007))
	got, _ = verdict(t, r, 14155550007)
	assert.Equal(t, dnc.Block, got)
	assert.Greater(t, field(t, s, "next"), "3")
}

// The answers are those of a map, for every density, on one server, in a cluster and in Snapshots.
// Each number of the list is asked once, with its neighbours and as many other numbers.
func TestAnswersAreThoseOfAMap(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	c := redistest.StartCluster(t, 3, 0)
	random := rand.New(rand.NewPCG(7, 7))
	for name, draw := range map[string]func() uint64{
		"dense":             func() uint64 { return 14150000000 + random.Uint64N(1_000_000) },
		"spread":            func() uint64 { return 12010000000 + random.Uint64N(7_990_000_000) },
		"about 640 a block": func() uint64 { return 12010000000 + random.Uint64N(300*blockSize) }, // where the form of blocks changes
		"international":     func() uint64 { return digits.Min + random.Uint64N(1<<(20+random.Uint64N(29))) },
	} {
		t.Run(name, func(t *testing.T) {
			want := map[uint64]bool{}
			var list []uint64
			size := 200_000
			if name == "international" {
				size = 40_000 // nearly each has a shard of its own
			}
			for range size {
				v := draw()
				if !want[v] {
					want[v] = true
					list = append(list, v)
				}
			}
			all := func(i *Import) { i.Coverage = []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} }
			checkers := map[string]dnc.Checker{}
			for where, urls := range map[string]string{"single": s.URL(), "cluster": c.URLs()} {
				r := open(t, universal(t, urls))
				report := put(t, r, plain(list...), all)
				require.EqualValues(t, len(list), report.Numbers)
				snapshot, err := r.Snapshot(ctx)
				require.NoError(t, err)
				defer snapshot.Close()
				checkers[where], checkers[where+" snapshot"] = r, snapshot
			}
			ns := []dnc.Number{{}}
			for _, v := range list {
				ns = append(ns, digits.Number(v), digits.Number(v-1), digits.Number(v+1), digits.Number(draw()))
			}
			random.Shuffle(len(ns), func(i, j int) { ns[i], ns[j] = ns[j], ns[i] })
			for where, c := range checkers {
				ds, err := c.CheckBatch(ctx, ns)
				require.NoError(t, err)
				same(t, where, want, ns, ds)
				for i, size := range []int{1, 10, 1000, groupedFrom - 1, groupedFrom} {
					part := ns[i*groupedFrom:][:size]
					ds, err := c.CheckBatch(ctx, part)
					require.NoError(t, err)
					same(t, where, want, part, ds)
				}
				for _, n := range ns[:500] {
					d, err := c.Check(ctx, n)
					require.NoError(t, err)
					same(t, where, want, []dnc.Number{n}, []dnc.Decision{d})
				}
			}
		})
	}
}

func same(t *testing.T, where string, want map[uint64]bool, ns []dnc.Number, ds []dnc.Decision) {
	t.Helper()
	require.Len(t, ds, len(ns))
	for i, d := range ds {
		should := dnc.Allow
		if ns[i].IsZero() || want[digits.Of(ns[i])] {
			should = dnc.Block
		}
		if d.Number != ns[i] || d.Verdict != should || d.Reasons.Len() != 1 {
			t.Fatalf("%s: decision %d of %d is %v", where, i, len(ds), d)
		}
	}
}
