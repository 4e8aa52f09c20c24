package genesys

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"slices"
)

// A CampaignRule is a rule of the platform. The platform follows it without a program: it can start
// a campaign that this library has protected, or change how it dials.
type CampaignRule struct {
	ID, Name    string
	Enabled     bool
	CampaignIDs []string // the campaigns that it watches
	SequenceIDs []string // the campaign sequences that it watches
	Actions     []CampaignRuleAction
}

// A CampaignRuleAction is one action of a campaign rule.
type CampaignRuleAction struct {
	Type        string   // "turnOnCampaign", "recycleCampaign", "setCampaignDialingMode" and others
	CampaignIDs []string // the campaigns that it changes
	SequenceIDs []string // the campaign sequences that it changes
	OnWatched   bool     // it changes the watched campaign or sequence that triggered the rule
}

// UnmarshalJSON reads the platform's object.
func (r *CampaignRule) UnmarshalJSON(data []byte) error {
	type entities struct {
		Campaigns []reference `json:"campaigns"`
		Sequences []reference `json:"sequences"`
		Watched   bool        `json:"useTriggeringEntity"`
	}
	var raw struct {
		ID       string   `json:"id"`
		Name     string   `json:"name"`
		Enabled  *bool    `json:"enabled"`
		Entities entities `json:"campaignRuleEntities"`
		Actions  []struct {
			Type string   `json:"actionType"`
			On   entities `json:"campaignRuleActionEntities"`
		} `json:"campaignRuleActions"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	on := raw.Enabled == nil || *raw.Enabled // one that does not say so is not taken to be off
	*r = CampaignRule{
		ID: raw.ID, Name: raw.Name, Enabled: on,
		CampaignIDs: ids(raw.Entities.Campaigns), SequenceIDs: ids(raw.Entities.Sequences),
	}
	for _, a := range raw.Actions {
		r.Actions = append(r.Actions,
			CampaignRuleAction{a.Type, ids(a.On.Campaigns), ids(a.On.Sequences), a.On.Watched})
	}
	return nil
}

// ActsOn returns the types of the actions that the rule may take on a campaign, each once. A rule
// that is not enabled has none.
func (r *CampaignRule) ActsOn(campaignID string) (types []string) {
	for _, a := range r.Actions {
		on := containsID(a.CampaignIDs, campaignID) || a.OnWatched && containsID(r.CampaignIDs, campaignID)
		if r.Enabled && on && !slices.Contains(types, a.Type) {
			types = append(types, a.Type)
		}
	}
	return types
}

// CampaignRuleQuery selects campaign rules. The zero value selects all.
type CampaignRuleQuery struct {
	Name string // the exact name
}

// CampaignRules reads the campaign rules that a query selects. It reads the next page when the loop
// reaches it. An error ends the sequence. Needs outbound:campaignRule:view.
func (c *CampaignClient) CampaignRules(ctx context.Context, q CampaignRuleQuery) iter.Seq2[CampaignRule, error] {
	return named(ctx, c, "/api/v2/outbound/campaignrules", url.Values{}, q.Name,
		func(r *CampaignRule) (id, name string) { return r.ID, r.Name })
}
