package dnc_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// A format that cannot be undone, as a hash, is asked like any other: no guess finds out that its members are numbers.
func TestFollowFindsMembersOfAFormatThatCannotBeUndone(t *testing.T) {
	s := redistest.Start(t)
	hashed := func(n dnc.Number) string {
		sum := sha256.Sum256([]byte(n.E164()))
		return hex.EncodeToString(sum[:])
	}
	n := must(t, "+14155550123")
	s.Do(t, append([]any{"sadd", "dnc:blacklist", hashed(n)}, members(t)...)...)
	f := follow(t, universal(t, s.URL()), dnc.WithMemberFormat(dnc.Number.E164, hashed))
	require.NoError(t, f.Wait(ctx))
	d, err := f.Check(ctx, n)
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
}
