package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
)

// columns are the names under which contact files keep the number, in order of preference.
var columns = []string{"phonenumber", "phone", "number", "telephone", "mobile", "cell"}

// check reads contacts, and writes each with what was decided.
func check(ctx context.Context, c config, checker dnc.Checker, in io.Reader, out, stderr io.Writer) (unknown int64, err error) {
	reader := csv.NewReader(withoutBOM(in))
	reader.ReuseRecord = false // rows wait in a batch
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return 0, errors.New("the contact file is empty: it needs a header and rows")
	}
	if err != nil {
		return 0, err
	}
	column, err := find(header, c.column)
	if err != nil {
		return 0, err
	}
	writer := csv.NewWriter(out)
	if err := writer.Write(append(header, "verdict", "blocked", "reason", "fallback")); err != nil {
		return 0, err
	}
	parse := dnc.Parser{Country: c.country}.Parse
	number := func(row []string) (dnc.Number, error) { return parse(row[column]) }
	p := progress{out: stderr, begin: time.Now()}
	for checked, err := range dnc.Stream(ctx, checker, rows(reader), number) {
		if err != nil {
			return 0, err
		}
		d := checked.Decision
		p.count(d)
		if err := writer.Write(append(checked.Input, d.Verdict.String(), strconv.FormatBool(!d.Callable()), d.Reason().Code, strconv.FormatBool(d.Fallback))); err != nil {
			return 0, err
		}
	}
	writer.Flush()
	p.print("done")
	return p.unknown, writer.Error()
}

func find(header []string, wanted string) (int, error) {
	plain := func(s string) string {
		return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
	}
	if wanted != "" {
		for i, name := range header {
			if strings.TrimSpace(name) == wanted {
				return i, nil
			}
		}
		return 0, fmt.Errorf("%w: the header has no column %q; it has %q", errUsage, wanted, names(header))
	}
	for _, name := range columns {
		for i, h := range header {
			if plain(h) == name {
				return i, nil
			}
		}
	}
	return 0, fmt.Errorf("%w: the header %q has no column that is known to hold numbers: name one with -column", errUsage, names(header))
}

// names are the columns of a header, without what may be a number: a file that lacks a header begins with one.
func names(header []string) []string {
	shown := make([]string, len(header))
	for i, h := range header {
		if shown[i] = h; strings.ContainsAny(h, "0123456789") {
			shown[i] = "(has digits)"
		}
	}
	return shown
}

// rows ends with an error at a row that cannot be read, or has more or fewer cells than the header: the file is then not what it
// seems to be, and columns may have moved. The error names the line and nothing of what stands there.
func rows(reader *csv.Reader) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for {
			row, err := reader.Read()
			if errors.Is(err, io.EOF) || !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func withoutBOM(in io.Reader) io.Reader {
	r := bufio.NewReaderSize(in, 1<<16)
	if b, err := r.Peek(3); err == nil && string(b) == "\ufeff" {
		_, _ = r.Discard(3)
	}
	return r
}

// progress says every 100,000 rows, and at the end, how far things are.
type progress struct {
	out                              io.Writer
	begin                            time.Time
	total, allowed, blocked, unknown int64
}

func (p *progress) count(d dnc.Decision) {
	p.total++
	switch {
	case d.Callable():
		p.allowed++
	case d.Verdict == dnc.Unknown || d.Fallback:
		p.unknown++
		p.blocked++
	default:
		p.blocked++
	}
	if p.total%100_000 == 0 {
		p.print("checked")
	}
}

func (p *progress) print(what string) {
	rate := float64(p.total) / max(time.Since(p.begin).Seconds(), 1e-3)
	_, _ = fmt.Fprintf(p.out, "%s: %d contacts, %d allowed, %d blocked (%d unknown), %.0f a second\n", what, p.total, p.allowed, p.blocked, p.unknown, rate)
}
