package registry

import (
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// What an import that was killed has left fills the memory: the next one cannot remove it.
func TestRemainsFillTheMemory(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	s.Do(t, "hincrby", "dnc:list:national", "next", 1) // an import that was killed
	s.Do(t, "sadd", "dnc:list:national:imports", "2")
	s.Do(t, "sadd", "dnc:list:national:2:shards", "1212")
	s.Do(t, "hset", "dnc:list:national:2:1212", "0", strings.Repeat("x", 8<<20))
	s.Do(t, "config", "set", "maxmemory", "6mb")
	imp := national()
	imp.MaxShrink = 1
	for range 3 {
		_, err := r.Replace(ctx, plain(listed, clean), imp)
		if err == nil {
			return
		}
	}
	t.Log("Delete:", r.Delete(ctx))
	t.Fatal("no import is possible any more, nor Delete")
}

// The server refuses the switch for lack of memory: the outcome is known.
func TestNoMemoryForTheSwitch(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if isSwitch(cmds) {
			s.Do(t, "config", "set", "maxmemory", "1mb")
		}
		return send()
	})
	_, err := r.Replace(ctx, plain(listed, clean), national())
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrOutcomeUnknown)
	assert.Equal(t, []string{"1"}, versionsOf(keysOf(t, s)), "the remains keep the memory full")
}

// The server has no memory for a Delete: nothing of it is done.
func TestNoMemoryForDelete(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	gen := field(t, s, "gen")
	r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if isSwitch(cmds) {
			s.Do(t, "config", "set", "maxmemory", "1mb")
		}
		return send()
	})
	require.ErrorIs(t, r.Delete(ctx), dnc.ErrStoreUnavailable)
	assert.Equal(t, "1", field(t, s, "ver"))
	assert.Equal(t, gen, field(t, s, "gen"))
	got, _ := verdict(t, open(t, universal(t, s.URL())), clean)
	assert.Equal(t, dnc.Allow, got, "nothing has changed")
}

// heldAtTheSwitch starts an import that has lost its lease and is before its switch, and returns
// what lets it go on.
func heldAtTheSwitch(t *testing.T, s *redistest.Server, vs ...uint64) (goOn func() error) {
	t.Helper()
	arrived, held, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var once sync.Once
	r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if isSwitch(cmds) {
			once.Do(func() { close(arrived); <-held })
		}
		return send()
	})
	go func() {
		_, err := r.Replace(ctx, plain(vs...), national())
		done <- err
	}()
	<-arrived
	s.Do(t, "del", "dnc:list:national:lease")
	return func() error {
		close(held)
		return <-done
	}
}

// Whoever removes the keys of an import that may only be held up makes sure that it does not come
// into force without them.
func TestRemovedWhileItIsHeldUp(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(t *testing.T, s *redistest.Server, r *Registry){
		"by Delete": func(t *testing.T, _ *redistest.Server, r *Registry) {
			require.ErrorIs(t, r.Delete(ctx), ErrNotFound)
		},
		"for memory": func(t *testing.T, s *redistest.Server, r *Registry) {
			s.Do(t, "config", "set", "maxmemory", "1mb")
			_, err := r.Replace(ctx, plain(listed), national())
			require.Error(t, err, "it is still full")
			s.Do(t, "config", "set", "maxmemory", "0")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := redistest.Start(t)
			goOn := heldAtTheSwitch(t, s, listed, clean)
			r := open(t, universal(t, s.URL()))
			f(t, s, r)
			require.Empty(t, versionsOf(keysOf(t, s)), "its keys are removed")
			require.Error(t, goOn())
			unknownAll(t, r, dnc.CodeListMissing, listed, clean)
			put(t, r, plain(listed, clean))
			got, _ := verdict(t, r, clean)
			assert.Equal(t, dnc.Block, got)
		})
	}
}
