package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/listgen"
	"github.com/dnc-go/dnc/internal/redistest"
)

// Whatever the files' form: what is listed is blocked, what is covered and not listed is allowed,
// and of the rest nothing is known.
func TestWhatIsImported(t *testing.T) {
	server := redistest.Start(t)
	list := open(t, server)
	crtc := "<list type='full' level='ac' val='416' /> <ac val='416'>\n<ph val='5550123' /> <ph val='5550124' />\n</ac> </list>"
	both := map[string]dnc.Verdict{"+14155550001": dnc.Block, "+12125550002": dnc.Block, "+14155550009": dnc.Allow, "+12125550009": dnc.Allow, "+16465550001": dnc.Unknown}
	toronto := map[string]dnc.Verdict{"+14165550123": dnc.Block, "+14165550125": dnc.Allow, "+16045550123": dnc.Unknown}
	for name, c := range map[string]struct {
		files []string
		args  []string
		want  map[string]dnc.Verdict
	}{
		"ftc":        {[]string{"212.txt", rows(212, 5), "415.txt", rows(415, 5)}, nil, both},
		"ftc, zips":  {[]string{"212.zip", zipped(t, "212.txt", rows(212, 5)), "415.zip", zipped(t, "x.txt", rows(415, 5))}, nil, both},
		"ftc, a zip": {[]string{"list.zip", zipped(t, "212.txt", rows(212, 5), "415.txt", rows(415, 5))}, nil, both},
		"national":   {[]string{"list.txt", rows(212, 5) + rows(415, 5)}, []string{"-coverage", "1212,1415"}, both},
		"canada":     {[]string{"416.csv", "416,5550123\n416,5550124\n"}, []string{"-format", "canada"}, toronto},
		"canada XML": {[]string{"list.xml", crtc}, []string{"-format", "canada"}, toronto},
		"csv": {
			[]string{"optouts.csv", "name,Phone\nAnn,(416) 555-0123\n"},
			[]string{"-format", "csv", "-column", "phone", "-country", "1", "-coverage", "1416"},
			toronto,
		},
		"lines": {[]string{"optouts.txt", "416-555-0123\n"}, []string{"-format", "lines", "-country", "1", "-coverage", "1416"}, toronto},
		"csv, two columns": {
			[]string{"crm.csv", "Home;Work;Status\n(416) 555-0123;;Opted out\n;416-555-0124;opted out\n416-555-0125;;Customer\n"},
			[]string{"-format", "csv", "-column", "home", "-column", "work", "-where", "status=opted out|asked", "-separator", ";", "-country", "1", "-coverage", "1416"},
			toronto,
		},
		"north-america": {[]string{"state.txt", "416 5550123\r\n416,5550124\r\n"}, []string{"-format", "north-america", "-coverage", "1416"}, toronto},
		"vicidial":      {[]string{"v.txt", "phone_code\tphone_number\tstatus\n1\t4165550123\tDNC\n1\t4165550125\tNEW\n"}, []string{"-format", "vicidial", "-where", "status=DNC", "-coverage", "1416"}, toronto},
		"genesys":       {[]string{"dnc.csv", "Phone Number,x,Expiration\n+14165550123,,\n"}, []string{"-format", "genesys", "-coverage", "1416"}, toronto},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, c.files...)
			args := append([]string{"-redis", server.URL(), "-obtained", today(), "-max-shrink", "1"}, c.args...)
			for i := 0; i < len(c.files); i += 2 {
				args = append(args, c.files[i])
			}
			r := call(t, args...)
			require.Equal(t, exitOK, r.code, r.stderr)
			assert.Contains(t, r.out, "is in force, in place of version")
			assert.Contains(t, r.out, "rejected    rows: 0")
			verdicts(t, list, c.want)
		})
	}
}

// Files from the generator, in each of its forms.
func TestGeneratedFiles(t *testing.T) {
	server := redistest.Start(t)
	for name, c := range map[string]struct {
		canada bool
		form   listgen.Form
	}{
		"ftc": {}, "ftc, zip": {form: listgen.Form{Zip: true}}, "ftc, shuffled": {form: listgen.Form{Shuffle: true}},
		"canada": {canada: true}, "canada, zip of XML": {canada: true, form: listgen.Form{Zip: true, XML: true}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			source := listgen.List{Seed: 3, Size: 1_000_000, Canada: c.canada}
			paths, areas, err := source.Write(dir, c.form)
			require.NoError(t, err)
			r := call(t, append([]string{"-redis", server.URL(), "-obtained", "mtime", "-max-shrink", "1"}, paths...)...)
			require.Equal(t, exitOK, r.code, r.stderr)
			assert.Contains(t, r.out, "numbers     1,000,000, ")
			list := open(t, server)
			info, err := list.Info(t.Context())
			require.NoError(t, err)
			assert.EqualValues(t, source.Size, info.Numbers)
			assert.Len(t, info.Coverage, len(areas))
			var listed, free []dnc.Number
			last := uint64(0)
			for v := range source.All() {
				if len(listed) < 20_000 {
					listed = append(listed, digits.Number(v))
					if last+1 < v && last != 0 && len(free) < 20_000 {
						free = append(free, digits.Number(v-1))
					}
				}
				last = v
			}
			for _, ns := range [][]dnc.Number{listed, free} {
				ds, err := list.CheckBatch(t.Context(), ns)
				require.NoError(t, err)
				for _, d := range ds {
					require.Equal(t, len(ns) == len(free), d.Callable())
				}
			}
		})
	}
}

