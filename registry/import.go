package registry

import (
	"fmt"
	"strings"
	"time"
)

// Import describes the data that [Registry.Replace] is given, and sets what it refuses.
type Import struct {
	// Coverage has the prefixes that the data covers: "1" for all of North America, "1415" for an
	// area code that was subscribed. Required: only a number that the data covers, and that is not
	// on the list, is allowed. A check of any other number is Unknown, not_covered. Replace rejects
	// a number outside of it.
	Coverage []string

	// Obtained is the time at which the data was obtained from its source, not the time of the
	// import. Required: WithMaxAge counts from it.
	Obtained time.Time

	Source string // where the data came from, for Info
	SHA256 string // of the data, for Info

	// MaxShrink is the largest allowed loss, as a share of the old list and of each shard (area
	// code) that had at least 1,000 numbers. 0 means 0.2, 1 means any loss, a negative value means
	// none. Data that lost more was probably cut off.
	MaxShrink float64

	AllowEmpty  bool // accept data without any number, or without a number for some prefix of Coverage
	MaxRejected int  // how many rows may be rejected; with one more the import is refused; 0 means none

	// Replicas is how many replicas of each node must acknowledge. They acknowledge the data before
	// it is put in force, and the switch before Replace returns nil. 0 means none: then an import
	// can be lost in a failover, because Redis replicates asynchronously. If too few acknowledge,
	// the error is ErrTooFewReplicas. If ImportReport.Version is set with that error, the new
	// version is in force, but replicas may lack it.
	Replicas int

	// ReplicaTimeout is how long to wait for the replicas, with any failover in that time. 0 means
	// 10 s.
	ReplicaTimeout time.Duration

	// Progress is called after every million numbers and at the start of each phase, in the
	// goroutine of Replace. nil means that progress is not reported.
	Progress func(Progress)
}

// Progress says how far an import has got.
type Progress struct {
	Phase    Phase
	Read     int64 // numbers so far
	Rejected int64 // rows
}

// A Phase is a part of an import. Its text can be shown to people.
type Phase string

// The phases of an import, in their order.
const (
	PhaseRead    Phase = "read"     // numbers are read; sorted ones are written to Redis at once
	PhaseWrite   Phase = "write"    // numbers that were not sorted are written; left out if all were sorted
	PhaseVerify  Phase = "verify"   // the bounds of Import are checked, and the data in Redis is compared with what was written
	PhaseSwitch  Phase = "switch"   // the new version is put in force
	PhaseCleanUp Phase = "clean up" // keys of versions that are no longer needed are removed
)

const (
	boundedShard   = 1000 // numbers from which on a shard by itself may not shrink
	defaultShrink  = 0.2
	replicaTimeout = 10 * time.Second
	maxText        = 1024 // bytes of Source and SHA256
)

// check refuses what cannot be right, and puts defaults in the place of zeros.
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
