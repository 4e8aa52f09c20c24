//go:build !windows

package evidence

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// Unix lets a program write on in a file that is gone, and fsync succeeds: a decision would count as
// recorded, and its record be lost at the end of the process.
func TestALogThatIsRemovedRecordsNothing(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(dir string) error{
		"the day's file":     func(dir string) error { return os.Remove(filepath.Join(dir, "2026-11-26"+dayExt)) },
		"the tree":           func(dir string) error { return os.Remove(filepath.Join(dir, "tree")) },
		"up to where it was": func(dir string) error { return os.Remove(filepath.Join(dir, "acknowledged")) },
		"the directory":      os.RemoveAll,
		"it was moved":       func(dir string) error { return os.Rename(dir, dir+"-moved") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			c := Record(list(t), f.open(t), dnc.Call{})
			d, err := c.Check(ctx, number(t, 100))
			require.NoError(t, err)
			require.Equal(t, dnc.Allow, d.Verdict)
			require.NoError(t, remove(f.dir))
			d, err = c.Check(ctx, number(t, 100))
			require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
			require.ErrorContains(t, err, "removed or replaced")
			require.Equal(t, dnc.Unknown, d.Verdict)
		})
	}
}

// A process may change its directory after Open.
func TestADirectoryIsFoundAgain(t *testing.T) {
	f := newFixture(t)
	t.Chdir(filepath.Dir(f.dir))
	whole := f.dir
	f.dir = filepath.Base(f.dir)
	l := f.open(t)
	t.Chdir(t.TempDir())
	d, err := Record(list(t), l, dnc.Call{}).Check(ctx, number(t, 100))
	require.NoError(t, err)
	require.Equal(t, dnc.Allow, d.Verdict)
	require.NoError(t, l.Close())
	require.FileExists(t, filepath.Join(whole, "2026-11-26"+dayExt))
}
