package evidence

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/dnc-go/dnc"
)

const firstDay = "/2026-11-26.log"

// filled is a log of three days with 10 records each, closed.
func filled(tb testing.TB) *fixture {
	tb.Helper()
	f := newFixture(tb)
	l := f.open(tb)
	c := Record(list(tb), l, dnc.Call{Campaign: "spring"})
	for day := range 3 {
		f.now = noon.Add(time.Duration(day) * 24 * time.Hour)
		for i := range 10 {
			_, err := c.Check(ctx, number(tb, 100+i))
			require.NoError(tb, err)
		}
	}
	require.NoError(tb, l.Close())
	v, err := f.verify()
	require.NoError(tb, err)
	require.Equal(tb, int64(30), v.Records)
	require.Equal(tb, 3, v.Days)
	return f
}

func edit(tb testing.TB, path string, change func(b []byte) []byte) {
	tb.Helper()
	b, err := os.ReadFile(path)
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(path, change(b), 0o600))
}

// rewritten makes the log anew, every checksum and hash right, of records that change may alter. It
// is what somebody does who knows the format and can write the directory.
func (f *fixture) rewrite(tb testing.TB, change func(records [][]byte) [][]byte) {
	tb.Helper()
	all, err := days(f.dir)
	require.NoError(tb, err)
	var t tree
	var hashes []tlog.Hash
	for _, day := range all {
		var records [][]byte
		err := scanDay(f.dir, day, func(_ int64, record []byte) error {
			records = append(records, append([]byte(nil), record...))
			return nil
		})
		require.NoError(tb, err)
		if day == all[0] {
			records = change(records)
		}
		file, size, err := createDay(f.dir, day, t)
		require.NoError(tb, err)
		for _, r := range records {
			b := appendFrames(nil, size, t.size, [][]byte{r})
			_, err := file.WriteAt(b, size)
			require.NoError(tb, err)
			size += int64(len(b))
			hashes = t.add(tlog.RecordHash(r), hashes)
		}
		require.NoError(tb, file.Close())
		require.NoError(tb, os.WriteFile(f.dir+"/acknowledged", []byte(day+" 0\n"), 0o600))
	}
	require.NoError(tb, os.Remove(f.dir+"/tree"))
	out, err := os.Create(f.dir + "/tree")
	require.NoError(tb, err)
	require.NoError(tb, hashFile{out}.write(0, hashes))
	require.NoError(tb, out.Close())
	require.NoError(tb, os.Remove(f.dir+"/checkpoints"))
}

func TestVerifyNoticesEveryChange(t *testing.T) {
	t.Parallel()
	// frames are where the frames of the first day begin, and where the last ends.
	frames := func(b []byte) (at []int) {
		for i := 0; i+4 <= len(b); i++ {
			if string(b[i:i+4]) == frameMagic {
				at = append(at, i)
			}
		}
		return append(at, len(b))
	}
	for name, test := range map[string]struct {
		change func(tb testing.TB, f *fixture)
		want   error
	}{
		"a bit flipped": {func(tb testing.TB, f *fixture) {
			edit(tb, f.dir+firstDay, func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
		}, ErrDamaged},
		"the last bit flipped": {func(tb testing.TB, f *fixture) {
			edit(tb, f.dir+"/2026-11-28.log", func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
		}, ErrDamaged},
		"the tail cut off": {func(tb testing.TB, f *fixture) {
			edit(tb, f.dir+"/2026-11-28.log", func(b []byte) []byte { at := frames(b); return b[:at[len(at)-2]] })
		}, ErrMissing},
		"the last day deleted": {func(tb testing.TB, f *fixture) {
			require.NoError(tb, os.Remove(f.dir+"/2026-11-28.log"))
		}, ErrMissing},
		"the middle left out": {func(tb testing.TB, f *fixture) {
			edit(tb, f.dir+firstDay, func(b []byte) []byte { at := frames(b); return append(b[:at[3]:at[3]], b[at[5]:]...) })
		}, ErrDamaged},
		"a day in the middle deleted": {func(tb testing.TB, f *fixture) {
			require.NoError(tb, os.Remove(f.dir+"/2026-11-27.log"))
		}, ErrMissing},
		"two swapped": {func(tb testing.TB, f *fixture) {
			edit(tb, f.dir+firstDay, func(b []byte) []byte {
				at := frames(b)
				swapped := append([]byte(nil), b[:at[3]]...)
				swapped = append(append(swapped, b[at[4]:at[5]]...), b[at[3]:at[4]]...)
				return append(swapped, b[at[5]:]...)
			})
		}, ErrDamaged},
		"a bit flipped, all made anew": {func(tb testing.TB, f *fixture) {
			f.rewrite(tb, func(r [][]byte) [][]byte { r[4][len(r[4])-4] ^= 1; return r })
		}, ErrRewritten},
		"the tail cut off, all made anew": {func(tb testing.TB, f *fixture) {
			f.rewrite(tb, func(r [][]byte) [][]byte { return r[:9] })
		}, ErrMissing},
		"the middle left out, all made anew": {func(tb testing.TB, f *fixture) {
			f.rewrite(tb, func(r [][]byte) [][]byte { return append(r[:3:3], append(r[5:], r[3], r[4])...) })
		}, ErrRewritten},
		"two swapped, all made anew": {func(tb testing.TB, f *fixture) {
			f.rewrite(tb, func(r [][]byte) [][]byte { r[1], r[2] = r[2], r[1]; return r })
		}, ErrRewritten},
		"a second writer in the same file": {func(tb testing.TB, f *fixture) {
			edit(tb, f.dir+"/2026-11-28.log", func(b []byte) []byte {
				at := frames(b)
				other := appendFrames(nil, int64(at[5]), 25, [][]byte{{kindEvent, 2, '{', '}'}})
				return append(b, other...)
			})
		}, ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := filled(t)
			test.change(t, f)
			_, err := f.verify()
			require.ErrorIs(t, err, test.want)
		})
	}
}

// Without the saved checkpoints a log that was made anew is as good as any.
func TestOnlySavedCheckpointsShowARewrite(t *testing.T) {
	t.Parallel()
	f := filled(t)
	f.rewrite(t, func(r [][]byte) [][]byte { r[1], r[2] = r[2], r[1]; return r })
	saved := f.saved
	f.saved = nil
	_, err := f.verify()
	require.ErrorIs(t, err, ErrNoCheckpoint)
	l := f.open(t) // the log's own files say nothing
	_, err = l.Checkpoint(ctx)
	require.NoError(t, err)
	require.NoError(t, l.Close())
	_, err = f.verify()
	require.NoError(t, err)
	f.saved = append(saved, f.saved...)
	_, err = f.verify()
	require.ErrorIs(t, err, ErrRewritten)
}

// Two processes that each have a copy of the directory make two logs of one name.
func TestTwoWritersOfTwoCopiesAreNoticed(t *testing.T) {
	t.Parallel()
	f := filled(t)
	other := &fixture{dir: filepath.Join(t.TempDir(), "copy"), now: f.now, signer: f.signer, public: f.public}
	require.NoError(t, os.CopyFS(other.dir, os.DirFS(f.dir)))
	for i, x := range []*fixture{f, other} {
		l := x.open(t)
		_, err := Record(list(t), l, dnc.Call{}).Check(ctx, number(t, 100+i))
		require.NoError(t, err)
		require.NoError(t, l.Close())
	}
	f.saved = append(f.saved, other.saved...)
	_, err := f.verify()
	require.ErrorIs(t, err, ErrRewritten)
}

func TestCheckpointsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	f, stranger := filled(t), filled(t)
	_, err := Verify(f.dir, stranger.saved, f.public)
	require.ErrorIs(t, err, ErrInvalidCheckpoint)
	_, err = Verify(f.dir, f.saved, nil)
	require.ErrorIs(t, err, ErrInvalidCheckpoint)
}

