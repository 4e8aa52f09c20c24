package registry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/listgen"
	"github.com/dnc-go/dnc/internal/redistest"
)

// area is the first n numbers of an area code.
func area(code, n int) []uint64 {
	vs := make([]uint64, n)
	for i := range vs {
		vs[i] = uint64(10_000_000_000+code*10_000_000+2_000_000) + uint64(i)*7
	}
	return vs
}

func errored(vs []uint64, errs map[int]error) iter.Seq2[dnc.Number, error] {
	return func(yield func(dnc.Number, error) bool) {
		for i, v := range vs {
			if err := errs[i]; err != nil && !yield(dnc.Number{}, err) {
				return
			}
			if !yield(digits.Number(v), nil) {
				return
			}
		}
	}
}

// What is refused leaves the old version in force and nothing behind, and says what to change.
func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	old := slices.Clip(append(area(212, 2000), area(415, 20_000)...))
	put(t, r, plain(old...))
	before := keysOf(t, s)
	full := func() iter.Seq2[dnc.Number, error] { return plain(old...) }
	for name, c := range map[string]struct {
		numbers iter.Seq2[dnc.Number, error]
		change  func(*Import)
		want    error
		text    string
	}{
		"no numbers":                    {nil, nil, ErrRefused, "numbers are nil"},
		"no coverage":                   {full(), func(i *Import) { i.Coverage = nil }, ErrRefused, "Coverage"},
		"coverage with plus":            {full(), func(i *Import) { i.Coverage = []string{"+1"} }, ErrRefused, "without \"+\""},
		"coverage with zero":            {full(), func(i *Import) { i.Coverage = []string{"01"} }, ErrRefused, "0"},
		"coverage empty":                {full(), func(i *Import) { i.Coverage = []string{""} }, ErrRefused, "1 to 15"},
		"coverage too long":             {full(), func(i *Import) { i.Coverage = []string{"1234567890123456"} }, ErrRefused, "15"},
		"no date":                       {full(), func(i *Import) { i.Obtained = time.Time{} }, ErrRefused, "Obtained"},
		"future":                        {full(), func(i *Import) { i.Obtained = time.Now().Add(time.Hour) }, ErrRefused, "future"},
		"too old":                       {full(), func(i *Import) { i.Obtained = time.Now().Add(-32 * 24 * time.Hour) }, ErrRefused, "31 days"},
		"shrink":                        {full(), func(i *Import) { i.MaxShrink = 1.1 }, ErrRefused, "MaxShrink"},
		"negative":                      {full(), func(i *Import) { i.Replicas = -1 }, ErrRefused, "Replicas"},
		"source of two lines":           {full(), func(i *Import) { i.Source = "a\nb" }, ErrRefused, "one line"},
		"empty":                         {plain(), nil, ErrRefused, "AllowEmpty"},
		"empty allowed, but shrunk":     {plain(), func(i *Import) { i.AllowEmpty = true }, ErrRefused, "shrank"},
		"shrunk as a whole":             {plain(append(area(212, 2000), area(415, 15_000)...)...), nil, ErrRefused, "shrank"},
		"one area shrunk":               {plain(append(area(212, 1500), area(415, 20_000)...)...), nil, ErrRefused, "begin with 1212"},
		"one area missing":              {plain(area(415, 25_000)...), nil, ErrRefused, "begin with 1212"},
		"foreign number":                {plain(append(old, 442079460000)...), nil, ErrRefused, "Coverage"},
		"foreign area":                  {plain(old...), func(i *Import) { i.Coverage = []string{"1212"} }, ErrRefused, "row 2001"},
		"finer coverage than a shard":   {plain(old...), func(i *Import) { i.Coverage = []string{"1212", "141520"} }, ErrRefused, "Coverage"},
		"zero Number":                   {seq(dnc.Number{}), nil, ErrRefused, "row 1"},
		"a bad row":                     {errored(old, map[int]error{5: lineError{77}}), nil, ErrRefused, "row 77"},
		"more bad rows than allowed":    {errored(old, map[int]error{5: lineError{7}, 9: lineError{8}}), func(i *Import) { i.MaxRejected = 1 }, ErrRefused, "row 8"},
		"reading fails":                 {errored(old, map[int]error{3000: errTest}), nil, errTest, "numbers read: 3000"},
		"shuffled, then reading fails":  {errored(append(old, old[0], 12125550000, old[5]), map[int]error{22_002: errTest}), nil, errTest, "22002"},
		"more replicas than there are":  {full(), func(i *Import) { i.Replicas, i.ReplicaTimeout = 1, time.Millisecond }, ErrTooFewReplicas, "0 of 1"},
		"cancelled":                     {nil, nil, context.Canceled, ""},
		"a reader that panics, stopped": {nil, nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			call, cancel := context.WithCancel(ctx)
			defer cancel()
			imp := national()
			if c.change != nil {
				c.change(&imp)
			}
			if name == "cancelled" {
				c.numbers = func(yield func(dnc.Number, error) bool) {
					for v := range (listgen.List{Seed: 1, Size: 5_000_000}).All() {
						if v%1000 == 0 {
							cancel()
						}
						if !yield(digits.Number(v), nil) {
							return
						}
					}
				}
			}
			if name == "a reader that panics, stopped" {
				assert.Panics(t, func() {
					_, _ = r.Replace(call, func(yield func(dnc.Number, error) bool) {
						yield(digits.Number(old[0]), nil)
						panic("x")
					}, imp)
				})
				_, err := r.Replace(call, plain(old...), imp)
				require.NoError(t, err, "the lease was given back")
				_, err = r.Rollback(ctx)
				require.NoError(t, err)
				put(t, r, plain(old...))
				before = keysOf(t, s)
				return
			}
			report, err := r.Replace(call, c.numbers, imp)
			require.ErrorIs(t, err, c.want)
			assert.Contains(t, err.Error(), c.text)
			assert.NotRegexp(t, canary, err.Error())
			assert.Empty(t, report.Version)
			assert.Equal(t, before, keysOf(t, s), "nothing is left")
			got, _ := verdict(t, r, old[0])
			require.Equal(t, dnc.Block, got)
			got, _ = verdict(t, r, old[0]+1)
			require.Equal(t, dnc.Allow, got)
		})
	}
}

