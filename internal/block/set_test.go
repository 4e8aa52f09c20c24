package block_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/block"
)

// sizes are those at which a form of a block begins or ends, and some between.
var sizes = []int{0, 1, 41, 42, 255, 256, 623, 624, 625, 5000, 10_000}

// Two blocks of every pair of forms have the lines in common that their sets have, and merge into
// the union.
func TestTwoBlocks(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, n := range sizes {
		for _, m := range sizes {
			name := fmt.Sprintf("%d and %d lines", n, m)
			one, two := random.Perm(block.Lines)[:n], random.Perm(block.Lines)[:m]
			a, b := encode(t, one), encode(t, two)
			in := make(map[int]bool)
			for _, line := range one {
				in[line] = true
			}
			both := 0
			for _, line := range two {
				if in[line] {
					both++
				}
			}
			assert.Equal(t, both, block.Common(a, string(b)), name)
			assert.Equal(t, both, block.Common(string(b), a), name)

			var s block.Set
			assert.Equal(t, n, s.Merge(a), name)
			assert.Equal(t, m-both, s.Merge(b), name)
			assert.Equal(t, n+m-both, s.Len(), name)
			union := slices.Concat(one, two)
			slices.Sort(union)
			union = slices.Compact(union)
			var lines []int
			s.Each(func(line int) { lines = append(lines, line) })
			assert.True(t, slices.Equal(union, lines), name)
			merged := s.Append(nil)
			require.NoError(t, block.Verify(merged), name)
			assert.Equal(t, encode(t, union), merged, name)
		}
	}
}

// A line that no block has, above 9,999, is in common with nothing.
func TestCommonOfALineThatIsNone(t *testing.T) {
	assert.Zero(t, block.Common("\x27\x10", "\x27\x10"))
	assert.Zero(t, block.Common("\xff\xff", string(encode(t, rand.New(rand.NewPCG(5, 6)).Perm(block.Lines)))))
}

// Each form of a packed block is as long as it is documented. A form that is longer answers right
// and costs memory.
func TestTheSizeOfPackedBlocks(t *testing.T) {
	for lines, size := range map[int]int{0: 0, 1: 2, 41: 82, 42: 83, 254: 295, 255: 296, 256: 338, 624: 706, 625: block.BitmapSize} {
		var s block.Set
		for line := range lines {
			s.Add(line * 16)
		}
		assert.Len(t, block.AppendPacked(nil, string(s.Append(nil))), size, lines)
	}
}

// A bitmap is for more than 624 lines. With fewer it is not what Append writes.
func TestABitmapOfTooFewLines(t *testing.T) {
	bitmap := encode(t, rand.New(rand.NewPCG(7, 8)).Perm(block.Lines)[:block.MaxSparse+1])
	require.NoError(t, block.Verify(bitmap))
	for i, b := range bitmap {
		if b != 0 {
			bitmap[i] &= b - 1 // one line less
			break
		}
	}
	require.Equal(t, block.MaxSparse, block.Count(bitmap))
	require.ErrorContains(t, block.Verify(bitmap), "shorter as a list")
}
