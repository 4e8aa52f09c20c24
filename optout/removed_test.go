//go:build !windows

package optout

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Unix lets a program write on in a file that is gone, and fsync succeeds: an opt-out there would be
// acknowledged and be lost at the end of the process.
func TestAnOutboxThatIsRemovedAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(dir string) error{
		"the file":      func(dir string) error { return os.Remove(filepath.Join(dir, segmentName(1))) },
		"the directory": os.RemoveAll,
		"it was moved":  func(dir string) error { return os.Rename(dir, dir+"-moved") },
		"another is there": func(dir string) error {
			return os.Rename(filepath.Join(dir, "copy"), filepath.Join(dir, segmentName(1)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "outbox")
			in := open(t, dir)
			add(t, in, 1, "a")
			data, err := os.ReadFile(filepath.Join(dir, segmentName(1)))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "copy"), data, 0o600))
			require.NoError(t, remove(dir))
			_, err = in.Add(t.Context(), Request{Number: number(2), Source: "test", SourceID: "b"})
			require.ErrorIs(t, err, ErrNotStored)
			require.ErrorContains(t, err, "removed or replaced")
			assert.NotRegexp(t, canary, err.Error())
			mustBlock(t, in, 4, 1, 2)
		})
	}
}

// A process may change its directory after Open.
func TestADirectoryIsFoundAgain(t *testing.T) {
	t.Chdir(t.TempDir())
	in := open(t, "outbox", withSegment(100))
	add(t, in, 1, "a")
	first, err := filepath.Abs("outbox")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	for i := range 3 { // each begins a file
		add(t, in, 2+i, "")
	}
	require.NoError(t, in.Close())
	mustBlock(t, open(t, first), 6, 1, 2, 3, 4)
}
