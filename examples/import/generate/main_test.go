package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func call(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, &out, &errs)
	return code, out.String(), errs.String()
}

func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	files := map[string]string{}
	for _, p := range paths {
		text, err := os.ReadFile(p)
		require.NoError(t, err)
		files[filepath.Base(p)] = string(text)
	}
	return files
}

func TestFiles(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		file   string
		starts string
	}{
		"ftc":          {nil, "201.txt", "201,2"},
		"shuffled":     {[]string{"-shuffle"}, "201.txt", "201,"},
		"ftc, xml":     {[]string{"-xml"}, "201.xml", "<list type='full' level='ac' val='201'>"},
		"ftc, zip":     {[]string{"-zip"}, "201.zip", "PK"},
		"canada":       {[]string{"-format", "canada"}, "204.csv", "204,2"},
		"canada, zip":  {[]string{"-format", "canada", "-zip", "-xml"}, "dncl.zip", "PK"},
		"a new folder": {[]string{"-seed", "7"}, "201.txt", "201,2"},
	} {
		t.Run(name, func(t *testing.T) {
			var twice [2]map[string]string
			for i := range twice {
				dir := filepath.Join(t.TempDir(), "a", "b")
				code, stdout, stderr := call(append([]string{"-out", dir, "-size", "2000"}, c.args...)...)
				require.Zero(t, code, stderr)
				assert.Contains(t, stdout, "2000 numbers of 1 area codes in 1 files")
				twice[i] = read(t, dir)
			}
			assert.Equal(t, twice[0], twice[1], "the same seed makes the same files")
			require.Contains(t, twice[0], c.file)
			assert.True(t, strings.HasPrefix(twice[0][c.file], c.starts))
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	used := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(used, "415.txt"), []byte("x"), 0o600))
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no -out":          {nil, 2, "-out is missing"},
		"bad -format":      {[]string{"-out", "x", "-format", "uk"}, 2, "ftc or canada"},
		"bad -size":        {[]string{"-out", "x", "-size", "0"}, 2, "-size"},
		"bad flag":         {[]string{"-nonsense"}, 2, "-h lists"},
		"an argument":      {[]string{"-out", "x", "y"}, 2, "arguments"},
		"an old directory": {[]string{"-out", used}, 1, "not empty"},
		"a file":           {[]string{"-out", filepath.Join(used, "415.txt")}, 1, "415.txt"},
		"too many":         {[]string{"-out", t.TempDir(), "-size", "600000000"}, 1, "no room"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := call(c.args...)
			assert.Equal(t, c.code, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, c.says)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), "one line")
		})
	}
	assert.Equal(t, map[string]string{"415.txt": "x"}, read(t, used))
	code, stdout, _ := call("-h")
	assert.Zero(t, code)
	assert.Contains(t, stdout, "-shuffle")
}
