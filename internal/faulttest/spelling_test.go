package faulttest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// A list of 10,000 with a few members in another spelling, which a sample hardly sees. A member
// that is a number is an opt-out, however it is written: it is never allowed, by a checker that has
// just started as well.
func TestMembersInAnotherSpelling(t *testing.T) {
	t.Parallel()
	for name, spell := range map[string]string{
		"without the plus": "1415556%04d", "with spaces": "+1 415 556 %04d", "00": "001415556%04d",
	} {
		for _, odd := range []int{500, 1} {
			t.Run(fmt.Sprintf("%d %s", odd, name), func(t *testing.T) {
				t.Parallel()
				s := redistest.Start(t)
				args := []any{"sadd", "dnc:blacklist"}
				for i := range 10_000 - odd {
					args = append(args, fmt.Sprintf("+1415555%04d", i))
				}
				for i := range odd {
					args = append(args, fmt.Sprintf(spell, i))
				}
				s.Do(t, args...)
				c := newChecker(t, connect(t, s.URL()), dnc.WithGeoRefresh(50*time.Millisecond, time.Minute))
				n, err := dnc.ParseNumber("+14155560000")
				require.NoError(t, err)
				if odd == 1 { // found at the latest when all members were looked at, some thousand at a time
					require.NoError(t, redistest.Eventually(func() error {
						if d, _ := c.Check(ctx, n); d.Callable() {
							return errNotYet
						}
						return nil
					}))
				}
				result := press(c, n, 4, 25)
				assert.Zero(t, result.allow.Load(), "%v", result)
			})
		}
	}
}

// Several formats are asked for at once.
func TestSeveralSpellings(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	s.Do(t, "sadd", "dnc:blacklist", "+14155550001", "14155550002", "4155550003")
	c := newChecker(t, connect(t, s.URL()), dnc.WithMemberFormat(
		dnc.Number.E164, func(n dnc.Number) string { return n.E164()[1:] }, func(n dnc.Number) string { return n.E164()[2:] }))
	for i, want := range []dnc.Verdict{dnc.Allow, dnc.Block, dnc.Block, dnc.Block, dnc.Allow} {
		d, err := c.Check(ctx, number(t, i))
		require.NoError(t, err)
		assert.Equal(t, want, d.Verdict, "number %d", i)
	}
}
