package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/dnc-go/dnc/preflight"
)

// load writes contacts of a file into a contact list. It may be ended and repeated.
func (p *program) load(ctx context.Context, c config, out io.Writer) error {
	if c.inMemory() && c.parser.Country == "" {
		c.parser.Country = "1" // that of the sample
	}
	if c.contactList == "" {
		c.contactList = p.list
	}
	checker, closeChecker, err := newChecker(c)
	if err != nil {
		return err
	}
	defer closeChecker()
	file, err := os.Open(c.contacts)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()

	var rejected bytes.Buffer
	rows := csv.NewWriter(&rejected)
	_ = rows.Write([]string{"line", "column", "decision", "reason", "list", "cause"})
	opts := []preflight.LoadOption{
		preflight.WithParse(c.parser.Parse),
		preflight.OnRejected(func(r preflight.Rejected) error { return rows.Write(rejectedRow(r)) }),
	}
	if c.deriveIDs {
		opts = append(opts, preflight.DeriveIDs())
	}
	if c.drop {
		opts = append(opts, preflight.DropNumbers())
	}
	report, err := preflight.Load(ctx, p.client, checker, c.contactList, c.contactsCSV.Rows(file), opts...)
	if _, printErr := fmt.Fprintln(out, report); printErr != nil && err == nil {
		err = printErr
	}
	rows.Flush()
	if c.rejected != "" && report.Rows > 0 {
		writeErr := writeFile(c.rejected, func(w io.Writer) error {
			_, err := rejected.WriteTo(w)
			return err
		})
		if err == nil {
			err = writeErr
		}
	}
	return err
}

// rejectedRow has no number and no id: the line says which contact it is.
func rejectedRow(r preflight.Rejected) []string {
	cause, decision := "", ""
	if r.Err != nil {
		cause = r.Err.Error()
	} else {
		decision = r.Decision.Verdict.String()
	}
	reason := r.Decision.Reason()
	return []string{strconv.Itoa(r.Line), r.Column, decision, reason.Code, reason.List, cause}
}
