//go:build !linux

package fulldisk

import "testing"

// Run skips the test: only Linux has what it needs.
func Run(t *testing.T, _ func(*testing.T, Disk)) {
	t.Helper()
	t.Skip("a full disk is made on Linux alone")
}
