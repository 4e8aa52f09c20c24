package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/registry"
)

func TestMain(m *testing.M) {
	redis.SetLogger(quiet{})
	goleak.VerifyTestMain(m)
}

// canary is what the numbers of these tests look like in every spelling, and may stand nowhere.
var canary = regexp.MustCompile(`555[-. ]?[0-9]{4}`)

// versionID is what ids and generations of versions look like; a test can tell the numbers in front
// of the hyphens.
var versionID = regexp.MustCompile(`(version [0-9]+)-[a-z]+|, generation [0-9]+`)

type result struct {
	code        int
	out, stderr string
}

// call runs the program, in a directory of the test's own.
func call(t *testing.T, args ...string) result {
	t.Helper()
	var out, stderr bytes.Buffer
	r := result{code: run(t.Context(), args, &out, &stderr)}
	r.out, r.stderr = versionID.ReplaceAllString(out.String(), "$1"), stderr.String()
	look(t, r)
	return r
}

// a machine may be so busy that there is one
var progressLine = regexp.MustCompile(`(?m)^import: [0-9]+ %.*\n`)

// look demands of every call: an error is one line, and no number is shown.
func look(t *testing.T, r result) {
	t.Helper()
	assert.NotRegexp(t, canary, r.out+r.stderr)
	said := progressLine.ReplaceAllString(r.stderr, "")
	if r.code == exitOK {
		assert.Empty(t, said)
	} else {
		assert.Equal(t, 1, strings.Count(said, "\n"), said)
	}
	assert.NotContains(t, r.out+r.stderr, "Import.", "a name of the library's that the flags have another for")
}

// write writes files, name by name, into the working directory, which is a new one.
func write(t *testing.T, files ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	add(t, files...)
}

func add(t *testing.T, files ...string) {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		require.NoError(t, os.WriteFile(files[i], []byte(files[i+1]), 0o600))
	}
}

// zipped is a zip of names and texts.
func zipped(t *testing.T, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		require.NoError(t, err)
		_, err = w.Write([]byte(members[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.String()
}

// rows are n rows of an area code, from 555 0000 on.
func rows(area, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%03d,555%04d\n", area, i)
	}
	return b.String()
}

func open(t *testing.T, s *redistest.Server, opts ...registry.Option) *registry.Registry {
	t.Helper()
	options, err := dnc.RedisOptions(s.URL())
	require.NoError(t, err)
	options.ReadTimeout = patience // a busy machine
	rdb := redis.NewUniversalClient(options)
	t.Cleanup(func() { _ = rdb.Close() })
	list, err := registry.New(rdb, "national", opts...)
	require.NoError(t, err)
	return list
}

// verdicts demands verdicts of numbers, as "+14155550123": dnc.Block.
func verdicts(t *testing.T, list *registry.Registry, want map[string]dnc.Verdict) {
	t.Helper()
	for s, verdict := range want {
		n, err := dnc.ParseNumber(s)
		require.NoError(t, err)
		d, err := list.Check(t.Context(), n)
		assert.Equal(t, verdict, d.Verdict, "%s: %v", s, err)
	}
}

// screen is a terminal, which keeps what is written and calls see for each piece.
type screen struct {
	mu  sync.Mutex
	b   bytes.Buffer
	see func(text string)
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Write(p)
	if s.see != nil {
		s.see(string(p))
	}
	return len(p), nil
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (s *screen) Stat() (fs.FileInfo, error) { return terminal{}, nil }

// terminal is the FileInfo of one.
type terminal struct{ fs.FileInfo }

func (terminal) Mode() fs.FileMode { return fs.ModeDevice | fs.ModeCharDevice }

func today() string { return time.Now().Format(time.DateOnly) }
