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
	ContactsChanged  GapKind = "contacts_changed"   // a contact was added or removed, or got another number
	MarkGone         GapKind = "mark_gone"          // a number that was marked uncallable is callable
	ListNotAttached  GapKind = "list_not_attached"  // a DNC list of the plan is not attached to the campaign
	EntriesMissing   GapKind = "entries_missing"    // numbers of the plan are not on the campaign's own DNC list

	ListEmpty       GapKind = "list_empty"        // an internal DNC list that is attached has no entries
	ListShrunk      GapKind = "list_shrunk"       // an internal DNC list has lost a fifth of its entries, or more, since the plan was made
	EntriesExpire   GapKind = "entries_expire"    // entries of the plan's numbers expire within 7 days
	DecisionsOld    GapKind = "decisions_old"     // the plan is older than 24 hours, or the data of a list older than 31 days
	NoAttemptLimits GapKind = "no_attempt_limits" // nothing limits how often a number is dialled
	NoCallableTimes GapKind = "no_callable_times" // nothing limits at which times numbers are dialled
	RuleSets        GapKind = "rule_sets"         // rule sets may change contacts, lists and calls while the campaign dials
)

var (
	changeKinds = []GapKind{OtherContactList, OtherColumns, ContactsChanged, MarkGone, ListNotAttached, EntriesMissing}
	otherKinds  = []GapKind{ListEmpty, ListShrunk, EntriesExpire, DecisionsOld, NoAttemptLimits, NoCallableTimes, RuleSets}
)

func checkKinds(kinds []GapKind) error {
	for _, k := range kinds {
		switch {
		case slices.Contains(changeKinds, k):
			return invalid("the gap %s cannot be accepted: what was checked is not what would be dialled; make a new plan", k)
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
	return target == ErrUnprotected || target == ErrChanged && slices.ContainsFunc(e.Gaps, func(g Gap) bool { return slices.Contains(changeKinds, g.Kind) })
}

// unprotected is the error of the gaps that nobody accepts, nil if there are none.
func (p *Plan) unprotected(gaps []Gap, accept []GapKind) error {
	left := slices.DeleteFunc(slices.Clone(gaps), func(g Gap) bool { return slices.Contains(accept, g.Kind) })
	if len(left) == 0 {
		return nil
	}
	return &UnprotectedError{CampaignID: p.campaignID, Gaps: left}
}
