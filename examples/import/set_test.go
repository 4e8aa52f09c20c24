package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redistest"
)

// Errors about a SET do not name the list that -list means by default.
func TestTheListOfASet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		list string
	}{
		{[]string{"-set", "crm:optouts"}, "set"},
		{[]string{"-set", "crm:optouts", "-list", "optouts"}, "optouts"},
		{[]string{"-obtained", "2026-11-26", "-coverage", "1415"}, "national"},
	} {
		got, err := readConfig(append(c.args, "-redis", "redis://localhost", "-format", "lines", "file"), io.Discard)
		require.NoError(t, err)
		assert.Equal(t, c.list, got.list)
	}
}

func TestSets(t *testing.T) {
	server := redistest.Start(t)
	write(t, "optouts.csv", "name;Phone\nAnn;(415) 555-0123\nBob;415-555-0124\nBob;415-555-0124\n")
	args := []string{"-redis", server.URL(), "-set", "crm:optouts", "-format", "csv", "-column", "phone", "-country", "1"}
	r := call(t, append([]string{"-dry-run"}, append(args, "optouts.csv")...)...)
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "nothing was written; the SET crm:optouts has 0 numbers")
	assert.EqualValues(t, 0, server.Do(t, "dbsize"))

	r = call(t, append(args, "optouts.csv")...)
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "the SET crm:optouts has 2 numbers, in place of 0")
	assert.NotContains(t, r.out, "national", "the default of -list is another list")
	assert.Contains(t, r.out, "duplicates  1")
	assert.EqualValues(t, 1, server.Do(t, "sismember", "crm:optouts", "+14155550123"))
	assert.NotContains(t, r.out, "coverage")

	for name, c := range map[string]struct {
		text string
		args []string
		says string
	}{
		"bad rows":       {"name;Phone\nAnn;(415) 555-0123\nBob;x\nBob;415-555-0124\n", nil, "rejected rows: 1, and -max-rejected is 0"},
		"shrunk":         {"name;Phone\nAnn;(415) 555-0123\n", nil, "raise -max-shrink"},
		"a header alone": {"name;Phone\n", []string{"-max-shrink", "1"}, "has no number"},
		"a quote":        {"name;Phone\n\"Ann;(415) 555-0123\nBob\";415-555-0124\n", nil, "a quote"},
		"a workbook":     {zipped(t, "[Content_Types].xml", "x"), nil, "save the sheet as CSV"},
	} {
		add(t, "bad.csv", c.text)
		r := call(t, append(append(args, c.args...), "bad.csv")...)
		assert.Equal(t, exitError, r.code, name)
		assert.Contains(t, r.stderr, c.says, name)
		assert.EqualValues(t, 3, server.Do(t, "scard", "crm:optouts"), "%s: two numbers and the marker", name)
	}
	add(t, "bad.csv", "name;Phone\nAnn;(415) 555-0123\nBob;x\nBob;415-555-0124\n")
	r = call(t, append(args, "-max-rejected", "1", "bad.csv")...)
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "rejected    rows: 1")
	assert.Contains(t, r.out, `bad.csv: line 3, byte 30, column "Phone": `)
	for _, flags := range [][]string{{"-obtained", "mtime"}, {"-coverage", "1"}, {"-info"}, {"-allow-empty"}} {
		r = call(t, append(append(args, flags...), "optouts.csv")...)
		assert.Equal(t, exitUsage, r.code)
		assert.Contains(t, r.stderr, "-set fills a SET")
	}
	server.Do(t, "set", "wrong", "x")
	r = call(t, "-redis", server.URL(), "-set", "wrong", "-format", "lines", "optouts.csv")
	assert.Equal(t, exitError, r.code)
	assert.Contains(t, r.stderr, "WRONGTYPE")
}

// All bad rows are shown, up to a bound, and how many have each cause.
func TestAllBadRowsAreShown(t *testing.T) {
	server := redistest.Start(t)
	var text strings.Builder
	text.WriteString("phone\n")
	for range 30 {
		text.WriteString("4.15555E+09\nn/a\n")
	}
	write(t, "list.csv", text.String()+"(415) 555-0123\nn/a\n")
	for _, mode := range [][]string{{"-obtained", today(), "-coverage", "1"}, {"-obtained", today(), "-coverage", "1", "-dry-run"}, {"-set", "x"}} {
		r := call(t, append(append([]string{"-redis", server.URL(), "-format", "csv", "-column", "phone", "-country", "1"}, mode...), "list.csv")...)
		assert.Equal(t, exitError, r.code)
		assert.Contains(t, r.stderr, "rejected rows: 61, and -max-rejected is 0")
		assert.Contains(t, r.out, "rejected    rows: 61\n")
		assert.Contains(t, r.out, " 30: invalid number: a spreadsheet rounded it")
		assert.Contains(t, r.out, " 31: dnc: invalid number: ")
		assert.Equal(t, shownRows, strings.Count(r.out, "list.csv: line "))
		assert.Contains(t, r.out, "and 41 more")
	}
}

func TestInfoForAJob(t *testing.T) {
	server := redistest.Start(t)
	type list struct {
		List, State, Error string
		StaleAt            time.Time `json:"stale_at"`
		InForce            struct {
			Version  string
			Numbers  int
			Coverage []string
			Obtained time.Time
		} `json:"in_force"`
		Previous []struct{ Version string }
	}
	info := func(want int, args ...string) list {
		t.Helper()
		r := call(t, append([]string{"-redis", server.URL(), "-info"}, args...)...)
		require.Equal(t, want, r.code, r.stderr)
		var l list
		require.NoError(t, json.Unmarshal([]byte(r.out), &l), r.out)
		assert.Equal(t, "national", l.List)
		return l
	}
	assert.Equal(t, stateMissing, info(exitError, "-json").State)
	write(t, "415.txt", rows(415, 10))
	obtained := time.Now().Add(-25 * 24 * time.Hour).Truncate(time.Second)
	for range 2 {
		require.Equal(t, exitOK, call(t, "-redis", server.URL(), "-obtained", obtained.UTC().Format(time.RFC3339), "415.txt").code)
	}
	l := info(exitOK, "-json")
	assert.Equal(t, stateFresh, l.State)
	assert.Equal(t, 10, l.InForce.Numbers)
	assert.Equal(t, []string{"1415"}, l.InForce.Coverage)
	assert.True(t, l.InForce.Obtained.Equal(obtained))
	assert.True(t, l.StaleAt.Equal(obtained.Add(31*24*time.Hour)))
	assert.Len(t, l.Previous, 1)
	assert.Empty(t, l.Error)
	assert.Equal(t, stateFresh, info(exitOK, "-json", "-due-within", "5").State)
	assert.Equal(t, stateDue, info(exitDue, "-json", "-due-within", "7").State)
	l = info(exitStale, "-json", "-max-age", "480h")
	assert.Equal(t, stateStale, l.State)
	assert.Contains(t, l.Error, "25.0 days ago, and -max-age is 20.0")
	r := call(t, "-redis", server.URL(), "-info", "-due-within", "7")
	assert.Equal(t, exitDue, r.code)
	assert.Contains(t, r.out, "is in force")
	assert.Contains(t, r.stderr, "stale in ")
	server.Kill()
	assert.Equal(t, stateUnknown, info(exitError, "-json").State)
	for _, args := range [][]string{{"-json"}, {"-due-within", "3"}, {"-info", "-due-within", "-1"}} {
		assert.Equal(t, exitUsage, call(t, append([]string{"-redis", server.URL(), "-obtained", "mtime"}, args...)...).code)
	}
}
