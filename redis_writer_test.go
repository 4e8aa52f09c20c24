package dnc_test

import (
	"context"
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
	"github.com/dnc-go/dnc/internal/redistest"
)

func newWriter(t testing.TB, rdb dnc.RedisClient, opts ...dnc.RedisOption) *dnc.RedisWriter {
	t.Helper()
	w, err := dnc.NewRedisWriter(rdb, opts...)
	require.NoError(t, err)
	return w
}

// lists are the keys of a server without those that a RedisWriter keeps for its own use. Those
// expire or stay small.
func lists(t testing.TB, s *redistest.Server) (ks []string) {
	t.Helper()
	all, _ := s.Do(t, "keys", "*").([]any)
	for _, k := range all {
		key := fmt.Sprint(k)
		if strings.Contains(key, ":call:") {
			assert.Positive(t, s.Do(t, "ttl", key), "it expires")
			continue
		}
		if strings.HasSuffix(key, ":changes") {
			continue
		}
		ks = append(ks, key)
	}
	return ks
}

// many are n numbers that begin with +1416.
func many(t testing.TB, n int) []dnc.Number {
	t.Helper()
	ns := make([]dnc.Number, n)
	for i := range ns {
		ns[i] = must(t, fmt.Sprintf("+1416%07d", i))
	}
	return ns
}

func TestWriterReplace(t *testing.T) {
	s := redistest.Start(t)
	b := newBed(t, s)
	w := newWriter(t, b.rdb)
	count, err := w.Replace(ctx, numbers(append(theList(t), theList(t)...)...))
	require.NoError(t, err)
	assert.Equal(t, 100, count, "different numbers")
	assert.Equal(t, []string{"dnc:blacklist"}, lists(t, s))
	assert.EqualValues(t, 101, s.Do(t, "scard", "dnc:blacklist"))
	assert.EqualValues(t, 1, s.Do(t, "sismember", "dnc:blacklist", "!complete"))
	assert.EqualValues(t, -1, s.Do(t, "ttl", "dnc:blacklist"), "it does not expire")
	b.right()

	count, err = w.Replace(ctx, numbers(many(t, 25_000)...))
	require.NoError(t, err)
	assert.Equal(t, 25_000, count)
	_, err = w.Replace(ctx, numbers(theList(t)...))
	require.NoError(t, err)
	assert.Equal(t, []string{"dnc:blacklist"}, lists(t, s))
	b.right()
}

func TestWriterReplaceLeavesTheOldListAfterAnError(t *testing.T) {
	s := redistest.Start(t)
	b := newBed(t, s)
	w := newWriter(t, b.rdb)
	broken := errors.New("broken file")
	for name, c := range map[string]struct {
		in   func(yield func(dnc.Number, error) bool)
		want error
	}{
		"empty": {numbers(), dnc.ErrListIncomplete},
		"the input": {func(yield func(dnc.Number, error) bool) {
			numbers(many(t, 5000)...)(yield)
			yield(dnc.Number{}, broken)
		}, broken},
		"invalid number": {numbers(numberAt(t, 1), dnc.Number{}), dnc.ErrInvalidNumber},
		"lost members": {func(yield func(dnc.Number, error) bool) {
			numbers(many(t, 15_000)...)(yield)
			for _, k := range lists(t, s) {
				if strings.Contains(k, "new:") {
					s.Do(t, "spop", k)
				}
			}
		}, dnc.ErrListIncomplete},
		"lost key": {func(yield func(dnc.Number, error) bool) {
			numbers(many(t, 15_000)...)(yield)
			for _, k := range lists(t, s) {
				if strings.Contains(k, "new:") {
					s.Do(t, "del", k)
				}
			}
		}, dnc.ErrListIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Replace(ctx, c.in)
			require.ErrorIs(t, err, c.want)
			shown(t, err)
			assert.Equal(t, []string{"dnc:blacklist"}, lists(t, s), "nothing is left")
			b.right()
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(ctx)
		_, err := w.Replace(ctx, func(yield func(dnc.Number, error) bool) { numbers(many(t, 15_000)...)(yield); cancel() })
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, []string{"dnc:blacklist"}, lists(t, s))
		b.right()
	})
	t.Run("what a crash leaves expires", func(t *testing.T) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		_, err := w.Replace(ctx, func(yield func(dnc.Number, error) bool) {
			numbers(many(t, 15_000)...)(yield)
			for _, k := range lists(t, s) {
				if ttl, _ := s.Do(t, "ttl", k).(int64); k != "dnc:blacklist" && ttl <= 0 {
					t.Errorf("%s has no time to live", k)
				}
			}
			cancel()
		})
		require.Error(t, err)
	})
}

func TestWriterOutOfMemory(t *testing.T) {
	s := redistest.Start(t, "--maxmemory", "3mb", "--maxmemory-policy", "noeviction")
	b := newBed(t, s)
	_, err := newWriter(t, b.rdb).Replace(ctx, numbers(many(t, 200_000)...))
	require.ErrorContains(t, err, "OOM")
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
	b.rightAgain() // when what was written has been freed
}