func TestWhatIsAccepted(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	old := slices.Clip(append(area(212, 2000), area(415, 20_000)...))
	put(t, r, plain(old...))

	imp := national()
	imp.MaxRejected = 3
	var phases []Phase
	imp.Progress = func(p Progress) { phases = append(phases, p.Phase) }
	report, err := r.Replace(ctx, errored(append(old, 442079460000), map[int]error{5: lineError{77}, 9: fmt.Errorf("wrapped: %w", lineError{78})}), imp)
	require.NoError(t, err)
	assert.EqualValues(t, 3, report.Rejected)
	require.Len(t, report.RejectedRows, 3)
	assert.EqualValues(t, 77, report.RejectedRows[0].Line)
	assert.EqualValues(t, 22_003, report.RejectedRows[2].Line)
	assert.EqualValues(t, len(old), report.Numbers)
	assert.Zero(t, report.Added)
	assert.Zero(t, report.Removed)
	assert.Zero(t, report.Duplicates)
	assert.Positive(t, report.NumbersPerSecond())
	assert.Equal(t, []Phase{PhaseVerify, PhaseSwitch, PhaseCleanUp}, phases)

	phases, imp = nil, national()
	imp.Progress = func(p Progress) { phases = append(phases, p.Phase) }
	_, err = r.Replace(ctx, plain(append(slices.Clone(old), old[0])...), imp)
	require.NoError(t, err)
	assert.Equal(t, []Phase{PhaseWrite, PhaseVerify, PhaseSwitch, PhaseCleanUp}, phases, "numbers that are not sorted are written at the end")

	imp = national()
	imp.Coverage = []string{"1415"} // 212 is not subscribed any more: that is no shrinking
	_, err = r.Replace(ctx, plain(area(415, 20_000)...), imp)
	require.NoError(t, err)
	unknownAll(t, r, dnc.CodeNotCovered, 12125550000)

	imp.Coverage = []string{"14152", "212"} // finer than an area code
	_, err = r.Replace(ctx, plain(area(415, 20_000)...), imp)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "no number begins with 212")
	imp.AllowEmpty = true
	_, err = r.Replace(ctx, plain(area(415, 20_000)...), imp)
	require.NoError(t, err)
	unknownAll(t, r, dnc.CodeNotCovered, 14155550000, 13125550000)
	got, _ := verdict(t, r, 14152000001)
	assert.Equal(t, dnc.Allow, got)
	got, _ = verdict(t, r, 21255500000)
	assert.Equal(t, dnc.Allow, got, "covered, and nothing of it is listed")
	snapshot, err := r.Snapshot(ctx)
	require.NoError(t, err)
	defer snapshot.Close()
	var ns []dnc.Number
	for i := range uint64(10_000) {
		ns = append(ns, digits.Number(14151999000+i))
	}
	for _, c := range []dnc.Checker{r, snapshot} {
		ds, err := c.CheckBatch(ctx, ns)
		require.ErrorIs(t, err, dnc.ErrNotCovered)
		for i, d := range ds {
			if i < 1000 != (d.Verdict == dnc.Unknown) {
				t.Fatalf("%d: %v", i, d)
			}
		}
	}

	imp.AllowEmpty, imp.MaxShrink = true, 1
	_, err = r.Replace(ctx, plain(), imp)
	require.NoError(t, err)
	got, _ = verdict(t, r, 14152000000)
	assert.Equal(t, dnc.Allow, got)
}

