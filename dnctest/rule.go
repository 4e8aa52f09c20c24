package dnctest

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/dnc-go/dnc"
)

// TestRule tests that a Rule keeps the contract of dnc.Rule. r must allow the calls in allowed and
// block the calls in blocked. Neither may be empty. If the answer depends on the time, give each
// call a Time.
func TestRule(t *testing.T, r dnc.Rule, allowed, blocked []dnc.Call) {
	t.Helper()
	if len(allowed) == 0 || len(blocked) == 0 {
		t.Fatal("TestRule needs a call that is allowed and one that is blocked")
	}
	s := ruleSuite{r: r}
	for i := range max(len(allowed), len(blocked)) {
		s.calls = append(s.calls, allowed[i%len(allowed)], blocked[i%len(blocked)])
		s.want = append(s.want, dnc.Allow, dnc.Block)
	}
	t.Run("one call", s.single)
	t.Run("batches", func(t *testing.T) {
		for _, size := range []int{0, 1, 2, 999, 1000, 1001, 20_000} {
			s.batch(t, size)
		}
	})
	t.Run("a slice that is used again", s.reused)
	t.Run("the zero number", func(t *testing.T) { s.zero(t, allowed[0]) })
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s.ended(ctx, t, context.Canceled)
	})
	t.Run("past its deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), -1)
		defer cancel()
		s.ended(ctx, t, context.DeadlineExceeded)
	})
	t.Run("concurrent", func(t *testing.T) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 4 {
					s.batch(t, 500)
				}
			})
		}
		wg.Wait()
	})
}

type ruleSuite struct {
	r     dnc.Rule
	calls []dnc.Call // allowed and blocked in turn
	want  []dnc.Verdict
}

// batch asks with so many calls. It reports with Errorf, because it also runs in other goroutines.
func (s *ruleSuite) batch(t *testing.T, size int) {
	calls, before := make([]dnc.Call, size), make([]dnc.Call, size)
	for i := range calls {
		calls[i], before[i] = copied(s.calls[i%len(s.calls)]), s.calls[i%len(s.calls)]
	}
	ds, err := s.r.CheckBatch(context.Background(), calls)
	if wrong := contract(numbers(before), ds, err); wrong != nil || err != nil {
		t.Errorf("CheckBatch of %d: %v, %v", size, wrong, err)
		return
	}
	if !reflect.DeepEqual(before, calls) {
		t.Errorf("CheckBatch of %d changed its argument", size)
	}
	for i, d := range ds {
		if want := s.want[i%len(s.want)]; d.Verdict != want {
			t.Errorf("decision %d of %d is %v, want %v", i, size, d, want)
			return
		}
	}
	clear(ds) // the slice is the caller's
}

// copied has zones of its own: a Rule that changes them changes its argument.
func copied(call dnc.Call) dnc.Call {
	call.Location.Zones = slices.Clone(call.Location.Zones)
	return call
}

func (s *ruleSuite) single(t *testing.T) {
	for i, call := range s.calls {
		asked := copied(call)
		d, err := s.r.Check(context.Background(), asked)
		if !reflect.DeepEqual(asked, call) {
			t.Fatal("Check changed the zones of its argument")
		}
		if wrong := contract([]dnc.Number{call.Number}, []dnc.Decision{d}, err); wrong != nil || err != nil {
			t.Fatalf("Check: %v, %v", wrong, err)
		}
		if d.Verdict != s.want[i] {
			t.Fatalf("Check is %v, want %v", d, s.want[i])
		}
		ds, err := s.r.CheckBatch(context.Background(), []dnc.Call{copied(call)})
		if err != nil || len(ds) != 1 || ds[0].Verdict != d.Verdict || ds[0].Reason() != d.Reason() {
			t.Fatalf("Check says %v, CheckBatch %v, %v", d, ds, err)
		}
	}
}

