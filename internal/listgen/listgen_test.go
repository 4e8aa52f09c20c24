package listgen

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAListIsTheSameAgain(t *testing.T) {
	for _, l := range []List{{7, 0, false}, {7, 1, false}, {7, 1000, false}, {7, 3_000_000, false}, {7, 100_000, true}} {
		got := slices.Collect(l.All())
		require.Len(t, got, l.Size)
		require.True(t, slices.IsSorted(got))
		assert.Len(t, slices.Compact(slices.Clone(got)), l.Size)
		assert.Equal(t, got, slices.Collect(l.All()))
	}
	a, b := slices.Collect(List{Seed: 1, Size: 100}.All()), slices.Collect(List{Seed: 2, Size: 100}.All())
	assert.NotEqual(t, a, b)
}

// The area codes are those of the numbers, also when the first of them is just full.
func TestAreas(t *testing.T) {
	for seed := range uint64(5) {
		l := List{Seed: seed, Size: 5_000_000}
		whole, area := 0, l.first()
		for n := range l.All() {
			if int(n/10_000_000%1000) != area {
				break
			}
			whole++
		}
		l.Size = whole
		assert.Equal(t, []int{area}, l.Areas(), "seed %d", seed)
		l.Size++
		assert.Len(t, l.Areas(), 2, "seed %d", seed)
	}
	assert.Empty(t, List{Seed: 1}.Areas())
}

func (l List) first() int {
	for n := range l.blocks() {
		return int(n / 1000 % 1000)
	}
	return 0
}

// On average the blocks of a list have a hundredth more than its size, which is many times what
// chance can take from it.
func TestTheNationalSize(t *testing.T) {
	for _, size := range []int{250_000_000, 265_000_000, 500_000_000} {
		for seed := range uint64(20) {
			l := List{Seed: seed, Size: size}
			mean := 0.0
			areas := map[uint64]bool{}
			for n, density := range l.blocks() {
				mean += 10_000 * density
				areas[n/1000] = true
			}
			require.Greater(t, mean, 1.01*float64(size), "seed %d, %d", seed, size)
			if size == 250_000_000 {
				assert.InDelta(t, 330, len(areas), 50, "seed %d", seed)
			}
		}
	}
	assert.True(t, List{Seed: 1, Size: 35_000_000, Canada: true}.hasRoom(1))
	assert.False(t, List{Seed: 1, Size: 600_000_000}.hasRoom(1))
}

func TestCanada(t *testing.T) {
	areas := List{Seed: 1, Size: 3_000_000, Canada: true}.Areas()
	assert.Equal(t, canada[:len(areas)], areas)
	assert.True(t, slices.IsSorted(canada))
}
