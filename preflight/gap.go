package preflight

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// GapKind is a kind of thing that a campaign lacks.
type GapKind string

// What [Plan.AssertProtected] looks for. The kinds of the first group mean that campaign or
// contacts are not those that were checked: an error with one of them wraps [ErrChanged] too.
const (
	OtherContactList GapKind = "other_contact_list" // the campaign dials another contact list
	OtherColumns     GapKind = "other_columns"      // the campaign dials other columns
	ContactsAdded    GapKind = "contacts_added"     // the list has more contacts than were checked
	ContactsChanged  GapKind = "contacts_changed"   // a contact was removed or replaced, or got another number
	MarkGone         GapKind = "mark_gone"          // a number that was marked uncallable is callable
	ListNotAttached  GapKind = "list_not_attached"  // a DNC list of the plan is not attached to the campaign
	EntriesMissing   GapKind = "entries_missing"    // numbers of the plan are not on the campaign's own DNC list

	ListEmpty       GapKind = "list_empty"        // an internal DNC list that is attached has no entries
	ListShrunk      GapKind = "list_shrunk"       // an internal DNC list lost a fifth of its entries since the plan
	EntriesExpire   GapKind = "entries_expire"    // entries of the plan's numbers expire within 7 days
	DecisionsOld    GapKind = "decisions_old"     // the plan is older than 24 hours
	ListCopyOld     GapKind = "list_copy_old"     // the data of a list that answered is older than 31 days
	NoAttemptLimits GapKind = "no_attempt_limits" // nothing limits how often a number is dialled
	NoCallableTimes GapKind = "no_callable_times" // nothing limits at which times numbers are dialled

	CallableTimesWider GapKind = "callable_times_wider" // with WithHours: they are open when the hours are not
	HoursUnknown       GapKind = "hours_unknown"        // with WithHours: they could not be compared with the hours

	// The platform finds time zones by itself, and calls at times that the organisation's settings
	// name. They are not read.
	AutomaticTimeZones GapKind = "automatic_time_zones"

	RuleSets         GapKind = "rule_sets"          // rule sets act while the campaign dials
	RuleSetsChange   GapKind = "rule_sets_change"   // an action may change contacts, to numbers that were not checked
	RuleSetsCallback GapKind = "rule_sets_callback" // an action schedules callbacks, which may go around DNC lists
	RulesStart       GapKind = "rules_start"        // a campaign rule may start it, or have contacts dialled again
	RulesChange      GapKind = "rules_change"       // a campaign rule may change how the campaign dials
)

var (
	changeKinds = []GapKind{
		OtherContactList, OtherColumns, ContactsAdded, ContactsChanged, MarkGone, ListNotAttached, EntriesMissing,
	}
	otherKinds = []GapKind{
		ListEmpty, ListShrunk, EntriesExpire, DecisionsOld, ListCopyOld, NoAttemptLimits, NoCallableTimes,
		AutomaticTimeZones,
		CallableTimesWider, HoursUnknown,
		RuleSets, RuleSetsChange, RuleSetsCallback, RulesStart, RulesChange,
	}
)

func checkKinds(kinds []GapKind) error {
	for _, k := range kinds {
		switch {
		case slices.Contains(changeKinds, k):
			return invalid("the gap %s cannot be accepted: what was checked is not what would be dialled; make a new plan",
				k)
		case !slices.Contains(otherKinds, k):
			return invalid("the gap %q is not one of %q", string(k), otherKinds)
		}
	}
	return nil
}

// A Gap is one thing that a campaign lacks.
type Gap struct {
	Kind GapKind `json:"kind"`
	Text string  `json:"text"` // what was found; it names no phone number
}

func gapf(kind GapKind, format string, args ...any) Gap {
	return Gap{kind, fmt.Sprintf(format, args...)}
}

// ErrUnprotected is wrapped by every error of [Plan.AssertProtected] that names gaps.
var ErrUnprotected = errors.New("preflight: the campaign is not protected")

// An UnprotectedError names every gap that was found. It wraps [ErrUnprotected], and [ErrChanged]
// where a gap says so.
type UnprotectedError struct {
	CampaignID string
	Gaps       []Gap
}

// Error names the campaign and every gap.
func (e *UnprotectedError) Error() string {
	texts := make([]string, 0, len(e.Gaps))
	for _, g := range e.Gaps {
		texts = append(texts, fmt.Sprintf("%s: %s", g.Kind, g.Text))
	}
	return fmt.Sprintf("%v: campaign %s: %s", ErrUnprotected, e.CampaignID, strings.Join(texts, "; "))
}

// Is finds ErrUnprotected, and ErrChanged.
func (e *UnprotectedError) Is(target error) bool {
	return target == ErrUnprotected || target == ErrChanged &&
		slices.ContainsFunc(e.Gaps, func(g Gap) bool { return slices.Contains(changeKinds, g.Kind) })
}

// unprotected is the error of the gaps that nobody accepts, nil if there are none.
func (p *Plan) unprotected(gaps []Gap, accept []GapKind) error {
	left := slices.DeleteFunc(slices.Clone(gaps), func(g Gap) bool { return slices.Contains(accept, g.Kind) })
	if len(left) == 0 {
		return nil
	}
	return &UnprotectedError{CampaignID: p.campaignID, Gaps: left}
}
