package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A spreadsheet's "Unicode text" is UTF-16. Its rows come out as UTF-8.
func TestUTF16(t *testing.T) {
	const text = "name\tphone\nAnn Ö\t+14155550100\nBob\t+14155550123\n"
	for name, order := range map[string]func(unit uint16) string{
		"little endian": func(u uint16) string { return string([]byte{byte(u), byte(u >> 8)}) },
		"big endian":    func(u uint16) string { return string([]byte{byte(u >> 8), byte(u)}) },
	} {
		for _, mark := range []string{"\ufeff", ""} {
			var b strings.Builder
			for _, unit := range utf16.Encode([]rune(mark + text)) {
				b.WriteString(order(unit))
			}
			r := batch(t, b.String())
			assert.Equal(t, exitOK, r.code, "%s: %s", name, r.stderr)
			assert.Equal(t, mark+"name\tphone\tverdict\tblocked\treason\tfallback\n"+
				"Ann Ö\t+14155550100\tallow\tfalse\tallowed\tfalse\nBob\t+14155550123\tblock\ttrue\tdnc_list\tfalse\n", r.out)
			assert.Contains(t, r.stderr, "the output is UTF-8")
		}
	}
}

// The national registry of the United States is read with its format, and without it the advice
// names the format.
func TestANationalListAsItIsDownloaded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "415.txt")
	require.NoError(t, os.WriteFile(path, []byte("415,5550123\r\n415,5550142\r\n"), 0o600))
	for _, args := range [][]string{{"-list", path}, {"-list", path, "-country", "1"}} {
		r := batch(t, "phone\n+14155550123\n", args...)
		if r.code == exitOK { // the rows could be read
			assert.Contains(t, r.out, "+14155550123,block,")
			continue
		}
		assert.Equal(t, exitError, r.code)
		assert.Contains(t, r.stderr, "-list-format ftc")
	}
	r := batch(t, "phone\n+14155550123\n+14155550100\n", "-list", path, "-list-format", "ftc")
	assert.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "+14155550123,block,")
	assert.Contains(t, r.out, "+14155550100,allow,")
}

// Without -force a file that appears while rows are checked is not replaced either.
func TestAnOutputThatAppearsMeanwhile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.csv")
	out, err := openOutput(name, nil, nil, io.Discard, false)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, []byte("theirs"), 0o600))
	require.ErrorContains(t, out.commit(), "-out")
	got, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "theirs", string(got))
	left, err := os.ReadDir(filepath.Dir(name))
	require.NoError(t, err)
	assert.Len(t, left, 1)
}
