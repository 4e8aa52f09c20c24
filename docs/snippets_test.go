package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The snippets of a guide are a whole file when they are pasted behind a package clause: they use
// every import, and no name that the page does not have.
func TestSnippetsOfAGuideAreAFile(t *testing.T) {
	t.Parallel()
	for page, text := range pages(t) {
		if !strings.HasPrefix(page, "docs/guide/") {
			continue
		}
		var source strings.Builder
		source.WriteString("package guide\n\n")
		for _, snippet := range block.FindAllStringSubmatch(text, -1) {
			source.WriteString(snippet[1] + "\n")
		}
		file, err := parser.ParseFile(token.NewFileSet(), page, source.String(), 0)
		require.NoError(t, err)
		imported := map[string]bool{} // whether it is used
		for _, spec := range file.Imports {
			imported[importedName(t, spec)] = false
		}
		for _, name := range file.Unresolved {
			if _, ok := imported[name.Name]; ok {
				imported[name.Name] = true
				continue
			}
			assert.NotNil(t, types.Universe.Lookup(name.Name), "%s: nothing on the page declares %s", page, name.Name)
		}
		for name, used := range imported {
			assert.True(t, used, "%s: nothing on the page uses the import of %s", page, name)
		}
	}
}

// importedName is the name of a package in the code. That of the path .../go-redis/v9 is redis.
func importedName(t *testing.T, spec *ast.ImportSpec) string {
	t.Helper()
	if spec.Name != nil {
		return spec.Name.Name
	}
	name, err := strconv.Unquote(spec.Path.Value)
	require.NoError(t, err)
	if dir, last := path.Split(name); len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		name = path.Clean(dir)
	}
	return strings.TrimPrefix(path.Base(name), "go-")
}
