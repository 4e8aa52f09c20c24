package fulldisk

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dnc-go/dnc/internal/skip"
)

// childEnv makes a process a child of Run; its value is the kind of the disk.
const childEnv = "DNC_FULLDISK_TEST_CHILD"

const (
	limit = "limit" // files have a size limit: EFBIG
	small = "small" // a file system of one MiB: ENOSPC
)

// Run runs the test that calls it again, as two processes of their own, and f in each. A write to
// the full disk fails with EFBIG in one and with ENOSPC in the other. Where a process may not make
// a file system of its own, that part is skipped.
func Run(t *testing.T, f func(t *testing.T, d Disk)) {
	t.Helper()
	switch kind := os.Getenv(childEnv); kind {
	case limit:
		f(t, withLimit(t))
	case small:
		f(t, withFileSystem(t))
	default:
		for _, kind := range []string{limit, small} {
			t.Run(kind, func(t *testing.T) { again(t, kind) })
		}
	}
}

// again runs the test in a child.
func again(t *testing.T, kind string) {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$", "-test.v", "-test.timeout=2m") //nolint:gosec // this test binary
	cmd.Env = append(os.Environ(), childEnv+"="+kind, "GOCOVERDIR=", skip.FileEnv+"=")                         // Run notes what the child skips
	if kind == small {
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
	}
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOSPC), strings.Contains(string(out), "--- SKIP"):
		skip.Test(t, "this process may not make a file system of its own, which would fill up")
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "--- PASS: "+name) {
		t.Fatalf("the test did not run\n%s", out)
	}
}

func withLimit(t *testing.T) Disk {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // a write fails then, as on a full disk
	var before syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	return Disk{
		Dir: t.TempDir(),
		fill: func(tb testing.TB, size int64) {
			tb.Helper()
			now := syscall.Rlimit{Cur: uint64(size), Max: before.Max} //nolint:gosec // a size
			must(tb, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now))
		},
		free: func(tb testing.TB) {
			tb.Helper()
			must(tb, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before))
		},
	}
}

func withFileSystem(t *testing.T) Disk {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1m"); err != nil {
		skip.Test(t, "this process may not mount: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	filler := filepath.Join(dir, "filler")
	return Disk{
		Dir: dir,
		fill: func(tb testing.TB, _ int64) {
			tb.Helper()
			file, err := os.Create(filler) //nolint:gosec // in the test's directory
			must(tb, err)
			for err == nil {
				_, err = file.Write(make([]byte, os.Getpagesize()))
			}
			if !errors.Is(err, syscall.ENOSPC) {
				tb.Fatal(err)
			}
			must(tb, file.Close())
		},
		free: func(tb testing.TB) {
			tb.Helper()
			must(tb, os.Remove(filler))
		},
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
