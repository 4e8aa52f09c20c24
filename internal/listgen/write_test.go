package listgen

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/listfile"
)

// What is written is read again, whatever its form, and names what it covers.
func TestWrite(t *testing.T) {
	for name, c := range map[string]struct {
		canada bool
		form   Form
		files  []string
		starts string // of the first file, or of the first member
	}{
		"FTC":                {false, Form{}, []string{"201.txt", "203.txt"}, "201,2"},
		"FTC, zip":           {false, Form{Zip: true}, []string{"201.zip", "203.zip"}, "201,2"},
		"FTC, XML":           {false, Form{XML: true}, []string{"201.xml", "203.xml"}, "<list type='full' level='ac' val='201'><ac val='201'><ph val='2"},
		"FTC, shuffled":      {false, Form{Shuffle: true}, []string{"201.txt", "203.txt"}, "201,"},
		"Canada":             {true, Form{}, []string{"204.csv", "226.csv"}, "204,2"},
		"Canada, zip":        {true, Form{Zip: true}, []string{"dncl.zip"}, "204,2"},
		"Canada, XML":        {true, Form{XML: true}, []string{"204.xml", "226.xml"}, "<list type='full' level='ac' val='204' /> <ac val='204'>\n<ph val='2"},
		"Canada, zip of XML": {true, Form{XML: true, Zip: true, Shuffle: true}, []string{"dncl.zip"}, "<list"},
	} {
		t.Run(name, func(t *testing.T) {
			l := List{Seed: 2, Size: 1_000_000, Canada: c.canada}
			dir := t.TempDir()
			paths, areas, err := l.Write(dir, c.form)
			require.NoError(t, err)
			var names []string
			for _, p := range paths {
				names = append(names, filepath.Base(p))
			}
			assert.Equal(t, c.files, names)
			assert.Equal(t, l.Areas(), areas)
			coverage, err := listfile.Coverage(listfile.FTC(), paths...)
			require.NoError(t, err)
			assert.Len(t, coverage, len(areas))
			assert.Equal(t, c.starts, first(t, paths[0])[:len(c.starts)])

			want := slices.Collect(l.All())
			var got []uint64
			for n, err := range listfile.Files(listfile.FTC(), paths...) {
				require.NoError(t, err)
				got = append(got, digits.Of(n))
			}
			if c.form.Shuffle {
				assert.False(t, slices.IsSorted(got))
				slices.Sort(got)
			}
			assert.True(t, slices.Equal(want, got))
		})
	}
}

// first is the beginning of a file, or of the first file in a zip.
func first(t *testing.T, path string) string {
	t.Helper()
	if filepath.Ext(path) != ".zip" {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(text)
	}
	z, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer func() { _ = z.Close() }()
	text := make([]byte, 100)
	f, err := z.File[0].Open()
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	_, err = f.Read(text)
	require.NoError(t, err)
	return string(text)
}

func TestWhatCannotBeWritten(t *testing.T) {
	_, _, err := List{Size: 600_000_000}.Write(t.TempDir(), Form{})
	require.ErrorContains(t, err, "no room")
	_, _, err = List{Size: 1}.Write(filepath.Join(t.TempDir(), "none"), Form{})
	require.ErrorIs(t, err, os.ErrNotExist)
	paths, areas, err := List{}.Write(t.TempDir(), Form{})
	require.NoError(t, err)
	assert.Empty(t, paths)
	assert.Empty(t, areas)
}
