package retry

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestBoundDoublesUpToMaxDelay(t *testing.T) {
	p := Policy{}.withDefaults()
	for i, seconds := range []float64{0.5, 1, 2, 4, 8, 16, 32, 60, 60} {
		assert.InDelta(t, seconds, p.bound(i+1).Seconds(), 0, "after try %d", i+1)
	}
	assert.Equal(t, 60*time.Second, p.bound(1_000_000), "a shift would have overflowed")

	p = Policy{BaseDelay: time.Hour}.withDefaults()
	assert.Equal(t, 60*time.Second, p.bound(1), "MaxDelay bounds the first wait as well")

	p = Policy{BaseDelay: math.MaxInt64, MaxDelay: math.MaxInt64}
	for i := range 5 {
		assert.GreaterOrEqual(t, p.delay(i+1, 0), time.Duration(0))
		assert.GreaterOrEqual(t, p.delay(i+1, math.MaxInt64), time.Duration(0))
		assert.GreaterOrEqual(t, p.delay(i+1, math.MaxInt64-1), time.Duration(math.MaxInt64-1))
	}
}

func TestAWaitThatWasAskedForIsKeptInFull(t *testing.T) {
	p := Policy{}.withDefaults()
	var longest time.Duration
	for range 1000 {
		d := p.delay(3, 5*time.Second)
		assert.GreaterOrEqual(t, d, 5*time.Second)
		longest = max(longest, d)
	}
	assert.LessOrEqual(t, longest, 5500*time.Millisecond)
	assert.Greater(t, longest, 5400*time.Millisecond, "everyone was told the same second")
}

func TestJitterIsEven(t *testing.T) {
	const n = 10_000
	var low, high int
	for range n {
		d := jitter(10)
		assert.True(t, d >= 0 && d <= 10)
		if d == 0 {
			low++
		}
		if d == 10 {
			high++
		}
	}
	assert.InDelta(t, n/11, low, n/50)
	assert.InDelta(t, n/11, high, n/50)
	assert.Zero(t, jitter(0))
	assert.Zero(t, jitter(-1))
}
