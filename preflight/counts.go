package preflight

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
)

// Counts say how many contacts a plan has, and what was decided about their numbers. Each cell of a
// phone column of the campaign counts as one number, unless it is empty. A number that occurs twice
// counts twice. Each number is counted in one of Allowed, Blocked, BlockedForNow, Unknown and
// Invalid.
type Counts struct {
	Contacts      int `json:"contacts"`
	Allowed       int `json:"allowed"`
	Blocked       int `json:"blocked"`
	BlockedForNow int `json:"blockedForNow"` // blocked only for now, as outside of calling hours: Apply writes nothing for them
	Unknown       int `json:"unknown"`       // no full answer; 0 without BlockUnknown
	Invalid       int `json:"invalid"`       // text that is not a phone number

	// Uncallable is how many of all these numbers the platform does not dial at present. They may
	// become callable again.
	Uncallable int `json:"uncallable"`
}

// Numbers is the sum of all numbers.
func (c Counts) Numbers() int { return c.Allowed + c.Blocked + c.BlockedForNow + c.Unknown + c.Invalid }

// A ReasonCount says how many numbers have this reason as their first one.
type ReasonCount struct {
	Code    string `json:"code"` // of a [dnc.Reason]
	List    string `json:"list,omitempty"`
	Numbers int    `json:"numbers"`
}

// A ListUsed is one version of a list that took part in the decisions.
type ListUsed struct {
	List    string    `json:"list"`
	Version string    `json:"version,omitempty"` // "" if the list has no versions
	Date    time.Time `json:"date,omitzero"`     // when its data was obtained; zero if that is not known
	Numbers int       `json:"numbers"`           // the number of decisions that name it
}

// areaCount is what became of the numbers that begin with the same digits.
type areaCount struct {
	Prefix  string `json:"prefix"`
	Allowed int    `json:"allowed"`
	Blocked int    `json:"blocked"` // and all others that are not allowed
}

// Counts returns the counts of contacts and numbers.
func (p *Plan) Counts() Counts { return p.counts }

// Reasons counts the first reasons of the numbers that are not allowed. The most frequent is first.
func (p *Plan) Reasons() []ReasonCount { return slices.Clone(p.reasons) }

// Lists returns the lists that took part in the decisions, in the order of their names.
func (p *Plan) Lists() []ListUsed { return slices.Clone(p.lists) }

// Unmarkable returns the ids of contacts that must be marked and cannot be, because the API cannot
// address a contact by such an id ([genesys.CheckContactID]). Apply puts their numbers on the DNC
// list, marks all other contacts, and returns an error.
func (p *Plan) Unmarkable() []string { return slices.Clone(p.unmarkable) }

// tally counts reasons, lists and areas. Decisions share their reasons, so it looks at each set of
// them once.
type tally struct {
	sets    map[dnc.Reasons]*reasonSet
	reasons map[ReasonCount]int // Numbers is 0 in the keys
	lists   map[ListUsed]int
	areas   map[string]*areaCount
}

type reasonSet struct {
	reasons dnc.Reasons
	allowed int
	others  int
}

// keptSets bounds the memory where a Checker gives each decision reasons of its own.
const keptSets = 1024

func newTally() *tally {
	return &tally{
		sets: map[dnc.Reasons]*reasonSet{}, reasons: map[ReasonCount]int{}, lists: map[ListUsed]int{},
		areas: map[string]*areaCount{},
	}
}

func (t *tally) add(d dnc.Decision, allowed bool) {
	if d.Reasons.Len() == 0 {
		return
	}
	key := d.Reasons
	set, ok := t.sets[key]
	if !ok {
		if len(t.sets) == keptSets {
			t.settle()
		}
		set = &reasonSet{reasons: d.Reasons}
		t.sets[key] = set
	}
	if allowed {
		set.allowed++
	} else {
		set.others++
	}
	if d.Number.IsZero() {
		return
	}
	prefix := areaOf(d.Number)
	area, ok := t.areas[prefix]
	if !ok {
		area = &areaCount{Prefix: prefix}
		t.areas[prefix] = area
	}
	if allowed {
		area.Allowed++
	} else {
		area.Blocked++
	}
}

// areaOf is the area code of a number of the North American Numbering Plan, and of others the first
// two digits.
func areaOf(n dnc.Number) string {
	e164 := n.E164()
	if strings.HasPrefix(e164, "+1") && len(e164) == len("+14155550123") {
		return e164[:len("+1415")]
	}
	return e164[:len("+44")]
}

// settle moves the sets into the counts.
func (t *tally) settle() {
	for _, set := range t.sets {
		if set.others > 0 {
			first := dnc.Decision{Reasons: set.reasons}.Reason()
			t.reasons[ReasonCount{Code: first.Code, List: first.List}] += set.others
		}
		seen := map[ListUsed]struct{}{}
		for r := range set.reasons.All() {
			state := ListUsed{List: r.List, Version: r.Version, Date: r.Date.UTC()}
			if _, twice := seen[state]; !twice && r.List != "" {
				seen[state] = struct{}{}
				t.lists[state] += set.allowed + set.others
			}
		}
	}
	clear(t.sets)
}

func (t *tally) reasonCounts() []ReasonCount {
	var out []ReasonCount
	for r, n := range t.reasons {
		r.Numbers = n
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b ReasonCount) int {
		return cmp.Or(cmp.Compare(b.Numbers, a.Numbers), cmp.Compare(a.Code, b.Code), cmp.Compare(a.List, b.List))
	})
	return out
}

func (t *tally) listStates() []ListUsed {
	var out []ListUsed
	for l, n := range t.lists {
		l.Numbers = n
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b ListUsed) int {
		return cmp.Or(cmp.Compare(a.List, b.List), a.Date.Compare(b.Date), cmp.Compare(a.Version, b.Version))
	})
	return out
}

// keptAreas bounds what a plan keeps: the areas with the most numbers that are not allowed.
const keptAreas = 1000

func (t *tally) areaCounts() []areaCount {
	var out []areaCount
	for _, key := range slices.Sorted(maps.Keys(t.areas)) {
		out = append(out, *t.areas[key])
	}
	slices.SortStableFunc(out, func(a, b areaCount) int { return cmp.Compare(b.Blocked, a.Blocked) })
	return out[:min(len(out), keptAreas)]
}
