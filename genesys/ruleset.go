package genesys

import (
	"context"
	"encoding/json"
	"slices"
)

// A RuleSet is a set of rules of the platform, which act before and after each call of the
// campaigns that it is attached to.
type RuleSet struct {
	ID, Name string

	// Actions are the types of its rules' actions, each once: "DO_NOT_DIAL",
	// "MODIFY_CONTACT_ATTRIBUTE", "SCHEDULE_CALLBACK", "DATA_ACTION" and others.
	Actions []string
}

// UnmarshalJSON reads the platform's object.
func (s *RuleSet) UnmarshalJSON(data []byte) error {
	var raw struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Rules []struct {
			Actions []struct {
				Name string `json:"actionTypeName"`
				Type string `json:"type"`
			} `json:"actions"`
		} `json:"rules"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*s = RuleSet{ID: raw.ID, Name: raw.Name}
	for _, rule := range raw.Rules {
		for _, action := range rule.Actions {
			name := action.Name
			if name == "" {
				name = action.Type
			}
			if !slices.Contains(s.Actions, name) {
				s.Actions = append(s.Actions, name)
			}
		}
	}
	return nil
}

// RuleSet reads a rule set. Needs outbound:ruleSet:view.
func (c *CampaignClient) RuleSet(ctx context.Context, id string) (*RuleSet, error) {
	return readOne[RuleSet](ctx, c, "rule set id", "/api/v2/outbound/rulesets", id)
}
