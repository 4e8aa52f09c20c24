package preflight

import (
	"fmt"
	"strconv"
	"time"
)

// pageData is what the page shows. Its methods are for the template.
type pageData struct{ r Report }

// bar is a row of a chart.
type bar struct {
	Label string
	Value int
	Of    int    // the whole
	Kind  string // "good", "bad" or "doubt": the bar's colour; the label says the same
}

// Percent is the length of the bar.
func (b bar) Percent() float64 {
	if b.Of == 0 {
		return 0
	}
	return 100 * float64(b.Value) / float64(b.Of)
}

func (b bar) share() string { return fmt.Sprintf("%.1f %%", b.Percent()) }

// Share is the percentage in words.
func (b bar) Share() string { return b.share() }

// Count is the value with a separator for thousands.
func (b bar) Count() string { return thousands(b.Value) }

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// fact is a line that is no number.
type fact struct{ Label, Text string }

// keptBars bounds a chart: the longest come first.
const keptBars = 20

func (r Report) outcome() []bar {
	c := r.Plan.counts
	all := c.Numbers()
	out := []bar{{"allowed", c.Allowed, all, "good"}, {"blocked", c.Blocked, all, "bad"}}
	if c.BlockedForNow > 0 {
		out = append(out, bar{"blocked only for now", c.BlockedForNow, all, "doubt"})
	}
	return append(out, bar{"without a full answer", c.Unknown, all, "doubt"},
		bar{"not a number", c.Invalid, all, "doubt"})
}

func (r Report) reasons() []bar {
	var out []bar
	c := r.Plan.counts
	for _, reason := range r.Plan.reasons[:min(len(r.Plan.reasons), keptBars)] {
		label := reason.Code
		if reason.List != "" {
			label += ", list " + reason.List
		}
		out = append(out, bar{label, reason.Numbers, c.Numbers() - c.Allowed, "bad"})
	}
	return out
}

func (r Report) areas() []bar {
	var out []bar
	for _, a := range r.Plan.areas[:min(len(r.Plan.areas), keptBars)] {
		if a.Blocked > 0 {
			out = append(out, bar{a.Prefix + "…", a.Blocked, a.Blocked + a.Allowed, "bad"})
		}
	}
	return out
}

func (r Report) course() []bar {
	var out []bar
	runs := r.runs()
	if len(runs) < 2 {
		return nil
	}
	for _, p := range runs[max(len(runs)-keptBars, 0):] {
		out = append(out, bar{stamp(p.made), p.counts.Numbers() - p.counts.Allowed, p.counts.Numbers(), "bad"})
	}
	return out
}

func (r Report) writes() []fact {
	p := r.Plan.preview
	if !p.Changed() {
		return []fact{{"nothing", "what has to be blocked is blocked"}}
	}
	facts := []fact{
		{"numbers to block", thousands(p.Numbers)},
		{"numbers to mark uncallable", thousands(p.Marks)},
	}
	if p.Unblock > 0 {
		facts = append(facts, fact{"numbers to unblock", thousands(p.Unblock)})
	}
	if p.NewDNCList {
		facts = append(facts, fact{"a new DNC list", "of the campaign's own"})
	}
	if n := len(p.Attach); n > 0 {
		facts = append(facts, fact{"DNC lists to attach", thousands(n)})
	}
	if p.ContactListChanged {
		facts = append(facts, fact{"another contact list", r.Plan.contactListID})
	}
	return append(facts,
		fact{"requests", "about " + thousands(p.Requests)},
		fact{"time at the platform's rate limit", "about " + p.Duration.Round(time.Second).String()})
}

// chart is one of the page's charts.
type chart struct {
	ID, Title, Text string
	Head, Unit      string
	Bars            []bar
}

// Charts are those that have something to show.
func (d pageData) Charts() []chart {
	var out []chart
	for _, c := range []chart{
		{
			"outcome", "What the campaign may dial",
			"Each number in a phone column counts once for each contact that has it.", "Decision", "Numbers",
			d.r.outcome(),
		},
		{
			"reasons", "Why numbers are not dialled", "The first reason of each number that is not allowed.", "Reason",
			"Numbers", d.r.reasons(),
		},
		{
			"areas", "Where they are", "Numbers that are not allowed, of all numbers that begin with the same digits.",
			"First digits", "Not allowed", d.r.areas(),
		},
		{
			"course", "In the course of time", "Numbers that are not allowed in this run and those before.", "Run",
			"Not allowed", d.r.course(),
		},
	} {
		if len(c.Bars) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// Facts are the head of the page.
func (d pageData) Facts() []fact {
	p := d.r.Plan
	return []fact{
		{"Campaign", p.campaignID},
		{"Contact list", p.contactListID},
		{"Phone columns", fmt.Sprintf("%q", p.columns)},
		{"Checked", stamp(p.made)},
		{"Contacts", thousands(p.counts.Contacts)},
		{"Numbers that the platform does not dial at present", thousands(p.counts.Uncallable)},
	}
}

// Lists are those that took part in the decisions.
func (d pageData) Lists() []listRow {
	var out []listRow
	for _, l := range d.r.Plan.lists {
		out = append(out, listRow{l.List, orDash(l.Version), day(l.Date), thousands(l.Numbers)})
	}
	return out
}

type listRow struct{ Name, Version, Date, Numbers string }

// Verdict is one sentence, Mood the colour of its frame, and Gaps what is missing.
func (d pageData) Verdict() string { return d.r.verdict() }

// Mood is "good", "bad" or "doubt".
func (d pageData) Mood() string {
	switch {
	case d.r.AssertedAt.IsZero():
		return "doubt"
	case d.r.Asserted != nil && (d.r.open() > 0 || len(d.r.gaps()) == 0):
		return "bad"
	}
	return "good"
}

// Gaps are what AssertProtected has named.
func (d pageData) Gaps() []fact {
	var out []fact
	for _, g := range d.r.gaps() {
		out = append(out, fact{d.r.label(g), fmt.Sprintf("%s: %s", g.Kind, g.Text)})
	}
	return out
}

// Writes is what Apply writes.
func (d pageData) Writes() []fact { return d.r.writes() }

// Unmarkable is how many contacts cannot be marked.
func (d pageData) Unmarkable() int { return len(d.r.Plan.unmarkable) }
