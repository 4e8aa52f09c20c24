package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

type report struct{ tables []table }

type table struct {
	title string
	head  []string
	rows  [][]string
	notes []string
	axis  string // of a picture; "": none
	bars  []bar
}

type bar struct {
	name  string
	value float64
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }
func (t *table) bar(name string, v float64) {
	t.bars = append(t.bars, bar{strings.ReplaceAll(name, "*", ""), v})
}

func (t *table) note(format string, a ...any) { t.notes = append(t.notes, fmt.Sprintf(format, a...)) }
func micros(d time.Duration) string           { return fmt.Sprintf("%.1f µs", float64(d)/1000) }
func ratio(a, b time.Duration) string         { return fmt.Sprintf("%.2f", float64(a)/float64(b)) }

// count writes 1234567 as 1,234,567.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func (t *table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n| %s |\n|%s\n", t.title, strings.Join(t.head, " | "), strings.Repeat(" --- |", len(t.head)))
	for _, row := range t.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteString("\n")
	for _, n := range t.notes {
		fmt.Fprintf(&b, "- %s\n", n)
	}
	return b.String()
}

func (r *report) text() string {
	var b strings.Builder
	for _, t := range r.tables {
		b.WriteString(t.markdown() + "\n")
	}
	return b.String()
}

const (
	beginMark = "<!-- bench: from here to the end mark this is written by `go run . -out ../docs` -->"
	endMark   = "<!-- bench: end -->"
)

// write renews what is between the marks of performance.md, and the pictures beside it.
func (r *report) write(dir string) error {
	path := filepath.Join(dir, "performance.md")
	text, err := os.ReadFile(path) //nolint:gosec // the caller's own directory
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), beginMark)
	_, after, ended := strings.Cut(rest, endMark)
	if !ok || !ended {
		return fmt.Errorf("%s has no marks to write between", path)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s\n\nOn %s, %d CPUs, %s/%s.\n\n", before, beginMark, runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	for i, t := range r.tables {
		b.WriteString(t.markdown() + "\n")
		if t.axis == "" {
			continue
		}
		name := fmt.Sprintf("performance-%d.svg", i+1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(t.svg()), 0o644); err != nil { //nolint:gosec // a picture for everybody
			return err
		}
		fmt.Fprintf(&b, "![%s: %s](%s)\n\n", t.title, t.axis, name)
	}
	b.WriteString(endMark + after)
	return os.WriteFile(path, []byte(b.String()), 0o644) //nolint:gosec // a page for everybody
}
