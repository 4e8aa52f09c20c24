package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A file that one system alone compiles, or a test of it, is found there.
func TestWhatOneSystemAloneCompiles(t *testing.T) {
	t.Setenv("GOWORK", "off")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":              "module example.com/m\n\ngo 1.26\n",
		"m.go":                "package m\n\nimport \"os\"\n\nvar Name = os.Args\n",
		"m_windows.go":        "package m\n\nimport \"syscall\"\n\nvar Wrong = syscall.Kill\n",
		"m_test.go":           "package m\n",
		"only_darwin_test.go": "package m\n\nvar _ int = \"text\"\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	require.NoError(t, check(dir, "linux/amd64"))
	require.ErrorContains(t, check(dir, "windows/amd64"), "syscall.Kill")
	require.ErrorContains(t, check(dir, "darwin/arm64"), "only_darwin_test.go")
	require.ErrorContains(t, check(dir, "windows"), "is written as")
	empty := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(empty, "go.mod"), []byte("module example.com/m\n\ngo 1.26\n"), 0o600))
	assert.Error(t, check(empty, "linux/amd64"))
}
