package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc/internal/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// canary is what the numbers of these tests look like in every spelling. It may stand in the output
// and nowhere else.
var canary = regexp.MustCompile(`555[-. ]?[0-9]{4}`)

type result struct {
	code   int
	out    string // the file, or what went to standard output
	stderr string
	exists bool // the file
}

// listed is a file of numbers that must not be called.
func listed(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "optouts.txt")
	require.NoError(t, os.WriteFile(path, []byte("+14155550123\n+14155550142\n+442079460018\n"), 0o600))
	return path
}

// batch runs the program on a file and looks that it leaves nothing else beside the output.
func batch(t *testing.T, input string, args ...string) result {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "contacts.csv"), filepath.Join(dir, "decisions.csv")
	require.NoError(t, os.WriteFile(in, []byte(input), 0o600))
	var stdout, stderr bytes.Buffer
	if !slices.Contains(args, "-redis") && !slices.Contains(args, "-list") {
		args = append([]string{"-list", listed(t)}, args...)
	}
	r := result{code: run(t.Context(), append([]string{"-in", in, "-out", out}, args...), io.NopCloser(strings.NewReader("")), &stdout, &stderr)}
	text, err := os.ReadFile(out)
	r.out, r.exists, r.stderr = string(text), err == nil, stderr.String()
	assert.Equal(t, r.code == exitOK || r.code == exitUnknown, r.exists, "the output exists if and only if it is complete")
	assert.NotRegexp(t, canary, r.stderr)
	assert.Empty(t, stdout.String())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	if r.exists {
		assert.Len(t, left, 2)
	} else {
		assert.Len(t, left, 1)
	}
	return r
}

func TestRowsStayAsTheyWere(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"plain": {
			"name,phone\nAnn,+14155550100\nBob,+1 (415) 555-0123\nOld,n/a\nNo,\n",
			"name,phone,verdict,blocked,reason,fallback\nAnn,+14155550100,allow,false,allowed,false\n" +
				"Bob,+1 (415) 555-0123,block,true,dnc_list,false\n" +
				"Old,n/a,block,true,invalid_number,false\nNo,,block,true,invalid_number,false\n",
		},
		"CRLF, quoted line breaks": {
			"\ufeff\"phone\",note\r\n\"+14155550123\",\"a \"\"b\"\",\r\nc\nd\"\r\n+14155550100, x \r\n",
			"\ufeff\"phone\",note,verdict,blocked,reason,fallback\r\n\"+14155550123\",\"a \"\"b\"\",\r\nc\nd\",block,true,dnc_list,false\r\n" +
				"+14155550100, x ,allow,false,allowed,false\r\n",
		},
		"no last line end":   {"phone\n+14155550100", "phone,verdict,blocked,reason,fallback\n+14155550100,allow,false,allowed,false"},
		"header alone":       {"phone", "phone,verdict,blocked,reason,fallback\n"},
		"carriage returns":   {"phone,x\n+14155550100,y\r\r\n+14155550100,z\r", "phone,x,verdict,blocked,reason,fallback\n+14155550100,y\r,allow,false,allowed,false\r\n+14155550100,z,allow,false,allowed,false"},
		"not UTF-8":          {"phone,x\n+14155550100,\xe9\n", "phone,x,verdict,blocked,reason,fallback\n+14155550100,\xe9,allow,false,allowed,false\n"},
		"formulas":           {"phone,x\n=cmd,=1+1\n", "phone,x,verdict,blocked,reason,fallback\n=cmd,=1+1,block,true,invalid_number,false\n"},
		"an empty, quoted":   {"phone\n\"\"\n", "phone,verdict,blocked,reason,fallback\n\"\",block,true,invalid_number,false\n"},
		"line break in it":   {"phone\n\"+1415\n5550123\"\n", "phone,verdict,blocked,reason,fallback\n\"+1415\n5550123\",block,true,invalid_number,false\n"},
		"empty lines go":     {"\nphone\n\n\r\n+14155550100\n\n", "phone,verdict,blocked,reason,fallback\n+14155550100,allow,false,allowed,false\n"},
		"column by any case": {"Phone_Number,number\n+14155550123,7\n", "Phone_Number,number,verdict,blocked,reason,fallback\n+14155550123,7,block,true,dnc_list,false\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := batch(t, test.in)
			require.Equal(t, exitOK, r.code, r.stderr)
			assert.Equal(t, test.want, r.out)
		})
	}
	assert.Contains(t, batch(t, "\nphone\n\n\r\n+14155550100\n\n").stderr, "empty lines that were left out: 4")
}

func TestWhatIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		args []string
		code int
		says string
	}{
		"empty":            {in: "", code: exitError, says: "header"},
		"UTF-16":           {in: "\xff\xfep\x00h\x00o\x00n\x00e\x00\n\x001", code: exitError, says: "cut off"},
		"ragged, short":    {in: "name,phone\nAnn,+14155550100\nBob\n", code: exitError, says: "line 3 has a wrong number of fields, 1, and the header has 2"},
		"ragged, long":     {in: "phone,n\n\"+14155550100\",\"a\nb\"\n+14155550100,x,y\n", code: exitError, says: "line 4 has a wrong number of fields, 3"},
		"bare quote":       {in: "phone\n+14155550100\n+1\"4155550100\n", code: exitError, says: "line 3"},
		"open quote":       {in: "phone\n+14155550100\n\"+14155550100\n+14155550100\n", code: exitError, says: "line 3"},
		"endless quote":    {in: "phone\n+14155550100\n\"" + strings.Repeat("+14155550100\n", 10_000), code: exitError, says: "after the one at line 2: it is longer than 64 KiB"},
		"endless header":   {in: "\"" + strings.Repeat("+14155550100\n", 10_000), code: exitError, says: "the header: it is longer"},
		"endless first":    {in: "phone\n\"" + strings.Repeat("+14155550100\n", 10_000), code: exitError, says: "after the one at line 1"},
		"no phone column":  {in: "name,fone\nAnn,1\n", code: exitError, says: `the header is "name", "fone"`},
		"no header":        {in: "+14155550100,Ann\n", code: exitError, says: "is the header line missing?"},
		"two columns":      {in: "phone,Phone\n1,2\n", code: exitError, says: "several columns"},
		"a name twice":     {in: "phone,Phone\n1,2\n", args: []string{"-column", "PHONE"}, code: exitError, says: "two columns"},
		"swallowed rows":   {in: "note,phone\n\"pipe,4155550123\n5\",4155550124\nB,4155550125\n", code: exitError, says: "line 2"},
		"no header, #1":    {in: "+14155550100,Ann\n", args: []string{"-column", "#1"}, code: exitError, says: "is the header line missing?"},
		"CR alone":         {in: "note,phone\rx,4155550123\r", code: exitError, says: "carriage return"},
		"CR below LF":      {in: "phone\n4155550123\r4155550124\r", code: exitError, says: "line ends"},
		"a workbook":       {in: "PK\x03\x04" + strings.Repeat("\x00", 26) + "[Content_Types].xml", code: exitError, says: "save the sheet as CSV"},
		"a web page":       {in: "<!DOCTYPE html><html>", code: exitError, says: "web page"},
		"-column and all":  {in: "phone\n1\n", args: []string{"-column", "phone", "-all-phone-columns"}, code: exitUsage, says: "use only one of"},
		"-list-column":     {in: "phone\n1\n", args: []string{"-redis", "redis://h", "-list-column", "x"}, code: exitUsage, says: "-list-column"},
		"-list-format":     {in: "phone\n1\n", args: []string{"-redis", "redis://h", "-list-format", "ftc"}, code: exitUsage, says: "-list-format"},
		"both of -list":    {in: "phone\n1\n", args: []string{"-list-column", "x", "-list-format", "ftc"}, code: exitUsage, says: "use only one of"},
		"unknown format":   {in: "phone\n1\n", args: []string{"-list-format", "fcc"}, code: exitUsage, says: "is unknown"},
		"its own output":   {in: "phone,verdict\n1,2\n", code: exitError, says: `already has a column "verdict"`},
		"unknown -column":  {in: "phone\n1\n", args: []string{"-column", "mobile"}, code: exitError, says: `no column "mobile"; the header is "phone"`},
		"bad -redis":       {in: "phone\n1\n", args: []string{"-redis", "redis://u:hunter2@h:1?x=y"}, code: exitUsage, says: "-redis"},
		"bad -country":     {in: "phone\n1\n", args: []string{"-country", "+1"}, code: exitUsage, says: "-country"},
		"bad flag":         {in: "phone\n1\n", args: []string{"-nonsense"}, code: exitUsage, says: "-nonsense"},
		"an argument":      {in: "phone\n1\n", args: []string{"more"}, code: exitUsage, says: "arguments"},
		"a directory":      {in: "phone\n1\n", args: []string{"-out", os.TempDir()}, code: exitUsage, says: "regular file"},
		"a missing folder": {in: "phone\n1\n", args: []string{"-out", "/nonexistent/x"}, code: exitError, says: "nonexistent"},
		"a missing input":  {in: "phone\n1\n", args: []string{"-in", "/nonexistent/x"}, code: exitError, says: "nonexistent"},
		"a device":         {in: "phone\n1\n", args: []string{"-out", os.DevNull}, code: exitUsage, says: "regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			r := batch(t, test.in, test.args...)
			assert.Equal(t, test.code, r.code, r.stderr)
			assert.Contains(t, r.stderr, test.says)
			assert.NotContains(t, r.stderr, "hunter2")
		})
	}
	var stderr bytes.Buffer
	assert.Equal(t, exitUsage, run(t.Context(), []string{"-in", "x"}, nil, io.Discard, &stderr))
	assert.Equal(t, 1, strings.Count(stderr.String(), "\n"))
	var help bytes.Buffer
	assert.Equal(t, exitOK, run(t.Context(), []string{"-h"}, nil, &help, &stderr))
	assert.Contains(t, help.String(), "-column")
}

