package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/listgen"
	"github.com/dnc-go/dnc/registry"
)

// listGrowth shows what a registry costs as it grows.
func listGrowth(ctx context.Context, n *national, r *report) error {
	t := table{
		title: "As the list grows", axis: "contacts a second against a list of this size",
		head: []string{"numbers listed", "imported", "bytes a number", "one check, of a PING", "contacts/s", "through a Snapshot", "Snapshot loaded in"},
	}
	for _, size := range n.size.lists {
		row, rate, err := n.grown(ctx, size)
		if err != nil {
			return err
		}
		t.add(row...)
		t.bar("dnc Registry, "+count(size), rate)
	}
	t.note("%s contacts from everywhere where the list has numbers: a small list has few blocks, so many contacts share one", count(n.size.contacts))
	r.tables = append(r.tables, t)
	return nil
}

func (n *national) grown(ctx context.Context, size int) (row []string, rate float64, err error) {
	dir, err := os.MkdirTemp(n.dir, "grown")
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := startServer(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer s.close()
	source := listgen.List{Seed: 1, Size: size}
	var blocks []uint64
	for v := range source.All() {
		if b := v / blockSize; len(blocks) == 0 || blocks[len(blocks)-1] != b {
			blocks = append(blocks, b)
		}
	}
	paths, _, err := source.Write(dir, listgen.Form{})
	if err != nil {
		return nil, 0, err
	}
	list, err := registry.New(s.rdb, "grown")
	if err != nil {
		return nil, 0, err
	}
	before, err := s.used(ctx)
	if err != nil {
		return nil, 0, err
	}
	report, err := load(ctx, list, paths)
	if err != nil {
		return nil, 0, err
	}
	after, err := s.used(ctx)
	if err != nil {
		return nil, 0, err
	}
	begin := time.Now()
	snapshot, err := list.Snapshot(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer snapshot.Close()
	loaded := time.Since(begin)
	who := newContacts(rand.New(rand.NewPCG(5, 6)), blocks, n.size.contacts)
	i := 0
	one, err := calls(ctx, n.size.singles, []variant{
		{"PING", 1, func(ctx context.Context) error { return s.rdb.Ping(ctx).Err() }},
		{"check", 1, func(ctx context.Context) error {
			i = (i + 7919) % len(who.numbers)
			_, err := list.Check(ctx, who.numbers[i])
			return err
		}},
	})
	if err != nil {
		return nil, 0, err
	}
	var same agreed
	fs, err := rounds(ctx, max(1, n.size.rounds/2), []variant{
		same.variant("Registry", len(who.digits), listed(list, who)), same.variant("Snapshot", len(who.digits), listed(snapshot, who)),
	})
	if err != nil {
		return nil, 0, err
	}
	return []string{
		count(size), count(int(report.NumbersPerSecond())) + "/s", fmt.Sprintf("%.3f", float64(after-before)/float64(size)),
		ratio(one[1].median, one[0].median), count(int(fs[0].rate())), count(int(fs[1].rate())), fmt.Sprintf("%.2f s", loaded.Seconds()),
	}, fs[0].rate(), nil
}

// contactGrowth shows what contacts cost as they grow.
func contactGrowth(ctx context.Context, n *national, r *report) error {
	t := table{
		title: fmt.Sprintf("As the contacts grow, %s numbers listed", count(n.size.list)), axis: "contacts a second",
		head: []string{"contacts", "dnc Registry", "dnc Snapshot"},
	}
	random := rand.New(rand.NewPCG(7, 8))
	for _, times := range []int{1, 2, 5, 10} {
		who := newContacts(random, n.blocks, times*n.size.contacts)
		var same agreed
		fs, err := rounds(ctx, max(1, n.size.rounds/2), []variant{
			same.variant("Registry", len(who.digits), listed(n.list, who)), same.variant("Snapshot", len(who.digits), listed(n.snapshot, who)),
		})
		if err != nil {
			return err
		}
		t.add(count(len(who.digits)), count(int(fs[0].rate()))+"/s", count(int(fs[1].rate()))+"/s")
		t.bar("dnc Registry, "+count(len(who.digits)), fs[0].rate())
		t.bar("dnc Snapshot, "+count(len(who.digits)), fs[1].rate())
	}
	r.tables = append(r.tables, t)
	return n.streamed(ctx, r)
}

// streamed shows that the heap does not grow with the input.
func (n *national) streamed(ctx context.Context, r *report) error {
	few := n.uniform.numbers[:min(100_000, len(n.uniform.numbers))]
	t := table{title: "Stream, which asks in batches of 10,000", head: []string{"through", "numbers", "numbers/s", "heap, beyond what was there"}}
	for _, through := range []struct {
		name string
		c    dnc.Checker
	}{{"dnc Registry", n.list}, {"dnc Snapshot", n.snapshot}} {
		for _, size := range []int{n.size.stream / 10, n.size.stream} {
			seen, took, room, err := stream(ctx, through.c, few, size)
			if err != nil {
				return err
			}
			t.add(through.name, count(seen), count(int(float64(seen)/took.Seconds())), fmt.Sprintf("%.0f MiB at most", float64(room)/(1<<20)))
		}
	}
	r.tables = append(r.tables, t)
	return nil
}