// Any order gives the same version, and the report's numbers are right.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	var sorted []uint64
	for v := range oldList().All() {
		sorted = append(sorted, v)
	}
	dump := func() map[string]string {
		out := map[string]string{}
		for _, k := range keysOf(t, s) {
			if parts := strings.Split(k, ":"); len(parts) == 5 && parts[4] != "meta" && parts[4] != "shards" && parts[3] == field(t, s, "ver") {
				text, err := universal(t, s.URL()).HGetAll(ctx, k).Result()
				require.NoError(t, err)
				out[parts[4]] = fmt.Sprint(text)
			}
		}
		require.NotEmpty(t, out)
		return out
	}
	put(t, r, plain(sorted...))
	want := dump()
	random := rand.New(rand.NewPCG(1, 1))
	half := len(sorted) / 2
	swap := func(vs []uint64) { random.Shuffle(len(vs), func(i, j int) { vs[i], vs[j] = vs[j], vs[i] }) }
	for name, order := range map[string]func(vs []uint64){
		"shuffled":                swap,
		"half shuffled":           func(vs []uint64) { swap(vs[half:]) },
		"one at the end":          func(vs []uint64) { vs[0], vs[len(vs)-1] = vs[len(vs)-1], vs[0] },
		"shuffled within a block": func(vs []uint64) { swap(vs[:300]) },
		"backwards": func(vs []uint64) {
			for i := range half {
				vs[i], vs[len(vs)-1-i] = vs[len(vs)-1-i], vs[i]
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			vs := append([]uint64{}, sorted...)
			order(vs)
			vs = append(vs, vs[:1000]...) // duplicates
			report := put(t, r, plain(vs...))
			assert.EqualValues(t, len(sorted), report.Numbers)
			assert.EqualValues(t, 1000, report.Duplicates)
			assert.Zero(t, report.Added)
			assert.Zero(t, report.Removed)
			assert.Equal(t, want, dump())
		})
	}
	report := put(t, r, plain(sorted[1000:]...))
	assert.EqualValues(t, 1000, report.Removed)
	assert.Zero(t, report.Added)
}