func TestTheInputIsNeverTheOutput(t *testing.T) {
	dir := t.TempDir()
	in, link, hard := filepath.Join(dir, "in.csv"), filepath.Join(dir, "link.csv"), filepath.Join(dir, "hard.csv")
	const text = "phone\n+14155550100\n"
	require.NoError(t, os.WriteFile(in, []byte(text), 0o600))
	require.NoError(t, os.Symlink(in, link))
	require.NoError(t, os.Link(in, hard))
	file, err := os.Open(in)
	require.NoError(t, err)
	for _, args := range [][]string{{"-in", in, "-out", in}, {"-in", in, "-out", link}, {"-in", link, "-out", hard}, {"-in", "-", "-out", in}} {
		var stderr bytes.Buffer
		assert.Equal(t, exitUsage, run(t.Context(), append([]string{"-list", listed(t)}, args...), file, io.Discard, &stderr))
		assert.Contains(t, stderr.String(), "same file")
	}
	got, err := os.ReadFile(in)
	require.NoError(t, err)
	assert.Equal(t, text, string(got))
}

// The list would be gone, and its numbers be allowed from the next run on.
func TestAListIsNeverTheOutput(t *testing.T) {
	dir := t.TempDir()
	in, list, hard := filepath.Join(dir, "in.csv"), filepath.Join(dir, "list.txt"), filepath.Join(dir, "hard.txt")
	const text = "+14155550123\n"
	require.NoError(t, os.WriteFile(in, []byte("phone\n+14155550123\n"), 0o600))
	require.NoError(t, os.WriteFile(list, []byte(text), 0o600))
	require.NoError(t, os.Link(list, hard))
	for _, out := range []string{list, hard} {
		var stderr bytes.Buffer
		args := []string{"-list", listed(t), "-list", list, "-force", "-in", in, "-out", out}
		assert.Equal(t, exitUsage, run(t.Context(), args, nil, io.Discard, &stderr))
		assert.Contains(t, stderr.String(), "its numbers would be lost")
	}
	got, err := os.ReadFile(list)
	require.NoError(t, err)
	assert.Equal(t, text, string(got))
}

