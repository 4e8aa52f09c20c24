package main

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/dnc-go/dnc"
)

// following compares a list that Follow holds in the process with a plain Go map, which says yes or
// no and follows nothing.
func following(ctx context.Context, e *environment, r *report) error {
	n := len(e.numbers)
	before := heap()
	plain := make(map[dnc.Number]struct{}, e.size.contacts)
	for i := range e.size.contacts {
		number, err := dnc.ParseNumber(contact(i))
		if err != nil {
			return err
		}
		plain[number] = struct{}{}
	}
	rooms := []uint64{heap() - before}
	before = heap()
	begin := time.Now()
	list, err := dnc.Follow(ctx, e.rdb)
	if err != nil {
		return err
	}
	defer list.Close()
	if err := list.Wait(ctx); err != nil {
		return err
	}
	took := time.Since(begin)
	rooms = append(rooms, heap()-before)
	fs, err := rounds(ctx, e.size.rounds, []variant{
		{"map[dnc.Number]struct{}", n, func(context.Context) error {
			found := 0
			for _, v := range e.numbers {
				if _, ok := plain[v]; ok {
					found++
				}
			}
			runtime.KeepAlive(found)
			return nil
		}},
		{"**dnc Follow**, one at a time", n, func(ctx context.Context) error {
			for _, v := range e.numbers {
				if _, err := list.Check(ctx, v); err != nil {
					return err
				}
			}
			return nil
		}},
		{"**dnc Follow**, a batch", n, whole(list, e.numbers)},
	})
	if err != nil {
		return err
	}
	runtime.KeepAlive(plain)
	t := table{title: fmt.Sprintf("Follow, %s numbers, random order", count(e.size.contacts)), head: []string{"structure", "bytes a number", "ns a number", "of the map"}}
	for i, f := range fs {
		t.add(f.name, fmt.Sprintf("%.1f", float64(rooms[min(i, 1)])/float64(e.size.contacts)), strconv.FormatInt(f.median.Nanoseconds(), 10), ratio(f.median, fs[0].median))
	}
	t.note("Follow, one at a time: %d ns (target: at most 150): %s; loaded in %.2f s", fs[1].median.Nanoseconds(), met(fs[1].median <= 150), took.Seconds())
	r.tables = append(r.tables, t)
	return nil
}
