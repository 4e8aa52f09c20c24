package registry

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

// What was acknowledged and then lost, as in a failover, does not come into force, whenever it is
// lost before the switch.
func TestWhatIsLostBeforeTheSwitch(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	shard := "dnc:list:national:2:1415"
	for name, c := range map[string]struct {
		when func(cmds []redis.Cmder) bool
		lose func()
	}{
		"a block before the markers": {isMark, func() { s.Do(t, "hdel", shard, "555") }},
		"numbers of a block":         {isMark, func() { s.Do(t, "hset", shard, "555", "\x00\x00") }},
		"a shard before the markers": {isMark, func() { s.Do(t, "del", shard) }},
		"a block after the markers":  {func(cmds []redis.Cmder) bool { return has(cmds, shard) == "hgetall" }, func() { s.Do(t, "hdel", shard, "555") }},
		"a marker":                   {func(cmds []redis.Cmder) bool { return has(cmds, shard) == "hgetall" }, func() { s.Do(t, "hdel", shard, "_") }},
		"numbers of a block and its marker": {func(cmds []redis.Cmder) bool { return has(cmds, shard) == "hgetall" }, func() {
			s.Do(t, "hset", shard, "555", "\x00\x00", "_", "1")
		}},
		"a block, and another import's comes": {isMark, func() { s.Do(t, "hdel", shard, "555"); s.Do(t, "hset", shard, "556", "\x00\x00\x00\x01") }},
	} {
		t.Run(name, func(t *testing.T) {
			s.Do(t, "flushall")
			put(t, open(t, universal(t, s.URL())), plain(listed, 12125550000))
			lost := false
			r := hooked(t, s.URL(), serially(func(cmds []redis.Cmder, send func() error) error {
				if c.when(cmds) {
					c.lose()
					lost = true
				}
				return send()
			}))
			report, err := r.Replace(ctx, plain(12125550000, listed, clean), national())
			require.True(t, lost)
			require.ErrorIs(t, err, dnc.ErrListIncomplete)
			assert.Contains(t, err.Error(), "import again")
			assert.Empty(t, report.Version)
			assert.Equal(t, "1", field(t, s, "ver"))
			got, _ := verdict(t, r, listed)
			assert.Equal(t, dnc.Block, got)
			assert.Equal(t, []string{"1"}, versionsOf(keysOf(t, s)), "nothing is left")
		})
	}
}

// The node of the head forgets in a failover that an id was handed out, and hands it out again: the
// two imports have nothing in common.
func TestAnIDHandedOutTwice(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	first, err := New(universal(t, s.URL()), "national")
	require.NoError(t, err)
	second, err := New(universal(t, s.URL()), "national")
	require.NoError(t, err)
	vs := area(415, 400_000)
	var report ImportReport
	_, err = first.Replace(ctx, thenRun(vs, func() {
		s.Do(t, "del", "dnc:list:national", "dnc:list:national:lease")
		report, err = second.Replace(ctx, plain(listed, clean), national())
		require.NoError(t, err)
	}), national())
	require.ErrorIs(t, err, ErrSuperseded)
	require.True(t, strings.HasPrefix(report.Version, "1-"))
	assert.Equal(t, report.Version, field(t, s, "ver"))
	for _, c := range []*Registry{first, second} {
		got, _ := verdict(t, c, listed)
		assert.Equal(t, dnc.Block, got)
		got, _ = verdict(t, c, vs[0])
		assert.Equal(t, dnc.Allow, got)
	}
	snapshot, err := second.Snapshot(ctx)
	require.NoError(t, err, "the version is whole")
	snapshot.Close()
}

func TestIDs(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		id := "7" + newSuffix()
		n, err := versionNumber(id)
		require.NoError(t, err)
		require.EqualValues(t, 7, n)
		require.Regexp(t, "^7-[a-z]{8}$", id)
		seen[id] = true
	}
	assert.Greater(t, len(seen), 990)
	for _, bad := range []string{"", "x", "0", "-a", "7-", "7-A", "7-a1", "7-a-b", "07", "7 ", "+7", "7:8", "9223372036854775808"} {
		_, err := versionNumber(bad)
		assert.Error(t, err, bad)
	}
}

