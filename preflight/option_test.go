package preflight_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/preflight"
)

// The first rules would be dropped, and with them the lists that must be attached.
func TestRulesAreGivenOnce(t *testing.T) {
	b := newBed(t)
	rules := preflight.WithRules(genesys.Rules{})
	_, err := preflight.NewPlan(t.Context(), dnc.Protect(b.checker), b.c, b.campaign, rules, rules)
	require.ErrorIs(t, err, genesys.ErrInvalidInput)
	require.ErrorContains(t, err, "given twice")
}
