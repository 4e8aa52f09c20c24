// Quickstart scrubs a small contact file against a list in the process: no Redis, no credentials, nothing to install.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/dnc-go/dnc"
)

// contacts is a contact file as people keep it: with separators, without a plus, and with mistakes.
var contacts = []string{
	"+1 (212) 555-0123", // asked not to be called
	"(212) 555-0199",
	"+44 20 7946 0000", // a geo rule allows London
	"+44 7700 900123",  // and forbids the rest of the country
	"1-900-555-0100",
	"212-555-O177", // a letter O
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	list, err := sampleList()
	if err != nil {
		return err
	}
	// Protect is what a dialer asks: it adds a time limit, a breaker and a fallback that blocks.
	report, err := dnc.Validate(ctx, dnc.Protect(list), contacts, dnc.Parser{Country: "1"}.Parse)
	if err != nil {
		return err
	}
	return show(out, report)
}

func sampleList() (*dnc.Memory, error) {
	optOut, err := dnc.ParseNumber("+12125550123")
	if err != nil {
		return nil, err
	}
	list := dnc.NewMemory("blacklist", optOut)
	for prefix, rule := range map[string]dnc.GeoRule{
		"+1900": {Allowed: false, RiskLevel: "high"},
		"+44":   {Allowed: false, RiskLevel: "medium"},
		"+4420": {Allowed: true},
	} {
		if err := list.SetGeoRule(prefix, rule); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func show(out io.Writer, report dnc.Report) error {
	_, _ = fmt.Fprint(out, "1. Scrub a contact file\n\n")
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "   contact\tmay be dialled\twhy")
	for _, c := range report.Decisions {
		answer := "no"
		if c.Decision.Callable() {
			answer = "yes"
		}
		// The input is shown because this is the answer to who asked. A log would show c, which masks itself.
		_, _ = fmt.Fprintf(table, "   %s\t%s\t%s\n", c.Input, answer, c.Decision.Reason().Code)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, `
   %d contacts: %d may be dialled, %d may not, %d of these because nobody knows.

2. With your Redis

   redis-cli SADD dnc:blacklist +12125550123
   redis-cli HSET dnc:geo_rules +1900 '{"allowed":false,"riskLevel":"high"}'
   go run ./examples/server -redis redis://localhost:6379
   curl -H 'Content-Type: application/json' -d '[{"phoneNumber":"+12125550123"}]' http://127.0.0.1:8080/validate

   go run ./examples/batch -redis redis://localhost:6379 -in contacts.csv -out decisions.csv
`, report.Total, report.Allowed, report.Blocked, report.Unknown)
	return err
}
