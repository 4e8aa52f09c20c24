package genesys_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
)

// A rule that does not say whether it is enabled may be.
func TestCampaignRuleThatMayBeEnabled(t *testing.T) {
	for text, want := range map[string]bool{`{}`: true, `{"enabled":null}`: true, `{"enabled":true}`: true, `{"enabled":false}`: false} {
		var r genesys.CampaignRule
		require.NoError(t, r.UnmarshalJSON([]byte(text)))
		assert.Equal(t, want, r.Enabled, text)
	}
}

func TestCampaignRules(t *testing.T) {
	b := newBed(t)
	rule := func(name, enabled, watched, actions string) {
		b.keep("campaignrules", `{"name":"`+name+`","enabled":`+enabled+`,"campaignRuleEntities":{"campaigns":[`+watched+`]},"campaignRuleConditions":[],"campaignRuleActions":[`+actions+`]}`)
	}
	this, other := `{"id":"`+b.campaign+`"}`, `{"id":"`+noID+`"}`
	on := func(kind, campaigns, watched string) string {
		return `{"actionType":"` + kind + `","campaignRuleActionEntities":{"campaigns":[` + campaigns + `],"useTriggeringEntity":` + watched + `}}`
	}
	rule("starts it", "true", other, on("turnOnCampaign", this, "false")+","+on("turnOnCampaign", this, "false")+","+on("recycleCampaign", other, "false"))
	rule("recycles what it watches", "true", this, on("recycleCampaign", "", "true"))
	rule("is off", "false", this, on("turnOnCampaign", this, "true"))
	rule("another's", "true", other, on("turnOnCampaign", other, "true"))
	acts := map[string][]string{}
	for r, err := range b.c.CampaignRules(t.Context(), genesys.CampaignRuleQuery{}) {
		require.NoError(t, err)
		acts[r.Name] = r.ActsOn(b.campaign)
	}
	assert.Equal(t, map[string][]string{
		"starts it": {"turnOnCampaign"}, "recycles what it watches": {"recycleCampaign"}, "is off": nil, "another's": nil,
	}, acts)
	failed := error(nil)
	for _, failed = range b.only("outbound:campaign:view").CampaignRules(t.Context(), genesys.CampaignRuleQuery{}) {
	}
	require.ErrorIs(t, failed, genesys.ErrForbidden)
}