func TestOneImportAtATime(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	_, err := r.Replace(ctx, func(yield func(dnc.Number, error) bool) {
		_, err := open(t, universal(t, s.URL())).Replace(ctx, plain(clean), national())
		require.ErrorIs(t, err, ErrImportRunning)
		require.ErrorIs(t, r.Delete(ctx), ErrImportRunning)
		yield(digits.Number(listed), nil)
	}, national())
	require.NoError(t, err)

	// A rollback under way wins.
	put(t, r, plain(listed, clean))
	imp := national()
	imp.MaxShrink = 1
	_, err = r.Replace(ctx, func(yield func(dnc.Number, error) bool) {
		_, err := r.Rollback(ctx)
		require.NoError(t, err)
		yield(digits.Number(listed), nil)
	}, imp)
	require.ErrorIs(t, err, ErrSuperseded)
	got, _ := verdict(t, r, clean)
	assert.Equal(t, dnc.Allow, got)

	// So does the loss of the lease.
	r.leaseFor = 30 * time.Millisecond
	_, err = r.Replace(ctx, func(yield func(dnc.Number, error) bool) {
		s.Do(t, "del", "dnc:list:national:lease")
		for v := range uint64(1 << 40) {
			if !yield(digits.Number(clean+v/1000), nil) {
				return
			}
		}
	}, imp)
	require.ErrorIs(t, err, ErrSuperseded)
	got, _ = verdict(t, r, clean)
	assert.Equal(t, dnc.Allow, got)
	assert.Len(t, versionsOf(keysOf(t, s)), 2)
}

// WAIT counts the replicas that have everything.
func TestReplicasAreWaitedFor(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	replica := redistest.Start(t, "--replicaof", fmt.Sprintf("127.0.0.1 %d", s.Port))
	r := open(t, universal(t, s.URL()))
	report := put(t, r, oldList().Numbers(), func(i *Import) { i.Replicas = 1 })
	assert.Equal(t, report.Version, replica.Do(t, "hget", "dnc:list:national", "ver"))
	replica.Freeze()
	defer replica.Thaw()
	imp := national()
	imp.Replicas, imp.MaxShrink, imp.ReplicaTimeout = 1, 1, 300*time.Millisecond
	_, err := r.Replace(ctx, newList().Numbers(), imp)
	require.ErrorIs(t, err, ErrTooFewReplicas)
	require.Equal(t, "old", newOracle().which(t, r))

	c := redistest.StartCluster(t, 3, 3)
	inCluster := open(t, universal(t, c.URLs()))
	put(t, inCluster, newList().Numbers(), func(i *Import) { i.Replicas = 1 })
	require.Equal(t, "new", newOracle().which(t, inCluster))
}

// The age counts at the time of the call.
func TestTheAgeAtTheTimeOfTheCall(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()), WithMaxAge(time.Hour))
	put(t, r, plain(listed), func(i *Import) { i.Obtained = time.Now().Add(-time.Hour + 3*time.Second) })
	snapshot, err := r.Snapshot(ctx)
	require.NoError(t, err)
	defer snapshot.Close()
	for _, c := range []dnc.Checker{r, snapshot} {
		require.NoError(t, redistest.Eventually(func() error {
			d, _ := c.Check(ctx, digits.Number(clean))
			if d.Reason().Code != dnc.CodeListStale {
				return errors.New("it is still allowed")
			}
			return nil
		}))
		unknownAll(t, c, dnc.CodeListStale, listed, clean)
	}
}

// A Snapshot that is cut off from the head answers no longer than it may.
func TestSnapshotCutOff(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()), WithPolling(5*time.Millisecond, 200*time.Millisecond))
	put(t, r, plain(listed))
	snapshot, err := r.Snapshot(ctx)
	require.NoError(t, err)
	defer snapshot.Close()
	got, _ := verdict(t, snapshot, clean)
	require.Equal(t, dnc.Allow, got)
	stale := func() error {
		d, _ := snapshot.Check(ctx, digits.Number(clean))
		if d.Verdict != dnc.Unknown {
			return fmt.Errorf("it is %v", d)
		}
		return nil
	}
	s.Freeze()
	require.NoError(t, redistest.Eventually(stale))
	unknownAll(t, snapshot, dnc.CodeListStale, listed, clean)
	s.Thaw()
	require.NoError(t, redistest.Eventually(func() error { _, err := snapshot.Info(); return err }))
	s.Do(t, "del", "dnc:list:national")
	require.NoError(t, redistest.Eventually(stale))
	unknownAll(t, snapshot, dnc.CodeListMissing, listed, clean)
	snapshot.Close()
	snapshot.Close()
	unknownAll(t, snapshot, dnc.CodeListStale, listed, clean)
}