func (s *ruleSuite) zero(t *testing.T, template dnc.Call) {
	template.Number = dnc.Number{}
	calls := []dnc.Call{s.calls[0], template, {}, s.calls[1]}
	ds, err := s.r.CheckBatch(context.Background(), calls)
	if wrong := contract(numbers(calls), ds, err); wrong != nil || err != nil {
		t.Fatalf("with calls to the zero number: %v, %v", wrong, err)
	}
	d, err := s.r.Check(context.Background(), template)
	if wrong := contract([]dnc.Number{{}}, []dnc.Decision{d}, err); wrong != nil || err != nil {
		t.Fatalf("a call to the zero number: %v, %v", wrong, err)
	}
}

// ended asks when it is too late.
func (s *ruleSuite) ended(ctx context.Context, t *testing.T, want error) {
	t.Helper()
	calls := append([]dnc.Call{{}}, s.calls...)
	ds, err := s.r.CheckBatch(ctx, calls)
	if wrong := contract(numbers(calls), ds, err); wrong != nil {
		t.Fatal(wrong)
	}
	d, single := s.r.Check(ctx, s.calls[0])
	if wrong := contract(numbers(s.calls[:1]), []dnc.Decision{d}, single); wrong != nil {
		t.Fatal(wrong)
	}
	nothingAllowed(t, want, append(ds, d), err, single)
	zero, zeroErr := s.r.Check(ctx, dnc.Call{})
	if wrong := contract([]dnc.Number{{}}, []dnc.Decision{zero}, zeroErr); wrong != nil {
		t.Fatal(wrong)
	}
}

// reused asks with one slice for calls in other orders.
func (s *ruleSuite) reused(t *testing.T) {
	calls := make([]dnc.Call, 2*len(s.calls))
	var before, held []dnc.Decision
	for round := range 3 {
		for i := range calls {
			calls[i] = copied(s.calls[(i+round)%len(s.calls)])
		}
		ds, err := s.r.CheckBatch(context.Background(), calls)
		if wrong := contract(numbers(calls), ds, err); wrong != nil || err != nil {
			t.Fatalf("CheckBatch with a slice that is used again: %v, %v", wrong, err)
		}
		for i, d := range ds {
			if want := s.want[(i+round)%len(s.want)]; d.Verdict != want {
				t.Fatalf("decision %d is %v, want %v: was an earlier argument kept?", i, d, want)
			}
		}
		if !slices.Equal(before, held) {
			t.Fatal("an earlier answer changed when CheckBatch was called again")
		}
		before, held = slices.Clone(ds), ds
	}
}

// TestRuleDecorator is TestDecorator for Rules that ask other Rules.
func TestRuleDecorator(t *testing.T, wrap func(dnc.Rule) dnc.Rule) {
	t.Helper()
	TestDecorator(t, func(c dnc.Checker) dnc.Checker {
		var r dnc.Rule
		if c != nil {
			r = rawRule{c}
		}
		return ruleAsked{wrap(r)}
	})
}

// rawRule holds its Checker to nothing, unlike dnc.RuleOf.
type rawRule struct{ c dnc.Checker }

func (r rawRule) Check(ctx context.Context, call dnc.Call) (dnc.Decision, error) {
	return r.c.Check(ctx, call.Number)
}

func (r rawRule) CheckBatch(ctx context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
	return r.c.CheckBatch(ctx, numbers(calls))
}

// ruleAsked passes on what a Rule says, unlike dnc.CheckerOf.
type ruleAsked struct{ r dnc.Rule }

func (c ruleAsked) Check(ctx context.Context, n dnc.Number) (dnc.Decision, error) {
	return c.r.Check(ctx, dnc.Call{Number: n})
}

func (c ruleAsked) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	calls := make([]dnc.Call, len(ns))
	for i, n := range ns {
		calls[i].Number = n
	}
	return c.r.CheckBatch(ctx, calls)
}

func numbers(calls []dnc.Call) []dnc.Number {
	ns := make([]dnc.Number, len(calls))
	for i, call := range calls {
		ns[i] = call.Number
	}
	return ns
}
