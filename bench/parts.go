package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/dnc-go/dnc"
)

// met marks a figure and its target.
func met(ok bool) string {
	if ok {
		return "met"
	}
	return "MISSED"
}

func single(ctx context.Context, e *environment, r *report) error {
	i := 0
	next := func() int { i = (i + 7919) % len(e.numbers); return i }
	check := func(c dnc.Checker) func(context.Context) error {
		return func(ctx context.Context) error { _, err := c.Check(ctx, e.numbers[next()]); return err }
	}
	fs, err := calls(ctx, e.size.rounds*e.size.singles, []variant{
		{"PING", 1, func(ctx context.Context) error { return e.rdb.Ping(ctx).Err() }},
		{"naive: SISMEMBER, then HGET", 1, func(ctx context.Context) error { k := next(); return e.naive(ctx, e.strings[k:k+1]) }},
		{"pipeline of SISMEMBER and HGET", 1, func(ctx context.Context) error { k := next(); return e.pipelined(ctx, e.strings[k:k+1], 1) }},
		{"SISMEMBER alone", 1, func(ctx context.Context) error { return e.rdb.SIsMember(ctx, listKey, e.strings[next()]).Err() }},
		{"**dnc Check**", 1, check(e.plain)},
		{"**dnc Check with geo rules**", 1, check(e.geo)},
		{"**dnc Check, Protect**", 1, check(dnc.Protect(e.geo))},
	})
	if err != nil {
		return err
	}
	ping, naive := fs[0].median, fs[1].median
	t := table{title: "One number", head: []string{"variant", "p50", "p99", "of a PING", "of naive", "allocations"}}
	for _, f := range fs {
		t.add(f.name, micros(f.median), micros(f.p99), ratio(f.median, ping), ratio(f.median, naive), fmt.Sprintf("%.0f", f.allocs))
		t.bar(f.name, float64(f.median)/1000)
	}
	for _, f := range fs[4:6] {
		toPing, toNaive := float64(f.median)/float64(ping), float64(f.median)/float64(naive)
		t.note("%s: %.2f of a PING (target: at most 1.3): %s; %.2f of naive (at most 0.65): %s", f.name, toPing, met(toPing <= 1.3), toNaive, met(toNaive <= 0.65))
	}
	t.axis = "µs a call (p50)"
	r.tables = append(r.tables, t)
	return nil
}

func whole(c dnc.Checker, ns []dnc.Number) func(context.Context) error {
	return func(ctx context.Context) error { _, err := c.CheckBatch(ctx, ns); return err }
}

func batch(ctx context.Context, e *environment, r *report) error {
	n := len(e.numbers)
	few := e.strings[:e.size.naive]
	fs, err := rounds(ctx, e.size.rounds, []variant{
		{"naive: SISMEMBER, then HGET", len(few), func(ctx context.Context) error { return e.naive(ctx, few) }},
		{"pipeline of both, 1,000 numbers", n / 5, func(ctx context.Context) error { return e.pipelined(ctx, e.strings[:n/5], 1000) }},
		{"go-redis SMISMEMBER by hand", n, func(ctx context.Context) error { return e.tuned(ctx, e.strings) }},
		{"rueidis SMISMEMBER by hand", n, func(ctx context.Context) error { return e.tunedRueidis(ctx, e.strings) }},
		{"**dnc CheckBatch**", n, whole(e.plain, e.numbers)},
		{"**dnc CheckBatch with geo rules**", n, whole(e.geo, e.numbers)},
		{"**dnc CheckBatch, Protect**", n, whole(dnc.Protect(e.geo), e.numbers)},
		{"**dnc Validate** (from strings)", n, func(ctx context.Context) error {
			_, err := dnc.Validate(ctx, e.plain, e.strings, dnc.ParseNumber)
			return err
		}},
	})
	if err != nil {
		return err
	}
	naive, tuned := fs[0].median, fs[2].median
	t := table{title: fmt.Sprintf("%s numbers against a SET of as many, a sixth listed", count(n)), head: []string{"variant", "numbers/s", "range", "times naive", "of by hand", "allocations a number"}}
	for _, f := range fs {
		t.add(f.name, count(int(f.rate())), f.span(),
			fmt.Sprintf("%.1f", float64(naive)/float64(f.median)), fmt.Sprintf("%.2f", float64(tuned)/float64(f.median)), fmt.Sprintf("%.3f", f.allocs))
		t.bar(f.name, f.rate())
	}
	d := fs[4]
	t.note("%s: %.0f times naive (target: at least 60): %s; %.2f of go-redis SMISMEMBER by hand (at least 0.9): %s", d.name,
		float64(naive)/float64(d.median), met(float64(naive)/float64(d.median) >= 60), float64(tuned)/float64(d.median), met(float64(tuned)/float64(d.median) >= 0.9))
	t.note("naive was run on %s of the numbers", count(len(few)))
	t.axis = "numbers a second"
	r.tables = append(r.tables, t)
	return nil
}

