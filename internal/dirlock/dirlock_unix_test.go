//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package dirlock

import (
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
