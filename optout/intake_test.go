package optout

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
)

var by = DecidedBy{Actor: "ann", Reason: "asked in writing to be called again"}

func TestAnOptOutIsBlockedAtOnceAndAfterARestart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	in := open(t, dir)
	r := add(t, in, 1, "a")
	assert.Equal(t, "1", r.ID)
	mustBlock(t, in, 3, 1)
	require.NoError(t, in.Close())
	_, err := in.Add(t.Context(), Request{Number: number(2), Source: "test"})
	require.ErrorIs(t, err, ErrClosed)
	d, err := in.Checker().Check(t.Context(), number(1))
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
	assert.Equal(t, dnc.Unknown, d.Verdict)

	in = open(t, dir)
	mustBlock(t, in, 3, 1)
	again := add(t, in, 1, "a")
	assert.Equal(t, r.ID, again.ID)
	assert.True(t, again.Duplicate)
	assert.True(t, r.Received.Equal(again.Received))
	info, err := os.Stat(filepath.Join(dir, segmentName(1)))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestTheSameEventIsOneOptOut(t *testing.T) {
	t.Parallel()
	in := open(t, t.TempDir())
	var wg sync.WaitGroup
	ids := make([]Receipt, 40)
	for i := range ids {
		wg.Go(func() { ids[i], _ = in.Add(t.Context(), Request{Number: number(1), Source: "test", SourceID: "x"}) })
	}
	wg.Wait()
	first := 0
	for _, r := range ids {
		assert.Equal(t, "1", r.ID)
		if !r.Duplicate {
			first++
		}
	}
	assert.Equal(t, 1, first)
	other := add(t, in, 2, "x") // the same event of another number: both are blocked
	assert.False(t, other.Duplicate)
	mustBlock(t, in, 4, 1, 2)
	twice, err := in.AddBatch(t.Context(), []Request{{Number: number(3), Source: "test", SourceID: "y"}, {Number: number(3), Source: "test", SourceID: "y"}})
	require.NoError(t, err)
	assert.Equal(t, []bool{false, true}, []bool{twice[0].Duplicate, twice[1].Duplicate})
	assert.Equal(t, twice[0].ID, twice[1].ID)
	count := 0
	for e, err := range in.All() {
		require.NoError(t, err)
		if e.Kind == kindOptOut {
			count++
		}
	}
	assert.Equal(t, 3, count)
}

func TestWithdrawAndAddAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := newMemoryTarget()
	in := open(t, dir, WithTarget("list", m))
	at := time.Now().Add(-time.Hour)
	old := Request{Number: number(1), Source: "test", SourceID: "a", At: at}
	_, err := in.Add(t.Context(), old)
	require.NoError(t, err)
	require.NoError(t, in.Wait(t.Context()))
	assert.True(t, m.has(1))

	_, err = in.Withdraw(t.Context(), number(2), by)
	require.ErrorIs(t, err, ErrNotOptedOut)
	_, err = in.Withdraw(t.Context(), number(1), DecidedBy{Actor: "ann"})
	require.ErrorIs(t, err, ErrInvalidRequest)
	_, err = in.Withdraw(t.Context(), number(1), by)
	require.NoError(t, err)
	mustBlock(t, in, 3)
	require.NoError(t, in.Wait(t.Context()))
	assert.False(t, m.has(1))

	r, err := in.Add(t.Context(), old) // the old event arrives once more
	require.NoError(t, err)
	assert.True(t, r.Duplicate)
	mustBlock(t, in, 3)

	require.NoError(t, in.Close())
	in = open(t, dir, WithTarget("list", m))
	mustBlock(t, in, 3)
	r = add(t, in, 1, "a") // it has no time, so it can be new
	assert.False(t, r.Duplicate)
	mustBlock(t, in, 3, 1)
	require.NoError(t, in.Wait(t.Context()))
	assert.True(t, m.has(1))

	var kinds []string
	for e, err := range in.History(number(1)) {
		require.NoError(t, err)
		kinds = append(kinds, e.Kind)
		if e.Kind == kindWithdrawn {
			assert.Equal(t, by, e.By)
		}
	}
	assert.Equal(t, []string{"optout", "delivered", "withdrawn", "delivered", "optout", "delivered"}, kinds)
}