func TestTheReport(t *testing.T) {
	server := redistest.Start(t)
	write(t, "415.txt", rows(415, 10), "212.txt", rows(212, 5)+rows(212, 2))
	args := []string{"-redis", server.URL(), "-obtained", "2026-01-02T03:04:05Z", "-max-age", "876000h", "-source", "a test", "415.txt", "212.txt"}
	r := call(t, args...)
	require.Equal(t, exitOK, r.code, r.stderr)
	for _, s := range []string{
		`list "national": version 1 is in force, in place of version (none)`, "numbers     15, 15 added, 0 removed", "duplicates  2",
		"read        17 numbers in ", "coverage    1212, 1415", "obtained    2026-01-02T03:04:05Z",
	} {
		assert.Contains(t, r.out, s)
	}
	info, err := open(t, server).Info(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "a test", info.Source)
	var sums strings.Builder
	for _, name := range []string{"415.txt", "212.txt"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(text), name)
	}
	assert.Equal(t, fmt.Sprintf("%x", sha256.Sum256([]byte(sums.String()))), info.SHA256, "as sha256sum prints it")
	assert.Contains(t, r.out, info.SHA256)

	add(t, "415.txt", rows(415, 9))
	r = call(t, "-redis", server.URL(), "-obtained", "mtime", "-coverage", "1415, 1212", "415.txt", "212.txt")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "version 2 is in force, in place of version 1")
	assert.Contains(t, r.out, "numbers     14, 0 added, 1 removed")
	r = call(t, "-redis", server.URL(), "-info")
	require.Equal(t, exitOK, r.code, r.stderr)
	for _, s := range []string{"version 2 is in force\n", "source      415.txt, 212.txt", "the previous one is version 1", "source      a test", "older than -max-age"} {
		assert.Contains(t, r.out, s)
	}
}

// Rows that are rejected are shown with their file and place, and more of them than allowed keep
// the old version in force.
func TestRejectedRows(t *testing.T) {
	server := redistest.Start(t)
	list := open(t, server)
	write(t, "415.txt", "415,5550001\n415,555000x\n212,5550002\n415,5550003\n", "list.txt", "212,5550001\n213,5550001\n", "more.txt", "212,5550001\n")
	args := func(bound string) []string {
		return []string{"-redis", server.URL(), "-obtained", today(), "-coverage", "1415,1212", "-max-rejected", bound, "415.txt", "list.txt", "more.txt"}
	}
	r := call(t, args("2")...)
	assert.Equal(t, exitError, r.code)
	assert.Contains(t, r.stderr, "-max-rejected is 2")
	for _, s := range []string{"this import changed nothing", "rejected    rows: 3", "415.txt: line 2, byte 12: ", "415.txt: line 3, byte 24: ", "list.txt: row 2: the number is outside of -coverage"} {
		assert.Contains(t, r.out, s)
	}
	verdicts(t, list, map[string]dnc.Verdict{"+14155550001": dnc.Unknown})

	r = call(t, append([]string{"-dry-run"}, args("2")...)...)
	assert.Equal(t, exitError, r.code)
	assert.Contains(t, r.stderr, "would be refused: rejected rows: 3, and -max-rejected is 2")
	for _, s := range []string{"rejected    rows: 3", "415.txt: line 2, byte 12: ", "415.txt: line 3, byte 24: ", "list.txt: row 2: the number is outside of -coverage"} {
		assert.Contains(t, r.out, s)
	}

	r = call(t, args("3")...)
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "numbers     3, 3 added")
	assert.Contains(t, r.out, "rejected    rows: 3")
	verdicts(t, list, map[string]dnc.Verdict{"+14155550001": dnc.Block, "+14155550002": dnc.Allow, "+12135550001": dnc.Unknown})

	add(t, "415.txt", rows(415, 5)+strings.Repeat("x\n", 150))
	r = call(t, "-redis", server.URL(), "-obtained", today(), "-max-rejected", "150", "-max-shrink", "1", "415.txt")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "rejected    rows: 150")
	assert.Contains(t, r.out, "and 130 more")
}

