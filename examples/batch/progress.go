package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/contactfile"
)

// progressEvery is how often a line is written while rows come.
const progressEvery = 2 * time.Second

// progress counts, and tells now and then. It looks at the clock once in a thousand rows, so it
// costs nothing.
type progress struct {
	out         io.Writer
	began, last time.Time
	rows        dnc.Counts
	causes      map[string]int // of invalid numbers
	optedOut    map[string]int // rows by the column that says so
}

func newProgress(out io.Writer) *progress {
	now := time.Now()
	return &progress{out: out, began: now, last: now, causes: map[string]int{}, optedOut: map[string]int{}}
}

// maxCauses bounds the different causes that are kept.
const maxCauses = 100

// invalid counts why a number is invalid.
func (p *progress) invalid(err error) {
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), dnc.ErrInvalidNumber.Error()+": "), "invalid number: ")
	if _, known := p.causes[text]; !known && len(p.causes) >= maxCauses {
		text = "another cause"
	}
	p.causes[text]++
}

// errNoCountry is a national form that nobody said the country of.
var errNoCountry = errors.New("it is a national form, and -country is missing: give the calling code of the country, such as -country 1 or -country 44")

// contact counts a row.
func (p *progress) contact(c contactfile.Contact) {
	for _, cell := range c.Invalid {
		p.invalid(cell.Err)
	}
	if c.Decision.Reason().Code == contactfile.CodeOptedOut {
		p.optedOut[c.Column]++
	}
	p.rows.Add(c.Decision)
	if p.rows.Total%1000 == 0 && time.Since(p.last) >= progressEvery {
		p.last = time.Now()
		p.print("checking")
	}
}

func (p *progress) print(what string) {
	rate := float64(p.rows.Total) / max(time.Since(p.began).Seconds(), 1e-3)
	_, _ = fmt.Fprintf(p.out, "batch: %s: rows: %d, %.0f a second; %d allowed, %d blocked, %d of them unknown\n",
		what, p.rows.Total, rate, p.rows.Allowed, p.rows.Blocked, p.rows.Unknown)
}

const shownCauses = 10

// printCauses says why numbers are invalid, a forgotten -country first, then the most frequent.
func (p *progress) printCauses() {
	var causes []string
	for text := range p.causes {
		causes = append(causes, text)
	}
	slices.SortFunc(causes, func(a, b string) int {
		switch {
		case a == errNoCountry.Error():
			return -1
		case b == errNoCountry.Error():
			return 1
		case p.causes[a] != p.causes[b]:
			return p.causes[b] - p.causes[a]
		default:
			return strings.Compare(a, b)
		}
	})
	for i, text := range causes {
		if i == shownCauses {
			_, _ = fmt.Fprintf(p.out, "batch: other causes: %d\n", len(causes)-i)
			break
		}
		_, _ = fmt.Fprintf(p.out, "batch: %d invalid: %s\n", p.causes[text], text)
	}
	for _, column := range slices.Sorted(maps.Keys(p.optedOut)) {
		_, _ = fmt.Fprintf(p.out, "batch: %d blocked by what column %q says\n", p.optedOut[column], column)
	}
}
