// Package skip skips tests so that somebody notices: go test says nothing of a skipped test that
// passes otherwise, and scripts/test names each in its last lines.
package skip

import (
	"os"
	"strings"
	"testing"
)

// FileEnv is the environment variable with the path of the file that scripts/test reads in the end.
const FileEnv = "DNC_SKIPPED_FILE"

// Test notes the test with the reason, a line of text, and skips it.
func Test(tb testing.TB, why string) {
	tb.Helper()
	if name := os.Getenv(FileEnv); name != "" {
		if err := note(name, tb.Name(), why); err != nil {
			tb.Fatal(err)
		}
	}
	tb.Skip(why)
}

func note(name, test, why string) error {
	dir, err := os.Getwd() // the directory of the package
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the file of scripts/test
	if err != nil {
		return err
	}
	if _, err := f.WriteString(strings.Join([]string{why, dir, test}, "\t") + "\n"); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
