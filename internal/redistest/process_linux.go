package redistest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// parentThread starts a process, and stays until it has ended. Linux kills the process when the
// thread that started it ends, so this one is locked to the goroutine: a test binary that is killed
// leaves no server behind, and a thread that the Go runtime retires does not take one with it.
func parentThread(cmd *exec.Cmd, started chan<- error, gone chan<- struct{}) {
	runtime.LockOSThread()
	defer close(gone)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait()
	}
}
