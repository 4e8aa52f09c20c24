package dnctest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
)

func TestTheSuitePassesAGoodChecker(t *testing.T) {
	dnctest.TestChecker(t, func(_ testing.TB, listed []dnc.Number) dnc.Checker { return dnc.NewMemory("blacklist", listed...) })
	dnctest.TestDecorator(t, func(c dnc.Checker) dnc.Checker { return dnc.Union(c) })
}

// edited is a good Checker with one thing wrong.
func edited(listed []dnc.Number, edit func(ns []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error)) dnc.Checker {
	return checker{dnc.NewMemory("blacklist", listed...), edit}
}

type checker struct {
	dnc.Checker
	edit func(ns []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error)
}

func (c checker) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	ds, err := c.Checker.CheckBatch(ctx, ns)
	return c.edit(ns, ds, err)
}

var bad = map[string]func(ns []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error){
	"too few": func(_ []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) { return ds[:len(ds)/2], err },
	"reversed": func(_ []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) {
		slices.Reverse(ds)
		return ds, err
	},
	"no reasons": func(_ []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) {
		ds[0].Reasons = dnc.Reasons{}
		return ds, err
	},
	"changes its argument": func(ns []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) {
		if len(ns) > 1 {
			ns[0], ns[1] = ns[1], ns[0]
		}
		return ds, err
	},
	"allows all": func(_ []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) {
		for i := range ds {
			ds[i].Verdict = dnc.Allow
		}
		return ds, err
	},
	"blocks all": func(_ []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) {
		for i := range ds {
			ds[i].Verdict = dnc.Block
		}
		return ds, err
	},
	"allows for a reason of doubt": func(_ []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) {
		for i := range ds {
			if ds[i].Verdict == dnc.Allow {
				ds[i].Reasons = dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeListMissing})
			}
		}
		return ds, err
	},
	"keeps its argument": func(ns []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) {
		if len(ns) > 1 && len(ns) == len(kept) && &ns[0] == &kept[0] {
			ds = slices.Clone(answered) // "the same question"
			for i := range ds {
				ds[i].Number = ns[i]
			}
			return ds, err
		}
		kept, answered = ns, slices.Clone(ds)
		return ds, err
	},
	"keeps its answer": func(_ []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) {
		if len(ds) == 0 || len(ds) > 700 {
			return ds, err
		}
		shared = append(shared[:0], ds...)
		return shared, err
	},
	"drops errors": func(_ []dnc.Number, ds []dnc.Decision, _ error) ([]dnc.Decision, error) { return ds, nil },
	"heeds no deadline": func(_ []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) {
		if !errors.Is(err, context.DeadlineExceeded) {
			return ds, err
		}
		for i := range ds {
			if ds[i].Verdict == dnc.Unknown {
				ds[i].Verdict = dnc.Allow
			}
		}
		return ds, nil
	},
	"heeds no context": func(_ []dnc.Number, ds []dnc.Decision, _ error) ([]dnc.Decision, error) {
		for i := range ds {
			if ds[i].Verdict == dnc.Unknown {
				ds[i].Verdict = dnc.Allow
			}
		}
		return ds, nil
	},
}

// What the Checkers keep that must keep nothing.
var (
	kept             []dnc.Number
	answered, shared []dnc.Decision
)

// lateZero is a good Checker that does not know the zero Number when it is too late.
type lateZero struct{ dnc.Checker }

func (c lateZero) Check(ctx context.Context, n dnc.Number) (dnc.Decision, error) {
	if err := ctx.Err(); err != nil && n.IsZero() {
		return dnc.Decision{Verdict: dnc.Unknown, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeCanceled})}, err
	}
	return c.Checker.Check(ctx, n)
}

// zoneChanger is a Rule that writes into the zones of its argument.
type zoneChanger struct{ dnc.Rule }

func (r zoneChanger) CheckBatch(ctx context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
	for _, c := range calls {
		for i := range c.Location.Zones {
			c.Location.Zones[i] = "UTC"
		}
	}
	return r.Rule.CheckBatch(ctx, calls)
}

// keeper is a Rule that takes the same slice for the same question.
type keeper struct {
	dnc.Rule
	mu     sync.Mutex
	calls  []dnc.Call
	answer []dnc.Decision
}

func (r *keeper) CheckBatch(ctx context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(calls) > 1 && len(calls) == len(r.calls) && &calls[0] == &r.calls[0] {
		ds := slices.Clone(r.answer)
		for i := range ds {
			ds[i].Number = calls[i].Number
		}
		return ds, nil
	}
	ds, err := r.Rule.CheckBatch(ctx, calls)
	r.calls, r.answer = calls, slices.Clone(ds)
	return ds, err
}