func TestAnOlderOutputIsReplaced(t *testing.T) {
	dir := t.TempDir()
	in, real, link := filepath.Join(dir, "in.csv"), filepath.Join(dir, "real.csv"), filepath.Join(dir, "link.csv")
	require.NoError(t, os.WriteFile(in, []byte("phone\n\"broken\n"), 0o600))
	require.NoError(t, os.WriteFile(real, []byte("old"), 0o600))
	require.NoError(t, os.Chmod(real, 0o640))
	require.NoError(t, os.Symlink(real, link))
	require.Equal(t, exitError, run(t.Context(), []string{"-force", "-list", listed(t), "-in", in, "-out", link}, nil, io.Discard, io.Discard))
	got, err := os.ReadFile(real)
	require.NoError(t, err)
	assert.Equal(t, "old", string(got), "what failed replaces nothing")

	require.NoError(t, os.WriteFile(in, []byte("phone\n+14155550100\n"), 0o600))
	var stderr bytes.Buffer
	require.Equal(t, exitUsage, run(t.Context(), []string{"-list", listed(t), "-in", in, "-out", link}, nil, io.Discard, &stderr))
	assert.Contains(t, stderr.String(), "-force")
	require.Equal(t, exitOK, run(t.Context(), []string{"-force", "-list", listed(t), "-in", in, "-out", link}, nil, io.Discard, io.Discard))
	info, err := os.Stat(real)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	got, err = os.ReadFile(real)
	require.NoError(t, err)
	assert.Contains(t, string(got), "verdict")
}

