package genesys_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
)

// A sequence that does not say that it rests, or which campaigns it has, may run any.
func TestSequenceThatMayRun(t *testing.T) {
	t.Parallel()
	for body, on := range map[string]bool{
		`{}`: true, `{"status":null}`: true, `{"status":"on"}`: true, `{"status":"stopping"}`: true, `{"status":""}`: true,
		`{"status":"off"}`: false, `{"status":"OFF","repeat":true}`: false, `{"status":"complete"}`: false,
		`{"status":"complete","repeat":false}`: false, `{"status":"complete","repeat":true}`: true,
	} {
		var s genesys.CampaignSequence
		require.NoError(t, s.UnmarshalJSON([]byte(body)), body)
		assert.Equal(t, on, s.On(), body)
	}
	for campaigns, has := range map[string]bool{
		`null`: true, `[{}]`: true, `[null]`: true, `[{"id":"` + noID + `"},{"id":""}]`: true, `[{"id":"` + strings.ToUpper(noID) + `"}]`: true,
		`[]`: false, `[{"id":"0f8fad5b-d9cb-469f-a165-70867728950e"}]`: false,
	} {
		var s genesys.CampaignSequence
		require.NoError(t, s.UnmarshalJSON([]byte(`{"campaigns":`+campaigns+`}`)), campaigns)
		assert.Equal(t, has, s.Has(noID), campaigns)
	}
	for _, body := range []string{`[]`, `{"status":1}`, `{"repeat":"yes"}`, `{"campaigns":{}}`, `{"campaigns":["x"]}`} {
		require.Error(t, new(genesys.CampaignSequence).UnmarshalJSON([]byte(body)), body)
	}
}

// All pages are read, and a name is exact.
func TestCampaignSequences(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for i := range 250 {
		b.keep("sequences", fmt.Sprintf(`{"name":"s%d","status":"off","campaigns":[{"id":%q}]}`, i, b.campaign))
	}
	read := func(c *genesys.CampaignClient, q genesys.CampaignSequenceQuery) (all []genesys.CampaignSequence, last error) {
		for s, err := range c.CampaignSequences(t.Context(), q) {
			if err != nil {
				return all, err
			}
			all = append(all, s)
		}
		return all, nil
	}
	all, err := read(b.c, genesys.CampaignSequenceQuery{})
	require.NoError(t, err)
	assert.Len(t, all, 250)
	assert.Equal(t, 3, b.p.CountRequests("GET", "/sequences"))
	one, err := read(b.only("outbound:campaignSequence:view"), genesys.CampaignSequenceQuery{Name: "s1"})
	require.NoError(t, err)
	require.Len(t, one, 1)
	assert.Equal(t, genesys.CampaignSequence{ID: one[0].ID, Name: "s1", CampaignIDs: []string{b.campaign}, Status: "off"}, one[0])
	_, err = read(b.only("outbound:campaign:view"), genesys.CampaignSequenceQuery{})
	require.ErrorIs(t, err, genesys.ErrForbidden)
	require.ErrorContains(t, err, "outbound:campaignSequence:view")
}
