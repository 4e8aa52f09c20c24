package evidence

import (
	"encoding/csv"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"
)

var reportColumns = []string{"time", "number", "verdict", "fallback", "reasons", "campaign", "purpose", "seller", "channel", "record", "position", "key", "library"}

func reportRow(e Entry) []string {
	return []string{
		e.Time.Format(time.RFC3339Nano), e.Decision.Number.String(), e.Decision.Verdict.String(), strconv.FormatBool(e.Decision.Fallback),
		e.Decision.Reasons.String(), e.Call.Campaign, e.Call.Purpose, e.Call.Seller, e.Call.Channel.String(),
		strconv.FormatInt(e.Record, 10), strconv.Itoa(e.Position), e.Key, e.Library,
	}
}

// WriteCSV writes the decisions of a Query, one a row, with the number masked.
func (r *Reader) WriteCSV(w io.Writer, q Query) error {
	out := csv.NewWriter(w)
	_ = out.Write(reportColumns) // Error has it
	for e, err := range r.Find(q) {
		if err != nil {
			return err
		}
		row := reportRow(e)
		for i, cell := range row { // a campaign's name must not become a formula
			if i != 1 && cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				row[i] = "'" + cell
			}
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

// WriteHTML writes the decisions of a Query as one page for counsel, which loads nothing from
// elsewhere. The number is masked. v is what Verify found of this log. The page names the keys that
// the Reader does not have: what was recorded with them is not on it.
func (r *Reader) WriteHTML(w io.Writer, q Query, v Verification) error {
	page := reportPage{
		Number: q.Number.String(), Query: q, Columns: reportColumns, Verified: v, Retentions: Retentions(), Others: map[string]int{},
	}
	err := r.find(q, page.Others, func(e Entry, _ error) bool {
		page.Rows = append(page.Rows, reportLine{reportRow(e), e.Record < v.Newest.Size})
		return true
	})
	if err != nil {
		return err
	}
	return reportTemplate.Execute(w, page)
}

type reportPage struct {
	Number     string
	Query      Query
	Columns    []string
	Rows       []reportLine
	Verified   Verification
	Retentions []Retention
	Others     map[string]int // records by the keys that the Reader does not have
}

type reportLine struct {
	Cells     []string
	Protected bool // a verified checkpoint has it
}

var reportTemplate = template.Must(template.New("report").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Call decisions for {{.Number}}</title><style>
body{font:14px/1.5 system-ui,sans-serif;margin:2em;color:#111;background:#fff}table{border-collapse:collapse;margin:1em 0}
td,th{border:1px solid #999;padding:.3em .6em;text-align:left;vertical-align:top}th{background:#eee}</style></head><body>
<h1>Call decisions for {{.Number}}</h1>
<p>Decisions: {{len .Rows}}{{if not .Query.From.IsZero}}, from {{.Query.From.UTC.Format "2006-01-02 15:04:05"}} UTC{{end}}{{if not .Query.To.IsZero}}, before {{.Query.To.UTC.Format "2006-01-02 15:04:05"}} UTC{{end}}. Each was recorded before the dialer had it. Times are UTC.</p>
{{if .Verified.Checkpoints}}<p>The log (records: {{.Verified.Records}}) agrees with all signed checkpoints of {{.Verified.Newest.Name}} (checkpoints: {{.Verified.Checkpoints}}). The newest is of {{.Verified.Newest.Time.Format "2006-01-02 15:04:05"}} UTC (records: {{.Verified.Newest.Size}}).</p>{{else}}<p><b>This log was not compared with a checkpoint.</b></p>{{end}}
{{range $id, $n := .Others}}<p><b>This report is not complete: {{$n}} records were written with the key {{$id}}, which was not at hand. Decisions in them are missing here.</b></p>
{{end}}<table><tr><th>in a checkpoint</th>{{range .Columns}}<th>{{.}}</th>{{end}}</tr>
{{range .Rows}}<tr><td>{{if .Protected}}yes{{else}}no{{end}}</td>{{range .Cells}}<td>{{.}}</td>{{end}}</tr>
{{end}}</table>
<h2>How long records are kept</h2><table><tr><th>region</th><th>years</th><th>what</th><th>source</th><th>reviewed</th></tr>
{{range .Retentions}}<tr><td>{{.Region}}</td><td>{{.Years}}</td><td>{{.Records}}</td><td>{{.Source}}</td><td>{{.Reviewed}}</td></tr>
{{end}}</table></body></html>
`))