// A head that was lost, and a list that another process imports again: processes that have seen it
// before go by the new one.
func TestImportedAgainAfterTheHeadWasLost(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	put(t, r, plain(listed))
	got, _ := verdict(t, r, clean)
	require.Equal(t, dnc.Allow, got)
	s.Do(t, "del", "dnc:list:national")
	other, err := New(universal(t, s.URL()), "national")
	require.NoError(t, err)
	put(t, other, plain(listed, clean))
	for _, c := range []*Registry{r, other} {
		got, _ = verdict(t, c, clean)
		assert.Equal(t, dnc.Block, got)
	}
}

// How far a list shrank is known also where the old one has lost a shard, a marker or its head.
func TestShrinkingIsSeenBesideDamage(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	head := "dnc:list:national"
	old := append(area(212, 2000), area(415, 20_000)...)
	for name, c := range map[string]struct {
		damage  func()
		numbers []uint64
		text    string
	}{
		"shard lost":            {func() { s.Do(t, "del", head+":1:1212") }, area(415, 25_000), "1212 shrank from 2000 to 0"},
		"marker lost":           {func() { s.Do(t, "hdel", head+":1:1212", "_") }, append(area(212, 900), area(415, 25_000)...), "1212 shrank from 2000 to 900"},
		"shard of another type": {func() { s.Do(t, "del", head+":1:1212"); s.Do(t, "set", head+":1:1212", "x") }, area(415, 25_000), "1212 shrank"},
		"shard and meta lost":   {func() { s.Do(t, "del", head+":1:1212", head+":1:meta") }, area(415, 25_000), "no number that begins with 1212 any more"},
		"meta of another form":  {func() { s.Do(t, "del", head+":1:1212"); s.Do(t, "hset", head+":1:meta", "counts", "1") }, area(415, 25_000), "1212 any more"},
		"one number left":       {func() { s.Do(t, "del", head+":1:1212", head+":1:meta") }, append(area(212, 1), area(415, 16_500)...), "shrank from 22000 numbers to 16501"},
		"head unreadable":       {func() { s.Do(t, "hset", head, "count", "x") }, area(415, 20_000), "1212 shrank"},
		"head and meta":         {func() { s.Do(t, "hset", head, "count", "x"); s.Do(t, "del", head+":1:meta") }, area(415, 20_000), "cannot be read"},
		"head's version":        {func() { s.Do(t, "hset", head, "ver", "x") }, area(415, 20_000), "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			s.Do(t, "flushall")
			r := open(t, universal(t, s.URL()))
			put(t, r, plain(old...))
			c.damage()
			_, err := r.Replace(ctx, plain(c.numbers...), national())
			require.ErrorIs(t, err, ErrRefused)
			require.ErrorContains(t, err, c.text)
			require.ErrorContains(t, err, "MaxShrink")
			put(t, r, plain(c.numbers...))
			got, _ := verdict(t, r, 12125550000)
			assert.Equal(t, dnc.Allow, got)
		})
	}
	s.Do(t, "flushall")
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(old...))
	imp := national()
	imp.MaxShrink = -1
	_, err := r.Replace(ctx, plain(old[1:]...), imp)
	require.ErrorIs(t, err, ErrRefused)
	_, err = r.Replace(ctx, plain(old...), imp)
	require.NoError(t, err)
}

