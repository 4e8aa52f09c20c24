package contract_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The permissions that the documentation, the comments and the platform in memory name are permissions of the definition.
func TestPermissions(t *testing.T) {
	data, err := os.ReadFile("definition.json")
	require.NoError(t, err)
	var definition struct {
		Paths map[string]map[string]struct {
			Requires struct {
				Permissions []string `json:"permissions"`
			} `json:"x-inin-requires-permissions"`
		} `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(data, &definition))
	known := map[string]bool{}
	for _, operations := range definition.Paths {
		for _, operation := range operations {
			for _, p := range operation.Requires.Permissions {
				known[p] = true
			}
		}
	}
	require.NotEmpty(t, known)
	permission := regexp.MustCompile(`\boutbound:[a-zA-Z]+:[a-zA-Z]+`)
	files := []string{"../README.md"}
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
