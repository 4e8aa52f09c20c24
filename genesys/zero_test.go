package genesys_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

func TestZeroValues(t *testing.T) {
	var c genesys.CampaignClient
	_, err := c.Campaign(context.Background(), "11111111-1111-4111-8111-111111111111")
	require.ErrorIs(t, err, genesys.ErrInvalidInput)
	require.ErrorContains(t, err, "NewCampaignClient")

	var p genesystest.Platform // as New makes it
	id := p.AddDNCList("list")
	client, err := genesys.NewCampaignClient(p.Source())
	require.NoError(t, err)
	list, err := client.DNCList(context.Background(), id)
	require.NoError(t, err)
	assert.Equal(t, "list", list.Name)
}