func TestWhatKeepsTheOldVersion(t *testing.T) {
	server := redistest.Start(t)
	list := open(t, server)
	write(t, "415.txt", rows(415, 2000))
	require.Equal(t, exitOK, call(t, "-redis", server.URL(), "-obtained", today(), "415.txt").code)
	for name, c := range map[string]struct {
		files []string
		args  []string
		says  string
	}{
		"shrunk":       {[]string{"415.txt", rows(415, 1500)}, nil, "raise -max-shrink"},
		"not at all":   {[]string{"415.txt", rows(415, 1999)}, []string{"-max-shrink", "0"}, "raise -max-shrink"},
		"empty":        {[]string{"415.txt", ""}, nil, "415.txt: it is empty"},
		"no number":    {[]string{"415.xml", "<list type='full' val='415'></list>"}, nil, "set -allow-empty"},
		"a web page":   {[]string{"415.txt", "<!DOCTYPE html><html>Please log in, 555 0123</html>"}, nil, "web page"},
		"cut off":      {[]string{"415.zip", zipped(t, "415.txt", rows(415, 2000))[:900]}, nil, "cut off"},
		"no area code": {[]string{"list.txt", rows(415, 2000)}, nil, "set -coverage"},
		"foreign rows": {[]string{"415.txt", rows(212, 2000)}, nil, "another area code"},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, c.files...)
			r := call(t, append(append([]string{"-redis", server.URL(), "-obtained", today()}, c.args...), c.files[0])...)
			assert.Equal(t, exitError, r.code)
			assert.Contains(t, r.stderr, c.says)
			verdicts(t, list, map[string]dnc.Verdict{"+14155551999": dnc.Block, "+14155552000": dnc.Allow})
			info, err := list.Info(t.Context())
			require.NoError(t, err)
			assert.Regexp(t, "^1-", info.Version)
			dry := call(t, append(append([]string{"-dry-run", "-redis", server.URL(), "-obtained", today()}, c.args...), c.files[0])...)
			assert.Equal(t, exitError, dry.code, "a dry run says so too")
		})
	}
	write(t, "415.txt", rows(415, 1500))
	r := call(t, "-redis", server.URL(), "-obtained", today(), "-max-shrink", "0.3", "415.txt")
	assert.Equal(t, exitOK, r.code, r.stderr)

	add(t, "415.xml", "<list type='full' val='415'></list>")
	r = call(t, "-redis", server.URL(), "-obtained", today(), "-max-shrink", "1", "-allow-empty", "415.xml")
	assert.Equal(t, exitOK, r.code, r.stderr)
	verdicts(t, list, map[string]dnc.Verdict{"+14155550000": dnc.Allow, "+12125550000": dnc.Unknown})
}

func TestDryRunAndRollback(t *testing.T) {
	server := redistest.Start(t)
	write(t, "415.txt", rows(415, 10), "212.txt", rows(212, 20))
	r := call(t, "-dry-run", "-obtained", "mtime", "415.txt")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "a dry run, nothing was written\n")
	assert.Contains(t, r.out, "read        10 numbers")

	r = call(t, "-dry-run", "-redis", server.URL(), "-obtained", "mtime", "415.txt")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.EqualValues(t, 0, server.Do(t, "dbsize"))
	assert.Equal(t, exitError, call(t, "-redis", server.URL(), "-info").code)
	assert.Equal(t, exitError, call(t, "-redis", server.URL(), "-rollback").code)

	require.Equal(t, exitOK, call(t, "-redis", server.URL(), "-obtained", "mtime", "415.txt").code)
	require.Equal(t, exitOK, call(t, "-redis", server.URL(), "-obtained", "mtime", "212.txt").code, "another coverage is no shrinking")
	before := server.Do(t, "hgetall", "dnc:list:national")
	for _, name := range []string{"415.txt", "212.txt"} {
		r = call(t, "-dry-run", "-redis", server.URL(), "-obtained", "mtime", name)
		require.Equal(t, exitOK, r.code, r.stderr)
		assert.Contains(t, r.out, "version 2 is in force, 20 numbers")
	}
	assert.Equal(t, before, server.Do(t, "hgetall", "dnc:list:national"))

	list := open(t, server)
	verdicts(t, list, map[string]dnc.Verdict{"+14155550001": dnc.Unknown, "+12125550001": dnc.Block})
	r = call(t, "-redis", server.URL(), "-rollback")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "version 1 is in force again, in place of version 2")
	verdicts(t, list, map[string]dnc.Verdict{"+14155550001": dnc.Block, "+12125550001": dnc.Unknown})
}

func TestReplicas(t *testing.T) {
	server := redistest.Start(t, "--repl-diskless-sync-delay", "0")
	redistest.Start(t, "--replicaof", "127.0.0.1", strconv.Itoa(server.Port))
	write(t, "415.txt", rows(415, 10))
	r := call(t, "-redis", server.URL(), "-obtained", today(), "-replicas", "1", "-list", "replicated", "415.txt")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, `list "replicated": version 1 is in force`)
}
