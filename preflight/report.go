package preflight

import (
	_ "embed" // the page
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A Report shows a plan to people, and what [Plan.AssertProtected] found later: as text, or as one
// HTML page that needs no network and can be printed. It has no phone number, only the prefixes of
// areas.
type Report struct {
	Plan *Plan

	// AssertedAt is when [Plan.AssertProtected] was called. The zero Time means that it was not.
	// Asserted is the error that it returned.
	AssertedAt time.Time
	Asserted   error

	// Accept are the kinds of gaps that you accept. Call AssertProtected without them, so that the
	// report shows the accepted gaps too.
	Accept []GapKind

	// Earlier are earlier plans of the same campaign. The report shows how the counts changed.
	Earlier []*Plan
}

// WriteText writes the report as plain text, about 100 columns wide.
func (r Report) WriteText(w io.Writer) error {
	if err := r.check(); err != nil {
		return err
	}
	p, c := r.Plan, r.Plan.counts
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) {
		_, _ = fmt.Fprintf(t, format+"\n", args...) // Flush returns the first error
	}
	line("Campaign\t%s", p.campaignID)
	line("Contact list\t%s", p.contactListID)
	line("Columns\t%q", p.columns)
	line("Checked\t%s", stamp(p.made))
	line("Protected\t%s", r.verdict())
	for _, g := range r.gaps() {
		line("  %s\t%s: %s", r.label(g), g.Kind, g.Text)
	}
	line("\nContacts\t%d", c.Contacts)
	line("Numbers\t%d", c.Numbers())
	for _, row := range r.outcome() {
		line("  %s\t%d\t%s", row.Label, row.Value, row.share())
	}
	line("Not dialled now\t%d", c.Uncallable)
	line("\nWhy not")
	for _, row := range r.reasons() {
		line("  %s\t%d\t%s", row.Label, row.Value, row.share())
	}
	line("\nLists that answered")
	for _, l := range p.lists {
		line("  %s\tversion %s\tdata of %s\tnumbers: %d", l.List, orDash(l.Version), day(l.Date), l.Numbers)
	}
	line("\nApply writes")
	for _, row := range r.writes() {
		line("  %s\t%s", row.Label, row.Text)
	}
	if n := len(p.unmarkable); n > 0 {
		line("Contacts that cannot be marked\t%d", n)
	}
	return t.Flush()
}

//go:embed report.gohtml
var page string

var pageTemplate = template.Must(template.New("report").Parse(page))

// WriteHTML writes the report as one HTML page. Its charts are tables with bars, so that screen
// readers read the values.
func (r Report) WriteHTML(w io.Writer) error {
	if err := r.check(); err != nil {
		return err
	}
	return pageTemplate.Execute(w, pageData{r})
}

func (r Report) check() error {
	if err := r.Plan.usable(); err != nil {
		return err
	}
	if err := checkKinds(r.Accept); err != nil {
		return err
	}
	for _, p := range r.Earlier {
		if err := p.usable(); err != nil {
			return err
		}
		if p.campaignID != r.Plan.campaignID {
			return invalid("an earlier plan is of another campaign")
		}
	}
	return nil
}

func (r Report) gaps() []Gap {
	if e, ok := errors.AsType[*UnprotectedError](r.Asserted); ok {
		return e.Gaps
	}
	return nil
}

// open are the gaps that nobody accepts.
func (r Report) open() int {
	return len(slices.DeleteFunc(slices.Clone(r.gaps()), func(g Gap) bool { return slices.Contains(r.Accept, g.Kind) }))
}

func (r Report) label(g Gap) string {
	if slices.Contains(r.Accept, g.Kind) {
		return "accepted"
	}
	return "gap"
}

func (r Report) verdict() string {
	switch gaps := len(r.gaps()); {
	case r.AssertedAt.IsZero():
		return "not asserted yet"
	case r.Asserted == nil:
		return "yes, read back at " + stamp(r.AssertedAt)
	case gaps > 0 && r.open() == 0:
		return fmt.Sprintf("yes, read back at %s; accepted gaps: %d", stamp(r.AssertedAt), gaps)
	case gaps > 0:
		return fmt.Sprintf("no, asserted at %s; gaps: %d", stamp(r.AssertedAt), r.open())
	}
	return "not known: " + r.Asserted.Error()
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func day(t time.Time) string {
	if t.IsZero() {
		return "unknown date"
	}
	return t.UTC().Format(time.DateOnly)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// runs are the earlier plans and this one, the oldest first.
func (r Report) runs() []*Plan {
	runs := append(slices.Clone(r.Earlier), r.Plan)
	slices.SortStableFunc(runs, func(a, b *Plan) int { return a.made.Compare(b.made) })
	return runs
}
