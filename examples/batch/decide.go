package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc"
)

// verdict is what a row is decided by: the strongest of its numbers.
type verdict struct {
	dnc.Decision
	column  string
	rank    int
	numbers int // that were looked at
}

// rank orders decisions: a number that is listed blocks the row for sure; an unknown one may; an
// invalid one is to be put right.
func rank(d dnc.Decision) int {
	switch {
	case d.Callable():
		return 0
	case d.Reason().Code == dnc.CodeInvalidNumber:
		return 1
	case d.Undecided():
		return 2
	default:
		return 3
	}
}

// add takes one more number into account.
func (v *verdict) add(d dnc.Decision, column string) {
	if r := rank(d); v.numbers == 0 || r > v.rank {
		v.Decision, v.column, v.rank = d, column, r
	}
	v.numbers++
}

// copyRows writes the header and every row with its decision. A row is callable only if every
// number in it is. It keeps no more rows than dnc.Stream asks for at a time.
func copyRows(ctx context.Context, checker dnc.Checker, t *table, out *bufio.Writer, p *progress) error {
	cells := added
	if len(t.columns) == 1 {
		cells = added[:len(added)-1]
	}
	end := t.header.end
	if end == "" {
		end = "\n"
	}
	if _, err := out.WriteString(t.start + t.header.text + t.cells(cells...) + end); err != nil {
		return err
	}
	var v verdict
	for c, err := range dnc.Stream(ctx, checker, t.numbers(),
		func(n number) (dnc.Number, error) { return n.number, n.err }) {
		if err != nil {
			return err
		}
		p.number(c.Input.err)
		v.add(c.Decision, c.Input.column)
		if !c.Input.last {
			continue
		}
		p.row(v)
		cells := []string{
			v.Verdict.String(), strconv.FormatBool(!v.Callable()), v.Reason().Code, strconv.FormatBool(v.Fallback),
		}
		if len(t.columns) > 1 {
			cells = append(cells, v.column)
		}
		v = verdict{}
		for _, s := range [...]string{c.Input.row.text, t.cells(cells...), c.Input.row.end} {
			if _, err := out.WriteString(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// cells are more cells of a row.
func (t *table) cells(cells ...string) string {
	var b strings.Builder
	for _, cell := range cells {
		b.WriteRune(t.separator)
		if strings.ContainsRune(cell, t.separator) || strings.ContainsAny(cell, "\"\r\n") ||
			strings.HasPrefix(cell, " ") {
			var quoted strings.Builder
			w := csv.NewWriter(&quoted)
			w.Comma = t.separator
			_ = w.Write([]string{cell})
			w.Flush()
			cell = strings.TrimSuffix(quoted.String(), "\n")
		}
		b.WriteString(cell)
	}
	return b.String()
}
