package dnctest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/dnc-go/dnc"
)

// TestChecker tests that the Checkers that newChecker makes keep the contract of dnc.Checker. Each
// must block the listed numbers, for any reason, and allow all others. listed is never empty, and
// its numbers begin with +1415555. newChecker must close what it opens, with tb.Cleanup.
func TestChecker(t *testing.T, newChecker func(tb testing.TB, listed []dnc.Number) dnc.Checker) {
	t.Helper()
	s := suite{listed: make(map[dnc.Number]bool)}
	var list []dnc.Number
	for i := range 1000 {
		if i%6 == 0 {
			list = append(list, number(i))
			s.listed[number(i)] = true
		}
	}
	s.c = newChecker(t, list)
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"one number", s.single},
		{"batches", s.batches},
		{"cancelled", s.cancelled},
		{"past its deadline", s.late},
		{"concurrent", s.concurrent},
		{"validate and stream", s.above},
	} {
		t.Run(part.name, part.run)
	}
}

// number is the i-th number of the suite; it comes around after 10,000.
func number(i int) dnc.Number {
	n, err := dnc.ParseNumber(fmt.Sprintf("+1415555%04d", i%10_000))
	if err != nil {
		panic(err) // the suite's own numbers are right
	}
	return n
}

type suite struct {
	c      dnc.Checker
	listed map[dnc.Number]bool
}

func (s *suite) want(n dnc.Number) dnc.Verdict {
	if n.IsZero() || s.listed[n] {
		return dnc.Block
	}
	return dnc.Allow
}

// batch checks a batch and everything about its answer.
func (s *suite) batch(t testing.TB, ns []dnc.Number) []dnc.Decision {
	t.Helper()
	before := slices.Clone(ns)
	ds, err := s.c.CheckBatch(context.Background(), ns)
	if !slices.Equal(before, ns) {
		t.Fatal("CheckBatch changed its argument")
	}
	if err != nil {
		t.Fatalf("CheckBatch of %d: %v", len(ns), err)
	}
	if wrong := contract(ns, ds, err); wrong != nil {
		t.Fatalf("CheckBatch of %d: %v", len(ns), wrong)
	}
	for i, d := range ds {
		if d.Verdict != s.want(ns[i]) {
			t.Fatalf("decision %d of %d is %v, want %v", i, len(ns), d, s.want(ns[i]))
		}
	}
	return ds
}

func (s *suite) single(t *testing.T) {
	for _, n := range []dnc.Number{number(0), number(1), number(6), number(9999), {}} {
		d, err := s.c.Check(context.Background(), n)
		if wrong := contract([]dnc.Number{n}, []dnc.Decision{d}, err); wrong != nil {
			t.Fatal(wrong)
		}
		if d.Verdict != s.want(n) {
			t.Fatalf("Check is %v, want %v", d, s.want(n))
		}
		if batch := s.batch(t, []dnc.Number{n}); batch[0].Verdict != d.Verdict || batch[0].Reason() != d.Reason() {
			t.Fatalf("Check says %v, CheckBatch %v", d, batch[0])
		}
	}
}

func (s *suite) batches(t *testing.T) {
	for _, size := range []int{0, 1, 2, 999, 1000, 1001, 2000, 100_000} {
		ns := make([]dnc.Number, size)
		for i := range ns {
			ns[i] = number(i * 7)
		}
		first := s.batch(t, ns)
		clear(first) // the slice is the caller's
		s.batch(t, ns)
	}
	s.batch(t, slices.Repeat([]dnc.Number{number(0)}, 5000))
	s.batch(t, slices.Repeat([]dnc.Number{number(1)}, 5000))
	s.batch(t, make([]dnc.Number, 2500)) // all invalid
	ns := make([]dnc.Number, 3001)
	for i := range ns {
		ns[i] = number(i)
	}
	ns[1500] = dnc.Number{}
	s.batch(t, ns)
	s.reused(t)
}

// reused asks with one slice for other numbers each time: a Checker keeps neither the slice nor its
// own answer.
func (s *suite) reused(t *testing.T) {
	ns := make([]dnc.Number, 600)
	var before, held []dnc.Decision
	for round := range 3 {
		for i := range ns {
			ns[i] = number(i + round)
		}
		ds := s.batch(t, ns)
		if !slices.Equal(before, held) {
			t.Fatal("an earlier answer changed when CheckBatch was called again")
		}
		before, held = slices.Clone(ds), ds
	}
}

func (s *suite) cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.ended(ctx, t, context.Canceled)
}

func (s *suite) late(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), -1)
	defer cancel()
	s.ended(ctx, t, context.DeadlineExceeded)
}

// ended asks when it is too late.
func (s *suite) ended(ctx context.Context, t *testing.T, want error) {
	t.Helper()
	ns := []dnc.Number{number(1), number(2), {}, number(0)}
	ds, err := s.c.CheckBatch(ctx, ns)
	if wrong := contract(ns, ds, err); wrong != nil {
		t.Fatal(wrong)
	}
	d, single := s.c.Check(ctx, ns[0])
	if wrong := contract(ns[:1], []dnc.Decision{d}, single); wrong != nil {
		t.Fatal(wrong)
	}
	nothingAllowed(t, want, append(ds, d), err, single)
	zero, zeroErr := s.c.Check(ctx, dnc.Number{})
	if wrong := contract([]dnc.Number{{}}, []dnc.Decision{zero}, zeroErr); wrong != nil {
		t.Fatal(wrong)
	}
}

func (s *suite) concurrent(t *testing.T) {
	ns := make([]dnc.Number, 2500)
	for i := range ns {
		ns[i] = number(i)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 4 {
				ds, err := s.c.CheckBatch(context.Background(), ns)
				if wrong := contract(ns, ds, err); wrong != nil || err != nil {
					t.Errorf("among others: %v, %v", wrong, err)
					return
				}
				for i, d := range ds {
					if d.Verdict != s.want(ns[i]) {
						t.Errorf("among others: decision %d is %v", i, d)
						return
					}
				}
				if d, err := s.c.Check(context.Background(), ns[1]); err != nil || !d.Callable() {
					t.Errorf("among others: %v, %v", d, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// above asks through dnc.Validate and dnc.Stream, as most programs do.
func (s *suite) above(t *testing.T) {
	inputs := []string{"+1 (415) 555-0000", "+14155550001", "no number", "+14155550006"}
	r, err := dnc.Validate(context.Background(), s.c, inputs, dnc.ParseNumber)
	if err != nil || r.Total != 4 || r.Allowed != 1 || r.Blocked != 3 || r.Unknown != 0 {
		t.Fatalf("Validate: %v, %v", r, err)
	}
	in := func(yield func(string, error) bool) {
		for _, s := range inputs {
			if !yield(s, nil) {
				return
			}
		}
	}
	i := 0
	for c, err := range dnc.Stream(context.Background(), s.c, in, dnc.ParseNumber) {
		if err != nil || c.Input != inputs[i] || c.Decision.Verdict != r.Decisions[i].Decision.Verdict {
			t.Fatalf("Stream at %d: %v, %v", i, c, err)
		}
		i++
	}
	if i != len(inputs) {
		t.Fatalf("Stream yielded %d of %d", i, len(inputs))
	}
}
