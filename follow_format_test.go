package dnc_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// A hash cannot be undone: no guess finds out that its members are numbers. It is asked like any
// other format.
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

// A format that fits the caller's numbers can panic on another member. The process goes on, and so
// do the answers.
func TestAFormatThatPanicsOnAGuess(t *testing.T) {
	s := redistest.Start(t)
	s.Do(t, append([]any{"sadd", "dnc:blacklist", "12345"}, members(t)...)...)
	long := func(n dnc.Number) string { return n.E164()[:12] } // panics below eleven digits
	rdb := universal(t, s.URL())
	rightFrom(t, followed(t, rdb, dnc.WithMemberFormat(long)))
	list, err := dnc.NewRedisChecker(rdb, dnc.WithMemberFormat(long), quiet)
	require.NoError(t, err)
	rightFrom(t, list)
}

// The process and Follow go on when a hook of the caller panics.
func TestAHookThatPanicsWhileAListIsFollowed(t *testing.T) {
	s := redistest.Start(t)
	s.Do(t, append([]any{"sadd", "dnc:blacklist", "n/a"}, members(t)...)...)
	f := followed(t, universal(t, s.URL()), dnc.WithIncidents(func(dnc.Incident) { panic("boom") }))
	rightFrom(t, f)
	n := must(t, "+14165550123")
	s.Do(t, "sadd", "dnc:blacklist", n.E164())
	require.NoError(t, redistest.Eventually(func() error {
		d, err := f.Check(ctx, n)
		if err == nil && d.Callable() {
			return errNotYet
		}
		return err
	}))
}

var errNotYet = errors.New("not yet")
