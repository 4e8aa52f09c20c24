package optout

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestASlowTargetDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good, bad := newMemoryTarget(), newMemoryTarget()
		bad.setFail(func([]Change) error { return errors.New("down: call +1 202 555 0123") })
		hangs := TargetFunc(func(ctx context.Context, _ []Change) error { <-ctx.Done(); return ctx.Err() })
		in := open(t, t.TempDir(), WithTarget("good", good), WithTarget("bad", bad), WithTarget("hangs", hangs))
		started := time.Now()
		for i := range 10 {
			add(t, in, i, "")
		}
		synctest.Wait()
		assert.Zero(t, time.Since(started))
		assert.True(t, good.has(9))
		time.Sleep(24 * time.Hour)
		status := in.Targets()
		assert.Equal(t, 0, status[0].Pending)
		assert.Equal(t, 10, status[1].Pending)
		assert.Equal(t, "down: call [digits]", status[1].LastError)
		assert.Greater(t, status[1].Failures, 24*12-20) // every 2.5 to 5 min
		assert.Less(t, status[1].Failures, 4*24*24)
		bad.setFail(nil)
		time.Sleep(10 * time.Minute)
		assert.Equal(t, 0, in.Targets()[1].Pending)
		for _, n := range bad.ids {
			assert.Equal(t, 1, n)
		}
		require.NoError(t, in.Close())
	})
}

func TestAChangeThatIsRefusedHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryTarget()
		m.setFail(func(changes []Change) error {
			for _, c := range changes {
				if c.Number == number(3) && c.Blocked {
					return errors.New("no such number")
				}
			}
			return nil
		})
		in := open(t, t.TempDir(), WithTarget("list", m))
		for i := range 10 {
			add(t, in, i, "")
		}
		time.Sleep(time.Minute)
		assert.Equal(t, 1, in.Targets()[0].Pending)
		_, err := in.Withdraw(t.Context(), number(3), by) // waits behind the opt-out
		require.NoError(t, err)
		add(t, in, 20, "")
		time.Sleep(time.Minute)
		assert.Equal(t, 2, in.Targets()[0].Pending)
		assert.True(t, m.has(20))
		m.setFail(nil)
		time.Sleep(6 * time.Minute)
		assert.Equal(t, 0, in.Targets()[0].Pending)
		assert.False(t, m.has(3))
		require.NoError(t, in.Close())
	})
}

func TestAWithdrawalThatIsOvertakenIsNotDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryTarget()
		in := open(t, t.TempDir(), WithTarget("list", m))
		add(t, in, 1, "a")
		synctest.Wait()
		m.setFail(func([]Change) error { return errors.New("down") })
		_, err := in.Withdraw(t.Context(), number(1), by)
		require.NoError(t, err)
		synctest.Wait()
		add(t, in, 1, "b")
		m.setFail(func(changes []Change) error {
			for _, c := range changes {
				assert.True(t, c.Blocked, "between a withdrawal and the opt-out after it the number would be free")
			}
			return nil
		})
		time.Sleep(10 * time.Minute)
		assert.Equal(t, 0, in.Targets()[0].Pending)
		assert.True(t, m.has(1))
		require.NoError(t, in.Close())
	})
}

// A removal that ran into its time limit is carried out by the target after the opt-out that came
// later. When the opt-out was delivered again, the number is blocked there.
func TestARemovalThatArrivesLateIsUndone(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			m := newMemoryTarget()
			dir := t.TempDir()
			in := open(t, dir, WithTarget("list", m))
			add(t, in, 1, "a")
			synctest.Wait()
			m.setFail(func([]Change) error { return context.DeadlineExceeded })
			_, err := in.Withdraw(t.Context(), number(1), by)
			require.NoError(t, err)
			synctest.Wait()
			if restarted {
				require.NoError(t, in.Close())
			}
			m.setFail(nil)
			if restarted {
				in = open(t, dir, WithTarget("list", m))
			}
			time.Sleep(2 * time.Second) // the removal is made again
			require.False(t, m.has(1))
			require.Zero(t, in.Targets()[0].Pending)
			add(t, in, 1, "b")
			synctest.Wait()
			require.True(t, m.has(1))
			require.Equal(t, 1, in.Targets()[0].Pending)
			m.set(1, false) // the first removal arrives
			time.Sleep(defaultMaxWait - time.Second)
			require.False(t, m.has(1))
			time.Sleep(2 * time.Second)
			require.True(t, m.has(1))
			require.Zero(t, in.Targets()[0].Pending)
			add(t, in, 1, "c")
			synctest.Wait()
			require.Zero(t, in.Targets()[0].Pending, "one more time is enough")
			require.NoError(t, in.Close())
		})
	}
}

// An opt-out that waits to be delivered again is withdrawn meanwhile: the number stays free.
func TestAWithdrawnOptOutIsNotDeliveredAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryTarget()
		in := open(t, t.TempDir(), WithTarget("list", m))
		add(t, in, 1, "a")
		synctest.Wait()
		m.setFail(func([]Change) error { return context.DeadlineExceeded })
		_, err := in.Withdraw(t.Context(), number(1), by)
		require.NoError(t, err)
		synctest.Wait()
		m.setFail(nil)
		time.Sleep(2 * time.Second)
		add(t, in, 1, "b")
		synctest.Wait()
		require.True(t, m.has(1))
		_, err = in.Withdraw(t.Context(), number(1), by)
		require.NoError(t, err)
		time.Sleep(2 * defaultMaxWait)
		require.False(t, m.has(1))
		require.Zero(t, in.Targets()[0].Pending)
		require.NoError(t, in.Close())
	})
}

func TestANewTargetGetsWhatIsInForce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := open(t, dir)
	add(t, in, 1, "a")
	add(t, in, 2, "b")
	_, err := in.Withdraw(t.Context(), number(2), by)
	require.NoError(t, err)
	require.NoError(t, in.Close())
	m := newMemoryTarget()
	m.numbers[number(2)] = true // from somewhere else
	in = open(t, dir, WithTarget("late", m))
	require.NoError(t, in.Wait(t.Context()))
	assert.True(t, m.has(1))
	assert.True(t, m.has(2))
	assert.Len(t, m.ids, 1)
	_, err = in.Withdraw(t.Context(), number(1), by)
	require.NoError(t, err)
	require.NoError(t, in.Wait(t.Context()))
	assert.False(t, m.has(1))
}