func TestAnUnfinishedWriteIsCutOff(t *testing.T) {
	t.Parallel()
	f := filled(t)
	path := f.dir + "/2026-11-28.log"
	edit(t, path, func(b []byte) []byte { // what a killed process leaves: half a frame
		half := appendFrames(nil, int64(len(b)), 30, [][]byte{make([]byte, 100)})
		return append(b, half[:80]...)
	})
	l := f.open(t)
	require.Equal(t, int64(31), l.Status().Records, "the cut is recorded")
	require.NoError(t, l.Close())
	_, err := f.verify()
	require.NoError(t, err)
	torn, err := filepath.Glob(f.dir + "/*.torn")
	require.NoError(t, err)
	require.Len(t, torn, 1)
}

func TestWhatWasAcknowledgedIsNeverCutOff(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(f *fixture){
		"the last record damaged": func(f *fixture) {
			edit(t, f.dir+"/2026-11-28.log", func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
		},
		"the mark lost, and a record in the middle damaged": func(f *fixture) {
			require.NoError(t, os.Remove(f.dir+"/acknowledged"))
			require.NoError(t, os.Remove(f.dir+"/checkpoints"))
			edit(t, f.dir+"/2026-11-28.log", func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
		},
		"an older day damaged": func(f *fixture) {
			require.NoError(t, os.Remove(f.dir+"/tree")) // so that it is read
			edit(t, f.dir+firstDay, func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
		},
	} {
		f := filled(t)
		change(f)
		_, err := f.try()
		require.ErrorIs(t, err, ErrDamaged, name)
	}
	f := filled(t)
	require.NoError(t, os.Remove(f.dir+"/2026-11-28.log"))
	_, err := f.try()
	require.ErrorIs(t, err, ErrMissing)
}

func TestTheHashesAreRebuilt(t *testing.T) {
	t.Parallel()
	f := filled(t)
	require.NoError(t, os.Remove(f.dir+"/tree"))
	require.NoError(t, f.open(t).Close())
	_, err := f.verify()
	require.NoError(t, err)
}

func TestADayIsRemovedOnlyAfterItsRetention(t *testing.T) {
	t.Parallel()
	f := filled(t)
	l := f.open(t)
	require.ErrorIs(t, l.Remove(ctx, "2026-11-26"), ErrRetentionNotOver)
	f.now = noon.AddDate(5, 0, 3)
	require.ErrorIs(t, l.Remove(ctx, "2026-11-27"), ErrRetentionNotOver, "not the oldest")
	days, err := l.Removable()
	require.NoError(t, err)
	require.Equal(t, []string{"2026-11-26", "2026-11-27"}, days)
	for _, day := range days {
		require.NoError(t, l.Remove(ctx, day))
	}
	require.NoError(t, l.Close())
	v, err := f.verify()
	require.NoError(t, err)
	require.Equal(t, days, v.Removed)
	require.NoError(t, f.open(t).Close())
	require.NoError(t, os.Remove(f.dir+"/2026-11-28.log"))
	_, err = f.verify()
	require.ErrorIs(t, err, ErrMissing, "a day that no record says was removed")
}
