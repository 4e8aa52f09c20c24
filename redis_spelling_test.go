package dnc_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// One member of ten thousand in another spelling is an opt-out that no question finds.
func TestOneMisspelledMemberAmongThousands(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	rdb := universal(t, s.URL(), patient)
	w := newWriter(t, rdb)
	_, err := w.Replace(ctx, numbers(many(t, 10_000)...))
	require.NoError(t, err)
	for i, member := range []string{
		"14155550123", "4155550123", "(415) 555-0123", "+1 415 555 0123", "tel:+14155550123", "0014155550123",
		"+14155550123 ", "+1-415-555-0123",
		// With "+" in front of something else, and beside something else.
		"+4155550123", "+0114155550123", "+02079460958", "+14155550123.0", "+14155550123\r\n", "++14155550123",
		"+14155550123;2026-11-26", "+14155550123 or 0124", "+14155550123,+14155550124", "14155550123,14155550124",
		`{"number":"+14155550123","reason":"stop"}`, "optout:number:4155550123", `"+14155550123"`, "\ufeff+14155550123",
	} {
		t.Run(fmt.Sprintf("spelling %d", i), func(t *testing.T) {
			s.Do(t, "sadd", "dnc:blacklist", member)
			list, err := dnc.NewRedisChecker(rdb, quiet)
			require.NoError(t, err)
			d, err := list.Check(ctx, must(t, "+14155550123"))
			require.ErrorIs(t, err, dnc.ErrStoreMisconfigured, "from the first answer on")
			assert.False(t, d.Callable())
			require.ErrorContains(t, err, "Repair")
			assert.NotContains(t, err.Error(), "tel", "letters can be a name")
			shown(t, err)
			s.Do(t, "srem", "dnc:blacklist", member)
			require.NoError(t, redistest.Eventually(func() error {
				_, err := list.Check(ctx, must(t, "+14155550123"))
				return err
			}), "a pass that finds none heals")
		})
	}
	for _, member := range []string{
		"n/a", "", "123", "+1000", "550e8400-e29b-41d4-a716-446655440000", "unknown",
		"+10000000000", "+11111111111", "+1 (123) 456-7890", "+0000000000",
	} {
		s.Do(t, "sadd", "dnc:blacklist", member)
	}
	list, err := dnc.NewRedisChecker(rdb, quiet)
	require.NoError(t, err)
	d, err := list.Check(ctx, must(t, "+14155550123"))
	require.NoError(t, err)
	assert.True(t, d.Callable(), "what is not a number is no opt-out")
}

// How much of a list is read before the first answer does not depend on the speed of the machine or
// of the network.
func TestOneMisspelledMemberOnASlowNetwork(t *testing.T) {
	s := redistest.Start(t)
	_, err := newWriter(t, universal(t, s.URL(), patient)).Replace(ctx, numbers(many(t, 40_000)...))
	require.NoError(t, err)
	s.Do(t, "sadd", "dnc:blacklist", "4155550123")
	p := redistest.StartProxy(t, s)
	p.Set(redistest.Spoil{Delay: 25 * time.Millisecond})
	list, err := dnc.NewRedisChecker(universal(t, p.URL(), patient), quiet)
	require.NoError(t, err)
	_, err = list.Check(ctx, must(t, "+14155550123"))
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
}

func TestSeveralMemberFormats(t *testing.T) {
	s := redistest.Start(t)
	bare := func(n dnc.Number) string { return n.E164()[1:] }
	s.Do(t, "sadd", "dnc:blacklist", "+14155550001", "14155550002")
	for _, complete := range []bool{false, true} {
		if complete {
			s.Do(t, "sadd", "dnc:blacklist", "!complete")
		}
		list, err := dnc.NewRedisChecker(universal(t, s.URL()), dnc.WithMemberFormat(dnc.Number.E164, bare), quiet)
		require.NoError(t, err)
		for range 2 { // also once the marker is known
			ds, err := list.CheckBatch(ctx, []dnc.Number{
				must(t, "+14155550000"), {}, must(t, "+14155550001"), must(t, "+14155550002"), must(t, "+14155550003"),
			})
			require.NoError(t, err)
			var got []bool
			for _, d := range ds {
				got = append(got, d.Callable())
			}
			assert.Equal(t, []bool{true, false, false, false, true}, got)
		}
	}
	for _, formats := range [][]func(dnc.Number) string{nil, {nil}, {bare, nil}} {
		_, err := dnc.NewRedisChecker(universal(t, s.URL()), dnc.WithMemberFormat(formats...))
		require.ErrorIs(t, err, dnc.ErrOption)
	}
}

