package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

type result int

const (
	killed result = iota + 1
	survived
	notBuilt
)

type pkg struct {
	Dir        string
	ImportPath string
	GoFiles    []string
}

func list(ctx context.Context, module string, patterns []string) ([]pkg, error) {
	args := append([]string{"list", "-json=Dir,ImportPath,GoFiles", "--"}, patterns...)
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

// A tester runs the tests of one package. Its directory holds the changed file and the overlay.
type tester struct {
	settings settings
	pkg      pkg
	dir      string
}

func newTester(s settings, p pkg) (*tester, error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, err
	}
	return &tester{settings: s, pkg: p, dir: dir}, nil
}

func (t *tester) close() { _ = os.RemoveAll(t.dir) }

// baseline runs the tests on the unchanged package: tests that fail anyway, or none at all, would
// make every score meaningless.
func (t *tester) baseline(ctx context.Context) error {
	text, err := t.test(ctx, "-v")
	if err != nil {
		return fmt.Errorf("the tests fail without a change: %w\n%s", err, text)
	}
	if !bytes.Contains(text, []byte("--- PASS")) {
		return fmt.Errorf("-run %q runs no test", t.settings.run)
	}
	return nil
}

func (t *tester) try(ctx context.Context, m mutant) (result, error) {
	changed := filepath.Join(t.dir, "changed.go")
	if err := os.WriteFile(changed, m.apply(), 0o600); err != nil {
		return 0, err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {m.file.path: changed}})
	if err != nil {
		return 0, err
	}
	name := filepath.Join(t.dir, "overlay.json")
	if err := os.WriteFile(name, overlay, 0o600); err != nil {
		return 0, err
	}
	text, err := t.test(ctx, "-failfast", "-overlay="+name)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return survived, nil
	case !errors.As(err, &exit):
		return 0, err
	case bytes.Contains(text, []byte("[build failed]")), bytes.Contains(text, []byte("[setup failed]")):
		return notBuilt, nil
	}
	return killed, nil
}

// test runs without vet: vet refuses mutants that build, and no test has failed then.
func (t *tester) test(ctx context.Context, flags ...string) ([]byte, error) {
	args := append([]string{"test", "-vet=off", "-count=1", "-timeout=" + t.settings.timeout.String()}, flags...)
	if t.settings.run != "" {
		args = append(args, "-run="+t.settings.run)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, t.pkg.ImportPath)...) //nolint:gosec // the arguments are the user's own
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Dir = t.pkg.Dir
	return cmd.CombinedOutput()
}