func TestStandardStreams(t *testing.T) {
	var out, stderr bytes.Buffer
	in := io.NopCloser(strings.NewReader("x;y,Telephone\n1,(415) 555-0123\n"))
	require.Equal(t, exitOK, run(t.Context(), []string{"-list", listed(t), "-in", "-", "-out", "-", "-country", "1"}, in, &out, &stderr), stderr.String())
	assert.Equal(t, "x;y,Telephone,verdict,blocked,reason,fallback\n1,(415) 555-0123,block,true,dnc_list,false\n", out.String())
	assert.Contains(t, stderr.String(), "rows: 1,")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAnOutputThatFails(t *testing.T) {
	in := io.NopCloser(strings.NewReader("phone\n" + strings.Repeat("+14155550100\n", 10_000)))
	assert.Equal(t, exitError, run(t.Context(), []string{"-list", listed(t), "-in", "-", "-out", "-"}, in, full{}, io.Discard))
}

// An interruption ends the program although nothing comes from the pipe it reads, and leaves
// nothing under the final name.
func TestInterrupted(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.csv")
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer func() { _ = w.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	var stderr bytes.Buffer
	done := make(chan int)
	list := listed(t)
	go func() {
		done <- run(ctx, []string{"-list", list, "-in", "-", "-out", out}, r, io.Discard, &stderr)
	}()
	_, err = io.WriteString(w, "phone\n+14155550100\n")
	require.NoError(t, err)
	cancel()
	assert.Equal(t, exitError, <-done)
	assert.Contains(t, stderr.String(), "interrupted")
	left, err := os.ReadDir(filepath.Dir(out))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// endless makes a contact list of any size without holding it.
type endless struct {
	rows int
	rest []byte
	peak uint64
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.rows == 0 {
			return 0, io.EOF
		}
		if e.rows%100_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			e.peak = max(e.peak, m.HeapAlloc)
		}
		e.rest = fmt.Appendf(nil, "%d,+1415555%04d,\"some note, of the usual size\"\n", e.rows, e.rows%10_000)
		e.rows--
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func (e *endless) Close() error { return nil }

func TestMemoryIsConstant(t *testing.T) {
	e := &endless{rows: 600_000, rest: []byte("id,phone,note\n")}
	require.Equal(t, exitOK, run(t.Context(), []string{"-list", listed(t), "-in", "-", "-out", "-"}, e, io.Discard, io.Discard))
	assert.Less(t, e.peak, uint64(64<<20))
}

// Whatever the fields hold: read as CSV, the output is the input and four columns.
func TestEveryRowComesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", ",", "\"", "\n", "\r\n", " ", "é", "\ufeff", "=", "+1415555", "\\", "\t", "", "#"}
	var want [][]string
	var in bytes.Buffer
	w := csv.NewWriter(&in)
	for i := range 5000 {
		w.UseCRLF = i%2 == 0
		fields := []string{"x", "", "y"}
		for range r.IntN(6) {
			fields[r.IntN(3)] += pieces[r.IntN(len(pieces))]
		}
		if i == 0 {
			fields = []string{"name", "phone", "note"}
		}
		require.NoError(t, w.Write(fields))
		w.Flush()
		want = append(want, fields)
	}
	before, err := csv.NewReader(bytes.NewReader(in.Bytes())).ReadAll()
	require.NoError(t, err)
	require.Len(t, before, len(want))
	got := batch(t, in.String())
	require.Equal(t, exitOK, got.code, got.stderr)
	after, err := csv.NewReader(strings.NewReader(got.out)).ReadAll()
	require.NoError(t, err)
	require.Len(t, after, len(before))
	for i := range before {
		require.Equal(t, before[i], after[i][:3])
		require.Len(t, after[i], 7)
	}
	// And byte for byte: without the four columns the output is the input.
	stripped := regexp.MustCompile(`,(allow|block|verdict),(true|false|blocked),[a-z_]+,(false|fallback)(\r?\n)`).ReplaceAllString(got.out, "$4")
	assert.Equal(t, in.String(), stripped)
}

func TestOnRealRedis(t *testing.T) {
	server := redistest.Start(t)
	const in = "phone\n+14155550123\n+14155550100\n+19005550199\nn/a\n"

	r := batch(t, in, "-redis", server.URL())
	assert.Equal(t, exitUnknown, r.code, "there is no list")
	assert.Equal(t, "phone,verdict,blocked,reason,fallback\n+14155550123,block,true,list_missing,true\n+14155550100,block,true,list_missing,true\n"+
		"+19005550199,block,true,list_missing,true\nn/a,block,true,invalid_number,false\n", r.out)
	assert.Contains(t, r.stderr, "3 of them unknown")

	server.Do(t, "sadd", "dnc:blacklist", "+14155550123")
	r = batch(t, in, "-redis", server.URL(), "-geo-rules=false")
	assert.Equal(t, exitOK, r.code, r.stderr)
	server.Do(t, "hset", "dnc:geo_rules", "+1900", `{"allowed":false,"riskLevel":"High"}`)
	r = batch(t, in, "-redis", server.URL())
	assert.Equal(t, exitOK, r.code, r.stderr)
	assert.Equal(t, "phone,verdict,blocked,reason,fallback\n+14155550123,block,true,dnc_blacklist,false\n+14155550100,allow,false,allowed,false\n"+
		"+19005550199,block,true,geo_blocked_high,false\nn/a,block,true,invalid_number,false\n", r.out)

	server.Kill()
	r = batch(t, in, "-redis", server.URL())
	assert.Equal(t, exitUnknown, r.code)
	assert.Contains(t, r.out, "+14155550100,block,true,store_unavailable,true\n")
}
