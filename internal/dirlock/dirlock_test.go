package dirlock_test

import (
	"bufio"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/dirlock"
)

const childEnv = "DNC_DIRLOCK_TEST_CHILD"

// As a child this process locks a directory, says so, and waits until it is killed.
func TestMain(m *testing.M) {
	dir := os.Getenv(childEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	if _, err := dirlock.Acquire(dir); err != nil {
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString("locked\n")
	_, _ = bufio.NewReader(os.Stdin).ReadByte()
}

func TestASecondOwnerIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := dirlock.Acquire(dir)
	require.NoError(t, err)
	_, err = dirlock.Acquire(dir)
	require.ErrorIs(t, err, dirlock.ErrLocked)
	require.NoError(t, first.Unlock())
	again, err := dirlock.Acquire(dir)
	require.NoError(t, err)
	require.NoError(t, again.Unlock())
	_, err = dirlock.Acquire(dir + "/missing")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAKilledOwnerLeavesNoLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	stdin, err := child.StdinPipe()
	require.NoError(t, err)
	defer func() { _ = stdin.Close() }()
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	_, err = bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	_, err = dirlock.Acquire(dir)
	require.ErrorIs(t, err, dirlock.ErrLocked)
	require.NoError(t, child.Process.Kill())
	_ = child.Wait()
	l, err := dirlock.Acquire(dir)
	require.NoError(t, err)
	require.NoError(t, l.Unlock())
}
