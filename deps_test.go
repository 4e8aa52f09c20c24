package dnc_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whoever imports a package links these modules and nothing else. A test package in this list would
// be linked into their programs.
func TestWhatEachPackageLinks(t *testing.T) {
	root := []string{
		"github.com/cespare/xxhash/v2", // of go-redis
		"github.com/redis/go-redis/v9",
		"github.com/sony/gobreaker/v2",
		"go.uber.org/atomic", // of go-redis
		"golang.org/x/sys",   // of go-redis
	}
	for pkg, want := range map[string][]string{
		".":                     root,
		"./dnctest":             root,
		"./calltime":            root,
		"./optout":              root, // not the platform's packages: those are in optout/genesysoptout
		"./retry":               {"golang.org/x/time"},
		"./auth":                {"golang.org/x/oauth2", "golang.org/x/time"},
		"./genesys":             {"golang.org/x/oauth2", "golang.org/x/time"}, // neither go-redis nor the root package
		"./evidence":            append(slices.Clone(root[:4]), "golang.org/x/mod", "golang.org/x/sys"),
		"./genesys/genesystest": {"golang.org/x/oauth2", "golang.org/x/time"},
	} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", pkg).Output()
		require.NoError(t, err)
		got := strings.Fields(string(out))
		slices.Sort(got)
		assert.Equal(t, want, slices.Compact(got), pkg)
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	genesys, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./genesys").Output()
	require.NoError(t, err)
	assert.NotContains(t, strings.Fields(string(genesys)), "github.com/dnc-go/dnc")
	for _, test := range []string{"testing", "net/http/httptest", "github.com/stretchr/testify/assert"} {
		assert.NotContains(t, strings.Fields(string(out)), test)
	}
}

// An example is what a user may copy, so it uses the public API alone. The generator of files to try
// imports with is no example of the library.
func TestExamplesUseThePublicAPI(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./examples/...").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "github.com/dnc-go/dnc/examples/import/generate ") {
			assert.NotContains(t, line, "github.com/dnc-go/dnc/internal/")
		}
	}
}

// Modules that only the tests need stand in the go.mod, and so in what "go list -m all" prints for
// an importer. A new one here needs a reason: docs/decisions.md, "Tests of Redis stay in the root
// module".
func TestModulesOfTestsAlone(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json").Output()
	require.NoError(t, err)
	var file struct{ Require []struct{ Path string } }
	require.NoError(t, json.Unmarshal(out, &file))
	out, err = exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./...").Output()
	require.NoError(t, err)
	linked := strings.Fields(string(out))
	var tests []string
	for _, module := range file.Require {
		if !slices.Contains(linked, module.Path) {
			tests = append(tests, module.Path)
		}
	}
	assert.ElementsMatch(t, []string{
		"github.com/alicebob/miniredis/v2",
		"github.com/stretchr/testify",
		"github.com/yuin/gopher-lua", // of miniredis
		"go.uber.org/goleak",
		"go.yaml.in/yaml/v3", // of testify
	}, tests)
}
