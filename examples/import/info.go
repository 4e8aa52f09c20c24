package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/registry"
)

// What -info ends with for a job that watches lists.
var (
	errStale = errors.New("the list is stale")
	errDue   = errors.New("the list is due")
)

// The states of a list in JSON.
const (
	stateFresh   = "fresh"
	stateDue     = "due"     // within -due-within days of being stale
	stateStale   = "stale"   // older than -max-age: every number is unknown
	stateMissing = "missing" // there is none
	stateUnknown = "unknown" // it could not be read
)

// listJSON is what -info -json prints.
type listJSON struct {
	List     string        `json:"list"`
	State    string        `json:"state"`
	Error    string        `json:"error,omitempty"`
	StaleAt  *time.Time    `json:"stale_at,omitempty"`
	InForce  *versionJSON  `json:"in_force,omitempty"`
	Previous []versionJSON `json:"previous,omitempty"`
}

type versionJSON struct {
	Version    string    `json:"version"`
	Generation uint64    `json:"generation,omitempty"`
	Numbers    uint64    `json:"numbers"`
	Shards     int       `json:"shards"`
	Coverage   []string  `json:"coverage"`
	Obtained   time.Time `json:"obtained"`
	Loaded     time.Time `json:"loaded"`
	Source     string    `json:"source,omitempty"`
	SHA256     string    `json:"sha256,omitempty"`
}

// showVersions prints what is in force and what was before. The error says whether it is stale or
// due.
func showVersions(ctx context.Context, c config, out io.Writer) error {
	versions, err := versionsOf(ctx, c)
	var state string
	if err == nil {
		state, err = c.judge(versions[0], time.Now())
	}
	var printed error
	switch {
	case c.json:
		printed = printJSON(c, state, versions, err, out)
	case len(versions) > 0:
		printed = printVersions(c, versions, out)
	}
	return cmp.Or(err, printed)
}

func versionsOf(ctx context.Context, c config) ([]registry.Info, error) {
	list, _, closeList, err := connect(ctx, c, io.Discard)
	if err != nil {
		return nil, err
	}
	defer closeList()
	return list.Versions(ctx)
}

// judge is the state of a version, and the error that a job which watches lists is to see.
func (c config) judge(v registry.Info, now time.Time) (string, error) {
	const day = 24 * time.Hour
	left := v.Obtained.Add(c.maxAge).Sub(now)
	switch {
	case left < 0:
		return stateStale, fmt.Errorf("%w: it was obtained %.1f days ago, and -max-age is %.1f: every number is unknown; import a new one", errStale, now.Sub(v.Obtained).Hours()/24, c.maxAge.Hours()/24)
	case left < time.Duration(c.dueWithin)*day:
		return stateDue, fmt.Errorf("%w: it is stale in %.1f days; import a new one", errDue, left.Hours()/24)
	}
	return stateFresh, nil
}

func printVersions(c config, versions []registry.Info, out io.Writer) error {
	var t text
	for i, v := range versions {
		if i == 0 {
			t.line("list %q: version %s is in force, generation %d", c.list, v.Version, v.Generation)
		} else {
			t.line("for -rollback, the previous one is version %s", v.Version)
		}
		t.item("numbers", "%s of %d shards", grouped(int64(v.Numbers)), v.Shards) //nolint:gosec // a count of numbers
		t.item("coverage", "%s", shown(v.Coverage))
		age := time.Since(v.Obtained)
		t.item("obtained", "%s, %.1f days ago", v.Obtained.Format(time.RFC3339), age.Hours()/24)
		if age > c.maxAge {
			t.item("", "that is older than -max-age, %v: every number is unknown, list_stale", c.maxAge)
		}
		t.item("loaded", "%s", v.Loaded.Format(time.RFC3339))
		t.item("source", "%s", orNone(v.Source))
		t.item("SHA-256", "%s", orNone(v.SHA256))
	}
	return t.print(out)
}

func printJSON(c config, state string, versions []registry.Info, err error, out io.Writer) error {
	l := listJSON{List: c.list, State: state}
	if err != nil {
		l.Error = inFlags.Replace(err.Error())
	}
	switch {
	case errors.Is(err, dnc.ErrListMissing):
		l.State = stateMissing
	case state == "":
		l.State = stateUnknown
	}
	for i, v := range versions {
		one := versionJSON{
			v.Version, v.Generation, v.Numbers, v.Shards, v.Coverage, v.Obtained, v.Loaded, v.Source, v.SHA256,
		}
		if i > 0 {
			l.Previous = append(l.Previous, one)
			continue
		}
		staleAt := v.Obtained.Add(c.maxAge)
		l.InForce, l.StaleAt = &one, &staleAt
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(l)
}