// forgetful is a decorator that does not hand on the context.
type forgetful struct{ dnc.Checker }

func (c forgetful) Check(_ context.Context, n dnc.Number) (dnc.Decision, error) {
	return c.Checker.Check(context.Background(), n)
}

func (c forgetful) CheckBatch(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	return c.Checker.CheckBatch(context.Background(), ns)
}

// rule is a Checker that is asked as a Rule, and held to nothing.
type rule struct{ c dnc.Checker }

func (r rule) Check(ctx context.Context, call dnc.Call) (dnc.Decision, error) {
	return r.c.Check(ctx, call.Number)
}

func (r rule) CheckBatch(ctx context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
	ns := make([]dnc.Number, len(calls))
	for i, call := range calls {
		ns[i] = call.Number
	}
	ds, err := r.c.CheckBatch(ctx, ns)
	for i, n := range ns {
		if calls[i].Number != n { // edit changed its argument
			calls[i].Campaign = "changed"
		}
	}
	return ds, err
}

func testRule(t *testing.T, edit func(ns []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error)) {
	testRuleOf(t, func(listed []dnc.Number) dnc.Rule { return rule{edited(listed, edit)} })
}

func testRuleOf(t *testing.T, newRule func(listed []dnc.Number) dnc.Rule) {
	var calls []dnc.Call
	for _, s := range []string{"+14155550100", "+14155550101"} {
		n, err := dnc.ParseNumber(s)
		require.NoError(t, err)
		calls = append(calls, dnc.Call{Number: n, Location: dnc.Location{Zones: []string{"America/Los_Angeles"}}})
	}
	dnctest.TestRule(t, newRule([]dnc.Number{calls[1].Number}), calls[:1], calls[1:])
}

func TestTheSuitePassesAGoodRule(t *testing.T) {
	testRule(t, func(_ []dnc.Number, ds []dnc.Decision, err error) ([]dnc.Decision, error) { return ds, err })
	dnctest.TestRuleDecorator(t, func(r dnc.Rule) dnc.Rule { return dnc.All(r) })
}

const broken = "DNCTEST_BROKEN"

// TestBroken fails on purpose; the test below runs it.
func TestBroken(t *testing.T) {
	name, ofRule := strings.CutPrefix(os.Getenv(broken), "rule: ")
	edit, ok := bad[name]
	switch {
	case name == "trusts" && ofRule:
		dnctest.TestRuleDecorator(t, func(r dnc.Rule) dnc.Rule { return r })
	case name == "late zero" && ofRule:
		testRuleOf(t, func(listed []dnc.Number) dnc.Rule { return rule{lateZero{dnc.NewMemory("blacklist", listed...)}} })
	case name == "late zero":
		dnctest.TestChecker(t, func(_ testing.TB, listed []dnc.Number) dnc.Checker {
			return lateZero{dnc.NewMemory("blacklist", listed...)}
		})
	case name == "keeps its argument" && ofRule:
		testRuleOf(t, func(listed []dnc.Number) dnc.Rule {
			return &keeper{Rule: dnc.RuleOf(dnc.NewMemory("blacklist", listed...))}
		})
	case name == "changes zones":
		testRuleOf(t, func(listed []dnc.Number) dnc.Rule {
			return zoneChanger{dnc.RuleOf(dnc.NewMemory("blacklist", listed...))}
		})
	case name == "forgets the context":
		dnctest.TestDecorator(t, func(c dnc.Checker) dnc.Checker { return forgetful{dnc.Union(c)} })
	case name == "trusts":
		dnctest.TestDecorator(t, func(c dnc.Checker) dnc.Checker { return c })
	case ok && ofRule:
		testRule(t, edit)
	case ok:
		dnctest.TestChecker(t, func(_ testing.TB, listed []dnc.Number) dnc.Checker { return edited(listed, edit) })
	}
}

func TestTheSuiteFailsBadCheckers(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	names := []string{"trusts", "rule: trusts", "late zero", "rule: late zero", "rule: changes zones", "forgets the context"}
	for name := range bad {
		names = append(names, name, "rule: "+name)
	}
	for _, name := range names {
		cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestBroken$")
		cmd.Env = append(os.Environ(), broken+"="+name)
		out, err := cmd.CombinedOutput()
		require.Error(t, err, "%s was not found out:\n%s", name, out)
		assert.Contains(t, string(out), "FAIL", name)
	}
}
