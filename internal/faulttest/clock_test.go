package faulttest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A wall clock that is set back must not stop anything. Go's time.Time has a monotonic reading,
// which UnixNano and its kind drop. Where the library measures how long ago something was, it keeps
// the Time. (registry takes the longer of both clocks, so that the sleep of a machine counts.)
func TestDurationsAreMonotonic(t *testing.T) {
	t.Parallel()
	drops := map[string]bool{"UnixNano": true, "UnixMilli": true, "UnixMicro": true}
	found := 0
	for _, dir := range []string{"../..", "../redisconn"} {
		entries, err := os.ReadDir(dir)
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			found++
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, 0)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && drops[s.Sel.Name] {
					assert.Fail(t, "a wall clock", "%s/%s uses %s: keep a time.Time, or time.Since of one", dir, e.Name(), s.Sel.Name)
				}
				return true
			})
		}
	}
	require.Greater(t, found, 20)
}
