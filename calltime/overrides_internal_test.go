package calltime

import (
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slept is a time whose wall clock went on by so many seconds, while its monotonic clock stood still,
// as on a computer that sleeps. Package time has no function for that: the seconds are above the 30
// bits of nanoseconds of the first word.
func slept(t *testing.T, at time.Time, seconds uint64) time.Time {
	t.Helper()
	later := at
	*(*uint64)(unsafe.Pointer(&later)) += seconds << 30
	require.Zero(t, later.Sub(at), "the monotonic clocks are the same")
	require.Equal(t, time.Duration(seconds)*time.Second, later.Round(0).Sub(at.Round(0)))
	return later
}

func TestASleepCountsAsTime(t *testing.T) {
	t.Parallel()
	now := time.Now()
	later := slept(t, now, 8*3600)
	assert.Equal(t, 8*time.Hour, apart(later, now))
	assert.Equal(t, 8*time.Hour, apart(now, later))
	assert.True(t, (&overrideState{read: now}).stale(later))
	assert.Equal(t, time.Minute, apart(now.Add(time.Minute), now))
}
