package dnc_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

func TestCounts(t *testing.T) {
	decision := func(v dnc.Verdict, fallback bool, code string) dnc.Decision {
		return dnc.Decision{Verdict: v, Fallback: fallback, Reasons: dnc.ReasonsOf(dnc.Reason{Code: code})}
	}
	var c dnc.Counts
	assert.Equal(t, "total=0 blocked=0 allowed=0 unknown=0", c.String())
	c.Add(decision(dnc.Allow, false, dnc.CodeAllowed))
	c.Add(decision(dnc.Block, false, "dnc_blacklist"))
	c.Add(decision(dnc.Block, true, dnc.CodeStoreTimeout))
	c.Add(decision(dnc.Unknown, false, dnc.CodeListMissing))
	c.Add(decision(dnc.Block, false, dnc.CodeInvalidNumber))
	c.Add(dnc.Decision{})
	assert.Equal(t, dnc.Counts{Total: 6, Blocked: 5, Allowed: 1, Unknown: 3, Invalid: 1}, c)
	assert.Equal(t, "total=6 blocked=5 allowed=1 unknown=3 invalid=1", c.String())
	assert.Equal(t, c.Total, c.Blocked+c.Allowed)
	text, err := json.Marshal(c)
	require.NoError(t, err)
	assert.JSONEq(t, `{"total":6,"blocked":5,"allowed":1,"unknown":3,"invalid":1}`, string(text))
}
