package registry

import (
	"cmp"
	"errors"
	"time"
)

// ImportReport says what an import did. An import that failed has one too.
type ImportReport struct {
	Version      string           // the id of the new version; "" if it is not known to be in force
	Previous     string           // the id of the version that was in force before; "" if there was none
	Numbers      int64            // different numbers in the new version
	Added        int64            // numbers that the previous version did not have
	Removed      int64            // numbers of the previous version that the new one does not have
	Read         int64            // numbers that were read, with duplicates
	Duplicates   int64            // numbers that were read more than once
	Rejected     int64            // rows that were rejected
	RejectedRows []RejectedRow    // the first 100 of them
	Causes       map[string]int64 // how many rows were rejected for each cause; after 100 causes, all others together
	Elapsed      time.Duration
}

// NumbersPerSecond is the rate of the import.
func (r ImportReport) NumbersPerSecond() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Read) / r.Elapsed.Seconds()
}

// RejectedRow is a row that an import did not take.
type RejectedRow struct {
	Line int64 // the line in its file; if that is not known, the place in the sequence of numbers, from 1
	Err  error // why it was rejected
}

const (
	keptRows   = 100
	keptCauses = 100
)

// reject counts a row.
func (r *ImportReport) reject(line int64, err error) {
	r.Rejected++
	if len(r.RejectedRows) < keptRows {
		r.RejectedRows = append(r.RejectedRows, RejectedRow{line, err})
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
