package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

type result int

const (
	killed result = iota + 1
	survived
	notReached // no test runs the place
	notBuilt
)

type pkg struct {
	Name       string
	Dir        string
	ImportPath string
	GoFiles    []string
}

func list(ctx context.Context, module string, patterns []string) ([]pkg, error) {
	args := append([]string{"list", "-json=Name,Dir,ImportPath,GoFiles", "--"}, patterns...)
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the arguments are the user's own
	cmd.Dir = module
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	var packages []pkg
	for decoder := json.NewDecoder(bytes.NewReader(text)); decoder.More(); {
		var p pkg
		if err := decoder.Decode(&p); err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages = append(packages, p)
	}
	return packages, nil
}

// A trial is one top-level test: how long it takes without a change, and the numbers of the mutants
// that it reaches.
type trial struct {
	name    string
	took    time.Duration
	reaches map[int]bool
}

// A tester runs the tests of one package. Its directory holds changed files, overlays and binaries.
type tester struct {
	settings settings
	pkg      pkg
	dir      string
	binary   string // with the switches of all mutants
	trials   []trial
}

func newTester(s settings, p pkg) (*tester, error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, err
	}
	return &tester{settings: s, pkg: p, dir: dir}, nil
}

func (t *tester) close() { _ = os.RemoveAll(t.dir) }

// prepare builds the tests with the switches of all mutants, runs each test once without a change,
// and takes the switch from mutants that do not build with one. Tests that fail anyway, or none at
// all, would make every score meaningless.
func (t *tester) prepare(ctx context.Context, mutants []mutant) error {
	t.binary = filepath.Join(t.dir, "tests")
	if err := t.buildSwitches(ctx, mutants); err != nil {
		return err
	}
	text, err := t.runBinary(ctx, t.binary, nil, "-test.list="+cmp.Or(t.settings.run, "."))
	if err != nil {
		return fmt.Errorf("the tests cannot be listed: %w\n%s", err, text)
	}
	for name := range strings.FieldsSeq(string(text)) {
		if !strings.HasPrefix(name, "Test") && !strings.HasPrefix(name, "Example") && !strings.HasPrefix(name, "Fuzz") {
			continue
		}
		one, err := t.observe(ctx, name)
		if err != nil {
			return err
		}
		t.trials = append(t.trials, one)
	}
	if len(t.trials) == 0 {
		return fmt.Errorf("-run %q runs no test", t.settings.run)
	}
	slices.SortStableFunc(t.trials, func(a, b trial) int { return int(a.took - b.took) })
	return nil
}

// observe runs one test without a change.
func (t *tester) observe(ctx context.Context, name string) (trial, error) {
	seen := filepath.Join(t.dir, "seen")
	_ = os.Remove(seen)
	begin := time.Now()
	text, err := t.runBinary(ctx, t.binary, []string{envSeen + "=" + seen}, pattern(name), "-test.timeout="+t.settings.timeout.String())
	one := trial{name: name, took: time.Since(begin), reaches: map[int]bool{}}
	if err != nil {
		return one, fmt.Errorf("%s fails without a change: %w\n%s", name, err, text)
	}
	numbers, err := os.ReadFile(seen) //nolint:gosec // a file of this program
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return one, err
	}
	for line := range strings.FieldsSeq(string(numbers)) {
		id, err := strconv.Atoi(line)
		if err != nil {
			return one, err
		}
		one.reaches[id] = true
	}
	return one, nil
}

// buildSwitches builds the binary. Where a switch does not build, halves of the mutants tell which.
func (t *tester) buildSwitches(ctx context.Context, mutants []mutant) error {
	var all []int
	for i, m := range mutants {
		if m.sited() {
			all = append(all, i)
		}
	}
	ok, err := t.buildWith(ctx, mutants, all)
	if err != nil || ok {
		return err
	}
	if ok, err := t.buildWith(ctx, mutants, nil); err != nil || !ok {
		return errors.Join(errors.New("the tests do not build without a change"), err)
	}
	good, err := t.building(ctx, mutants, all)
	if err != nil {
		return err
	}
	for _, i := range all {
		if !slices.Contains(good, i) {
			mutants[i].site = site{}
		}
	}
	if ok, err = t.buildWith(ctx, mutants, good); err == nil && !ok {
		err = errors.New("the switches that build alone do not build together")
	}
	return err
}

