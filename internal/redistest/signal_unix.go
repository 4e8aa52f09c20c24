//go:build unix

package redistest

import "syscall"

// FreezeSignal and ThawSignal are the signals that stop a process and let it go on.
const (
	FreezeSignal = syscall.SIGSTOP
	ThawSignal   = syscall.SIGCONT
)
