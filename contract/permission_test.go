package contract_test

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys/genesystest"
)

// permission is how the platform writes one.
var permission = regexp.MustCompile(`\boutbound:[a-zA-Z]+:[a-zA-Z]+`)

// operation is what the definition says of the permissions that an operation needs.
type operation struct {
	Requires struct {
		Type        string   `json:"type"` // "ANY" or "ALL"
		Permissions []string `json:"permissions"`
	} `json:"x-inin-requires-permissions"`
}

// operations are those of the definition by path and method in lower case.
func operations(t *testing.T) map[string]map[string]operation {
	t.Helper()
	var all struct {
		Paths map[string]map[string]operation `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(definition(t), &all))
	require.NotEmpty(t, all.Paths)
	return all.Paths
}

// The permissions that the guides, comments and examples name are permissions of the definition.
func TestPermissionsThatAreNamed(t *testing.T) {
	known := map[string]bool{}
	for _, byMethod := range operations(t) {
		for _, o := range byMethod {
			for _, p := range o.Requires.Permissions {
				known[p] = true
			}
		}
	}
	files := []string{"../docs/guide/genesys.md"}
	for _, dir := range []string{"../genesys", "../preflight", "../examples"} {
		require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				files = append(files, path)
			}
			return err
		}))
	}
	named := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, p := range permission.FindAllString(string(text), -1) {
			named++
			assert.True(t, known[p], "%s names %s, which no operation of the definition requires", file, p)
		}
	}
	assert.Greater(t, named, 20, "the files that name permissions were found")
}

// The platform in memory asks for the permissions of the definition, operation by operation.
func TestPermissionsThatThePlatformAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := genesystest.New()
		v := &validator{t: t, p: p}
		ask := func(method, path string, permissions ...string) (status int, named []string) {
			source, err := p.AddClient(permissions...).Source()
			require.NoError(t, err)
			resp, err := p.RoundTrip(v.raw(source, method, path, ""))
			require.NoError(t, err)
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			return resp.StatusCode, permission.FindAllString(string(body), -1)
		}
		parameter := regexp.MustCompile(`\{[a-zA-Z]+\}`)
		asked := 0
		for path, byMethod := range operations(t) {
			path, ours := strings.CutPrefix(path, "/api/v2/outbound")
			if !ours {
				continue
			}
			path = parameter.ReplaceAllString(path, "11111111-1111-4111-8111-111111111111")
			for method, o := range byMethod {
				method, needs := strings.ToUpper(method), o.Requires
				status, named := ask(method, path)
				if status == http.StatusNotImplemented {
					continue
				}
				asked++
				assert.Equal(t, http.StatusForbidden, status, "%s %s", method, path)
				assert.ElementsMatch(t, needs.Permissions, named, "%s %s", method, path)
				for _, one := range needs.Permissions {
					status, _ := ask(method, path, one)
					enough := needs.Type == "ANY" || len(needs.Permissions) == 1
					assert.Equal(t, enough, status != http.StatusForbidden, "%s %s with %s alone", method, path, one)
				}
			}
		}
		assert.Greater(t, asked, 50)
	})
}