func bySize(ctx context.Context, e *environment, r *report) error {
	t := table{title: "By the size of the batch", head: []string{"numbers", "dnc CheckBatch", "go-redis SMISMEMBER by hand", "of by hand"}}
	for _, size := range []int{1, 10, 100, 1000, 10_000, 100_000} {
		if size > len(e.numbers) {
			break
		}
		times := max(1, 20_000/size)
		repeat := func(f func(context.Context) error) func(context.Context) error {
			return func(ctx context.Context) error {
				for range times {
					if err := f(ctx); err != nil {
						return err
					}
				}
				return nil
			}
		}
		fs, err := rounds(ctx, e.size.rounds, []variant{
			{"dnc", size * times, repeat(whole(e.plain, e.numbers[:size]))},
			{"by hand", size * times, repeat(func(ctx context.Context) error { return e.tuned(ctx, e.strings[:size]) })},
		})
		if err != nil {
			return err
		}
		t.add(count(size), count(int(fs[0].rate()))+"/s", count(int(fs[1].rate()))+"/s", fmt.Sprintf("%.2f", float64(fs[1].median)/float64(fs[0].median)))
	}
	fs, err := rounds(ctx, e.size.rounds, []variant{{"", len(e.unlist), whole(e.plain, e.unlist)}})
	if err != nil {
		return err
	}
	t.note("allocations of CheckBatch for %s allowed numbers, go-redis included: %.4f a number (target: under 0.05): %s", count(len(e.unlist)), fs[0].allocs, met(fs[0].allocs < 0.05))
	r.tables = append(r.tables, t)
	return nil
}

func memory(ctx context.Context, e *environment, r *report) error {
	n := len(e.numbers)
	us := dnc.Parser{Country: "1"}
	hot := e.strings[:min(1000, n)] // in the CPU's cache, as a row that was just read is
	many := func(f func(s string) (dnc.Number, error), cut int) func(context.Context) error {
		return func(context.Context) error {
			for i := range n {
				if _, err := f(hot[i%len(hot)][cut:]); err != nil {
					return err
				}
			}
			return nil
		}
	}
	fs, err := rounds(ctx, e.size.rounds, []variant{
		{"ParseNumber", n, many(dnc.ParseNumber, 0)},
		{"Parser, national form", n, many(us.Parse, 2)},
		{"Memory CheckBatch", n, whole(e.memory, e.numbers)},
	})
	if err != nil {
		return err
	}
	t := table{title: "Without Redis", head: []string{"", "ns a number", "allocations a number"}}
	for _, f := range fs {
		t.add(f.name, fmt.Sprintf("%d", f.median.Nanoseconds()), fmt.Sprintf("%.3f", f.allocs))
	}
	t.note("ParseNumber: %d ns (target: 25): %s; %.0f allocations (target: 0): %s", fs[0].median.Nanoseconds(), met(fs[0].median <= 25), fs[0].allocs, met(fs[0].allocs < 0.01))
	r.tables = append(r.tables, t)
	return nil
}

// streaming shows that memory does not grow with the input.
func streaming(ctx context.Context, e *environment, r *report) error {
	few := e.numbers[:min(100_000, len(e.numbers))]
	seen, took, room, err := stream(ctx, e.plain, few, e.size.stream)
	if err != nil {
		return err
	}
	t := table{title: "Stream", head: []string{"numbers", "numbers/s", "heap, beyond what was there"}}
	t.add(count(seen), count(int(float64(seen)/took.Seconds())), fmt.Sprintf("%.0f MiB at most", float64(room)/(1<<20)))
	t.note("streaming %s numbers: %.0f MiB (target: under 64): %s", count(seen), float64(room)/(1<<20), met(room < 64<<20))
	r.tables = append(r.tables, t)
	return nil
}

// stream checks a number of contacts, and looks at the heap while it does.
func stream(ctx context.Context, c dnc.Checker, few []dnc.Number, size int) (seen int, took time.Duration, room uint64, err error) {
	in := func(yield func(dnc.Number, error) bool) {
		for i := range size {
			if !yield(few[i%len(few)], nil) {
				return
			}
		}
	}
	before := heap()
	defer tightHeap()()
	var m runtime.MemStats
	peak, begin := before, time.Now()
	for _, err := range dnc.Stream(ctx, c, in, func(n dnc.Number) (dnc.Number, error) { return n, nil }) {
		if err != nil {
			return seen, 0, 0, err
		}
		if seen++; seen%50_000 == 0 {
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	return seen, time.Since(begin), peak - before, nil
}

// tightHeap keeps garbage below 16 MiB, however much lives already, until the function that it
// returns is called.
func tightHeap() func() {
	const garbage = 16 << 20
	old := debug.SetGCPercent(max(1, int(100*garbage/max(heap(), garbage)))) //nolint:gosec // at most 100
	return func() { debug.SetGCPercent(old) }
}
