package preflight

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

// rowHeader are the columns of WriteCSV. Their order and names do not change.
var rowHeader = []string{
	"contact_id", "column", "number", "decision", "reason", "list", "version", "date", "in_dnc_list",
	"marked_uncallable",
}

// WriteCSV writes one row for each number that is not allowed: why, and what Apply does about it.
// show writes a number as text: give [dnc.Number.E164] for people who may see full numbers. nil
// masks numbers, and contact ids that may be numbers.
//
// The column decision is "block", "block_for_now", "unknown" or "invalid". number is empty for text
// that is not a number. marked_uncallable is "yes" for marks that Apply makes, "already" for marks
// that were there, and otherwise "no".
func (p *Plan) WriteCSV(w io.Writer, show func(dnc.Number) string) error {
	if err := p.usable(); err != nil {
		return err
	}
	id := func(s string) string { return s }
	if show == nil {
		show = dnc.Number.String
		id = func(s string) string {
			return strings.TrimPrefix(genesys.Mark{ContactID: s}.String(), "mark of contact ")
		}
	}
	out := csv.NewWriter(w)
	_ = out.Write(rowHeader) // Error returns the first error
	for _, f := range p.findings {
		reason := p.grounds[f.ground]
		date, number, inList := "", "", "no"
		if !reason.Date.IsZero() {
			date = reason.Date.UTC().Format("2006-01-02")
		}
		if !f.number.IsZero() {
			number, inList = show(f.number), map[bool]string{true: "no", false: "yes"}[f.later]
		}
		_ = out.Write([]string{
			harmless(id(f.contactID)), harmless(p.columns[f.column]), number, f.decision(), reason.Code, reason.List,
			reason.Version, date,
			inList, map[markState]string{markNone: "no", markToMake: "yes", markThere: "already"}[f.mark],
		})
	}
	out.Flush()
	return out.Error()
}

func (f finding) decision() string {
	switch {
	case f.number.IsZero():
		return "invalid"
	case f.unknown:
		return "unknown"
	case f.later:
		return "block_for_now"
	}
	return "block"
}

// harmless keeps spreadsheets from taking a text for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
