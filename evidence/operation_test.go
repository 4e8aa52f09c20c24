package evidence

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
)

// found are the times of the decisions about a number.
func found(t *testing.T, r *Reader, q Query) (times []time.Time) {
	t.Helper()
	for e, err := range r.Find(q) {
		require.NoError(t, err)
		times = append(times, e.Time)
	}
	return times
}

// A clock that was ahead makes the file of a day to come. What is recorded after it was set right is
// in this file, too.
func TestRecordsAfterAClockWasAheadAreFound(t *testing.T) {
	t.Parallel()
	for _, ahead := range []int{2, 40, 26_000} {
		f := newFixture(t)
		l := f.open(t)
		checker := Record(list(t), l, dnc.Call{})
		ask := func(at time.Time) {
			f.now = at
			_, err := checker.Check(ctx, number(t, 102))
			require.NoError(t, err)
		}
		ask(noon.AddDate(0, 0, -1))
		ask(noon.AddDate(0, 0, ahead))
		ask(noon) // set right
		ask(noon.AddDate(0, 0, 1))
		for _, at := range []time.Time{noon.AddDate(0, 0, -1), noon, noon.AddDate(0, 0, 1)} {
			q := Query{Number: number(t, 102), From: at, To: at.Add(time.Hour)}
			assert.Equal(t, []time.Time{at}, found(t, l.Reader(), q), "%d days ahead, %s", ahead, at)
		}
		_, err := l.Checkpoint(ctx)
		require.NoError(t, err)
		all, err := splitCheckpoints(f.saved)
		require.NoError(t, err)
		proved := 0
		for e, err := range l.Reader().Find(Query{Number: number(t, 102)}) {
			require.NoError(t, err)
			_, err = l.Reader().Prove(e, all[len(all)-1])
			require.NoError(t, err, e.Time)
			proved++
		}
		assert.Equal(t, 4, proved)
		require.NoError(t, l.Close())
	}
}

// A file is read in the middle of a write.
func TestAWriteThatIsNotAcknowledgedIsNoDamage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	l := f.open(t)
	checker := Record(list(t), l, dnc.Call{})
	_, err := checker.Check(ctx, number(t, 102))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	path := filepath.Join(f.dir, "2026-11-26.log")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	frames := appendFrames(nil, int64(len(whole)), 1, [][]byte{bytes.Repeat([]byte("x"), 400)})
	for _, n := range []int{1, frameSize, len(frames) - 1} {
		require.NoError(t, os.WriteFile(path, append(bytes.Clone(whole), frames[:n]...), 0o600))
		r, err := NewReader(f.dir, key)
		require.NoError(t, err)
		assert.Len(t, found(t, r, Query{Number: number(t, 102)}), 1)
	}
	ended := func() error {
		r, err := NewReader(f.dir, key)
		require.NoError(t, err)
		for _, err = range r.Find(Query{Number: number(t, 102)}) {
			if err != nil {
				break
			}
		}
		return err
	}
	require.NoError(t, os.WriteFile(path, whole[:len(whole)-1], 0o600))
	require.ErrorIs(t, ended(), ErrDamaged, "what was acknowledged is cut off")
	require.NoError(t, os.WriteFile(path, append(bytes.Clone(whole), frames[:9]...), 0o600))
	require.NoError(t, os.Remove(filepath.Join(f.dir, "acknowledged")))
	require.ErrorIs(t, ended(), ErrDamaged, "nothing says what was acknowledged")
}

func TestFindWhileTheLogIsWritten(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	l := f.open(t)
	checker := Record(list(t), l, dnc.Call{})
	numbers := make([]dnc.Number, 100_000)
	for i := range numbers {
		numbers[i] = number(t, 100+i%50)
	}
	_, err := checker.Check(ctx, number(t, 99))
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 8 {
			_, _ = checker.CheckBatch(ctx, numbers)
		}
	}()
	for {
		require.Len(t, found(t, l.Reader(), Query{Number: number(t, 99)}), 1)
		select {
		case <-done:
			return
		default:
		}
	}
}

// The secrets of keys are copied: programs wipe theirs.
func TestASecretMayBeWiped(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	mine := Key{ID: "2026", Secret: bytes.Clone(key.Secret)}
	old := Key{ID: "2025", Secret: bytes.Repeat([]byte("o"), 32)}
	l, err := Open(f.dir, mine, CheckpointConfig{Signer: f.signer, Save: f.save}, WithOldKeys(old), WithClock(func() time.Time { return f.now }))
	require.NoError(t, err)
	r, err := NewReader(f.dir, mine)
	require.NoError(t, err)
	clear(mine.Secret)
	clear(old.Secret)
	_, err = Record(list(t), l, dnc.Call{}).Check(ctx, number(t, 102))
	require.NoError(t, err)
	assert.Len(t, found(t, l.Reader(), Query{Number: number(t, 102)}), 1)
	assert.Len(t, found(t, r, Query{Number: number(t, 102)}), 1)
	require.NoError(t, l.Close())
}

