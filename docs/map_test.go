package docs_test

import (
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	quoted = regexp.MustCompile("`([^`]+)`")
	placed = regexp.MustCompile("`(\\w+)`(?: and `(\\w+)`)? in `([^`]+\\.go)`") // a func, or a variable, and its file
)

// The map names every package, and only files and functions that exist.
func TestMap(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	for row := range strings.SplitSeq(read(t, "map.md"), "\n") {
		cells := strings.Split(row, "|")
		if len(cells) < 5 {
			continue
		}
		dir, packages := "", false
		if m := quoted.FindStringSubmatch(cells[1]); m != nil {
			dir, packages = m[1], true
			assert.False(t, named[dir], "the map names package %s twice", dir)
			named[dir] = true
		}
		for _, m := range placed.FindAllStringSubmatch(row, -1) {
			code := read(t, filepath.Join(root, filepath.FromSlash(m[3])))
			for _, name := range m[1:3] {
				declared := regexp.MustCompile(`(?m)^(?:func (?:\([^)]*\) )?|var )` + name + `\b`)
				assert.True(t, name == "" || declared.MatchString(code), "the map names %s in %s, which is not there", name, m[3])
			}
		}
		for _, m := range quoted.FindAllStringSubmatch(strings.Join(cells[2:], "|"), -1) {
			file := m[1]
			if ext := path.Ext(file); ext != ".go" && ext != ".md" && ext != ".json" {
				continue
			}
			found := glob(t, file) // a path from the root, as in the table of questions
			if packages {
				found += glob(t, path.Join(dir, file))
			}
			assert.NotZero(t, found, "the map names %s, which is not there, in the row:\n%s", file, row)
		}
	}
	for _, file := range goFiles(t) {
		dir := path.Dir(file)
		assert.True(t, named[dir], "package %s is missing from docs/map.md: add a row with what it is for, its files and its tests", dir)
		named[dir] = true // one failure for each package
	}
}

func glob(t *testing.T, pattern string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	require.NoError(t, err)
	return len(found)
}
