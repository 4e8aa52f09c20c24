package dnctest

import (
	"context"
	"slices"
	"testing"

	"github.com/dnc-go/dnc"
)

// TestDecorator tests a Checker that asks another one. It calls wrap with Checkers that break the
// contract of dnc.Checker. The Checker that wrap returns must keep the contract, and must not allow
// a number because of a broken answer. It may block a number that is Unknown below it.
func TestDecorator(t *testing.T, wrap func(dnc.Checker) dnc.Checker) {
	t.Helper()
	allowAll := func(ns []dnc.Number) []dnc.Decision {
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = allowed(n)
		}
		return ds
	}
	edited := func(edit func(ds []dnc.Decision) ([]dnc.Decision, error)) func([]dnc.Number) ([]dnc.Decision, error) {
		return func(ns []dnc.Number) ([]dnc.Decision, error) { return edit(allowAll(ns)) }
	}
	for _, broken := range []struct {
		name  string
		batch func(ns []dnc.Number) ([]dnc.Decision, error)
	}{
		{"it panics", func([]dnc.Number) ([]dnc.Decision, error) { panic("broken on purpose") }},
		{"it answers too few", edited(func(ds []dnc.Decision) ([]dnc.Decision, error) { return ds[:len(ds)-1], nil })},
		{"it answers too many", edited(func(ds []dnc.Decision) ([]dnc.Decision, error) {
			return append(ds, allowed(number(3))), nil
		})},
		{"it answers nothing", func([]dnc.Number) ([]dnc.Decision, error) { return nil, nil }},
		{"it answers nothing together with an error", func([]dnc.Number) ([]dnc.Decision, error) { return nil, errBroken }},
		{"it answers for other numbers", edited(func(ds []dnc.Decision) ([]dnc.Decision, error) {
			for i := range ds {
				ds[i].Number = number(4321)
			}
			return ds, nil
		})},
		{"it allows and returns an error", edited(func(ds []dnc.Decision) ([]dnc.Decision, error) { return ds, errBroken })},
		{"it leaves open without an error", edited(func(ds []dnc.Decision) ([]dnc.Decision, error) {
			for i := range ds {
				ds[i].Verdict = dnc.Unknown
			}
			return ds, nil
		})},
		{"it has a verdict of its own", edited(func(ds []dnc.Decision) ([]dnc.Decision, error) {
			for i := range ds {
				ds[i].Verdict = 77
			}
			return ds, nil
		})},
		{"it allows for a reason to block", edited(func(ds []dnc.Decision) ([]dnc.Decision, error) {
			for i := range ds {
				ds[i].Reasons = dnc.ReasonsOf(dnc.Reason{Code: "dnc_blacklist", List: "blacklist"})
			}
			return ds, nil
		})},
		{"it allows for a reason of doubt", edited(func(ds []dnc.Decision) ([]dnc.Decision, error) {
			for i := range ds {
				ds[i].Reasons = dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeListMissing, List: "blacklist"})
			}
			return ds, nil
		})},
	} {
		t.Run(broken.name, func(t *testing.T) {
			distrusted(t, wrap(raw(broken.batch)))
		})
	}
	t.Run("it is nil", func(t *testing.T) { distrusted(t, wrap(nil)) })
	t.Run("it heeds its context", func(t *testing.T) { heeded(t, wrap) })
	t.Run("it allows the zero number", func(t *testing.T) {
		c := wrap(raw(edited(func(ds []dnc.Decision) ([]dnc.Decision, error) { return ds, nil })))
		ns := []dnc.Number{number(1), {}, number(2)}
		ds, err := c.CheckBatch(context.Background(), ns)
		if wrong := contract(ns, ds, err); wrong != nil {
			t.Fatal(wrong)
		}
	})
}

// heeded tests that the other Checker gets the context: it answers as the contract says, and only the
// context tells it that the caller gave up.
func heeded(t *testing.T, wrap func(dnc.Checker) dnc.Checker) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := wrap(heeding{cancel})
	ns := []dnc.Number{number(1), number(2)}
	ds, err := c.CheckBatch(ctx, ns)
	if wrong := contract(ns, ds, err); wrong != nil {
		t.Fatal(wrong)
	}
	ctx, cancel = context.WithCancel(context.Background())
	c = wrap(heeding{cancel})
	d, single := c.Check(ctx, ns[0])
	if wrong := contract(ns[:1], []dnc.Decision{d}, single); wrong != nil {
		t.Fatal(wrong)
	}
	nothingAllowed(t, context.Canceled, append(ds, d), err, single)
}

// heeding is a Checker whose caller gives up while it is asked.
type heeding struct{ giveUp context.CancelFunc }

func (h heeding) Check(ctx context.Context, n dnc.Number) (dnc.Decision, error) {
	ds, err := h.CheckBatch(ctx, []dnc.Number{n})
	return ds[0], err
}

func (h heeding) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	h.giveUp()
	ds := make([]dnc.Decision, len(ns))
	for i, n := range ns {
		if ds[i] = allowed(n); ctx.Err() != nil {
			ds[i].Verdict, ds[i].Reasons = dnc.Unknown, dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeCanceled})
		}
	}
	return ds, ctx.Err()
}

func allowed(n dnc.Number) dnc.Decision {
	return dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeAllowed})}
}

func distrusted(t *testing.T, c dnc.Checker) {
	t.Helper()
	for _, size := range []int{1, 3, 1001} {
		ns := make([]dnc.Number, size)
		for i := range ns {
			ns[i] = number(i)
		}
		before := slices.Clone(ns)
		ds, err := c.CheckBatch(context.Background(), ns)
		if wrong := contract(before, ds, err); wrong != nil {
			t.Fatal(wrong)
		}
		d, single := c.Check(context.Background(), ns[0])
		if wrong := contract(before[:1], []dnc.Decision{d}, single); wrong != nil {
			t.Fatal(wrong)
		}
		for _, d := range append(ds, d) {
			if d.Callable() {
				t.Fatalf("a Checker that breaks the contract was trusted: %v", d)
			}
			if code := d.Reason().Code; code != dnc.CodeCheckerFailed {
				t.Fatalf("the reason is %s, want checker_failed", code)
			}
		}
	}
}

// raw is a Checker that holds its function to nothing, unlike a dnc.CheckerFunc.
type raw func(ns []dnc.Number) ([]dnc.Decision, error)

func (f raw) Check(_ context.Context, n dnc.Number) (dnc.Decision, error) {
	ds, err := f([]dnc.Number{n})
	if len(ds) != 1 {
		return dnc.Decision{}, err
	}
	return ds[0], err
}

func (f raw) CheckBatch(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) { return f(ns) }
