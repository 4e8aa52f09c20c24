// Package docs_test holds the pages of the documentation to the code.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = ".."

// pages are the pages of the repository with their text, by their paths from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "*.md"))
	require.NoError(t, err)
	for _, pattern := range []string{"*.md", "guide/*.md"} {
		more, err := filepath.Glob(pattern)
		require.NoError(t, err)
		paths = append(paths, more...)
	}
	all := map[string]string{}
	for _, path := range paths {
		all[fromRoot(t, path)] = read(t, path)
	}
	require.Contains(t, all, "README.md")
	require.Contains(t, all, "docs/guide/files.md")
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return strings.ReplaceAll(string(text), "\r\n", "\n") // a checkout on Windows
}

// fromRoot is a path from this directory as a path from the root, with slashes.
func fromRoot(t *testing.T, path string) string {
	t.Helper()
	top, err := filepath.Abs(root)
	require.NoError(t, err)
	path, err = filepath.Abs(path)
	require.NoError(t, err)
	path, err = filepath.Rel(top, path)
	require.NoError(t, err)
	return filepath.ToSlash(path)
}

func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	assert.LessOrEqual(t, strings.Count(pages(t)["README.md"], "\n"), 200, "lines: move details into docs/guide")
}

func TestReadmeHasEveryReason(t *testing.T) {
	t.Parallel()
	source := read(t, filepath.Join(root, "reason.go"))
	codes := regexp.MustCompile(`(?m)^\tCode\w+ += "(\w+)"`).FindAllStringSubmatch(source, -1)
	require.Greater(t, len(codes), 15)
	for _, code := range codes {
		assert.Regexp(t, "(?m)^\\|.*`"+code[1]+"`.*\\|.*\\|$", read(t, filepath.Join(root, "README.md")))
	}
}

var block = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// The README's code is whole programs of examples. A guide's code is in the test file beside it,
// the imports included.
func TestSnippets(t *testing.T) {
	t.Parallel()
	for path, text := range pages(t) {
		snippets := block.FindAllStringSubmatch(text, -1)
		guide, isGuide := strings.CutPrefix(path, "docs/guide/")
		for i, snippet := range snippets {
			code := snippet[1]
			switch {
			case path == "README.md":
				assert.True(t, isProgram(t, code), "%s: snippet %d is not a whole program of examples:\n%s", path, i+1, code)
			case isGuide:
				file := "guide/" + strings.ReplaceAll(strings.TrimSuffix(guide, ".md"), "-", "_") + "_test.go"
				if i == 0 {
					assert.True(t, strings.HasPrefix(code, "import ("), "%s: the first snippet is the imports of the others", path)
				}
				assert.Contains(t, "\n"+read(t, file), "\n"+code, "%s: snippet %d differs from docs/%s", path, i+1, file)
			default:
				assert.Fail(t, "code that nothing compiles", "%s: snippet %d: move it into a guide, or into an Example", path, i+1)
			}
		}
	}
}

func isProgram(t *testing.T, code string) bool {
	t.Helper()
	programs, err := filepath.Glob(filepath.Join(root, "examples", "*", "main.go"))
	require.NoError(t, err)
	for _, path := range programs {
		if read(t, path) == code {
			return true
		}
	}
	return false
}

var (
	fence   = regexp.MustCompile("(?ms)^```.*?^```$")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	command = regexp.MustCompile(`go run (\./[a-z/]+)`)
	noWord  = regexp.MustCompile(`[^\p{L}\p{N}\- ]`)
)

// anchors are the names of a page's headings, as GitHub makes them.
func anchors(text string) []string {
	var names []string
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		names = append(names, strings.ReplaceAll(noWord.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return names
}

// What pages link to is there: files, headings, and the programs of their commands.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for path, text := range all {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			to := path
			if target != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(path), target))
				assert.True(t, exists(to), "%s links to %s", path, m[1])
			}
			if anchor != "" {
				assert.Contains(t, anchors(all[to]), anchor, "%s links to %s", path, m[1])
			}
		}
		for _, c := range command.FindAllStringSubmatch(text, -1) {
			assert.True(t, exists(c[1]), "%s names the program %s", path, c[1])
		}
	}
}

// exists takes a path from the root.
func exists(path string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(path)))
	return err == nil
}

// goFiles are the Go files of the repository, tests too, by their paths from the root.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			files = append(files, fromRoot(t, path))
		}
		return nil
	}))
	require.NotEmpty(t, files)
	return files
}
