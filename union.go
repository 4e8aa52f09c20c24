package dnc

import (
	"context"
	"sync"
)

// Union asks all Checkers at the same time and merges their answers: Block beats Unknown beats
// Allow. So a number is allowed only if every Checker allows it. Lists that only block (BlockOnly)
// are the exception: at least one other list must allow the number. Reasons has the reasons of all,
// strongest first. A Union without Checkers, or with a nil one, never allows.
func Union(cs ...Checker) Checker {
	u := &union[Number]{none: "it is a Union of no Checkers"}
	for _, c := range cs {
		u.cs = append(u.cs, c)
	}
	return u
}

// union is what Union and All make.
type union[Q subject] struct {
	cs   []source[Q]
	none string // what is wrong where cs is empty
}

func (u *union[Q]) Check(ctx context.Context, q Q) (Decision, error) {
	n := q.number()
	switch {
	case n.IsZero():
		return blockInvalid(), nil
	case len(u.cs) == 0:
		err := failed(u.none)
		return unknown(n, err), err
	case len(u.cs) == 1:
		return ask(ctx, u.cs[0], q)
	}
	ds, errs := make([]Decision, len(u.cs)), make([]error, len(u.cs))
	u.each(func(i int, c source[Q]) { ds[i], errs[i] = ask(ctx, c, q) })
	for i := range ds {
		if ds[i].Number != n { // there is no answer: ask gives none about another number
			ds[i], errs[i] = unknown(n, errExited), errExited
		}
	}
	d := merge(ds...)
	if d.Verdict != Unknown {
		return d, nil
	}
	for i := range ds {
		if isNotListed(ds[i]) && !isNotListed(d) {
			errs[i] = nil
		}
	}
	return d, joinErrors(errs...)
}

func (u *union[Q]) CheckBatch(ctx context.Context, qs []Q) ([]Decision, error) {
	switch len(u.cs) {
	case 0:
		return failBatch(numbersOf(qs), failed(u.none))
	case 1:
		return askBatch(ctx, u.cs[0], qs)
	}
	answers, errs := make([][]Decision, len(u.cs)), make([]error, len(u.cs))
	u.each(func(i int, c source[Q]) { answers[i], errs[i] = askBatch(ctx, c, qs) })

	ns := numbersOf(qs)
	for k := range answers {
		if answers[k] == nil {
			answers[k], errs[k] = failBatch(ns, errExited)
		}
	}
	out := make([]Decision, len(ns))
	blamed := make([]bool, len(u.cs)) // whose Unknown is left in the end
	left := false
	var m merger
	row := make([]Decision, len(u.cs))
	for i, n := range ns {
		if n.IsZero() {
			out[i] = blockInvalid()
			continue
		}
		for k := range answers {
			row[k] = answers[k][i]
		}
		out[i] = m.merge(row)
		if out[i].Verdict != Unknown {
			continue
		}
		left = true
		for k := range row {
			blamed[k] = blamed[k] || row[k].Verdict == Unknown && (!isNotListed(row[k]) || isNotListed(out[i]))
		}
	}
	if !left {
		return out, nil
	}
	for k := range errs {
		if !blamed[k] {
			errs[k] = nil
		}
	}
	return out, joinErrors(errs...)
}

// each runs f for every Checker and waits for all: the last one in this goroutine, the others in
// their own.
func (u *union[Q]) each(f func(i int, c source[Q])) {
	var wg sync.WaitGroup
	last := len(u.cs) - 1
	for i, c := range u.cs[:last] {
		wg.Go(func() { f(i, c) })
	}
	f(last, u.cs[last])
	wg.Wait()
}

// merge makes one decision of several for the same number.
func merge(ds ...Decision) Decision {
	ds = leaveOutNotListed(ds)
	d := ds[0]
	total := 0
	for _, other := range ds {
		total += other.Reasons.Len()
		switch {
		case other.Verdict.strength() > d.Verdict.strength():
			d = other
		case other.Verdict != d.Verdict:
		case d.Verdict == Block: // it needs no fallback if one Block has none
			d.Fallback = d.Fallback && other.Fallback
		default:
			d.Fallback = d.Fallback || other.Fallback
		}
	}
	reasons := make([]Reason, 0, total)
	for rank := Block.strength(); rank >= 0; rank-- {
		for _, other := range ds {
			for _, r := range other.Reasons.all() {
				if groundRank(other, r) == rank {
					reasons = append(reasons, r)
				}
			}
		}
	}
	d.Reasons = ReasonsOf(reasons...)
	return d
}

// groundRank is the strength of one reason of a decision. A code that is not known here may be a
// Checker's own code of Unknown.
func groundRank(d Decision, r Reason) int {
	rank := r.verdict().strength()
	if d.Verdict == Unknown {
		rank = min(rank, Unknown.strength())
	}
	return rank
}

// merger merges the rows of a batch. Decisions share their reasons, so a few combinations make up
// nearly every batch; it builds each of them once.
type merger struct {
	seen map[mergeKey]Decision
}

const (
	mergeWidth = 4  // rows wider than this are merged one by one
	mergeKept  = 64 // Checkers that give each decision reasons of its own must not fill the memory
)

type mergeKey struct {
	reasons [mergeWidth]Reasons
	kind    [mergeWidth]struct {
		verdict  Verdict
		fallback bool
	}
}

func (m *merger) merge(row []Decision) Decision {
	if len(row) > mergeWidth {
		return merge(row...)
	}
	var key mergeKey
	for i := range row {
		d := &row[i]
		key.reasons[i], key.kind[i].verdict, key.kind[i].fallback = d.Reasons, d.Verdict, d.Fallback
	}
	d, ok := m.seen[key]
	if !ok {
		d = merge(row...)
		if m.seen == nil {
			m.seen = make(map[mergeKey]Decision)
		}
		if len(m.seen) < mergeKept {
			m.seen[key] = d
		}
	}
	d.Number = row[0].Number
	return d
}
