package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/registry"
)

// nationalCluster imports the registry into a cluster of three, and compares both.
func nationalCluster(ctx context.Context, n *national, r *report) error {
	c, err := startCluster(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	list, err := registry.New(c.rdb, "national")
	if err != nil {
		return err
	}
	report, err := load(ctx, list, n.paths)
	if err != nil {
		return err
	}
	if err := n.single(ctx, r, c, list); err != nil {
		return err
	}
	var same agreed
	size := len(n.uniform.digits)
	fs, err := rounds(ctx, n.size.rounds, []variant{
		same.variant("**dnc Registry**, one server", size, listed(n.list, n.uniform)),
		same.variant("**dnc Registry**, cluster of three", size, listed(list, n.uniform)),
	})
	if err != nil {
		return err
	}
	t := table{title: fmt.Sprintf("%s contacts on a cluster of three, on the same CPUs", count(size)), head: []string{"variant", "numbers/s", "range", "of one server"}}
	for _, f := range fs {
		t.add(f.name, count(int(f.rate())), f.span(), ratio(fs[0].median, f.median))
	}
	t.note("the import of %s numbers into the cluster: %s a second", count(int(report.Numbers)), count(int(report.NumbersPerSecond())))
	r.tables = append(r.tables, t)
	return nil
}

func (n *national) single(ctx context.Context, r *report, c *cluster, onCluster *registry.Registry) error {
	dense, denseNumbers, err := n.dense(ctx)
	if err != nil {
		return err
	}
	key := "dnc:list:dense"
	version, err := n.server.rdb.HGet(ctx, key, "ver").Result()
	if err != nil {
		return err
	}
	i := 0
	next := func() int { i = (i + 7919) % len(n.uniform.numbers); return i }
	check := func(c dnc.Checker) func(context.Context) error {
		return func(ctx context.Context) error { _, err := c.Check(ctx, n.uniform.numbers[next()]); return err }
	}
	fs, err := calls(ctx, n.size.rounds*n.size.singles, []variant{
		{"PING", 1, func(ctx context.Context) error { return n.server.rdb.Ping(ctx).Err() }},
		{"naive, on a SET: SISMEMBER, then HGET", 1, func(ctx context.Context) error {
			k := next() % len(n.set.strings)
			return n.set.naive(ctx, n.set.strings[k:k+1])
		}},
		{"GETBIT alone", 1, func(ctx context.Context) error {
			v := n.uniform.digits[next()]
			return n.server.rdb.GetBit(ctx, bitmapKey(v/blockSize), int64(v%blockSize)).Err()
		}},
		{"**dnc Registry**", 1, check(n.list)},
		{"go-redis by hand, ROLE and two HMGET of blocks that are bitmaps", 1, func(ctx context.Context) error {
			v := digits.Of(denseNumbers[next()%len(denseNumbers)])
			p := n.server.rdb.Pipeline()
			p.Do(ctx, "role")
			p.Do(ctx, "hmget", key, "gen", "ver", "loaded")
			p.Do(ctx, "hmget", key+":"+version+":"+strconv.FormatUint(v/10_000_000, 10), "_", strconv.FormatUint(v/blockSize%1000, 10))
			_, err := p.Exec(ctx)
			return err
		}},
		{"**dnc Registry**, blocks that are bitmaps", 1, func(ctx context.Context) error {
			_, err := dense.Check(ctx, denseNumbers[next()%len(denseNumbers)])
			return err
		}},
		{"**dnc Registry, Protect**", 1, check(dnc.Protect(n.list))},
		{"PING of one node of a cluster", 1, func(ctx context.Context) error { return c.nodes[0].rdb.Ping(ctx).Err() }},
		{"**dnc Registry**, cluster (two nodes)", 1, check(onCluster)},
		{"**dnc Snapshot**", 1, check(n.snapshot)},
	})
	if err != nil {
		return err
	}
	ping := fs[0].median
	t := table{title: fmt.Sprintf("One number against a registry of %s", count(n.size.list)), head: []string{"variant", "p50", "p99", "of a PING", "of naive", "allocations"}, axis: "µs a call (p50)"}
	for _, f := range fs {
		t.add(f.name, micros(f.median), micros(f.p99), ratio(f.median, ping), ratio(f.median, fs[1].median), fmt.Sprintf("%.0f", f.allocs))
		t.bar(f.name, float64(f.median)/1000)
	}
	of := func(a, b int) float64 { return float64(fs[a].median) / float64(fs[b].median) }
	one, two := of(3, 0), of(8, 7)
	t.note("%s: %.2f of a PING (target: at most 1.35): %s; on a cluster, where the head and the shard are on two nodes, %.2f (at most 1.7): %s",
		fs[3].name, one, met(one <= 1.35), two, met(two <= 1.7))
	t.note("%s: %.2f of a PING (at most 1.35): %s; %.2f of the same three commands by hand", fs[5].name, of(5, 0), met(of(5, 0) <= 1.35), of(5, 4))
	r.tables = append(r.tables, t)
	return nil
}

// dense is a list whose blocks are all bitmaps, and numbers of it.
func (n *national) dense(ctx context.Context) (*registry.Registry, []dnc.Number, error) {
	list, err := registry.New(n.server.rdb, "dense")
	if err != nil {
		return nil, nil, err
	}
	const first, last = 14_150_000_000, 14_200_000_000
	_, err = list.Replace(ctx, func(yield func(dnc.Number, error) bool) {
		for v := uint64(first); v < last; v += 7 {
			if !yield(digits.Number(v), nil) {
				return
			}
		}
	}, registry.Import{Coverage: []string{"1"}, Obtained: time.Now(), MaxShrink: 1})
	random := rand.New(rand.NewPCG(31, 32))
	numbers := make([]dnc.Number, 100_000)
	for i := range numbers {
		numbers[i] = digits.Number(first + random.Uint64N(last-first))
	}
	return list, numbers, err
}

// nationalConcurrent has many goroutines check one number at a time, as a dialer does.
func nationalConcurrent(ctx context.Context, n *national, r *report) error {
	t := table{title: "Single checks at the same time", head: []string{"goroutines", "naive, on a SET", "dnc Registry", "times naive", "dnc Registry, Protect", "dnc Snapshot"}}
	protected := dnc.Protect(n.list)
	for _, goroutines := range []int{1, 8, 64} {
		each := max(1, 4*n.size.singles/goroutines)
		every := func(f func(ctx context.Context, i int) error) func(context.Context) error {
			return func(ctx context.Context) error {
				errs := make([]error, goroutines)
				var wg sync.WaitGroup
				for g := range goroutines {
					wg.Go(func() {
						for i := range each {
							if err := f(ctx, (g*each+i*7919)%n.size.contacts); err != nil {
								errs[g] = err
								return
							}
						}
					})
				}
				wg.Wait()
				for _, err := range errs {
					if err != nil {
						return err
					}
				}
				return nil
			}
		}
		check := func(c dnc.Checker) func(context.Context, int) error {
			return func(ctx context.Context, i int) error { _, err := c.Check(ctx, n.uniform.numbers[i]); return err }
		}
		of := goroutines * each
		fs, err := rounds(ctx, n.size.rounds, []variant{
			{"naive", of, every(func(ctx context.Context, i int) error { return n.set.naive(ctx, n.set.strings[i:i+1]) })},
			{"Registry", of, every(check(n.list))},
			{"Protect", of, every(check(protected))},
			{"Snapshot", of, every(check(n.snapshot))},
		})
		if err != nil {
			return err
		}
		t.add(count(goroutines), count(int(fs[0].rate()))+"/s", count(int(fs[1].rate()))+"/s", ratio(fs[0].median, fs[1].median), count(int(fs[2].rate()))+"/s", count(int(fs[3].rate()))+"/s")
	}
	r.tables = append(r.tables, t)
	return nil
}

// nationalSwap times what changes the version in force.
func nationalSwap(ctx context.Context, n *national, r *report) error {
	var took []time.Duration
	for range 2 * max(1, n.size.rounds) {
		begin := time.Now()
		if _, err := n.list.Rollback(ctx); err != nil {
			return err
		}
		took = append(took, time.Since(begin))
	}
	t := table{title: "Changing the version in force", head: []string{"", "p50", "most"}}
	t.add("Rollback, which verifies every marker of the version it goes back to", micros(quantile(took, 0.5)), micros(quantile(took, 1)))
	r.tables = append(r.tables, t)
	return nil
}
