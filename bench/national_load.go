package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/dnc-go/dnc/internal/listgen"
	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

// nationalLoad imports the registry's files, and leaves it loaded.
func nationalLoad(ctx context.Context, n *national, r *report) error {
	shuffled := filepath.Join(n.dir, "shuffled")
	if err := writeShuffled(shuffled, listgen.List{Seed: 1, Size: n.size.list}, n.size.shuffled); err != nil {
		return err
	}
	defer func() { _ = os.Remove(shuffled) }()
	t := table{title: fmt.Sprintf("Importing %s numbers from flat files", count(n.size.list)), head: []string{"variant", "numbers", "numbers/s", "of parsing alone", "heap"}, axis: "numbers a second"}
	type line struct {
		name string
		of   int
		took []time.Duration
		heap uint64
	}
	lines := []*line{{name: "naive SADD, one a call"}, {name: "go-redis SADD, pipelines of 10,000"}, {name: "parsing alone (listfile)"}, {name: "**dnc Replace**, sorted files"}, {name: "**dnc Replace**, one file in no order"}}
	var before, after int64
	for round := range 1 + max(2, n.size.rounds/2) { // the first is for memory and not timed
		restore := func() {}
		if round == 0 {
			restore = tightHeap()
		}
		for i, f := range []func() (int, time.Duration, uint64, error){
			func() (int, time.Duration, uint64, error) { return n.sadd(ctx, n.size.naive, 1) },
			func() (int, time.Duration, uint64, error) { return n.sadd(ctx, n.size.contacts, 10_000) },
			func() (int, time.Duration, uint64, error) { return parseAlone(n.paths) },
			func() (_ int, _ time.Duration, _ uint64, err error) {
				if round == 0 {
					if before, err = n.server.used(ctx); err != nil {
						return 0, 0, 0, err
					}
				}
				k, took, peak, err := replace(ctx, n.list, n.paths)
				if err == nil && round == 0 {
					after, err = n.server.used(ctx)
				}
				return k, took, peak, err
			},
			func() (_ int, _ time.Duration, _ uint64, err error) {
				other, err := registry.New(n.server.rdb, "shuffled")
				if err != nil {
					return 0, 0, 0, err
				}
				k, took, peak, err := replace(ctx, other, []string{shuffled})
				if err == nil {
					err = other.Delete(ctx)
				}
				return k, took, peak, err
			},
		} {
			runtime.GC()
			k, took, peak, err := f()
			if err != nil {
				return err
			}
			if l := lines[i]; round == 0 {
				l.of, l.heap = k, peak
			} else {
				l.took = append(l.took, took)
			}
		}
		restore()
	}
	rate := func(l *line) float64 { return float64(l.of) / quantile(l.took, 0.5).Seconds() }
	for _, l := range lines {
		room := ""
		if l.heap > 0 {
			room = fmt.Sprintf("%d MiB", l.heap>>20)
		}
		t.add(l.name, count(l.of), count(int(rate(l))), fmt.Sprintf("%.2f", rate(l)/rate(lines[2])), room)
		t.bar(l.name, rate(l))
	}
	sorted, loose, parse := rate(lines[3]), rate(lines[4]), rate(lines[2])
	t.note("%s: %s a second (target: at least 25 million): %s; %.2f of parsing alone (at least 0.5): %s", lines[3].name, count(int(sorted)), met(sorted >= 25e6), sorted/parse, met(sorted >= parse/2))
	t.note("%s: %s a second (target: at least 3 million, aim 8): %s", lines[4].name, count(int(loose)), met(loose >= 3e6))
	t.note("the heap is what the import adds to it at most")
	r.tables = append(r.tables, t)
	return n.memory(ctx, r, after-before)
}

// memory is how much room the numbers take.
func (n *national) memory(ctx context.Context, r *report, used int64) error {
	members, err := n.set.rdb.SCard(ctx, listKey).Result()
	if err != nil {
		return err
	}
	set, err := n.set.rdb.MemoryUsage(ctx, listKey).Result()
	if err != nil {
		return err
	}
	if err := n.follow(ctx); err != nil {
		return err
	}
	per := func(bytes int64, of int) string { return fmt.Sprintf("%.3f", float64(bytes)/float64(of)) }
	t := table{title: "Memory", head: []string{"", "numbers", "bytes", "bytes a number"}}
	t.add("SET of strings in Redis", count(int(members)), count(int(set)), per(set, int(members)))
	t.add("bitmap a block in Redis, strings", count(n.size.list), count(int(n.bitmapsUsed)), per(n.bitmapsUsed, n.size.list))
	t.add("**dnc Registry** in Redis", count(n.size.list), count(int(used)), per(used, n.size.list))
	t.add("roaring64 in this process", count(n.size.list), count(int(n.roaringHeap)), per(int64(n.roaringHeap), n.size.list))          //nolint:gosec // a heap
	t.add("**dnc Snapshot** in this process", count(n.size.list), count(int(n.snapshotHeap)), per(int64(n.snapshotHeap), n.size.list)) //nolint:gosec // a heap
	each := float64(used) / float64(n.size.list)
	t.note("**dnc Registry**: %.3f bytes a number (target: at most 0.65): %s", each, met(each <= 0.65))
	t.note("the Snapshot was loaded in %.2f s", n.snapshotTook.Seconds())
	r.tables = append(r.tables, t)
	return nil
}

// sadd fills a SET.
func (n *national) sadd(ctx context.Context, size, chunk int) (int, time.Duration, uint64, error) {
	const key = "sadd"
	if err := n.set.rdb.Unlink(ctx, key).Err(); err != nil {
		return 0, 0, 0, err
	}
	numbers := n.set.strings[:min(size, len(n.set.strings))]
	begin := time.Now()
	if chunk == 1 {
		for _, s := range numbers {
			if err := n.set.rdb.SAdd(ctx, key, s).Err(); err != nil {
				return 0, 0, 0, err
			}
		}
		return len(numbers), time.Since(begin), 0, nil
	}
	for part := range slices.Chunk(numbers, chunk) {
		p := n.set.rdb.Pipeline()
		for few := range slices.Chunk(part, 1000) {
			args := make([]any, len(few))
			for i := range few {
				args[i] = &few[i]
			}
			p.SAdd(ctx, key, args...)
		}
		if _, err := p.Exec(ctx); err != nil {
			return 0, 0, 0, err
		}
	}
	return len(numbers), time.Since(begin), 0, nil
}

func parseAlone(paths []string) (int, time.Duration, uint64, error) {
	n, begin := 0, time.Now()
	for _, err := range listfile.Files(listfile.FTC(), paths...) {
		if err != nil {
			return 0, 0, 0, err
		}
		n++
	}
	return n, time.Since(begin), 0, nil
}

// replace imports files, and looks at the heap while it does.
func replace(ctx context.Context, list *registry.Registry, paths []string) (int, time.Duration, uint64, error) {
	before := heap()
	var peak uint64
	var m runtime.MemStats
	report, err := list.Replace(ctx, listfile.Files(listfile.FTC(), paths...), registry.Import{
		Coverage: []string{"1"}, Obtained: time.Now(), MaxShrink: 1,
		Progress: func(p registry.Progress) {
			if p.Phase != registry.PhaseRead || p.Read>>20%16 == 0 {
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		},
	})
	return int(report.Read), report.Elapsed, peak - min(peak, before), err
}
