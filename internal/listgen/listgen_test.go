package listgen_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/listgen"
)

func TestAListIsTheSameAgain(t *testing.T) {
	for _, size := range []int{0, 1, 1000, 3_000_000} {
		l := listgen.List{Seed: 7, Size: size}
		got := slices.Collect(l.All())
		require.Len(t, got, size)
		require.True(t, slices.IsSorted(got))
		assert.Len(t, slices.Compact(slices.Clone(got)), size)
		assert.Equal(t, got, slices.Collect(l.All()))
	}
	a, b := slices.Collect(listgen.List{Seed: 1, Size: 100}.All()), slices.Collect(listgen.List{Seed: 2, Size: 100}.All())
	assert.NotEqual(t, a, b)
}

func TestTheNationalSize(t *testing.T) {
	areas := listgen.List{Seed: 1, Size: 250_000_000}.Areas()
	assert.InDelta(t, 330, len(areas), 40)
	assert.True(t, slices.IsSorted(areas))
}