func TestHeldIsBlockedUntilItIsDecided(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := newMemoryTarget()
	in := open(t, dir, WithTarget("list", m))
	meaning, r, err := in.Reply(t.Context(), Request{Number: number(1), Source: "sms"}, "who is this and what do you want from me")
	require.NoError(t, err)
	assert.Equal(t, Doubtful, meaning)
	_, _, err = in.Reply(t.Context(), Request{Number: number(2), Source: "sms"}, "hmm")
	require.NoError(t, err)
	meaning, none, err := in.Reply(t.Context(), Request{Number: number(3), Source: "sms"}, "Thanks!")
	require.NoError(t, err)
	assert.Equal(t, Harmless, meaning)
	assert.Zero(t, none)
	mustBlock(t, in, 5, 1, 2)
	d, err := in.Checker().Check(t.Context(), number(1))
	require.NoError(t, err)
	assert.Equal(t, CodeHeld, d.Reason().Code)
	require.NoError(t, in.Wait(t.Context()))
	assert.True(t, m.has(1))

	require.NoError(t, in.Close())
	in = open(t, dir, WithTarget("list", m))
	mustBlock(t, in, 5, 1, 2)
	held := in.Held()
	require.Len(t, held, 2)
	assert.Equal(t, r.ID, held[0].ID)
	_, err = in.Resolve(t.Context(), held[0].ID, Doubtful, by)
	require.ErrorIs(t, err, ErrInvalidRequest)
	_, err = in.Resolve(t.Context(), "99", Harmless, by)
	require.ErrorIs(t, err, ErrNotHeld)
	_, err = in.Resolve(t.Context(), held[0].ID, Harmless, by)
	require.NoError(t, err)
	_, err = in.Resolve(t.Context(), held[1].ID, OptOut, by)
	require.NoError(t, err)
	_, err = in.Resolve(t.Context(), held[0].ID, Harmless, by)
	require.ErrorIs(t, err, ErrNotHeld)
	mustBlock(t, in, 5, 2)
	require.NoError(t, in.Wait(t.Context()))
	assert.False(t, m.has(1))
	assert.True(t, m.has(2))
	d, err = in.Checker().Check(t.Context(), number(2))
	require.NoError(t, err)
	assert.Equal(t, "dnc_optouts", d.Reason().Code)
}

func TestADismissedReplyFreesNothingElse(t *testing.T) {
	t.Parallel()
	m := newMemoryTarget()
	in := open(t, t.TempDir(), WithTarget("list", m))
	add(t, in, 1, "a")
	r, err := in.Hold(t.Context(), Request{Number: number(1), Source: "sms"})
	require.NoError(t, err)
	_, err = in.Resolve(t.Context(), r.ID, Harmless, by)
	require.NoError(t, err)
	mustBlock(t, in, 3, 1)
	require.NoError(t, in.Wait(t.Context()))
	assert.True(t, m.has(1))
}

// A reply that was held, and then a clear opt-out of the same event: whatever is decided of the reply,
// the opt-out was acknowledged.
func TestAnOptOutOfAHeldEventIsNoDuplicate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := newMemoryTarget()
	in := open(t, dir, WithTarget("list", m))
	of := func(i int) Request {
		return Request{Number: number(i), Source: "sms", SourceID: "a", At: time.Now().Add(-time.Hour)}
	}
	var held [4]Receipt
	for i := range held {
		var err error
		held[i], err = in.Hold(t.Context(), of(i))
		require.NoError(t, err)
	}
	r, err := in.Add(t.Context(), of(1)) // before it is decided
	require.NoError(t, err)
	assert.False(t, r.Duplicate)
	for i, m := range []Meaning{Harmless, Harmless, Harmless, OptOut} {
		_, err = in.Resolve(t.Context(), held[i].ID, m, by)
		require.NoError(t, err)
	}
	mustBlock(t, in, 5, 1, 3)
	r, err = in.Add(t.Context(), of(2)) // after it was found harmless
	require.NoError(t, err)
	assert.False(t, r.Duplicate)
	for range 2 {
		mustBlock(t, in, 5, 1, 2, 3)
		require.NoError(t, in.Wait(t.Context()))
		for i, want := range []bool{false, true, true, true} {
			assert.Equal(t, want, m.has(i), "number %d", i)
		}
		for i := 1; i <= 3; i++ {
			r, err := in.Add(t.Context(), of(i))
			require.NoError(t, err)
			assert.True(t, r.Duplicate, "number %d", i)
			r, err = in.Hold(t.Context(), of(i))
			require.NoError(t, err)
			assert.True(t, r.Duplicate, "number %d", i)
		}
		require.NoError(t, in.Close())
		in = open(t, dir, WithTarget("list", m))
	}
	g := &group{state: newState(), next: 1, events: make(map[eventKey]*record), limit: maxBatch}
	same := of(1)
	for _, kind := range []string{kindHeld, kindOptOut} { // both at the same time
		r, err := g.request(&same, kind)
		require.NoError(t, err)
		assert.False(t, r.Duplicate)
	}
}

// An event from before a withdrawal that arrives again without a time is an opt-out anew, also while
// the number is blocked by something that may be dismissed.
func TestAnOldEventIsNewAlsoWhileAReplyIsHeld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := open(t, dir)
	add(t, in, 1, "a")
	_, err := in.Withdraw(t.Context(), number(1), by)
	require.NoError(t, err)
	held, err := in.Hold(t.Context(), Request{Number: number(1), Source: "sms"})
	require.NoError(t, err)
	assert.False(t, add(t, in, 1, "a").Duplicate)
	assert.True(t, add(t, in, 1, "a").Duplicate)
	_, err = in.Resolve(t.Context(), held.ID, Harmless, by)
	require.NoError(t, err)
	mustBlock(t, in, 3, 1)
	require.NoError(t, in.Close())
	mustBlock(t, open(t, dir), 3, 1)
}

func TestASecondOwnerIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir)
	_, err := Open(dir)
	require.ErrorIs(t, err, ErrInUse)
}

func TestInvalidRequests(t *testing.T) {
	t.Parallel()
	in := open(t, t.TempDir())
	long := string(make([]byte, maxText+1))
	for _, r := range []Request{
		{Source: "test"},
		{Number: number(1)},
		{Number: number(1), Source: "Agent Smith"},
		{Number: number(1), Source: "test", SourceID: long},
		{Number: number(1), Source: "test", SourceID: "\xff"},
		{Number: number(1), Source: "test", Evidence: long},
		{Number: number(1), Source: "test", At: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		_, err := in.Add(t.Context(), r)
		require.ErrorIs(t, err, ErrInvalidRequest)
		assert.NotRegexp(t, canary, err.Error())
	}
	_, err := in.AddBatch(t.Context(), []Request{{Number: number(1), Source: "test"}, {Source: "test"}})
	require.ErrorIs(t, err, ErrInvalidRequest)
	require.ErrorContains(t, err, "request 1 of 2")
	mustBlock(t, in, 3)
	future := Request{Number: number(1), Source: "test", At: time.Now().Add(1000 * time.Hour)}
	_, err = in.Add(t.Context(), future)
	require.NoError(t, err)
	mustBlock(t, in, 3, 1)
}

// A batch that is longer than its header can say could not be read after a restart.
func TestABatchThatIsTooLongIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := open(t, dir, func(c *config) error { c.batch = 3000; return nil })
	rs := make([]Request, 40)
	for i := range rs {
		rs[i] = Request{Number: number(i), Source: "test", SourceID: "a"}
	}
	_, err := in.AddBatch(t.Context(), rs)
	require.ErrorIs(t, err, ErrInvalidRequest)
	r := add(t, in, 1, "a")
	assert.Equal(t, "1", r.ID, "none of the batch was kept")
	assert.False(t, r.Duplicate)
	mustBlock(t, in, 40, firstNumbers(40)...)
	require.NoError(t, in.Close())
	in = open(t, dir)
	mustBlock(t, in, 40, 1)
	assert.Len(t, fmt.Sprintf("%08d", in.config.batch), 8, "a batch's header has so many digits")
}

// A call that shares the group of a refused one is not told that its event is known.
func TestARefusedCallLeavesNothingInItsGroup(t *testing.T) {
	t.Parallel()
	g := &group{state: newState(), next: 1, events: make(map[eventKey]*record), limit: maxBatch}
	same := Request{Number: number(1), Source: "test", SourceID: "a"}
	errRefused := errors.New("refused")
	require.ErrorIs(t, g.run(func(g *group) error {
		_, err := g.request(&same, kindOptOut)
		require.NoError(t, err)
		return errRefused
	}), errRefused)
	require.NoError(t, g.run(func(g *group) error {
		r, err := g.request(&same, kindOptOut)
		assert.Equal(t, Receipt{ID: "1"}, r)
		return err
	}))
	assert.Len(t, g.records, 1)
}

func firstNumbers(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

func TestOptions(t *testing.T) {
	t.Parallel()
	m := newMemoryTarget()
	for name, o := range map[string]Option{
		"nil": nil, "name": WithTarget("A B", m), "target": WithTarget("a", nil), "func": WithTarget("a", TargetFunc(nil)), "list": WithTarget("a", ListTarget(nil)),
		"WithListName": WithListName("-"), "WithBackoff": WithBackoff(2, 1), "WithDeliveryTimeout": WithDeliveryTimeout(0),
		"WithDeadlines": WithDeadlines(Deadline{}), "WithClock": WithClock(nil),
	} {
		_, err := Open(t.TempDir(), o)
		require.ErrorIs(t, err, dnc.ErrOption, name)
	}
	_, err := Open(t.TempDir(), WithTarget("a", m), WithTarget("a", m))
	require.ErrorIs(t, err, dnc.ErrOption)
	var zero Intake
	_, err = zero.Add(t.Context(), Request{Number: number(1), Source: "test"})
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, zero.Close(), ErrClosed)
	require.ErrorIs(t, zero.Wait(t.Context()), ErrClosed)
	assert.Empty(t, zero.Held())
	assert.Empty(t, zero.Overdue(time.Now()))
	_, err = zero.Withdraw(t.Context(), number(1), by)
	require.ErrorIs(t, err, ErrClosed)
	_, err = zero.Checker().Check(t.Context(), number(1))
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
}

func TestCheckerKeepsTheContract(t *testing.T) {
	t.Parallel()
	dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
		in := open(tb, tb.TempDir())
		for _, n := range listed {
			_, err := in.Add(context.Background(), Request{Number: n, Source: "test"})
			require.NoError(tb, err)
		}
		all := dnc.NewMemory("all")
		all.SetEmpty()
		return dnc.Union(all, in.Checker())
	})
}
