package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/dnc-go/dnc"
)

// The contacts as they come out of a spreadsheet: one number in several spellings, and some that
// are none. All of them are from the range that is reserved for fiction.
var contacts = []string{
	"+14155550100",
	"(415) 555-0123",
	"+1 415 555 0123",
	"1-415-555-0142",
	"+1 900 555 0199",
	"+44 20 7946 0958",
	"011 44 20 7946 0018",
	"415-555-010",
	"n/a",
}

// sampleList is a Do-Not-Call list and the geo rules beside it. A dialer's own would lie in Redis:
// see next.
func sampleList() (*dnc.Memory, error) {
	var numbers []dnc.Number
	for _, s := range []string{"+14155550123", "+14155550142", "+442079460018"} {
		n, err := dnc.ParseNumber(s)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	list := dnc.NewMemory("blacklist", numbers...)
	for prefix, rule := range map[string]dnc.GeoRule{
		"+1":    {Allowed: true},
		"+1900": {RiskLevel: "high"}, // premium rate: the longest prefix wins
	} {
		if err := list.SetGeoRule(prefix, rule); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// scrub checks the contacts as a dialer should: behind Protect, and with the national forms of the
// country they are from.
func scrub(ctx context.Context, out io.Writer) error {
	list, err := sampleList()
	if err != nil {
		return err
	}
	report, err := dnc.Validate(ctx, dnc.Protect(list), contacts, dnc.Parser{Country: "1"}.Parse)
	if err != nil {
		return err
	}
	return table(out, "Which of these contacts may be dialled?", report)
}

// doubt shows the answer that matters most: a list that is not there is no reason to call.
func doubt(ctx context.Context, out io.Writer) error {
	missing := dnc.NewMemory("blacklist") // nothing was ever loaded into it
	report, unknown := dnc.Validate(ctx, missing, contacts[:2], dnc.Parser{Country: "1"}.Parse)
	if err := table(out, "And if the list is missing? In doubt the answer is never \"allow\":", report); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "The error says what to change:\n  %v\n\n", unknown)
	return err
}

// table prints inputs in full, as a report's JSON does: this output is for whoever brought the
// numbers, not for a log.
func table(out io.Writer, title string, report dnc.Report) error {
	if _, err := fmt.Fprintf(out, "%s\n\n", title); err != nil {
		return err
	}
	t := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(t, "  CONTACT\tDIAL IT?\tVERDICT\tREASONS")
	for _, c := range report.Decisions {
		dial := "no"
		if c.Decision.Callable() {
			dial = "yes"
		}
		var reasons []string
		for r := range c.Decision.Reasons.All() {
			reasons = append(reasons, r.Code)
		}
		_, _ = fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", c.Input, dial, c.Decision.Verdict, strings.Join(reasons, ", "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n  %v\n\n", report)
	return err
}