// An area that the data is said to cover, and has no number of, is more likely a file that is
// missing.
func TestAreaWithoutAFile(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	for name, c := range map[string]struct {
		coverage []string
		numbers  []uint64
		missing  string
	}{
		"area code":        {[]string{"1212", "1415"}, area(415, 10), "1212"},
		"the last":         {[]string{"1212", "1415"}, area(212, 10), "1415"},
		"country":          {[]string{"1", "44"}, area(212, 10), "44"},
		"office code":      {[]string{"1415200", "1415201"}, []uint64{14152000000}, "141520..."},
		"half an area":     {[]string{"14152", "14153"}, []uint64{14152000000}, "14153"},
		"across countries": {[]string{"442", "1"}, []uint64{14152000000, 4312345678}, "442"},
	} {
		imp := national()
		imp.Coverage = c.coverage
		_, err := r.Replace(ctx, plain(c.numbers...), imp)
		if name == "across countries" {
			imp.MaxRejected = 1
			_, err = r.Replace(ctx, plain(c.numbers...), imp)
		}
		require.ErrorIs(t, err, ErrRefused, name)
		require.ErrorContains(t, err, "no number begins with "+c.missing+",", name)
		imp.AllowEmpty = true
		_, err = r.Replace(ctx, plain(c.numbers...), imp)
		require.NoError(t, err, name)
		require.NoError(t, r.Delete(ctx))
	}
	for _, vs := range [][]uint64{{1000000}, {19999999}, {14155550000}, {100000000000000}, {199999999999999}} {
		imp := national()
		_, err := r.Replace(ctx, plain(vs...), imp)
		require.NoError(t, err, "%d begins with 1", vs)
		require.NoError(t, r.Delete(ctx))
	}
}

// Delete of a list that never was leaves nothing behind.
func TestDeleteOfNothing(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	require.ErrorIs(t, open(t, universal(t, s.URL())).Delete(ctx), ErrNotFound)
	assert.Empty(t, s.Do(t, "keys", "*"))
	assert.Equal(t, "3", orNone("3"))
	assert.Equal(t, "none", orNone(""), "how an error names the version that another Delete has removed")
}

func TestRollbackToWhatCannotAnswer(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed, 12125550000))
	put(t, r, plain(listed, clean))
	s.Do(t, "hdel", "dnc:list:national:1:1212", "_")
	_, err := r.Rollback(ctx)
	require.ErrorIs(t, err, ErrNotFound)
	got, _ := verdict(t, r, clean)
	assert.Equal(t, dnc.Block, got)

	s.Do(t, "hset", "dnc:list:national:1:1212", "_", "2")
	_, err = r.Rollback(ctx)
	require.ErrorIs(t, err, ErrNotFound, "another count")

	put(t, r, plain(listed), func(i *Import) { i.Obtained = time.Now().Add(-2 * time.Hour) })
	put(t, r, plain(listed), func(i *Import) { i.Obtained = time.Now() })
	strict := open(t, universal(t, s.URL()), WithMaxAge(time.Hour))
	_, err = strict.Rollback(ctx)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorIs(t, err, dnc.ErrListStale)
	got, _ = verdict(t, strict, clean)
	assert.Equal(t, dnc.Allow, got)
	_, err = r.Rollback(ctx)
	require.NoError(t, err)
}

// Hooks of the client's owner panic in goroutines that are not the caller's.
func TestHooksThatPanic(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	for name, when := range map[string]func(cmds []redis.Cmder) bool{
		"write": func(cmds []redis.Cmder) bool { return has(cmds, "555") == "hset" },
		"verify": func(cmds []redis.Cmder) bool {
			return cmds[0].Name() == "hgetall" && strings.HasSuffix(fmt.Sprint(cmds[0].Args()[1]), ":1415")
		},
	} {
		r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
			if when(cmds) {
				panic("+14155550000")
			}
			return send()
		})
		_, err := r.Replace(ctx, plain(listed, clean), national())
		require.ErrorIs(t, err, dnc.ErrCheckerFailed, name)
		require.NotRegexp(t, canary, err.Error())
		if name == "verify" {
			_, err = r.Snapshot(ctx)
			require.ErrorIs(t, err, dnc.ErrCheckerFailed)
		}
	}
	renewed := make(chan struct{})
	var once sync.Once
	r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if has(cmds, renewScript) != "" {
			defer once.Do(func() { close(renewed) })
			panic("x")
		}
		return send()
	})
	r.leaseFor = 30 * time.Millisecond
	_, err := r.Replace(ctx, thenRun([]uint64{listed, clean}, func() { <-renewed }), national())
	if err != nil { // a lease that could not be renewed may have been lost meanwhile
		require.ErrorIs(t, err, ErrSuperseded)
	}
}

