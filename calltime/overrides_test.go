package calltime_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
	"github.com/dnc-go/dnc/internal/redistest"
)

// source is an OverrideSource that a test changes.
type source struct {
	answer calltime.Overrides
	err    error
	reads  int
}

func (s *source) ReadOverrides(context.Context) (calltime.Overrides, error) {
	s.reads++
	return s.answer, s.err
}

// overridden is an Hours over a source, and a clock that the test moves.
func overridden(t *testing.T, s calltime.OverrideSource) (*calltime.Hours, *time.Time) {
	t.Helper()
	now := instant(t, "2026-11-25T18:00:00Z")
	return newHours(t, calltime.WithClock(func() time.Time { return now }), calltime.WithOverrides(s)), &now
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	s := &source{answer: calltime.Overrides{All: []calltime.Override{
		{Region: "US-LA", Kind: calltime.OverrideHoliday, From: instant(t, "2026-11-25T06:00:00Z"), Until: instant(t, "2026-11-26T06:00:00Z"), Source: "the governor"},
		{Region: "US-NY", Kind: calltime.OverrideEmergency, From: instant(t, "2026-11-20T00:00:00Z"), Source: "the governor"},
	}}}
	h, now := overridden(t, s)
	louisiana, newYork, texas := dnc.Call{Number: number(t, "+15045550100")}, dnc.Call{Number: number(t, "+12125550100")}, dnc.Call{Number: number(t, "+12145550100")}
	d, err := check(t, h, louisiana)
	require.NoError(t, err)
	assert.Equal(t, dnc.CodeHoliday, d.Reason().Code)
	assert.Equal(t, "2026-11-28T14:00:00Z", d.Until().UTC().Format(time.RFC3339)) // Thanksgiving and the day after are on the table
	d, err = check(t, h, newYork)
	require.NoError(t, err)
	assert.Equal(t, dnc.CodeEmergency, d.Reason().Code)
	assert.True(t, d.Until().IsZero())
	_, err = h.Next(newYork)
	require.Error(t, err)
	d, err = check(t, h, texas)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	assert.Equal(t, 1, s.reads)

	s.answer.All = nil // taken back: seen within five seconds
	*now = now.Add(5 * time.Second)
	d, err = check(t, h, newYork)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	assert.Equal(t, 2, s.reads)
}

// Go writes times with nanoseconds: an override closes from the second it begins in, and the search
// for the next opening gets past both of its ends.
func TestAnOverrideOfFractionsOfASecond(t *testing.T) {
	t.Parallel()
	h, now := overridden(t, &source{answer: calltime.Overrides{All: []calltime.Override{{
		Region: "US-NY", Kind: calltime.OverrideHoliday, Source: "the governor",
		From: instant(t, "2026-11-25T18:00:00.7Z"), Until: instant(t, "2026-11-25T19:00:00.2Z"),
	}}}})
	call := dnc.Call{Number: number(t, "+12125550100")}
	for _, tc := range []struct {
		at   string
		open bool
	}{
		{"2026-11-25T17:59:59.9Z", true},
		{"2026-11-25T18:00:00Z", false},
		{"2026-11-25T18:00:00.7Z", false},
		{"2026-11-25T19:00:00Z", false},
		{"2026-11-25T19:00:00.9Z", false},
		{"2026-11-25T19:00:01Z", true},
	} {
		*now = instant(t, tc.at)
		d, err := check(t, h, call)
		require.NoError(t, err)
		assert.Equal(t, tc.open, d.Callable(), tc.at)
		if !tc.open {
			assert.Equal(t, "2026-11-25T19:00:01Z", d.Until().UTC().Format(time.RFC3339), tc.at)
		}
	}
}

