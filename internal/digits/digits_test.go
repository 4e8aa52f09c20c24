package digits_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

func TestDigitsAndNumbersAreTheSame(t *testing.T) {
	var ns []dnc.Number
	for _, d := range []uint64{2907265, 14155550123, 442079460000, 436601234567890} {
		n, err := dnc.ParseNumber("+" + strconv.FormatUint(d, 10))
		require.NoError(t, err)
		assert.Equal(t, d, digits.Of(n))
		assert.Equal(t, n, digits.Number(d))
		ns = append(ns, n)
	}
	ns = append(ns, dnc.Number{})
	for i, w := range digits.Words(ns) {
		assert.Equal(t, digits.Of(ns[i]), digits.Plain(w))
	}
	assert.Empty(t, digits.Words(nil))
}

func TestWhatIsNoNumber(t *testing.T) {
	assert.Zero(t, digits.Of(dnc.Number{}))
	for _, d := range []uint64{0, 911, digits.Min - 1, digits.Max + 1, 1 << 63, ^uint64(0)} {
		assert.True(t, digits.Number(d).IsZero(), "%d", d)
	}
}