// A row that failed beside something else is not passed over.
func TestRowErrorsBesideOthers(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	imp := national()
	imp.MaxRejected = 10
	for _, fatal := range []error{errors.Join(lineError{1}, errTest), fmt.Errorf("%w: %w", lineError{1}, errTest)} {
		_, err := r.Replace(ctx, errored([]uint64{listed, clean}, map[int]error{1: fatal}), imp)
		require.ErrorIs(t, err, errTest)
	}
	report, err := r.Replace(ctx, errored([]uint64{listed, clean}, map[int]error{1: fmt.Errorf("a: %w", fmt.Errorf("b: %w", lineError{1}))}), imp)
	require.NoError(t, err)
	assert.EqualValues(t, 1, report.Rejected)
}

// A server that was restored from an old copy in the course of an import is not another import.
func TestOldCopyDuringAnImport(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed, clean))
	s.Do(t, "save")
	imp := national()
	imp.MaxShrink = 1
	_, err := r.Replace(ctx, thenRun(area(415, 1_000_000), func() { s.Restart() }), imp)
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrSuperseded)
	require.NoError(t, redistest.Eventually(func() error {
		d, err := r.Check(ctx, digits.Number(clean))
		if d.Verdict == dnc.Allow {
			t.Fatal("a listed number is allowed")
		}
		return err
	}))
	again(t, r, newList())
	require.Equal(t, "new", newOracle().which(t, r))
}

// Who has seen a newer version than a restored server has imports above it.
func TestImportAboveWhatWasSeen(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	s.Do(t, "copy", "dnc:list:national", "old")
	put(t, r, plain(listed))
	put(t, r, plain(listed))
	s.Do(t, "copy", "old", "dnc:list:national", "replace")
	put(t, r, plain(listed, clean))
	got, _ := verdict(t, r, clean)
	assert.Equal(t, dnc.Block, got)
}

// A version that another tool wrote, as the layout has it, is checked, replaced, rolled back to and
// in the end removed.
func TestVersionOfAnotherTool(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	head := "dnc:list:national"
	s.Do(t, "hset", head, "gen", "7", "ver", "3", "next", "3", "count", "2", "shards", "1212,1415", "coverage", "1",
		"obtained", time.Now().Add(-time.Hour).UTC().Format(time.RFC3339))
	s.Do(t, "hset", head+":3:1415", "555", "\x00\x00", "_", "1")
	s.Do(t, "hset", head+":3:1212", "555", "\x00\x05", "_", "1")
	r := open(t, universal(t, s.URL()))
	right := func(c dnc.Checker) {
		t.Helper()
		for v, want := range map[uint64]dnc.Verdict{listed: dnc.Block, clean: dnc.Allow, 12125550005: dnc.Block, 12125550004: dnc.Allow, 13125550000: dnc.Allow} {
			got, _ := verdict(t, c, v)
			require.Equal(t, want, got, "%d", v)
		}
	}
	right(r)
	snapshot, err := r.Snapshot(ctx)
	require.NoError(t, err)
	right(snapshot)
	snapshot.Close()
	report := put(t, r, plain(listed, clean))
	assert.Equal(t, "3", report.Previous)
	assert.EqualValues(t, 1, report.Added)
	assert.EqualValues(t, 1, report.Removed)
	info, err := r.Rollback(ctx)
	require.NoError(t, err)
	assert.Equal(t, "3", info.Version)
	right(r)
	put(t, r, plain(listed))
	put(t, r, plain(listed))
	assert.Equal(t, []string{"5", "6"}, versionsOf(keysOf(t, s)))
}
