//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package dirlock

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A program that starts another has a copy of the lock's file for a moment, between fork and exec.
func TestAForkKeepsNoLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := Acquire(dir)
	require.NoError(t, err)
	forked, err := syscall.Dup(int(l.file.Fd()))
	require.NoError(t, err)
	defer func() { _ = syscall.Close(forked) }()
	require.NoError(t, l.Unlock())
	l, err = Acquire(dir)
	require.NoError(t, err)
	require.NoError(t, l.Unlock())
}

func TestAFileThatIsGoneOrReplacedIsNoticed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	require.NoError(t, InPlace(f, path))
	require.NoError(t, os.Rename(path, path+"b"))
	require.ErrorContains(t, InPlace(f, path), path)
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.ErrorContains(t, InPlace(f, path), "replaced")
	require.NoError(t, os.Rename(path+"b", path))
	require.NoError(t, InPlace(f, path))
	require.NoError(t, f.Close())
	require.Error(t, InPlace(f, path))
}
