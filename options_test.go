package dnc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// The first of two would be dropped, and its numbers would be called.
func TestAnOptionThatNamesAListIsGivenOnce(t *testing.T) {
	rdb := universal(t, "redis://127.0.0.1:1")
	for name, o := range map[string]dnc.RedisOption{
		"WithList":         dnc.WithList("optouts", "crm:optouts"),
		"WithGeoRules":     dnc.WithGeoRules("rules"),
		"WithMemberFormat": dnc.WithMemberFormat(dnc.Number.E164),
		"WithMinSize":      dnc.WithMinSize(2),
	} {
		_, err := dnc.NewRedisChecker(rdb, o, o)
		require.ErrorIs(t, err, dnc.ErrOption)
		require.ErrorContains(t, err, name+" is given twice")
		_, err = dnc.NewRedisWriter(rdb, o, o)
		require.ErrorContains(t, err, name+" is given twice")
		_, err = dnc.NewRedisWriter(rdb, o)
		require.NoError(t, err)
		_, err = dnc.Follow(ctx, rdb, o, o)
		require.ErrorIs(t, err, dnc.ErrOption)
	}
}
