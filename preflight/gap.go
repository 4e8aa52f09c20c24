package preflight

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A GapKind is a kind of [Gap].
type GapKind string

// The gaps that [Plan.AssertProtected] looks for. The first group means that the campaign or its
// contacts are not those that were checked. These cannot be accepted, and an error with one of them
// wraps [ErrChanged] too.
const (
	GapOtherContactList GapKind = "other_contact_list" // the campaign dials another contact list
	GapOtherColumns     GapKind = "other_columns"      // the campaign dials other columns
	GapContactsAdded    GapKind = "contacts_added"     // the list has more contacts than were checked
	GapContactsChanged  GapKind = "contacts_changed"   // a contact was removed or replaced, or got another number
	GapMarkGone         GapKind = "mark_gone"          // a number that was marked uncallable is callable
	GapListNotAttached  GapKind = "list_not_attached"  // a DNC list of the plan is not attached to the campaign
	GapEntriesMissing   GapKind = "entries_missing"    // numbers of the plan are not on the campaign's own DNC list

	GapListEmpty       GapKind = "list_empty"        // an internal DNC list that is attached has no entries, or cannot be read
	GapListShrunk      GapKind = "list_shrunk"       // an internal DNC list lost a fifth of its entries since the plan
	GapEntriesExpire   GapKind = "entries_expire"    // entries of the plan's numbers expire within 7 days
	GapDecisionsOld    GapKind = "decisions_old"     // the plan is older than 24 hours
	GapListCopyOld     GapKind = "list_copy_old"     // the data of a list that was used is older than 31 days
	GapNoAttemptLimits GapKind = "no_attempt_limits" // nothing limits how often a number is dialled
	GapNoCallableTimes GapKind = "no_callable_times" // nothing limits at which times numbers are dialled

	GapCallableTimesWider GapKind = "callable_times_wider" // the callable times allow calls that the rule of WithHours blocks
	GapHoursUnknown       GapKind = "hours_unknown"        // the callable times could not be compared with that rule

	// The platform finds time zones by itself, and calls at the times of the organisation's settings,
	// which are not read.
	GapAutomaticTimeZones GapKind = "automatic_time_zones"

	GapRuleSets         GapKind = "rule_sets"          // rule sets act while the campaign dials
	GapRuleSetsChange   GapKind = "rule_sets_change"   // an action may change contacts, to numbers that were not checked
	GapRuleSetsCallback GapKind = "rule_sets_callback" // an action schedules callbacks, which may go around DNC lists
	GapRulesStart       GapKind = "rules_start"        // a campaign rule may start it, or have contacts dialled again
	GapRulesChange      GapKind = "rules_change"       // a campaign rule may change how the campaign dials
	GapScheduleStarts   GapKind = "schedule_starts"    // its schedule may switch it on
	GapSequencesStart   GapKind = "sequences_start"    // a campaign sequence may start it
)

var (
	changeKinds = []GapKind{
		GapOtherContactList, GapOtherColumns, GapContactsAdded, GapContactsChanged, GapMarkGone, GapListNotAttached, GapEntriesMissing,
	}
	otherKinds = []GapKind{
		GapListEmpty, GapListShrunk, GapEntriesExpire, GapDecisionsOld, GapListCopyOld, GapNoAttemptLimits, GapNoCallableTimes,
		GapAutomaticTimeZones,
		GapCallableTimesWider, GapHoursUnknown,
		GapRuleSets, GapRuleSetsChange, GapRuleSetsCallback, GapRulesStart, GapRulesChange,
		GapScheduleStarts, GapSequencesStart,
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

// A Gap is one thing that a campaign lacks to be protected.
type Gap struct {
	Kind GapKind `json:"kind"`
	Text string  `json:"text"` // what was found; it names no phone number
}

func gapf(kind GapKind, format string, args ...any) Gap {
	return Gap{kind, fmt.Sprintf(format, args...)}
}

// ErrUnprotected says that [Plan.AssertProtected] found gaps. The error is an [*UnprotectedError].
var ErrUnprotected = errors.New("preflight: the campaign is not protected")

// An UnprotectedError has every gap that was found. It wraps [ErrUnprotected]. If contacts or
// campaign are not those that were checked, it wraps [ErrChanged] too.
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