// A secret that is made anew at each start, under the same id, would make everything before it
// impossible to find.
func TestAnotherSecretUnderTheSameID(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	l := f.open(t)
	_, err := Record(list(t), l, dnc.Call{}).Check(ctx, number(t, 102))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	other := Key{ID: key.ID, Secret: append(bytes.Clone(key.Secret), '\n')} // read from a file with its line end
	config := CheckpointConfig{Signer: f.signer, Save: f.save}
	_, err = Open(f.dir, other, config)
	require.ErrorIs(t, err, dnc.ErrOption)
	require.ErrorContains(t, err, `"2026" with another Secret`)
	r, err := NewReader(f.dir, other)
	require.NoError(t, err)
	for _, err = range r.Find(Query{Number: number(t, 102)}) {
		require.ErrorIs(t, err, dnc.ErrOption)
	}
	require.ErrorIs(t, err, dnc.ErrOption)

	next := Key{ID: "2027", Secret: bytes.Repeat([]byte("n"), 32)} // a change of keys as it should be
	l, err = Open(f.dir, next, config, WithOldKeys(key))
	require.NoError(t, err)
	assert.Len(t, found(t, l.Reader(), Query{Number: number(t, 102)}), 1)
	require.NoError(t, l.Close())
	_, err = Open(f.dir, next, config, WithOldKeys(other))
	require.ErrorIs(t, err, dnc.ErrOption)

	// A crash in the middle of a line keeps no log shut.
	path := filepath.Join(f.dir, keysFile)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, 2, bytes.Count(text, []byte("\n")))
	assert.NotContains(t, string(text), "nnnn")
	require.NoError(t, os.Remove(path))
	l, err = Open(f.dir, next, config)
	require.NoError(t, err)
	require.NoError(t, l.Close())
}

func TestAQueryBetweenNothing(t *testing.T) {
	t.Parallel()
	f := filled(t)
	r, err := NewReader(f.dir, key)
	require.NoError(t, err)
	for _, q := range []Query{{From: noon, To: noon}, {From: noon, To: noon.Add(-time.Hour)}} {
		q.Number = number(t, 101)
		for _, err = range r.Find(q) {
			require.ErrorIs(t, err, dnc.ErrOption)
		}
		require.ErrorIs(t, err, dnc.ErrOption)
	}
}

type badSigner struct {
	note.Signer
	sign func() ([]byte, error)
}

func (s badSigner) Sign([]byte) ([]byte, error) { return s.sign() }

// What the user's functions do ends neither the process nor Close.
func TestASignerOrASaveThatIsBroken(t *testing.T) {
	t.Parallel()
	stuck := make(chan struct{})
	for name, broken := range map[string]func() ([]byte, error){
		"panics":             func() ([]byte, error) { panic("with +12025550101") },
		"ends its goroutine": func() ([]byte, error) { runtime.Goexit(); return nil, nil },
		"hangs":              func() ([]byte, error) { <-stuck; return nil, nil },
		"fails":              func() ([]byte, error) { return nil, errors.New("no") },
	} {
		for _, part := range []string{"Signer", "Save"} {
			f := newFixture(t)
			config := CheckpointConfig{Signer: f.signer, Save: f.save, Every: time.Second}
			if part == "Signer" {
				config.Signer = badSigner{f.signer, broken}
			} else {
				config.Save = func(context.Context, []byte) error { _, err := broken(); return err }
			}
			var once sync.Once
			synctest.Test(t, func(t *testing.T) {
				if name == "hangs" {
					stuck = make(chan struct{})
					defer once.Do(func() { close(stuck) })
				}
				l, err := Open(f.dir, key, config)
				require.NoError(t, err)
				d, err := Record(list(t), l, dnc.Call{}).Check(ctx, number(t, 102))
				require.NoError(t, err, "%s %s", part, name)
				assert.True(t, d.Callable())
				time.Sleep(3 * time.Second) // of the bubble: a checkpoint is due
				short, cancel := context.WithTimeout(ctx, time.Second)
				_, err = l.Checkpoint(short)
				cancel()
				require.Error(t, err, "%s %s", part, name)
				require.NotContains(t, err.Error(), "2025550101")
				require.Error(t, l.Status().SaveError)
				begin := time.Now()
				require.Error(t, l.Close(), "%s %s", part, name)
				assert.LessOrEqual(t, time.Since(begin), 10*time.Second, "%s %s", part, name)
			})
			l, err := Open(f.dir, key, CheckpointConfig{Signer: f.signer, Save: f.save}) // the directory was released
			require.NoError(t, err)
			require.NoError(t, l.Close())
		}
	}
}
