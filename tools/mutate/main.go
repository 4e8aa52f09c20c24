// Command mutate measures what tests notice. It changes one place of a package at a time, runs the
// tests of the package, and prints each change that no test noticed. No source file is written: the
// go command reads a changed file through -overlay.
//
//	go run . -module ../.. -files 'union.go,rule.go' -run 'Union|Rule' .
//	go run . -module ../.. -max 40 -seed 7 ./retry
//
// A mutant is killed when the tests fail or exceed -timeout. A mutant that does not build is not
// counted. The comment "// mutate: equivalent" at the end of a line says that no change of this line
// can be noticed; mutate makes none there.
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
	timeout time.Duration // for the tests of one mutant
}

func main() {
	var s settings
	flag.StringVar(&s.module, "module", ".", "the directory of the module")
	flag.StringVar(&s.run, "run", "", "the tests to run, a pattern as in go test -run")
	files := flag.String("files", "", "the files to change: patterns of names, separated by commas")
	flag.IntVar(&s.max, "max", 0, "the largest number of mutants of a package, a random sample; 0 means all")
	flag.Uint64Var(&s.seed, "seed", 1, "picks the sample of -max")
	flag.DurationVar(&s.timeout, "timeout", time.Minute, "for the tests of one mutant")
	flag.Parse()
	if *files != "" {
		s.files = strings.Split(*files, ",")
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
	packages, err := list(ctx, s.module, patterns)
	if err != nil {
		return err
	}
	for _, p := range packages {
		if err := measure(ctx, out, s, p); err != nil {
			return fmt.Errorf("package %s: %w", p.ImportPath, err)
		}
	}
	return nil
}

// measure prints one line for each survivor and the score of the package. A run that is interrupted
// prints the score so far.
func measure(ctx context.Context, out io.Writer, s settings, p pkg) error {
	mutants, err := p.mutants(s.files)
	if err != nil {
		return err
	}
	if len(mutants) == 0 {
		return errors.New("nothing to change: -files matches no file with a condition, call or return")
	}
	total := len(mutants)
	mutants = sample(mutants, s.max, s.seed)
	t, err := newTester(s, p)
	if err != nil {
		return err
	}
	defer t.close()
	if err := t.baseline(ctx); err != nil {
		return err
	}
	count := map[result]int{}
	for _, m := range mutants {
		r, err := t.try(ctx, m)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		count[r]++
		if r == survived {
			if _, err := fmt.Fprintln(out, m); err != nil {
				return err
			}
		}
	}
	if err := score(out, p.ImportPath, count, total); err != nil {
		return err
	}
	return context.Cause(ctx)
}

func score(out io.Writer, name string, count map[result]int, total int) error {
	built := count[killed] + count[survived]
	share := "-"
	if built > 0 {
		share = fmt.Sprintf("%.1f %%", 100*float64(count[killed])/float64(built))
	}
	_, err := fmt.Fprintf(out, "%s: %d mutants, %d killed, %d survived, score %s (%d did not build, %d of %d tried)\n",
		name, built, count[killed], count[survived], share, count[notBuilt], built+count[notBuilt], total)
	return err
}
