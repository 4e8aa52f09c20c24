package evidence

import (
	"context"
	"fmt"
	"os"
	"time"
)

// Retention says how long a law requires records to be kept.
type Retention struct {
	Region   string // ISO 3166, such as "US" or "US-FL"
	Years    int    // how long they must be kept
	Records  string // which records
	Source   string // the law
	Reviewed string // the day on which the source was read, YYYY-MM-DD
}

// Retentions returns the periods that this package knows. Check them before you rely on them; they
// are not legal advice. For a place that is not in the list, ask counsel.
func Retentions() []Retention {
	return []Retention{
		{"US", 5, "records of telemarketing: calls, and the versions of the Do-Not-Call registry that were used", "16 CFR 310.5(a)", "2026-11-25"},
	}
}

const minRetention = (5*365 + 2) * 24 * time.Hour // five years have one or two leap days

// Removable returns the days whose retention is over.
func (l *Log) Removable() ([]string, error) {
	if l == nil || l.open == nil {
		return nil, errZero
	}
	all, err := days(l.dir)
	if err != nil {
		return nil, err
	}
	for i, day := range all {
		if i == len(all)-1 || !l.removable(day) {
			return all[:i], nil
		}
	}
	return all, nil
}

func (l *Log) removable(day string) bool {
	t, err := time.Parse(time.DateOnly, day)
	return err == nil && l.clock().Sub(t.Add(24*time.Hour)) > l.retention
}

// Remove deletes the file of a day, such as "2021-03-04". It must be the oldest day, and its
// retention must be over; otherwise the error is ErrRetentionNotOver. Remove first records that it
// deletes the day. The hashes stay, so the rest of the log can still be verified.
func (l *Log) Remove(ctx context.Context, day string) error {
	if l == nil || l.open == nil {
		return errZero
	}
	all, err := days(l.dir)
	switch {
	case err != nil:
		return err
	case len(all) < 2 || all[0] != day:
		return fmt.Errorf("%w: Remove takes the oldest day, and never the newest", ErrRetentionNotOver)
	case !l.removable(day):
		return fmt.Errorf("%w: %s is younger than %d days", ErrRetentionNotOver, day, l.retention/(24*time.Hour))
	}
	from, err := l.headerOf(day)
	if err != nil {
		return err
	}
	to, err := l.headerOf(all[1])
	if err != nil {
		return err
	}
	leaf, err := encodeEvent(event{Event: "removed", Time: l.clock().UTC(), Day: day, First: from.first, Next: to.first})
	if err != nil {
		return err
	}
	if err := l.append(ctx, [][]byte{leaf}); err != nil {
		return err
	}
	l.files.Lock()
	defer l.files.Unlock()
	if err := l.hashes.f.Sync(); err != nil { // the removed records' hashes cannot be computed again
		return err
	}
	if err := os.Remove(l.path(day + dayExt)); err != nil {
		return err
	}
	return syncDir(l.dir)
}
