package dnc

import (
	"context"
	"fmt"
)

// ByPrefix asks the Checker of the longest prefix that a number begins with: {"+1": us, "+44": uk}.
// A number with no route is Unknown, not_covered. Use it for registries of several countries. In a
// Union of them no number would be allowed, because every number is outside the coverage of some
// registry.
//
// Prefixes are digits, with or without "+". If a prefix is anything else, or is given in both
// spellings, every number is Unknown.
func ByPrefix(routes map[string]Checker) Checker {
	p := &byPrefix{}
	seen := make(map[string]bool, len(routes))
	for prefix, c := range routes {
		digits, ok := cleanPrefix(prefix)
		if !ok || seen[digits] {
			p.broken = failed(fmt.Sprintf("ByPrefix has a route that is not a prefix, or is given twice; a prefix is digits, as in \"+44\" (%d routes)", len(routes)))
			return p
		}
		seen[digits] = true
		*p.routes.slot(digits) = len(p.cs)
		p.cs = append(p.cs, c)
	}
	return p
}

type byPrefix struct {
	routes trie[int] // an index into cs
	cs     []Checker
	broken *Error
}

func (p *byPrefix) route(n Number) (Checker, *Error) {
	if p.broken != nil {
		return nil, p.broken
	}
	if i := p.routes.longest(n); i != nil {
		return p.cs[*i], nil
	}
	return nil, errNoRoute
}

var errNoRoute = &Error{Code: CodeNotCovered, Hint: "no route of ByPrefix has the number's prefix"}

func (p *byPrefix) Check(ctx context.Context, n Number) (Decision, error) {
	if n.IsZero() {
		return blockInvalid(), nil
	}
	c, err := p.route(n)
	if err != nil {
		return unknown(n, err), err
	}
	return ask(ctx, c, n)
}

func (p *byPrefix) CheckBatch(ctx context.Context, ns []Number) ([]Decision, error) {
	if p.broken != nil {
		return failBatch(ns, p.broken)
	}
	out := make([]Decision, len(ns))
	groups := make([][]int, len(p.cs)) // for each Checker the places of its numbers
	var nowhere error
	for i, n := range ns {
		switch route := p.routes.longest(n); {
		case n.IsZero():
			out[i] = blockInvalid()
		case route == nil:
			out[i] = Decision{Number: n, Verdict: Unknown, Reasons: reasonsNowhere}
			nowhere = errNoRoute
		default:
			groups[*route] = append(groups[*route], i)
		}
	}
	errs := askGroups(ns, groups, len(groups), out, func(k int, ns []Number) ([]Decision, error) { return askBatch(ctx, p.cs[k], ns) })
	return out, joinErrors(append(errs, nowhere)...)
}
