package registry

import (
	"cmp"
	"errors"
	"time"
)

// ImportReport is what an import did, also one that failed.
type ImportReport struct {
	Version, Previous string           // the ids: the new version, "" if it is not in force, and the one it replaced, "" if there was none
	Numbers           int64            // different numbers of the new version
	Added, Removed    int64            // numbers, against the version it replaced
	Duplicates        int64            // numbers that were read again
	Rejected          int64            // rows
	Rows              []Row            // the first 100 of them
	Causes            map[string]int64 // how many rejected rows have each cause; beyond 100 causes, the others together
	Read              int64            // numbers that were read
	Elapsed           time.Duration
}

// NumbersPerSecond is the rate of the import.
func (r ImportReport) NumbersPerSecond() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Read) / r.Elapsed.Seconds()
}

// Row is one that was rejected.
type Row struct {
	Line int64 // of the file, where its reader says so; otherwise which number it was, from 1, as for one outside of Coverage
	Err  error
}

const (
	keptRows   = 100
	keptCauses = 100
)

// reject counts a row.
func (r *ImportReport) reject(line int64, err error) {
	r.Rejected++
	if len(r.Rows) < keptRows {
		r.Rows = append(r.Rows, Row{line, err})
	}
	cause := err
	if _, ok := err.(rowError); ok { //nolint:errorlint // what it wraps is the cause without the place
		cause = cmp.Or(errors.Unwrap(err), err)
	}
	text := cause.Error()
	if _, known := r.Causes[text]; !known && len(r.Causes) >= keptCauses {
		text = "other causes"
	}
	if r.Causes == nil {
		r.Causes = map[string]int64{}
	}
	r.Causes[text]++
}

// A rowError is an error of the sequence that concerns one row; reading goes on after it.
// *listfile.RowError is one.
type rowError interface {
	error
	RowLine() int64
}
