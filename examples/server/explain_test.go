package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/calltime"
)

func TestValidateExplainsCallingHours(t *testing.T) {
	s := start(t, nil)
	const body = `[{"phoneNumber":"+18505550100"},{"phoneNumber":"nothing"},{"phoneNumber":"+18005550100"}]`
	r := s.send(t, "POST", "/validate?explain=1", body)
	require.Equal(t, 200, r.status)
	var got struct {
		Total int               `json:"total"`
		Hours [][]calltime.Step `json:"hours"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.body), &got))
	assert.Equal(t, 3, got.Total)
	require.Len(t, got.Hours, 3)
	assert.Contains(t, calltime.FormatSteps(got.Hours[0]), "us-fl/hours")
	assert.Empty(t, got.Hours[1])
	assert.Contains(t, calltime.FormatSteps(got.Hours[2]), "zone_unknown")
	r = s.send(t, "POST", "/validate", body)
	assert.NotContains(t, r.body, `"hours"`)
}