// building are those of some mutants that do not break the build.
func (t *tester) building(ctx context.Context, mutants []mutant, some []int) ([]int, error) {
	ok, err := t.buildWith(ctx, mutants, some)
	if err != nil || ok {
		return some, err
	}
	if len(some) == 1 {
		return nil, nil
	}
	left, err := t.building(ctx, mutants, some[:len(some)/2])
	if err != nil {
		return nil, err
	}
	right, err := t.building(ctx, mutants, some[len(some)/2:])
	return slices.Concat(left, right), err
}

func (t *tester) buildWith(ctx context.Context, mutants []mutant, some []int) (bool, error) {
	files := map[*source][]switched{}
	for _, i := range some {
		m := mutants[i]
		files[m.file] = append(files[m.file], switched{m, i + 1})
	}
	replace := map[string][]byte{filepath.Join(t.pkg.Dir, "mutate_switch.go"): switchFile(t.pkg.Name, len(mutants))}
	for file, of := range files {
		replace[file.path] = []byte(weave(file.text, of))
	}
	return t.build(ctx, t.binary, replace)
}

// build compiles the tests with other texts for some files. It reports false where they do not build.
// It runs without vet: vet refuses mutants that build, and no test has failed then.
func (t *tester) build(ctx context.Context, binary string, replace map[string][]byte) (bool, error) {
	names := map[string]string{}
	for file, text := range replace {
		name := filepath.Join(t.dir, strconv.Itoa(len(names))+".go")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return false, err
		}
		names[file] = name
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": names})
	if err != nil {
		return false, err
	}
	name := filepath.Join(t.dir, "overlay.json")
	if err := os.WriteFile(name, overlay, 0o600); err != nil {
		return false, err
	}
	//nolint:gosec // the arguments are the user's own
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay="+name, "-o", binary, t.pkg.ImportPath)
	cmd.Dir = t.pkg.Dir
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case !errors.As(err, &exit):
		return false, err
	case t.settings.verbose != nil:
		_, _ = t.settings.verbose.Write(text)
	}
	return false, nil
}

// try tells what became of the mutant with number id.
func (t *tester) try(ctx context.Context, id int, m mutant) (result, error) {
	if m.sited() {
		var some []trial
		for _, one := range t.trials {
			if one.reaches[id] {
				some = append(some, one)
			}
		}
		if len(some) == 0 {
			return notReached, nil
		}
		return t.runAll(ctx, t.binary, envOn+"="+strconv.Itoa(id), some)
	}
	binary := filepath.Join(t.dir, "one")
	ok, err := t.build(ctx, binary, map[string][]byte{m.file.path: m.apply()})
	if err != nil {
		return 0, err
	}
	if !ok {
		return notBuilt, nil
	}
	return t.runAll(ctx, binary, envOn+"=0", t.trials)
}

// runAll runs tests, the quick ones first, until one fails.
func (t *tester) runAll(ctx context.Context, binary, on string, trials []trial) (result, error) {
	for rest, limit := trials, time.Second; len(rest) > 0; limit *= 4 {
		var names []string
		var took time.Duration
		for len(rest) > 0 && (len(names) == 0 || took+rest[0].took <= limit) {
			names, took, rest = append(names, rest[0].name), took+rest[0].took, rest[1:]
		}
		// A mutant that hangs is noticed. The bound leaves room for a busy machine.
		bound := min(t.settings.timeout, 10*time.Second+10*took)
		_, err := t.runBinary(ctx, binary, []string{on}, pattern(names...), "-test.failfast", "-test.timeout="+bound.String())
		var exit *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return 0, context.Cause(ctx)
		case errors.As(err, &exit):
			return killed, nil
		case err != nil:
			return 0, err
		}
	}
	return survived, nil
}

func pattern(names ...string) string { return "-test.run=^(" + strings.Join(names, "|") + ")$" }

// runBinary runs a test binary. One that does not end by its own time limit is killed.
func (t *tester) runBinary(ctx context.Context, binary string, env []string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*t.settings.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...) //nolint:gosec // a binary of this program
	cmd.Dir = t.pkg.Dir
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = 5 * time.Second // a child may hold the pipe
	return cmd.CombinedOutput()
}