func TestRepair(t *testing.T) {
	s := redistest.Start(t)
	rdb := universal(t, s.URL())
	w := newWriter(t, rdb)
	s.Do(t, "sadd", "dnc:blacklist", "+14155550001", "14155550002", "+1 (415) 555-0003", "4155550004", "!complete")
	n, err := w.Repair(ctx, nil)
	assert.Equal(t, 2, n)
	require.ErrorIs(t, err, dnc.ErrListIncomplete, "a national form needs a Parser")
	shown(t, err)
	n, err = w.Repair(ctx, dnc.Parser{Country: "1"}.Parse)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	members, _ := s.Do(t, "smembers", "dnc:blacklist").([]any)
	assert.ElementsMatch(t, []any{"+14155550001", "+14155550002", "+14155550003", "+14155550004", "!complete"}, members)
	list, err := dnc.NewRedisChecker(rdb, quiet)
	require.NoError(t, err)
	for i := 1; i < 5; i++ {
		d, err := list.Check(ctx, must(t, fmt.Sprintf("+1415555000%d", i)))
		require.NoError(t, err)
		assert.Equal(t, "dnc_blacklist", d.Reason().Code)
	}
}

func TestAnOptOutListCanBeginEmpty(t *testing.T) {
	s := redistest.Start(t)
	rdb := universal(t, s.URL())
	n := must(t, "+14155550123")
	_, err := newWriter(t, rdb).Replace(ctx, numbers())
	require.ErrorIs(t, err, dnc.ErrListIncomplete)
	w, err := dnc.NewRedisWriter(rdb, dnc.AllowEmpty())
	require.NoError(t, err)
	count, err := w.Replace(ctx, numbers())
	require.NoError(t, err)
	assert.Zero(t, count)
	list, err := dnc.NewRedisChecker(rdb, dnc.RequireMarker(), quiet)
	require.NoError(t, err)
	d, err := list.Check(ctx, n)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	added, err := w.Add(ctx, n)
	require.NoError(t, err)
	assert.Equal(t, 1, added)
	d, err = list.Check(ctx, n)
	require.NoError(t, err)
	assert.False(t, d.Callable())

	memory := dnc.NewMemory("optouts")
	memory.SetEmpty()
	d, err = memory.Check(ctx, n)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	require.NoError(t, memory.Add(n))
	d, err = memory.Check(ctx, n)
	require.NoError(t, err)
	assert.False(t, d.Callable())
}

// A reply that is lost leaves the writer to find out what is in force.
func TestAWriterWhoseReplyIsLost(t *testing.T) {
	s := redistest.Start(t)
	proxy := redistest.StartProxy(t, s)
	w := newWriter(t, universal(t, proxy.URL()))
	_, err := w.Replace(ctx, numbers(theList(t)...))
	require.NoError(t, err)

	proxy.LoseReply("eval", 0)
	n, err := w.Add(ctx, must(t, "+14165550001"), must(t, "+14165550002"))
	require.NoError(t, err)
	assert.Equal(t, 2, n, "a call that the client repeats counts once")
	require.Equal(t, 1, proxy.Lost())

	proxy.LoseReply("eval", 0)
	n, err = w.Remove(ctx, must(t, "+14165550001"))
	require.NoError(t, err)
	assert.Equal(t, 1, n)

	proxy.LoseReply("RENAME", 0)
	n, err = w.Replace(ctx, numbers(many(t, 25)...))
	require.NoError(t, err)
	assert.Equal(t, 25, n)

	// Without a repetition by the client the writer looks by itself.
	once := newWriter(t, universal(t, proxy.URL(), noRetries))
	proxy.LoseReply("RENAME", 0)
	n, err = once.Replace(ctx, numbers(many(t, 30)...))
	require.NoError(t, err, "the new list is in force")
	assert.Equal(t, 30, n)
	assert.EqualValues(t, 31, s.Do(t, "scard", "dnc:blacklist"))

	proxy.LoseReply("sadd", 0)
	_, err = once.Replace(ctx, numbers(many(t, 40)...))
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
	assert.EqualValues(t, 31, s.Do(t, "scard", "dnc:blacklist"), "the old list stays")
	require.NotErrorIs(t, err, dnc.ErrOutcomeUnknown)
}

func TestZeroValuesAnswerAtOnce(t *testing.T) {
	n := must(t, "+14155550123")
	var list dnc.RedisChecker
	var memory dnc.Memory
	for name, c := range map[string]dnc.Checker{
		"RedisChecker": &list, "Memory": &memory, "nil RedisChecker": (*dnc.RedisChecker)(nil), "nil Memory": (*dnc.Memory)(nil),
	} {
		d, err := c.Check(context.Background(), n)
		require.ErrorContains(t, err, "not made by New", name)
		assert.Equal(t, dnc.Unknown, d.Verdict)
		ds, err := c.CheckBatch(context.Background(), []dnc.Number{n, {}})
		require.Error(t, err)
		assert.Len(t, ds, 2)
	}
	for _, w := range []*dnc.RedisWriter{new(dnc.RedisWriter), nil} {
		_, err := w.Add(context.Background(), n)
		require.ErrorContains(t, err, "not made by New")
		_, err = w.Remove(context.Background(), n)
		require.ErrorContains(t, err, "not made by New")
		_, err = w.Replace(context.Background(), numbers(n))
		require.ErrorContains(t, err, "not made by New")
		_, err = w.Repair(context.Background(), nil)
		require.ErrorContains(t, err, "not made by New")
		require.ErrorContains(t, w.SetGeoRule(context.Background(), "+1", dnc.GeoRule{}), "not made by New")
		require.ErrorContains(t, w.RemoveGeoRule(context.Background(), "+1"), "not made by New")
	}
}
