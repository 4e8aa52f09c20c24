package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/listgen"
	"github.com/dnc-go/dnc/registry"
)

// inProcess compares the Snapshot with what else can hold a list in a process, on lists that all of
// them can: one that is as dense as the real one, and one that has a few numbers in every block of
// North America, so that nearly every read misses the caches.
func inProcess(ctx context.Context, n *national, r *report) error {
	random := rand.New(rand.NewPCG(21, 22))
	thin := make([]uint64, 0, n.size.process)
	for gap := 8e9 / float64(n.size.process); len(thin) < n.size.process; {
		last := uint64(12_000_000_000)
		if len(thin) > 0 {
			last = thin[len(thin)-1]
		}
		thin = append(thin, last+1+uint64(random.ExpFloat64()*(gap-1)))
	}
	thin = thin[:sort.Search(len(thin), func(i int) bool { return thin[i] >= 20_000_000_000 })]
	for _, l := range []struct {
		name string
		all  []uint64
	}{
		{"as dense as the national registry", slices.Collect(listgen.List{Seed: 1, Size: n.size.process}.All())},
		{"spread thinly", thin},
	} {
		if err := n.inProcess(ctx, r, l.name, l.all); err != nil {
			return err
		}
	}
	return nil
}

func (n *national) inProcess(ctx context.Context, r *report, name string, all []uint64) error {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	var blocks []uint64
	for _, v := range all {
		if b := v / blockSize; len(blocks) == 0 || blocks[len(blocks)-1] != b {
			blocks = append(blocks, b)
		}
	}
	who := newContacts(rand.New(rand.NewPCG(11, 12)), blocks, n.size.contacts)
	list, err := registry.New(s.rdb, "process")
	if err != nil {
		return err
	}
	numbers := func(yield func(dnc.Number, error) bool) {
		for _, v := range all {
			if !yield(digits.Number(v), nil) {
				return
			}
		}
	}
	if _, err := list.Replace(ctx, numbers, registry.Import{Coverage: []string{"1"}, Obtained: time.Now()}); err != nil {
		return err
	}
	held := func(build func()) uint64 {
		before := heap()
		build()
		return heap() - before
	}
	var hashed map[uint64]struct{}
	var bitmap *roaring64.Bitmap
	var snapshot *registry.Snapshot
	rooms := []uint64{
		held(func() {
			hashed = make(map[uint64]struct{}, len(all))
			for _, v := range all {
				hashed[v] = struct{}{}
			}
		}),
		uint64(8 * len(all)),
		held(func() { bitmap = roaring64.BitmapOf(all...); bitmap.RunOptimize() }),
		held(func() { snapshot, err = list.Snapshot(ctx) }),
	}
	if err != nil {
		return err
	}
	defer snapshot.Close()
	each := func(has func(v uint64) bool) func(context.Context) (int, error) {
		return func(context.Context) (int, error) {
			found := 0
			for _, v := range who.digits {
				if has(v) {
					found++
				}
			}
			return found, nil
		}
	}
	var same agreed
	size := len(who.digits)
	fs, err := rounds(ctx, n.size.rounds, []variant{
		same.variant("map[uint64]struct{}", size, each(func(v uint64) bool { _, ok := hashed[v]; return ok })),
		same.variant("sorted []uint64", size, each(func(v uint64) bool { _, ok := slices.BinarySearch(all, v); return ok })),
		same.variant("roaring64", size, each(bitmap.Contains)),
		same.variant("**dnc Snapshot**, one at a time", size, func(ctx context.Context) (int, error) {
			found := 0
			for _, v := range who.numbers {
				d, err := snapshot.Check(ctx, v)
				if err != nil {
					return 0, err
				}
				if d.Verdict == dnc.Block {
					found++
				}
			}
			return found, nil
		}),
		same.variant("**dnc Snapshot**, a batch", size, listed(snapshot, who)),
	})
	if err != nil {
		return err
	}
	runtime.KeepAlive(hashed)
	t := table{title: fmt.Sprintf("In this process, %s numbers %s, random order", count(len(all)), name), head: []string{"structure", "bytes a number", "ns a number", "of a map", "of roaring64"}}
	for i, f := range fs {
		t.add(f.name, fmt.Sprintf("%.2f", float64(rooms[min(i, 3)])/float64(len(all))), strconv.FormatInt(f.median.Nanoseconds(), 10), ratio(f.median, fs[0].median), ratio(f.median, fs[2].median))
	}
	one := fs[3].median
	t.note("%s: %d ns (target: at most 150): %s; a reading of the clock, which every check has, takes %d ns", fs[3].name, one.Nanoseconds(), met(one <= 150), clockCost().Nanoseconds())
	t.note("the peers say yes or no; the Snapshot looks at the age of its data and at the coverage, and gives a decision with its reasons")
	r.tables = append(r.tables, t)
	return nil
}

// clockCost is what time.Now takes.
func clockCost() time.Duration {
	const times = 1_000_000
	begin := time.Now()
	for range times {
		_ = time.Now()
	}
	return time.Since(begin) / times
}

// prefixes compares ways to find the geo rule of a number, the longest prefix of 5,000.
func prefixes(ctx context.Context, n *national, r *report) error {
	numbers, strings := n.uniform.numbers, n.set.strings
	few := strings[:min(len(strings), 20_000)]
	memory := func(rules int) (*dnc.Memory, error) {
		m := dnc.NewMemory("blacklist", n.uniform.numbers[0])
		for i := range rules {
			if err := m.SetGeoRule("+1"+strconv.Itoa(20_000+i), dnc.GeoRule{Allowed: i%2 == 0, RiskLevel: "high"}); err != nil {
				return nil, err
			}
		}
		return m, nil
	}
	without, err := memory(0)
	if err != nil {
		return err
	}
	with, err := memory(n.size.rules)
	if err != nil {
		return err
	}
	table5k := make(map[string]bool, n.size.rules)
	for i := range n.size.rules {
		table5k["+1"+strconv.Itoa(20_000+i)] = i%2 == 0
	}
	fs, err := rounds(ctx, n.size.rounds, []variant{
		{"HMGET of the number's 7 prefixes, pipelines of 1,000", len(few), func(ctx context.Context) error { return n.set.hmgetPrefixes(ctx, few) }},
		{"a Go map, tried from the longest prefix down", len(strings), func(context.Context) error {
			for _, s := range strings {
				for end := 8; end > 1; end-- {
					if _, ok := table5k[s[:end]]; ok {
						break
					}
				}
			}
			return nil
		}},
		{"dnc Memory without rules", len(numbers), whole(without, numbers)},
		{"dnc Memory with them", len(numbers), whole(with, numbers)},
	})
	if err != nil {
		return err
	}
	own := fs[3].median - fs[2].median
	t := table{title: fmt.Sprintf("The longest prefix of %s rules", count(n.size.rules)), head: []string{"variant", "ns a number", "of dnc"}}
	for _, f := range fs[:2] {
		t.add(f.name, strconv.FormatInt(f.median.Nanoseconds(), 10), ratio(f.median, own))
	}
	t.add("**dnc**: what rules add to a batch, decision and reason included", strconv.FormatInt(own.Nanoseconds(), 10), "1.00")
	r.tables = append(r.tables, t)
	return nil
}

func (e *environment) hmgetPrefixes(ctx context.Context, numbers []string) error {
	for part := range slices.Chunk(numbers, 1000) {
		p := e.rdb.Pipeline()
		for _, s := range part {
			p.HMGet(ctx, geoKey, s[:8], s[:7], s[:6], s[:5], s[:4], s[:3], s[:2])
		}
		if _, err := p.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
