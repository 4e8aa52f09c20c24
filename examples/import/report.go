package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

// text is what is printed at the end.
type text struct{ b strings.Builder }

func (t *text) line(format string, args ...any) { fmt.Fprintf(&t.b, format+"\n", args...) }

func (t *text) item(name, format string, args ...any) {
	fmt.Fprintf(&t.b, "  %-11s "+format+"\n", append([]any{name}, args...)...)
}

func (t *text) print(out io.Writer) error {
	_, err := io.WriteString(out, t.b.String())
	return err
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

const shownPrefixes = 10

// shown is a coverage in one line.
func shown(prefixes []string) string {
	if len(prefixes) > shownPrefixes {
		return fmt.Sprintf("%s and %d more", strings.Join(prefixes[:shownPrefixes], ", "), len(prefixes)-shownPrefixes)
	}
	return strings.Join(prefixes, ", ")
}

// report says what the import did; failed is why the new version is not in force, or nil.
func (j *job) report(out io.Writer, r registry.ImportReport, failed error) error {
	var t text
	switch {
	case j.set != "" && !j.dryRun && failed == nil:
		t.line("the SET %s has %s numbers, in place of %s", j.set, grouped(r.Numbers), grouped(int64(j.before.Numbers))) //nolint:gosec // a count of numbers
	case j.set != "" && !j.dryRun:
		t.line("as far as is known, the SET %s was not changed", j.set)
	case j.dryRun && j.set != "":
		t.line("a dry run, nothing was written; the SET %s has %s numbers", j.set, grouped(int64(j.before.Numbers))) //nolint:gosec // a count of numbers
	case j.dryRun && j.registry == nil:
		t.line("list %q: a dry run, nothing was written", j.list)
	case j.dryRun:
		t.line("list %q: a dry run, nothing was written; version %s is in force, %s numbers", j.list, orNone(j.before.Version), grouped(int64(j.before.Numbers))) //nolint:gosec // a count of numbers
	case r.Version != "":
		t.line("list %q: version %s is in force, in place of version %s", j.list, r.Version, orNone(r.Previous))
	case errors.Is(failed, registry.ErrOutcomeUnknown):
		t.line("list %q: it is not known whether the new version is in force", j.list)
	default:
		t.line("list %q: this import changed nothing; when it began version %s was in force", j.list, orNone(j.before.Version))
	}
	switch {
	case j.set != "" && r.Numbers > 0:
		t.item("duplicates", "%s", grouped(r.Duplicates))
	case r.Numbers > 0 || r.Version != "":
		t.item("numbers", "%s, %s added, %s removed", grouped(r.Numbers), grouped(r.Added), grouped(r.Removed))
		t.item("duplicates", "%s", grouped(r.Duplicates))
	}
	t.item("read", "%s numbers in %v, %s a second", grouped(r.Read), r.Elapsed.Round(time.Millisecond), grouped(int64(r.NumbersPerSecond())))
	t.item("rejected", "rows: %s", grouped(r.Rejected))
	j.rejected(&t, r)
	if j.set == "" {
		t.item("coverage", "%s", shown(j.limits.Coverage))
		t.item("obtained", "%s", j.limits.Obtained.Format(time.RFC3339))
	}
	t.item("SHA-256", "%s", orNone(j.limits.SHA256))
	return t.print(out)
}

const (
	shownRows   = 20
	shownCauses = 10
)

// rejected lists the causes of rejected rows, the most frequent first, and the first rows.
func (j *job) rejected(t *text, r registry.ImportReport) {
	causes := slices.SortedFunc(maps.Keys(r.Causes), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Causes[b], r.Causes[a]), cmp.Compare(a, b))
	})
	for i, cause := range causes {
		if i == shownCauses {
			t.item("", "other causes: %d", len(causes)-i)
			break
		}
		t.item("", "%s: %s", grouped(r.Causes[cause]), inFlags.Replace(cause))
	}
	for i, row := range r.RejectedRows {
		if i == shownRows {
			break
		}
		t.item("", "%s", inFlags.Replace(j.rowText(row)))
	}
	if more := r.Rejected - int64(min(len(r.RejectedRows), shownRows)); more > 0 {
		t.item("", "and %s more", grouped(more))
	}
}

// rowText is where a rejected row is and what is wrong with it. Of a number that is outside of the
// coverage the registry knows which one it was of all that were read.
func (j *job) rowText(row registry.RejectedRow) string {
	if bad, ok := errors.AsType[*listfile.RowError](row.Err); ok {
		return strings.TrimPrefix(bad.Error(), "listfile: ")
	}
	path, of := j.reading.place(row.Line)
	return fmt.Sprintf("%s: row %d: %v", path, of, row.Err)
}
