package preflight

import (
	"context"
	"errors"
	"slices"

	"github.com/dnc-go/dnc/genesys"
)

// Actions of campaign rules. turnOffCampaign and turnOffSequence keep people from being called, so
// they are no gap. Any other action, also one that the platform gets later, is taken for a change.
const turnOnSequence = "turnOnSequence"

var (
	startActions = []string{"turnOnCampaign", "recycleCampaign", turnOnSequence}
	stopActions  = []string{"turnOffCampaign", "turnOffSequence"}
)

// ruleGaps looks at the campaign rules that are enabled.
func (p *Plan) ruleGaps(ctx context.Context, sequences sequenceIDs) (gaps []Gap, err error) {
	starts, changes := 0, 0
	var startWith, changeWith []string
	for rule, err := range p.client.CampaignRules(ctx, genesys.CampaignRuleQuery{}) {
		if err != nil {
			return nil, err
		}
		started, changed := false, false
		for _, t := range append(rule.ActsOn(p.campaignID), sequences.actedOn(&rule)...) {
			switch {
			case slices.Contains(startActions, t):
				started, startWith = true, append(startWith, t)
			case !slices.Contains(stopActions, t):
				changed, changeWith = true, append(changeWith, t)
			}
		}
		if started {
			starts++
		}
		if changed {
			changes++
		}
	}
	if starts > 0 {
		gaps = append(gaps, gapf(GapRulesStart, "%d campaign rules may switch it on or have its contacts dialled again: %q",
			starts, unique(startWith)))
	}
	if changes > 0 {
		gaps = append(gaps,
			gapf(GapRulesChange, "%d campaign rules may change how it dials: %q", changes, unique(changeWith)))
	}
	return gaps, nil
}

// actedOn returns the types of the actions that a rule may take on sequences that have the campaign.
// One that switches on a sequence that nobody named, or that was not read, may be one of them.
func (s sequenceIDs) actedOn(rule *genesys.CampaignRule) (types []string) {
	if !rule.Enabled {
		return nil
	}
	for _, a := range rule.Actions {
		ids := a.SequenceIDs
		if a.OnWatched {
			ids = slices.Concat(ids, rule.SequenceIDs)
		}
		has, known := s.mayHave(ids)
		if has || a.Type == turnOnSequence && (!known || len(ids) == 0) {
			types = append(types, a.Type)
		}
	}
	return types
}

func unique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// Actions of rule sets that keep numbers from being called or do not touch whom is called. Any
// other action, also one that the platform gets later, is taken for one that changes contacts.
var harmlessActions = []string{
	"DO_NOT_DIAL", "SWITCH_TO_PREVIEW", "APPEND_NUMBER_TO_DNC_LIST", "APPEND_CUSTOM_ENTRY_TO_DNC_LIST",
	"CONTACT_UNCALLABLE", "NUMBER_UNCALLABLE",
	"SET_CALLER_ID", "SET_SKILLS",
}

const callbackAction = "SCHEDULE_CALLBACK"

// ruleSetGaps looks at what the rule sets do that are in force.
func (p *Plan) ruleSetGaps(ctx context.Context, ids []string) (gaps []Gap, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	gaps = append(gaps, gapf(GapRuleSets, "%d rule sets act while it dials", len(ids)))
	callbacks := false
	var changing []string
	for _, id := range ids {
		set, err := p.client.RuleSet(ctx, id)
		if errors.Is(err, genesys.ErrNotFound) {
			changing = append(changing, "of a rule set that cannot be found")
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, action := range set.Actions {
			switch {
			case action == callbackAction:
				callbacks = true
			case !slices.Contains(harmlessActions, action):
				changing = append(changing, action)
			}
		}
	}
	if len(changing) > 0 {
		gaps = append(gaps,
			gapf(GapRuleSetsChange, "rule sets have actions that may change contacts: %q", unique(changing)))
	}
	if callbacks {
		gaps = append(gaps, Gap{GapRuleSetsCallback, "rule sets schedule callbacks: whether DNC lists apply to them is not documented consistently"})
	}
	return gaps, nil
}
