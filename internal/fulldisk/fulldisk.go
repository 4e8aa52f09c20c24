// Package fulldisk runs a test on a disk that is really full: in a process of its own whose files
// have a size limit, and in one that has a small file system of its own.
package fulldisk

import "testing"

// Disk is a directory on a disk that can be full.
type Disk struct {
	Dir  string
	fill func(testing.TB, int64)
	free func(testing.TB)
}

// Fill fills the disk. Where it is a size limit, no file can be larger than so many bytes.
func (d Disk) Fill(tb testing.TB, size int64) {
	tb.Helper()
	d.fill(tb, size)
}

// Free makes room again.
func (d Disk) Free(tb testing.TB) {
	tb.Helper()
	d.free(tb)
}
