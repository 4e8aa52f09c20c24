package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// known are the survivors that somebody has looked at, by package directory, file, function and
// change, each with its reason.
type known map[string]string

// readKnown reads lines like
//
//	retry/policy.go Policy.delay: < to <= in a < b
//		equivalent: both are the same there
//
// A line that begins with # is a comment.
func readKnown(name string) (known, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name) //nolint:gosec // a file that the user names
	if err != nil {
		return nil, err
	}
	all := known{}
	last := ""
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), " \r")
		reason := strings.TrimLeft(line, " \t")
		switch {
		case reason == "" || reason[0] == '#':
		case reason != line:
			all[last] = strings.TrimSpace(all[last] + " " + reason)
		default:
			if _, ok := all[line]; ok {
				return nil, fmt.Errorf("%s:%d: %q is there twice", name, n, line)
			}
			last = line
			all[last] = ""
		}
	}
	for mutant, reason := range all {
		if reason == "" {
			return nil, fmt.Errorf("%s: %q has no reason", name, mutant)
		}
	}
	return all, lines.Err()
}

// stray are the entries for files of the package that name none of its mutants.
func (k known) stray(module string, p pkg, mutants []mutant) (names []string) {
	there := map[string]bool{}
	for _, m := range mutants {
		there[m.key(module)] = true
	}
	for name := range k {
		file, _, _ := strings.Cut(name, " ")
		if !there[name] && slices.ContainsFunc(p.GoFiles, func(f string) bool { return within(module, filepath.Join(p.Dir, f)) == file }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// key is the name of a mutant in a file of known ones: "retry/policy.go Policy.delay: < to <= in a < b".
func (m mutant) key(module string) string { return within(module, m.file.path) + " " + m.name() }

// within is the path of a file from the directory of the module, with slashes.
func within(module, file string) string {
	module, err := filepath.Abs(module)
	if err != nil {
		return file
	}
	name, err := filepath.Rel(module, file)
	if err != nil {
		return file
	}
	return filepath.ToSlash(name)
}
