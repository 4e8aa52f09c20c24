package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func try(t *testing.T, s settings, pattern string) (string, error) {
	t.Helper()
	s.module, s.timeout = ".", 5*time.Second
	var out strings.Builder
	err := run(t.Context(), &out, s, []string{pattern})
	return out.String(), err
}

func TestScoreAndSurvivors(t *testing.T) {
	t.Parallel()
	before, err := os.ReadFile("testdata/tiny/tiny.go")
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "known.txt")
	if err := os.WriteFile(list, []byte(`# Survivors.
testdata/tiny/tiny.go Small: < to <= in n < 10
	Nobody asks
	at the bound.
testdata/tiny/tiny.go Adult: >= to > in age >= 18
	A test notices it.
testdata/tiny/tiny.go Adult: gone
	There is no such mutant.
testdata/other/other.go Adult: gone
	It is of another package.
`), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := try(t, settings{known: list}, "./testdata/tiny")
	if err != nil {
		t.Fatal(err)
	}
	want := list + `: "testdata/tiny/tiny.go Adult: gone" names no mutant: take it out
tiny.go:7 Adult: >= to > in age >= 18 (it is listed, and a test notices it: take it out of the list)
tiny.go:10 Large: > to >= in n > 1000
tiny.go:31 Unused: delete f(n) (no test gets there)
tiny.go:36 Wait: negate n > 10
tiny.go:36 Wait: > to >= in n > 10
github.com/dnc-go/dnc/tools/mutate/testdata/tiny: 10 mutants, 5 killed, 4 survived, 1 more are listed, score 50.0 % (1 did not build, 11 of 11 tried)
`
	if out != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
	after, err := os.ReadFile("testdata/tiny/tiny.go")
	if err != nil || string(after) != string(before) {
		t.Error("the source was changed")
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	twice, bare := filepath.Join(t.TempDir(), "twice"), filepath.Join(t.TempDir(), "bare")
	for name, text := range map[string]string{twice: "a.go A: x\n\tone\na.go A: x\n\ttwo\n", bare: "a.go A: x\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for want, s := range map[string]settings{
		"runs no test":      {run: "TestNone"},
		"nothing to change": {files: []string{"other*.go"}},
		"is not a pattern":  {files: []string{"["}},
		"-max must be":      {max: -1},
		"is there twice":    {known: twice},
		"has no reason":     {known: bare},
		"no such file":      {known: "none"},
	} {
		if _, err := try(t, s, "./testdata/tiny"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	if _, err := try(t, settings{}, "./testdata/broken"); err == nil || !strings.Contains(err.Error(), "TestYes fails without a change") {
		t.Error(err)
	}
}

func TestAnInterruptedRunIsAnError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, &strings.Builder{}, settings{module: ".", timeout: time.Minute}, nil); err == nil {
		t.Error("no error")
	}
}

// A switch within a switch keeps both, and the text around them.
func TestSwitchesWithinSwitches(t *testing.T) {
	t.Parallel()
	text := "package p\n\nfunc f(a, b bool) error {\n\tif a && b {\n\t\tcall()\n\t}\n\treturn g()\n}\n"
	found, err := parse("p.go", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var all []switched
	for i, m := range found {
		all = append(all, switched{m, i + 1})
	}
	want := `package p

func f(a, b bool) error {
	if (mutateIs(1) && (!(a && b)) || !mutateIs(1) && ((mutateIs(2) && (a || b) || !mutateIs(2) && (a && b)))) {
		if !mutateIs(3) { call() }
	}
	if mutateIs(4) { return nil }; return g()
}
`
	if got := weave([]byte(text), all); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestMutantsOfEveryKind(t *testing.T) {
	t.Parallel()
	text := `package p
func f(a, b int) (n int, s string, p *int, err error) {
	for a < b && yes { call() }
	if a <= b || !no { x = true }
	if a == b { return 1, "s", q, e }
	if a != b { return 0, "", nil, nil }
	go func() (bool, error) { return a >= b, e }()
	call(a,
		b)
	return g()
}
`
	found, err := parse("p.go", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range found {
		got = append(got, m.String())
		if strings.Count(string(m.apply()), "\n") != strings.Count(text, "\n") {
			t.Errorf("%s moves the lines behind it", m)
		}
	}
	want := []string{
		"p.go:3 f: negate a < b && yes",
		"p.go:3 f: < to <= in a < b",
		"p.go:3 f: && to || in a < b && yes",
		"p.go:3 f: delete call()",
		"p.go:4 f: negate a <= b || !no",
		"p.go:4 f: <= to < in a <= b",
		"p.go:4 f: || to && in a <= b || !no",
		"p.go:4 f: true to false",
		"p.go:5 f: == to != in a == b",
		"p.go:5 f: return 0 for 1",
		`p.go:5 f: return "" for "s"`,
		"p.go:5 f: return nil for q",
		"p.go:5 f: return nil for e",
		"p.go:6 f: != to == in a != b",
		"p.go:7 f: >= to > in a >= b",
		"p.go:7 f: return nil for e",
		"p.go:8 f: delete call(a, b)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAGeneratedFileHasNone(t *testing.T) {
	t.Parallel()
	found, err := parse("p.go", []byte("// Code generated by x. DO NOT EDIT.\n\npackage p\n\nvar x = true\n"))
	if err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}

func TestTheSampleIsThatOfItsSeed(t *testing.T) {
	t.Parallel()
	all := make([]mutant, 100)
	for i := range all {
		all[i].line = i
	}
	lines := func(seed uint64) (lines []int) {
		for _, m := range sample(all, 10, seed) {
			lines = append(lines, m.line)
		}
		return lines
	}
	one := lines(1)
	if len(one) != 10 || !slices.IsSorted(one) || !slices.Equal(one, lines(1)) || slices.Equal(one, lines(2)) {
		t.Error(one, lines(2))
	}
	if len(sample(all, 0, 1)) != 100 {
		t.Error("0 means all")
	}
}
