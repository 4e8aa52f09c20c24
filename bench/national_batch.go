package main

import (
	"context"
	"fmt"

	"github.com/dnc-go/dnc"
)

// nationalBatch compares a million contacts against the whole registry.
func nationalBatch(ctx context.Context, n *national, r *report) error {
	for _, kind := range []struct {
		title string
		who   contacts
		least float64 // numbers/s of CheckBatch, a target
	}{
		{fmt.Sprintf("%s contacts from everywhere against a registry of %s", count(n.size.contacts), count(n.size.list)), n.uniform, 0},
		{"The same, contacts from 2,000 blocks of 10,000 numbers", n.clustered, 15e6},
	} {
		if err := n.batch(ctx, r, kind.title, kind.who, kind.least); err != nil {
			return err
		}
	}
	return nil
}

func (n *national) batch(ctx context.Context, r *report, title string, who contacts, least float64) error {
	wires := make([]*wire, 2)
	for i := range wires {
		w, err := newWire(n.server.addr)
		if err != nil {
			return err
		}
		defer func() { _ = w.conn.Close() }()
		wires[i] = w
	}
	few := n.set.strings[:n.size.naive]
	var same agreed
	size := len(who.digits)
	fs, err := rounds(ctx, n.size.rounds, []variant{
		{"naive, on a SET", len(few), func(ctx context.Context) error { return n.set.naive(ctx, few) }},
		{"go-redis SMISMEMBER by hand, on a SET", len(n.set.strings), func(ctx context.Context) error { return n.set.tuned(ctx, n.set.strings) }},
		same.variant("go-redis GETBIT, pipelines of 1,000", size, n.getbits(who, 4)),
		same.variant("rueidis GET, pipelines of 64 blocks", size, n.rueidisGet(who, 2)),
		same.variant("go-redis MGET of 64 blocks", size, n.mget(who, 2)),
		same.variant("RESP by hand, MGET of 64 blocks", size, n.mgetRaw(wires, who)),
		same.variant("roaring64 in this process", size, n.inRoaring(who)),
		same.variant("**dnc Registry**", size, listed(n.list, who)),
		same.variant("**dnc Registry, Protect**", size, listed(dnc.Protect(n.list), who)),
		same.variant("**dnc Snapshot**", size, listed(n.snapshot, who)),
	})
	if err != nil {
		return err
	}
	naive, raw := fs[0].median, fs[5].median
	t := table{title: title, head: []string{"variant", "numbers/s", "range", "times naive", "of RESP by hand", "allocations a number"}, axis: "numbers a second"}
	for _, f := range fs {
		t.add(f.name, count(int(f.rate())), f.span(), fmt.Sprintf("%.0f", naive.Seconds()/f.median.Seconds()), ratio(raw, f.median), fmt.Sprintf("%.3f", f.allocs))
		t.bar(f.name, f.rate())
	}
	list, snapshot := fs[7], fs[9]
	if least > 0 {
		t.note("%s: %s a second (target: at least 15 million): %s", list.name, count(int(list.rate())), met(list.rate() >= least))
	} else {
		times, hand := naive.Seconds()/list.median.Seconds(), raw.Seconds()/list.median.Seconds()
		t.note("%s: %.0f times naive (target: at least 160): %s; %.2f of MGET over RESP by hand (at least 0.8): %s", list.name, times, met(times >= 160), hand, met(hand >= 0.8))
		t.note("%s: %s a second (target: at least 9 million): %s", snapshot.name, count(int(snapshot.rate())), met(snapshot.rate() >= 9e6))
	}
	t.note("the SET has a million numbers, because 250 million take 14 GB or more in one; naive was run on %s numbers; all others found the same %s listed", count(len(few)), count(same.found))
	r.tables = append(r.tables, t)
	return nil
}

func (n *national) inRoaring(who contacts) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		found := 0
		for _, v := range who.digits {
			if n.roaring.Contains(v) {
				found++
			}
		}
		return found, nil
	}
}

// nationalSizes compares batches of all sizes.
func nationalSizes(ctx context.Context, n *national, r *report) error {
	t := table{
		title: fmt.Sprintf("By the size of the batch, contacts from everywhere, %s numbers listed", count(n.size.list)),
		head:  []string{"numbers", "SMISMEMBER on a SET", "GETBIT pipeline", "dnc Registry", "of SMISMEMBER", "dnc Snapshot", "of SMISMEMBER"},
	}
	all := true
	for _, size := range []int{10, 100, 1000, 10_000, 100_000, 1_000_000} {
		if size > n.size.contacts {
			break
		}
		times := max(1, 50_000/size)
		at := 0
		next := func() contacts { // other ones each time: nobody asks for the same block again and again
			at = (at + size) % (n.size.contacts - size + 1)
			return contacts{n.uniform.numbers[at : at+size], n.uniform.digits[at : at+size]}
		}
		repeat := func(f func(context.Context, contacts) error) func(context.Context) error {
			return func(ctx context.Context) error {
				for range times {
					if err := f(ctx, next()); err != nil {
						return err
					}
				}
				return nil
			}
		}
		check := func(c dnc.Checker) func(context.Context, contacts) error {
			return func(ctx context.Context, who contacts) error { _, err := c.CheckBatch(ctx, who.numbers); return err }
		}
		fs, err := rounds(ctx, n.size.rounds, []variant{
			{"SET", size * times, repeat(func(ctx context.Context, _ contacts) error { return n.set.tuned(ctx, n.set.strings[at:at+size]) })},
			{"GETBIT", size * times, repeat(func(ctx context.Context, who contacts) error { _, err := n.getbits(who, 1)(ctx); return err })},
			{"Registry", size * times, repeat(check(n.list))},
			{"Snapshot", size * times, repeat(check(n.snapshot))},
		})
		if err != nil {
			return err
		}
		t.add(count(size), count(int(fs[0].rate())), count(int(fs[1].rate())), count(int(fs[2].rate())), ratio(fs[0].median, fs[2].median),
			count(int(fs[3].rate())), ratio(fs[0].median, fs[3].median))
		all = all && (size > 10_000 || fs[3].median <= fs[0].median)
	}
	t.note("Snapshot, batches of 10 to 10,000: at least the speed of SMISMEMBER on a plain SET: %s", met(all))
	r.tables = append(r.tables, t)
	return nil
}