// While lists are swapped, a check sees the old or the new one: a number on both is blocked at
// every moment.
func TestWriterSwapsUnderChecks(t *testing.T) {
	s := redistest.Start(t)
	b := newBed(t, s)
	w := newWriter(t, universal(t, s.URL()))
	old, next := append(theList(t), many(t, 3000)...), theList(t)
	_, err := w.Replace(ctx, numbers(old...))
	require.NoError(t, err)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	checks := 0
	wg.Go(func() {
		ns := append(theList(t), numberAt(t, 1))
		for {
			select {
			case <-stop:
				return
			default:
			}
			ds, err := b.list.CheckBatch(ctx, ns)
			if err != nil {
				t.Error(err)
				return
			}
			for i, d := range ds {
				if d.Callable() != (i == len(ns)-1) {
					t.Errorf("decision %d is %v", i, d)
					return
				}
			}
			checks++
		}
	})
	for range 100 {
		_, err := w.Replace(ctx, numbers(next...))
		require.NoError(t, err)
		old, next = next, old
	}
	close(stop)
	wg.Wait()
	t.Logf("%d batches during 100 swaps", checks)
}

// The freeing of the old list may not hold up the checks: RENAME onto it would.
func TestWriterSwapOfALargeList(t *testing.T) {
	s := redistest.Start(t)
	b := newBed(t, s)
	w := newWriter(t, universal(t, s.URL(), func(o *redis.UniversalOptions) { o.ReadTimeout = time.Minute }))
	_, err := w.Replace(ctx, numbers(many(t, 200_000)...))
	require.NoError(t, err)
	s.Do(t, "slowlog", "reset")
	s.Do(t, "config", "set", "slowlog-log-slower-than", 0, "slowlog-max-len", 100_000)
	_, err = w.Replace(ctx, numbers(theList(t)...))
	require.NoError(t, err)
	log, _ := s.Do(t, "slowlog", "get", -1).([]any)
	for _, entry := range log {
		e, _ := entry.([]any)
		args, _ := e[3].([]any)
		if name := fmt.Sprint(args[0]); name == "RENAME" || name == "UNLINK" || name == "rename" || name == "unlink" {
			t.Logf("%s took the server %v us", name, e[2])
		}
	}
	assert.Equal(t, []string{"dnc:blacklist"}, lists(t, s))
	b.right()
}

func TestWriterAddAndRemove(t *testing.T) {
	s := redistest.Start(t)
	w := newWriter(t, universal(t, s.URL()))
	a, z := numberAt(t, 1), numberAt(t, 2)
	_, err := w.Add(ctx, a)
	require.ErrorIs(t, err, dnc.ErrListMissing)
	_, err = w.Remove(ctx, a)
	require.ErrorIs(t, err, dnc.ErrListMissing)
	assert.Empty(t, lists(t, s))

	b := newBed(t, s)
	n, err := w.Add(ctx, a, a, z)
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	d, err := b.list.Check(ctx, a)
	require.NoError(t, err)
	assert.Equal(t, "dnc_blacklist", d.Reason().Code)
	n, err = w.Remove(ctx, a, z, numberAt(t, 3))
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	b.right()
	n, err = w.Add(ctx, many(t, 2500)...)
	require.NoError(t, err)
	assert.Equal(t, 2500, n)
	n, err = w.Remove(ctx, many(t, 2500)...)
	require.NoError(t, err)
	assert.Equal(t, 2500, n)
	n, err = w.Add(ctx)
	require.NoError(t, err)
	assert.Zero(t, n)
	assert.Zero(t, s.Do(t, "sismember", "dnc:blacklist", "!complete"), "Add writes no marker")

	_, err = w.Add(ctx, a, dnc.Number{})
	require.ErrorIs(t, err, dnc.ErrInvalidNumber)
	require.ErrorContains(t, err, "index 1")
	b.right()

	s.Do(t, "del", "dnc:blacklist")
	s.Do(t, "set", "dnc:blacklist", "x")
	_, err = w.Add(ctx, a)
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	shown(t, err)
	s.Do(t, "del", "dnc:blacklist")
	s.Do(t, "sadd", "dnc:blacklist", z.E164())
	s.Do(t, "replicaof", "127.0.0.1", 1)
	_, err = w.Add(ctx, a)
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	require.ErrorContains(t, err, "replica")
	_, err = w.Replace(ctx, numbers(a))
	require.ErrorContains(t, err, "replica")
}

func TestWriterSpellingsAndKeys(t *testing.T) {
	s := redistest.Start(t)
	rdb := universal(t, s.URL())
	bare := dnc.WithMemberFormat(func(n dnc.Number) string { return n.E164()[1:] })
	for _, key := range []string{"a list", "{tag}:list", "list*?[x]", "l\nist", "list{tag}x"} {
		with := dnc.WithList("blacklist", key)
		w := newWriter(t, rdb, with, bare)
		_, err := w.Replace(ctx, numbers(theList(t)...))
		require.NoError(t, err)
		b := &bed{T: t, server: s}
		rightFrom(t, b.checker(rdb, with, bare, dnc.RequireMarker()))
	}
	for _, key := range []string{"a{b", "a}b", "{}list"} {
		_, err := dnc.NewRedisWriter(rdb, dnc.WithList("blacklist", key))
		require.ErrorIs(t, err, dnc.ErrOption)
	}
}
