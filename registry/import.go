package registry

import (
	"fmt"
	"strings"
	"time"
)

// Import says what the numbers of [Registry.Replace] are, and what to refuse.
type Import struct {
	// Coverage are the digits that the numbers begin with for which the data speaks: "1" for all of North America, "1415" for an area
	// code that was subscribed. All others are not_covered, that is Unknown, and a number outside of it is rejected. Required: it is what
	// makes a number that is not on the list callable.
	Coverage []string

	// Obtained is when the data was obtained from its source, not when it was imported. Required: WithMaxAge counts from it.
	Obtained time.Time

	Source string // where the data came from, for Info
	SHA256 string // of the data, for Info

	// MaxShrink is by how much of its size the list may shrink, and each shard (area code) with at least 1,000 numbers: 0.2 if it is 0, 1 for
	// any, and not at all if it is negative. A list that lost more is more likely cut off than right.
	MaxShrink float64

	AllowEmpty  bool // accept data without a number, or without one for one of the prefixes of Coverage
	MaxRejected int  // how many rows may be rejected before the import is refused; 0: none

	// Replicas is how many replicas of each node must have acknowledged the data before it is put in force, and the change itself
	// before Replace returns nil. Redis replicates asynchronously: without it an import that was acknowledged can be lost in a
	// failover. ReplicaTimeout is how long to wait for them, a failover meanwhile included; 10 s if it is 0. Where they are too few the
	// error is ErrReplicas: if Report.Version is set, the new version is in force all the same, and only its copies are in doubt.
	Replicas       int
	ReplicaTimeout time.Duration

	// Progress is called in the course of the import, every million numbers and at each phase, by the goroutine of Replace.
	Progress func(Progress)
}

// Progress is how far an import is.
type Progress struct {
	Phase    string // "read", "write" (what came unsorted), "verify", "switch", "clean up"
	Read     int64  // numbers so far
	Rejected int64  // rows
}

// Report is what an import did, also one that failed.
type Report struct {
	Version, Previous string // the ids: the new version, "" if it is not in force, and the one it replaced, "" if there was none
	Numbers           int64  // different numbers of the new version
	Added, Removed    int64  // numbers, against the version it replaced
	Duplicates        int64  // numbers that came again
	Rejected          int64  // rows
	Rows              []Row  // the first 100 of them
	Read              int64  // numbers that were read
	Elapsed           time.Duration
}

// Row is one that was rejected.
type Row struct {
	Line int64 // of the file, where its reader says so; otherwise which number it was, from 1, as for one outside of Coverage
	Err  error
}

// NumbersPerSecond is the rate of the import.
func (r Report) NumbersPerSecond() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Read) / r.Elapsed.Seconds()
}

// A rowError is an error of the sequence that concerns one row; reading goes on after it. *listfile.RowError is one.
type rowError interface {
	error
	RowLine() int64
}

const (
	keptRows       = 100
	boundedShard   = 1000 // numbers from which on a shard's shrinking is judged
	defaultShrink  = 0.2
	replicaTimeout = 10 * time.Second
	maxText        = 1024 // bytes of Source and SHA256
)

func (imp *Import) check(r *Registry) (coverage, error) {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("%w: list %q: "+format, append([]any{ErrRefused, r.name}, args...)...)
	}
	c, err := newCoverage(imp.Coverage)
	switch {
	case err != nil:
		return c, refuse("Import.Coverage: %w", err)
	case imp.Obtained.IsZero():
		return c, refuse("Import.Obtained is missing: give the time at which the data was downloaded")
	case time.Until(imp.Obtained) > clockSkew:
		return c, refuse("Import.Obtained is in the future")
	case time.Since(imp.Obtained) > r.maxAge:
		return c, refuse("the data was obtained more than %s ago: with this import every number would be list_stale", days(r.maxAge))
	case imp.MaxShrink > 1 || imp.MaxShrink != imp.MaxShrink:
		return c, refuse("Import.MaxShrink is a share of at most 1")
	case imp.MaxRejected < 0 || imp.Replicas < 0 || imp.ReplicaTimeout < 0:
		return c, refuse("Import.MaxRejected, Replicas and ReplicaTimeout are not negative")
	case len(imp.Source) > maxText || len(imp.SHA256) > maxText || strings.ContainsAny(imp.Source+imp.SHA256, "\x00\n\r"):
		return c, refuse("Import.Source and SHA256 are one line of at most %d bytes each", maxText)
	}
	switch {
	case imp.MaxShrink == 0:
		imp.MaxShrink = defaultShrink
	case imp.MaxShrink < 0:
		imp.MaxShrink = 0
	}
	if imp.ReplicaTimeout == 0 {
		imp.ReplicaTimeout = replicaTimeout
	}
	if imp.Progress == nil {
		imp.Progress = func(Progress) {}
	}
	return c, nil
}
