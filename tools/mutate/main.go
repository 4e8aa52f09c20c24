// Command mutate measures what tests notice. It changes one place of a package at a time, runs the
// tests that reach the place, and prints each change that no test noticed:
//
//	go run . -module ../.. ./retry
//	go run . -module ../.. -files 'union.go,rule.go' -run 'Union|Rule' .
//	go run . -module ../.. -max 40 -seed 7 ./retry
//
// No source file is written: the go command reads changed files through -overlay. A package is built
// once, with all mutants in it, each behind a switch in the environment. A mutant is killed when a
// test fails or takes too long. A mutant that does not build is not counted.
//
// The file of -known lists survivors that somebody has looked at, each with its reason. They are not
// printed. An entry that names no mutant, or one that a test notices, is printed instead.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"strings"
	"time"
)

type settings struct {
	module  string        // the directory of the module
	run     string        // a pattern for go test -run; empty means all tests
	files   []string      // patterns of file names; none means all files
	max     int           // the largest number of mutants of a package; 0 means all
	seed    uint64        // picks the sample where max leaves some out
	timeout time.Duration // for one run of tests
	known   string        // a file of survivors that are known; empty means none
	verbose io.Writer     // for the errors of builds; nil drops them
}

func main() {
	var s settings
	flag.StringVar(&s.module, "module", ".", "the directory of the module")
	flag.StringVar(&s.run, "run", "", "the tests to run, a pattern as in go test -run")
	files := flag.String("files", "", "the files to change: patterns of names, separated by commas")
	flag.IntVar(&s.max, "max", 0, "the largest number of mutants of a package, a random sample; 0 means all")
	flag.Uint64Var(&s.seed, "seed", 1, "picks the sample of -max")
	flag.DurationVar(&s.timeout, "timeout", 5*time.Minute, "for one run of tests")
	flag.StringVar(&s.known, "known", "", "a `file` of survivors that are known, with reasons")
	verbose := flag.Bool("v", false, "print the errors of mutants that do not build")
	flag.Parse()
	if *files != "" {
		s.files = strings.Split(*files, ",")
	}
	if *verbose {
		s.verbose = os.Stderr
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, s, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, s settings, patterns []string) error {
	for _, pattern := range s.files {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("-files %q is not a pattern: %w", pattern, err)
		}
	}
	if s.max < 0 || s.timeout <= 0 {
		return errors.New("-max must be 0 or more and -timeout more than 0")
	}
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	looked, err := readKnown(s.known)
	if err != nil {
		return err
	}
	packages, err := list(ctx, s.module, patterns)
	if err != nil {
		return err
	}
	for _, p := range packages {
		if err := measure(ctx, out, s, p, looked); err != nil {
			return fmt.Errorf("package %s: %w", p.ImportPath, err)
		}
	}
	return nil
}

// measure prints one line for each survivor that is not known, and the score of the package. A run
// that is interrupted prints the score so far.
func measure(ctx context.Context, out io.Writer, s settings, p pkg, looked known) error {
	mutants, err := p.mutants(s.files)
	if err != nil {
		return err
	}
	if len(mutants) == 0 {
		return errors.New("nothing to change: -files matches no file with a condition, call or return")
	}
	total := len(mutants)
	if len(s.files) == 0 {
		for _, name := range looked.stray(s.module, p, mutants) {
			if _, err := fmt.Fprintf(out, "%s: %q names no mutant: take it out\n", s.known, name); err != nil {
				return err
			}
		}
	}
	mutants = sample(mutants, s.max, s.seed)
	t, err := newTester(s, p)
	if err != nil {
		return err
	}
	defer t.close()
	if err := t.prepare(ctx, mutants); err != nil {
		return err
	}
	c := count{total: total}
	for i, m := range mutants {
		r, err := t.try(ctx, i+1, m)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		_, isKnown := looked[m.key(s.module)]
		if show, why := c.add(r, isKnown); show {
			if _, err := fmt.Fprintf(out, "%s%s\n", m, why); err != nil {
				return err
			}
		}
	}
	if _, err := fmt.Fprintf(out, "%s: %s\n", p.ImportPath, c); err != nil {
		return err
	}
	return context.Cause(ctx)
}

type count struct{ total, killed, survived, listed, notBuilt int }

// add counts a result, and tells whether to print the mutant, and what behind it.
func (c *count) add(r result, isKnown bool) (show bool, why string) {
	switch {
	case r == notBuilt:
		c.notBuilt++
	case r == killed:
		c.killed++
		return isKnown, " (it is listed, and a test notices it: take it out of the list)"
	case isKnown:
		c.listed++
	default:
		c.survived++
		if r == notReached {
			why = " (no test gets there)"
		}
		return true, why
	}
	return false, ""
}

func (c count) String() string {
	built := c.killed + c.survived + c.listed
	share := "-"
	if built > 0 {
		share = fmt.Sprintf("%.1f %%", 100*float64(c.killed)/float64(built))
	}
	return fmt.Sprintf("%d mutants, %d killed, %d survived, %d more are listed, score %s (%d did not build, %d of %d tried)",
		built, c.killed, c.survived, c.listed, share, c.notBuilt, built+c.notBuilt, c.total)
}