func TestTheSameOverridesReadAgainKeepTheAnswers(t *testing.T) {
	t.Parallel()
	now, found := instant(t, "2026-11-25T18:00:00Z"), 0
	reads := calltime.OverrideFunc(func(context.Context) (calltime.Overrides, error) {
		from := instant(t, "2026-12-24T02:30:00-03:30") // a new time.Location each time
		return calltime.Overrides{All: []calltime.Override{{Region: "US-LA", Kind: calltime.OverrideHoliday, From: from, Source: "the governor"}}}, nil
	})
	h := newHours(t, calltime.WithClock(func() time.Time { return now }), calltime.WithOverrides(reads),
		calltime.WithPostal(func(string) (dnc.Location, bool) { found++; return dnc.Location{Region: "US-LA"}, true }))
	call := dnc.Call{Number: number(t, "+15045550100"), Location: dnc.Location{Postal: "70112"}}
	for range 3 {
		d, err := check(t, h, call)
		require.NoError(t, err)
		assert.True(t, d.Callable())
		now = now.Add(5 * time.Second)
	}
	assert.Equal(t, 1, found, "the place is looked up once, and the answer kept")
}

func TestAnUnreadableOverrideClosesItsRegionOnly(t *testing.T) {
	t.Parallel()
	s := &source{answer: calltime.Overrides{Unreadable: []string{"US-LA"}}}
	h, _ := overridden(t, s)
	d, err := check(t, h, dnc.Call{Number: number(t, "+15045550100")})
	require.ErrorIs(t, err, dnc.ErrListIncomplete)
	assert.Equal(t, dnc.Unknown, d.Verdict)
	d, err = check(t, h, dnc.Call{Number: number(t, "+12145550100")})
	require.NoError(t, err)
	assert.True(t, d.Callable())
}

func TestOverridesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := &source{err: errors.New("gone")}
	h, now := overridden(t, s)
	call := dnc.Call{Number: number(t, "+12145550100")}
	_, err := check(t, h, call)
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
	s.err = nil
	*now = now.Add(5 * time.Second)
	d, err := check(t, h, call)
	require.NoError(t, err)
	assert.True(t, d.Callable())
	s.err = errors.New("gone")
	*now = now.Add(55 * time.Second) // what was read last holds for a minute
	_, err = check(t, h, call)
	require.NoError(t, err)
	*now = now.Add(5 * time.Second)
	d, err = check(t, h, call)
	require.ErrorIs(t, err, dnc.ErrListStale)
	assert.Equal(t, dnc.Unknown, d.Verdict)
}

// What the rows close needs no overrides: it is not left to a fallback, which may be told to allow.
func TestOverridesThatCannotBeReadDoNotOpenTheNight(t *testing.T) {
	t.Parallel()
	h, _ := overridden(t, &source{err: &dnc.Error{Code: dnc.CodeStoreUnavailable}})
	night := dnc.Call{Number: number(t, "+12145550100"), Time: instant(t, "2026-11-25T09:00:00Z")}
	d, err := check(t, h, night)
	require.NoError(t, err)
	assert.Equal(t, dnc.CodeOutsideHours, d.Reason().Code)
	gate := dnc.ProtectRule(dnc.All(dnc.RuleOf(dnc.NewMemory("national", number(t, "+12145550199"))), h), dnc.DangerouslyAllowUnchecked(),
		dnc.WithLogger(slog.New(slog.DiscardHandler)))
	d, err = gate.Check(context.Background(), night)
	require.NoError(t, err)
	assert.False(t, d.Callable())
}

func TestACallThatGaveUpSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	h, _ := overridden(t, calltime.OverrideFunc(func(ctx context.Context) (calltime.Overrides, error) {
		cancel()
		return calltime.Overrides{}, ctx.Err()
	}))
	d, err := h.Check(ctx, dnc.Call{Number: number(t, "+12145550100")})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, dnc.CodeCanceled, d.Reason().Code)
}

func TestAClockThatIsAMinuteOffIsUnknown(t *testing.T) {
	t.Parallel()
	s := &source{}
	h, now := overridden(t, s)
	call := dnc.Call{Number: number(t, "+12145550100")}
	for _, off := range []time.Duration{time.Minute, -time.Minute, 31 * time.Second} {
		s.answer.Now = now.Add(off)
		_, err := check(t, h, call)
		require.ErrorIs(t, err, dnc.ErrStoreMisconfigured, "%v", off)
		*now = now.Add(5 * time.Second)
	}
	s.answer.Now = now.Add(29 * time.Second)
	_, err := check(t, h, call)
	require.NoError(t, err)
}

func TestOverrideFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "overrides.json")
	read := func(text string) (calltime.Overrides, error) {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return calltime.OverrideFile(path).ReadOverrides(context.Background())
	}
	got, err := read(`{"US-LA/1":{"region":"US-LA","kind":"holiday","from":"2026-12-24T06:00:00Z","until":"2026-12-25T06:00:00Z","source":"x"},"!complete":1}`)
	require.NoError(t, err)
	assert.Len(t, got.All, 1)
	assert.Empty(t, got.Unreadable)
	for text, want := range map[string][]string{
		`{"US-LA/1":{"region":"US-LA","kind":"party"},"!complete":1}`:                                                               {"US-LA"},
		`{"US-LA/1":"x","!complete":1}`:                                                                                             {"US-LA"},
		`{"note":{"region":"US-TX"},"!complete":1}`:                                                                                 {"", "US-TX"},
		`{"US-LA/1":{"region":"US-TX","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x"},"!complete":1}`:                  {"US-LA", "US-TX"},
		`{"US-LA/1":{"region":"US-LA","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x","counties":["a"]},"!complete":1}`: {"US-LA"},
		`{"US-LA/1":{"region":"US-LA","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x","until":"2027-01-01T06:00:00Z","until":"2026-12-25T06:00:00Z"},"!complete":1}`: {"US-LA"},
		`{"US-LA/1":{"region":"US-LA","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x","until":"2027-01-01T06:00:00Z","Until":"2026-12-25T06:00:00Z"},"!complete":1}`: {"US-LA"},
		`{"US-LA/1":{"region":"US-LA","region":"US-TX","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x"},"!complete":1}`:                                              {"US-LA", "US-TX"},
		`{"US-LA/1":null,"!complete":1}`: {"US-LA"},
	} {
		got, err := read(text)
		require.NoError(t, err)
		assert.Equal(t, want, got.Unreadable, text)
		assert.Empty(t, got.All)
	}
	_, err = read(`{"US-LA/1":{"region":"US-LA","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x"},"US-LA/1":{},"!complete":1}`)
	require.ErrorIs(t, err, dnc.ErrListIncomplete, "an id twice")
	_, err = read(`{}`)
	require.ErrorIs(t, err, dnc.ErrListIncomplete)
	_, err = read(`{"US-LA`)
	require.ErrorIs(t, err, dnc.ErrListIncomplete)
	_, err = calltime.OverrideFile(path + "x").ReadOverrides(context.Background())
	require.ErrorIs(t, err, dnc.ErrListMissing)
}

func TestRedisOverrides(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	options, err := redis.ParseURL(server.URL())
	require.NoError(t, err)
	rdb := redis.NewClient(options)
	t.Cleanup(func() { _ = rdb.Close() })
	s, err := calltime.RedisOverrides(rdb)
	require.NoError(t, err)
	ctx := context.Background()
	_, err = s.ReadOverrides(ctx)
	require.ErrorIs(t, err, dnc.ErrListMissing)
	require.NoError(t, rdb.HSet(ctx, calltime.OverridesKey, "US-LA/2026-12-24",
		`{"region":"US-LA","kind":"emergency","from":"2026-11-20T06:00:00Z","source":"x"}`).Err())
	_, err = s.ReadOverrides(ctx)
	require.ErrorIs(t, err, dnc.ErrListIncomplete)
	require.NoError(t, rdb.HSet(ctx, calltime.OverridesKey, "!complete", "1").Err())
	got, err := s.ReadOverrides(ctx)
	require.NoError(t, err)
	assert.Len(t, got.All, 1)
	assert.WithinDuration(t, time.Now(), got.Now, 10*time.Second)

	slow := newHours(t, calltime.WithClock(func() time.Time { return time.Now().Add(-time.Minute) }), calltime.WithOverrides(s))
	d, err := check(t, slow, dnc.Call{Number: number(t, "+12145550100"), Time: today()})
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	assert.Equal(t, dnc.Unknown, d.Verdict)
	right := newHours(t, calltime.WithClock(time.Now), calltime.WithOverrides(s))
	d, err = check(t, right, dnc.Call{Number: number(t, "+15045550100"), Time: instant(t, "2026-11-25T18:00:00Z")})
	require.NoError(t, err)
	assert.Equal(t, dnc.CodeEmergency, d.Reason().Code)
	_, err = calltime.RedisOverrides(nil)
	require.ErrorIs(t, err, dnc.ErrOption)
}
