package optout

import (
	"errors"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/fulldisk"
)

// TestADiskThatIsReallyFull is TestADiskThatIsFullAcknowledgesNothing on a disk: an opt-out that
// cannot be stored is not acknowledged and blocks all the same, and when there is room again nothing
// that was acknowledged is lost.
func TestADiskThatIsReallyFull(t *testing.T) {
	fulldisk.Run(t, func(t *testing.T, d fulldisk.Disk) {
		dir := d.Dir + "/optouts"
		var acknowledged []int
		next := 0
		for range 3 {
			in := open(t, dir)
			add(t, in, next, strconv.Itoa(next))
			acknowledged = append(acknowledged, next)
			next++
			d.Fill(t, 20)
			refused := -1
			for range 1000 { // what is left of a block of the disk still takes some
				r, err := in.Add(t.Context(), Request{Number: number(next), Source: "test", SourceID: strconv.Itoa(next)})
				if err == nil {
					require.False(t, r.Duplicate)
					acknowledged = append(acknowledged, next)
					next++
					continue
				}
				require.ErrorIs(t, err, ErrNotStored)
				if !errors.Is(err, syscall.ENOSPC) {
					require.ErrorIs(t, err, syscall.EFBIG)
				}
				assert.NotRegexp(t, canary, err.Error())
				refused = next
				break
			}
			require.NotEqual(t, -1, refused, "the disk was not full")
			mustBlock(t, in, len(acknowledged)+1, append(acknowledged[:len(acknowledged):len(acknowledged)], refused)...)
			d.Free(t)
			r := add(t, in, refused, strconv.Itoa(refused))
			require.False(t, r.Duplicate, "it was not acknowledged before")
			acknowledged = append(acknowledged, refused)
			next++
			require.NoError(t, in.Close())
		}
		in := open(t, dir)
		mustBlock(t, in, len(acknowledged), acknowledged...)
		require.NoError(t, in.Close())
	})
}
