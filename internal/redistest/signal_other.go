//go:build !unix

package redistest

import "syscall"

// FreezeSignal and ThawSignal do nothing here: there is no signal that stops a process. There is no
// redis-server for these systems either.
const (
	FreezeSignal = syscall.Signal(0)
	ThawSignal   = syscall.Signal(0)
)
