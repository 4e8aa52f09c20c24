package genesys

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pathOfAPI is a part of a path as the source writes them.
var pathOfAPI = regexp.MustCompile(`^(/[a-z0-9]+)+/?$`)

// Each segment of a path that the source names is a word of routes: "{id}" in its place would mix up
// two operations.
func TestRoutesKnowEachPathOfTheSource(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			if !pathOfAPI.MatchString(text) || text == downloadPath {
				return true
			}
			found++
			for segment := range strings.SplitSeq(strings.Trim(text, "/"), "/") {
				assert.True(t, words[segment], "%s: %q of %q is no word of routes", name, segment, text)
			}
			return true
		})
	}
	assert.Greater(t, found, 20)
	assert.True(t, words["start"] && words["stop"], "verbs that are variables in the source")
}

func TestRouteOf(t *testing.T) {
	const id = "0f8fad5b-d9cb-469f-a165-70867728950e"
	for path, want := range map[string]string{
		"/api/v2/outbound/campaigns":                                   "/api/v2/outbound/campaigns",
		"/api/v2/outbound/campaigns/" + id:                             "/api/v2/outbound/campaigns/{id}",
		"/api/v2/outbound/contactlists/" + id + "/contacts/4155550123": "/api/v2/outbound/contactlists/{id}/contacts/{id}",
		"/api/v2/outbound/contactlists/" + id + "/contacts/a%2F4155":   "/api/v2/outbound/contactlists/{id}/contacts/{id}",
		"/api/v2/outbound/contactlists/" + id + "/contacts/START":      "/api/v2/outbound/contactlists/{id}/contacts/{id}",
	} {
		assert.Equal(t, want, routeOf(path))
	}
}
