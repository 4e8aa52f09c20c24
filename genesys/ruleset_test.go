package genesys_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
)

func TestRuleSet(t *testing.T) {
	b := newBed(t)
	id := b.keep("rulesets", `{"name":"after","rules":[{"name":"a","category":"DIALER_WRAPUP","conditions":[],"actions":[`+
		`{"type":"Action","actionTypeName":"DO_NOT_DIAL"},{"type":"dataActionBehavior","actionTypeName":"DATA_ACTION"}]},`+
		`{"name":"b","category":"DIALER_WRAPUP","conditions":[],"actions":[{"type":"Action","actionTypeName":"DO_NOT_DIAL"},{"type":"new"}]}]}`)
	set, err := b.c.RuleSet(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, &genesys.RuleSet{ID: id, Name: "after", Actions: []string{"DO_NOT_DIAL", "DATA_ACTION", "new"}}, set)
	_, err = b.c.RuleSet(t.Context(), "x")
	require.ErrorIs(t, err, genesys.ErrInvalidInput)
	_, err = b.c.RuleSet(t.Context(), noID)
	require.ErrorIs(t, err, genesys.ErrNotFound)
	_, err = b.only("outbound:campaign:view").RuleSet(t.Context(), id)
	require.ErrorIs(t, err, genesys.ErrForbidden)
}
