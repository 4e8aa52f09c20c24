package dnc_test

import (
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
