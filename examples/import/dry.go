package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

var errOutside = errors.New("the number is outside of -coverage: the row is of another area, or -coverage lacks a prefix")

const lookEvery = 1 << 20 // numbers

// reject counts a row that cannot be read.
func reject(r *registry.ImportReport, line int64, err error) {
	r.Rejected++
	if len(r.RejectedRows) < shownRows {
		r.RejectedRows = append(r.RejectedRows, registry.RejectedRow{Line: line, Err: err})
	}
	text := err.Error()
	if row, ok := errors.AsType[*listfile.RowError](err); ok {
		text = row.Err.Error()
	}
	if r.Causes == nil {
		r.Causes = map[string]int64{}
	}
	r.Causes[text]++
}

// dry reads everything as an import does, and finds what that would refuse, as far as it can be
// told without writing: how many numbers come twice is not counted, so a list may turn out smaller.
func (j *job) dry(ctx context.Context) (r registry.ImportReport, err error) {
	start := time.Now()
	defer func() { r.Elapsed = time.Since(start) }()
	covered := newPrefixes(j.coverage)
	for n, err := range j.reading.all {
		if j.reading.rows%lookEvery == 1 {
			if cause := context.Cause(ctx); cause != nil {
				return r, cause
			}
			j.progress.set(registry.PhaseRead, r.Read, r.Rejected)
		}
		if row, ok := errors.AsType[*listfile.RowError](err); ok {
			reject(&r, row.Line, row)
			continue
		}
		switch {
		case err != nil:
			return r, err
		case j.set == "" && !covered.has(n.E164()):
			reject(&r, j.reading.rows, errOutside)
		default:
			r.Read++
		}
	}
	narrowed := slices.ContainsFunc(j.before.Coverage, func(p string) bool { return !covered.has("+" + p) })
	if err := j.refuses(r, narrowed); err != nil {
		return r, fmt.Errorf("this would be refused: %w", err)
	}
	return r, nil
}

// refuses is why an import is refused. A list that covers less than the one before may well be
// smaller.
func (j *job) refuses(r registry.ImportReport, narrowed bool) error {
	before := float64(j.before.Numbers)
	switch {
	case r.Rejected > int64(j.limits.MaxRejected):
		return fmt.Errorf("rejected rows: %d, and -max-rejected is %d", r.Rejected, j.limits.MaxRejected)
	case r.Read == 0 && !j.limits.AllowEmpty:
		return errors.New("the list has no number, so everything would be allowed: if that is right, set -allow-empty")
	case !narrowed && before-float64(r.Read) > max(j.limits.MaxShrink, 0)*before:
		return fmt.Errorf("it shrank from %d numbers to %d, by more than %g %%: a file may be missing or cut off; if it is right, raise -max-shrink",
			j.before.Numbers, r.Read, 100*max(j.limits.MaxShrink, 0))
	}
	return nil
}

// prefixes are a coverage.
type prefixes struct {
	all     map[string]bool
	lengths []int
}

func newPrefixes(coverage []string) prefixes {
	p := prefixes{all: map[string]bool{}}
	seen := map[int]bool{}
	for _, s := range coverage {
		p.all[s] = true
		if !seen[len(s)] {
			seen[len(s)] = true
			p.lengths = append(p.lengths, len(s))
		}
	}
	return p
}

// has reports whether a number, as "+14155550123", begins with one of them.
func (p prefixes) has(e164 string) bool {
	for _, l := range p.lengths {
		if l < len(e164) && p.all[e164[1:1+l]] {
			return true
		}
	}
	return false
}
