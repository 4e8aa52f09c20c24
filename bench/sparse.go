package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/registry"
)

// sparse compares lists that are not dense: a million numbers over all of North America, and over
// the world.
func sparse(ctx context.Context, n *national, r *report) error {
	t := table{
		title: fmt.Sprintf("Sparse lists, %s numbers and as many contacts, a sixth of them listed", count(n.size.contacts)),
		head:  []string{"list", "SET: bytes a number", "SMISMEMBER by hand", "dnc Registry: bytes a number", "contacts/s", "of SMISMEMBER"},
	}
	random := rand.New(rand.NewPCG(9, 10))
	for _, kind := range []struct {
		name   string
		number func() uint64
	}{
		{"North America, all blocks", func() uint64 { return n.blocks[random.IntN(len(n.blocks))]*blockSize + random.Uint64N(blockSize) }},
		{"international", func() uint64 { return 31_000_000_000 + random.Uint64N(69_000_000_000) }},
	} {
		row, err := sparseList(ctx, n.size, random, kind.number)
		if err != nil {
			return err
		}
		t.add(append([]string{kind.name}, row...)...)
	}
	r.tables = append(r.tables, t)
	return nil
}

func sparseList(ctx context.Context, size sizes, random *rand.Rand, number func() uint64) ([]string, error) {
	s, err := startServer(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	e := &environment{size: size, rdb: s.rdb}
	of := make([]uint64, size.contacts)
	for i := range of {
		of[i] = number()
	}
	var who contacts
	for i := range size.contacts {
		v := number()
		if i%6 == 0 {
			v = of[random.IntN(len(of))]
		}
		who.digits, who.numbers = append(who.digits, v), append(who.numbers, digits.Number(v))
		e.strings = append(e.strings, "+"+strconv.FormatUint(v, 10))
	}
	slices.Sort(of)
	of = slices.Compact(of)
	empty, err := s.used(ctx)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(of, 1000) {
		members := make([]any, len(part))
		for i, v := range part {
			members[i] = "+" + strconv.FormatUint(v, 10)
		}
		if err := s.rdb.SAdd(ctx, listKey, members...).Err(); err != nil {
			return nil, err
		}
	}
	set, err := s.used(ctx)
	if err != nil {
		return nil, err
	}
	list, err := registry.New(s.rdb, "sparse")
	if err != nil {
		return nil, err
	}
	if _, err := list.Replace(ctx, func(yield func(dnc.Number, error) bool) {
		for _, v := range of {
			if !yield(digits.Number(v), nil) {
				return
			}
		}
	}, registry.Import{Coverage: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, Obtained: time.Now(), AllowEmpty: true}); err != nil {
		return nil, err
	}
	both, err := s.used(ctx)
	if err != nil {
		return nil, err
	}
	var same agreed
	fs, err := rounds(ctx, max(1, size.rounds/2), []variant{
		{"SET", len(e.strings), func(ctx context.Context) error { return e.tuned(ctx, e.strings) }},
		same.variant("Registry", len(who.digits), listed(list, who)),
	})
	if err != nil {
		return nil, err
	}
	per := func(bytes int64) string { return fmt.Sprintf("%.2f", float64(bytes)/float64(len(of))) }
	return []string{
		per(set - empty), count(int(fs[0].rate())) + "/s", per(both - set), count(int(fs[1].rate())) + "/s", ratio(fs[0].median, fs[1].median),
	}, nil
}
