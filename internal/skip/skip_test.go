package skip

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A skipped test is in the file, with its reason and its package.
func TestASkippedTestIsNoted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "skipped")
	t.Setenv(FileEnv, file)
	var inner testing.TB
	t.Run("inner", func(t *testing.T) {
		inner = t
		Test(t, "of this test alone")
	})
	assert.True(t, inner.Skipped())
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	dir, err := os.Getwd()
	require.NoError(t, err)
	assert.Equal(t, "of this test alone\t"+dir+"\tTestASkippedTestIsNoted/inner\n", string(text))
}

// Without the file a test is skipped all the same. A file that cannot be written is an error.
func TestWithoutAFile(t *testing.T) {
	t.Setenv(FileEnv, "")
	var inner testing.TB
	t.Run("inner", func(t *testing.T) {
		inner = t
		Test(t, "of this test alone")
	})
	assert.True(t, inner.Skipped())
	require.Error(t, note(filepath.Join(t.TempDir(), "missing", "file"), "a", "b"))
}
