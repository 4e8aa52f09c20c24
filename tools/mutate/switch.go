package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// All mutants of a package are built once, each behind a condition that is true while its number is
// in the environment. The package and its tests are compiled once, not once for each mutant.

type kind int

const (
	condition kind = iota + 1 // a boolean expression
	deletion                  // a statement
	exit                      // a return statement
)

// A site is the text that the switch of a mutant surrounds. The zero site has no switch.
type site struct {
	kind       kind
	start, end int
}

// The environment of a test binary with switches.
const (
	envOn   = "MUTATE_ON"   // the number of the mutant that is on
	envSeen = "MUTATE_SEEN" // a file for the numbers of the mutants that are reached
)

// switchFile is the file that is added to the package. Its function tells whether a mutant is on.
func switchFile(name string, mutants int) []byte {
	return []byte(strings.NewReplacer("@name", name, "@count", strconv.Itoa(mutants+1), "@on", envOn, "@seen", envSeen).Replace(
		`package @name

import (
	"os"
	"strconv"
	"sync/atomic"
)

var (
	mutateOn, _   = strconv.Atoi(os.Getenv("@on"))
	mutateSeen    [@count]atomic.Bool
	mutateFile    = os.Getenv("@seen")
	mutateSeenOut = func() *os.File {
		if mutateFile == "" {
			return nil
		}
		f, err := os.OpenFile(mutateFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		return f
	}()
)

func mutateIs(id int) bool {
	if mutateSeenOut != nil {
		mutateSee(id)
	}
	return id == mutateOn
}

func mutateSee(id int) {
	if mutateSeen[id].CompareAndSwap(false, true) {
		_, _ = mutateSeenOut.WriteString(strconv.Itoa(id) + "\n")
	}
}
`))
}

func (m mutant) sited() bool { return m.site.kind != 0 }

// wrap surrounds inner, the text of the site with the switches inside it.
func (m mutant) wrap(id int, inner string) string {
	changed := string(slices.Concat(m.file.text[m.site.start:m.start], []byte(m.with), m.file.text[m.end:m.site.end]))
	switch m.site.kind {
	case condition:
		return fmt.Sprintf("(mutateIs(%d) && (%s) || !mutateIs(%d) && (%s))", id, changed, id, inner)
	case deletion:
		return fmt.Sprintf("if !mutateIs(%d) { %s }", id, inner)
	case exit:
		return fmt.Sprintf("if mutateIs(%d) { %s }; %s", id, changed, inner)
	}
	return inner
}

// A switched mutant has a number, which is its place among all mutants plus one.
type switched struct {
	mutant
	id int
}

// weave is the text of one file with the switches of its mutants.
func weave(text []byte, mutants []switched) string {
	mutants = slices.Clone(mutants)
	slices.SortStableFunc(mutants, func(a, b switched) int {
		if a.site.start != b.site.start {
			return a.site.start - b.site.start
		}
		return b.site.end - a.site.end // what is outside comes first
	})
	return weaveRange(text, 0, len(text), mutants)
}

func weaveRange(text []byte, from, to int, mutants []switched) string {
	var out strings.Builder
	for i := 0; i < len(mutants); {
		m := mutants[i]
		inside := i + 1
		for inside < len(mutants) && mutants[inside].site.start < m.site.end {
			inside++
		}
		out.Write(text[from:m.site.start])
		out.WriteString(m.wrap(m.id, weaveRange(text, m.site.start, m.site.end, mutants[i+1:inside])))
		from, i = m.site.end, inside
	}
	out.Write(text[from:to])
	return out.String()
}
