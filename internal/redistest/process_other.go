//go:build !linux

package redistest

import "os/exec"

// parentThread starts a process, and stays until it has ended.
func parentThread(cmd *exec.Cmd, started chan<- error, gone chan<- struct{}) {
	defer close(gone)
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait()
	}
}
