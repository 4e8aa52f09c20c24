package main

import (
	"fmt"
	"regexp/syntax"
	"slices"
)

// maxNational is the longest national number that fits behind a country code in the 15 digits of
// E.164.
const maxNational = 14

// pattern is a regular expression over digits that answers which lengths match it behind a prefix.
type pattern struct{ prog *syntax.Prog }

func compile(expr string) (pattern, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return pattern{}, fmt.Errorf("pattern %q: %w", expr, err)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return pattern{}, fmt.Errorf("pattern %q: %w", expr, err)
	}
	return pattern{prog}, nil
}

// lengths is the set of lengths that whole matches beginning with prefix have, bit n for n digits.
func (p pattern) lengths(prefix string) uint16 {
	states := p.closure(nil, uint32(p.prog.Start)) //nolint:gosec // an index of the program
	var set uint16
	for n := 0; n <= maxNational && len(states) > 0; n++ {
		if n >= len(prefix) && p.matched(states) {
			set |= 1 << n
		}
		digits := "0123456789"
		if n < len(prefix) {
			digits = prefix[n : n+1]
		}
		var next []uint32
		for _, s := range states {
			for _, d := range digits {
				if inst := &p.prog.Inst[s]; consumes(inst) && inst.MatchRune(d) {
					next = p.closure(next, inst.Out)
				}
			}
		}
		states = next
	}
	return set
}

// begins reports whether a match of p begins with prefix, or prefix with a match of p.
func (p pattern) begins(prefix string) bool {
	states := p.closure(nil, uint32(p.prog.Start)) //nolint:gosec // an index of the program
	for _, d := range prefix {
		if p.matched(states) {
			return true
		}
		var next []uint32
		for _, s := range states {
			if inst := &p.prog.Inst[s]; consumes(inst) && inst.MatchRune(d) {
				next = p.closure(next, inst.Out)
			}
		}
		states = next
	}
	return len(states) > 0
}

func consumes(inst *syntax.Inst) bool {
	switch inst.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	default:
		return false
	}
}

func (p pattern) matched(states []uint32) bool {
	return slices.ContainsFunc(states, func(s uint32) bool { return p.prog.Inst[s].Op == syntax.InstMatch })
}

// closure adds a state, and those that it leads to without a digit.
func (p pattern) closure(states []uint32, s uint32) []uint32 {
	if slices.Contains(states, s) {
		return states
	}
	states = append(states, s)
	switch inst := &p.prog.Inst[s]; inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		return p.closure(p.closure(states, inst.Out), inst.Arg)
	case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
		return p.closure(states, inst.Out)
	default:
		return states
	}
}

// word is a string of a pattern's language; captured if a part of it is in a capturing group.
type word struct {
	text     string
	captured bool
}

// words lists what an expression matches. Alternatives that depend on the end of the number, or
// that are many, are left out.
func words(expr string) ([]word, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", expr, err)
	}
	ws, _ := list(re)
	return ws, nil
}

const manyWords = 120

func list(re *syntax.Regexp) ([]word, bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []word{{}}, true
	case syntax.OpLiteral:
		return []word{{text: string(re.Rune)}}, true
	case syntax.OpCharClass:
		var ws []word
		for i := 0; i < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1] && len(ws) < manyWords; r++ {
				ws = append(ws, word{text: string(r)})
			}
		}
		return ws, true
	case syntax.OpCapture:
		ws, ok := list(re.Sub[0])
		for i := range ws {
			ws[i].captured = true
		}
		return ws, ok
	case syntax.OpQuest:
		ws, ok := list(re.Sub[0])
		return append(ws, word{}), ok
	case syntax.OpAlternate:
		var ws []word
		for _, sub := range re.Sub {
			if more, ok := list(sub); ok {
				ws = append(ws, more...)
			}
		}
		return ws, len(ws) > 0
	case syntax.OpConcat:
		ws := []word{{}}
		for _, sub := range re.Sub {
			more, ok := list(sub)
			if !ok || len(ws)*len(more) > manyWords {
				return nil, false
			}
			var all []word
			for _, a := range ws {
				for _, b := range more {
					all = append(all, word{a.text + b.text, a.captured || b.captured})
				}
			}
			ws = all
		}
		return ws, true
	default: // repetitions of any digit, and the end of the number
		return nil, false
	}
}
