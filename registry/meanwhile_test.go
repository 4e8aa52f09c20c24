package registry

import (
	"bytes"
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// afterHead makes a Registry that calls f once, after the next HGETALL of its head has an answer.
// The Registry is open when f is set.
func afterHead(t *testing.T, s *redistest.Server, f *func()) *Registry {
	t.Helper()
	return hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		err := send()
		if call := *f; call != nil && has(cmds, "dnc:list:national") == "hgetall" {
			*f = nil
			call()
		}
		return err
	})
}

// The head is read once for both versions: an import between two reads made one version both the
// one in force and the previous one.
func TestVersionsDuringAnImport(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	other := open(t, patient(t, s.URL()))
	put(t, other, plain(listed))
	put(t, other, plain(listed, clean))
	var meanwhile func()
	r := afterHead(t, s, &meanwhile)
	for name, change := range map[string]func(){
		"an import":  func() { put(t, other, plain(listed)) },
		"a rollback": func() { _, err := other.Rollback(ctx); require.NoError(t, err) },
	} {
		meanwhile = change
		all, err := r.Versions(ctx)
		require.NoError(t, err)
		require.Len(t, all, 2, name)
		require.NotEqual(t, all[0].Version, all[1].Version, name)
	}
}

// The head of an archive is that of its numbers, also where another goroutine of the process sees a
// newer version while the head is read.
func TestAnArchiveDuringAnImport(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	other := open(t, patient(t, s.URL()))
	put(t, other, plain(listed))
	var meanwhile func()
	r := afterHead(t, s, &meanwhile)
	meanwhile = func() {
		put(t, other, plain(listed, clean))
		_, failure := r.current(context.WithoutCancel(ctx))
		require.Nil(t, failure)
	}
	var file bytes.Buffer
	info, err := r.WriteArchive(ctx, &file)
	require.NoError(t, err)
	a, err := OpenArchive(&file)
	require.NoError(t, err)
	require.Equal(t, info, a.Info())
	require.EqualValues(t, 2, info.Numbers)
}

// What happened to the head since the import began is told as it is: nothing came into force.
func TestAHeadThatIsGoneOrBroken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   []any
		want error
	}{
		"flushed":           {[]any{"flushall"}, dnc.ErrListMissing},
		"databases swapped": {[]any{"swapdb", 0, 1}, dnc.ErrListMissing},
		"only next is left": {[]any{"hdel", "dnc:list:national", "gen", "ver"}, dnc.ErrListMissing},
		"overwritten":       {[]any{"hset", "dnc:list:national", "gen", "x"}, dnc.ErrListIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			put(t, open(t, patient(t, s.URL())), plain(listed))
			r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
				if isSwitch(cmds) {
					s.Do(t, c.do...)
				}
				return send()
			})
			report, err := r.Replace(ctx, plain(listed, clean), national())
			require.ErrorIs(t, err, c.want)
			require.NotErrorIs(t, err, ErrSuperseded)
			require.ErrorContains(t, err, `"dnc:list:national"`)
			require.Empty(t, report.Version)
		})
	}
}

// The switch took effect, its reply was lost, and then the server takes no writes: what is in force
// can be read all the same.
func TestTheReplyOfTheSwitchIsLostAndNoWritesAreTaken(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, patient(t, s.URL())), plain(listed))
	r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		err := send()
		if isSwitch(cmds) {
			s.Do(t, "config", "set", "min-replicas-to-write", 1)
			for _, c := range cmds {
				c.SetErr(io.ErrUnexpectedEOF)
			}
			return io.ErrUnexpectedEOF
		}
		return err
	})
	report, err := r.Replace(ctx, plain(listed, clean), national())
	require.NoError(t, err)
	require.NotEmpty(t, report.Version)
}

// A list that is flushed and imported again at once has a new generation for every process.
func TestGenerationsOfOneMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(30 * 365 * 24 * time.Hour) // the clock of a bubble begins in 2000
		before := milliseconds()
		time.Sleep(time.Millisecond)
		require.Greater(t, milliseconds(), before)
	})
}

// A lease that is gone was not lost by a process that was held up.
func TestALeaseThatIsGone(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, patient(t, s.URL()))
	leased, held, err := r.store.acquire(ctx, 6*time.Second) // renewed every two
	require.NoError(t, err)
	defer held.release(ctx)
	s.Do(t, "del", "dnc:list:national:lease")
	<-leased.Done()
	require.ErrorIs(t, context.Cause(leased), ErrSuperseded)
	require.ErrorContains(t, context.Cause(leased), "is gone from the key")
}
