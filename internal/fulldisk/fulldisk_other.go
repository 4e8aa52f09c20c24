//go:build !linux

package fulldisk

import (
	"testing"

	"github.com/dnc-go/dnc/internal/skip"
)

// Run skips the test: only Linux has what it needs.
func Run(t *testing.T, _ func(*testing.T, Disk)) {
	t.Helper()
	skip.Test(t, "a full disk is made on Linux alone")
}
