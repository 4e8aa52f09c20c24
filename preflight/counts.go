package preflight

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
)

// Counts are the numbers of a plan. Each cell of one of the campaign's phone columns that is not
// empty is a number. Repetitions count each time. Each number is one of Allowed, Blocked,
// BlockedForNow, Unknown and Invalid.
type Counts struct {
	Contacts      int `json:"contacts"`
	Allowed       int `json:"allowed"`
	Blocked       int `json:"blocked"`
	BlockedForNow int `json:"blockedForNow"` // blocked only for now, as outside of calling hours: nothing is written for them
	Unknown       int `json:"unknown"`       // without a full answer; above 0 only with BlockUnknown
	Invalid       int `json:"invalid"`       // no phone numbers

	// Uncallable is how many of the numbers the platform does not dial at present. They may become
	// callable again, and so they are decided like all others.
	Uncallable int `json:"uncallable"`
}

// Numbers is how many numbers there are.
func (c Counts) Numbers() int { return c.Allowed + c.Blocked + c.BlockedForNow + c.Unknown + c.Invalid }

// A ReasonCount says for how many numbers a reason was the first one.
type ReasonCount struct {
	Code    string `json:"code"` // of a [dnc.Reason]
	List    string `json:"list,omitempty"`
	Numbers int    `json:"numbers"`
}

// A ListState is a list that took part in the decisions: which version of it, and when its data was
// obtained.
type ListState struct {
	List    string    `json:"list"`
	Version string    `json:"version,omitempty"` // "" for lists without versions
	Date    time.Time `json:"date,omitzero"`     // zero where it is not known
	Numbers int       `json:"numbers"`           // in how many decisions
}

// areaCount is what became of the numbers that begin with the same digits.
type areaCount struct {
	Prefix  string `json:"prefix"`
	Allowed int    `json:"allowed"`
	Blocked int    `json:"blocked"` // and all others that are not allowed
}

// Counts are the plan in numbers.
func (p *Plan) Counts() Counts { return p.counts }

// Reasons count the first reason of each number that is not allowed, the most frequent first.
func (p *Plan) Reasons() []ReasonCount { return slices.Clone(p.reasons) }

// Lists are the lists that took part, in the order of their names.
func (p *Plan) Lists() []ListState { return slices.Clone(p.lists) }

// Unmarkable are the ids of contacts with a number that must be marked uncallable and cannot be:
// the platform's API has no address for such an id. Apply blocks their numbers where they are
// numbers, marks all others, and returns an error.
func (p *Plan) Unmarkable() []string { return slices.Clone(p.unmarkable) }

// tally counts reasons, lists and areas. Decisions share their reasons, so it looks at each set of
// them once.
type tally struct {
	sets    map[dnc.Reasons]*reasonSet
	reasons map[ReasonCount]int // Numbers is 0 in the keys
	lists   map[ListState]int
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
		sets: map[dnc.Reasons]*reasonSet{}, reasons: map[ReasonCount]int{}, lists: map[ListState]int{},
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
		seen := map[ListState]struct{}{}
		for r := range set.reasons.All() {
			state := ListState{List: r.List, Version: r.Version, Date: r.Date.UTC()}
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

func (t *tally) listStates() []ListState {
	var out []ListState
	for l, n := range t.lists {
		l.Numbers = n
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b ListState) int {
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
