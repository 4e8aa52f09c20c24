package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redistest"
)

func TestObtained(t *testing.T) {
	server := redistest.Start(t)
	write(t, "415.txt", rows(415, 10), "212.txt", rows(212, 10))
	old := time.Now().Add(-40 * 24 * time.Hour)
	require.NoError(t, os.Chtimes("212.txt", old, old))
	day := func(ago int) string { return time.Now().AddDate(0, 0, -ago).Format(time.DateOnly) }
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"missing":         {nil, exitUsage, "-obtained is missing"},
		"nonsense":        {[]string{"-obtained", "yesterday"}, exitUsage, "-obtained must be a time such as"},
		"no such day":     {[]string{"-obtained", "2026-02-30"}, exitUsage, "-obtained must be a time such as"},
		"in the future":   {[]string{"-obtained", day(-2)}, exitUsage, "in the future"},
		"too long ago":    {[]string{"-obtained", day(33)}, exitUsage, "every number would be unknown"},
		"the oldest file": {[]string{"-obtained", "mtime"}, exitUsage, "40.0 days ago"},
		"a longer age":    {[]string{"-obtained", "mtime", "-max-age", "2400h"}, exitOK, ""},
		"a day":           {[]string{"-obtained", day(30)}, exitOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, mode := range []string{"-dry-run", "-max-shrink=1"} {
				r := call(t, append(append([]string{mode, "-redis", server.URL()}, c.args...), "415.txt", "212.txt")...)
				assert.Equal(t, c.code, r.code, r.stderr)
				assert.Contains(t, r.stderr, c.says)
			}
		})
	}
}

func TestWrongCalls(t *testing.T) {
	write(t, "415.txt", rows(415, 10))
	require.NoError(t, os.Mkdir("folder", 0o700))
	good := []string{"-redis", "redis://localhost:1", "-obtained", "mtime"}
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"nothing":         {nil, exitUsage, "-redis is missing"},
		"no files":        {good, exitUsage, "no files"},
		"bad flag":        {[]string{"-nonsense"}, exitUsage, "-h lists"},
		"flags at last":   {append(good, "415.txt", "-dry-run"), exitUsage, "flags go before"},
		"two modes":       {append(good, "-info", "-rollback"), exitUsage, "use only one of"},
		"files of -info":  {append(good, "-info", "415.txt"), exitUsage, "take no files"},
		"-info alone":     {[]string{"-info"}, exitUsage, "-redis is missing"},
		"bad -format":     {append(good, "-format", "uk", "415.txt"), exitUsage, "-format must be"},
		"csv":             {append(good, "-format", "csv", "415.txt"), exitUsage, "-column"},
		"csv, uncovered":  {append(good, "-format", "csv", "-column", "x", "415.txt"), exitUsage, "-coverage is missing"},
		"bad -column":     {append(good, "-column", "x", "415.txt"), exitUsage, "-column is for"},
		"bad -where":      {append(good, "-format", "csv", "-column", "x", "-where", "x", "-coverage", "1", "415.txt"), exitUsage, "a column and a value"},
		"-where of ftc":   {append(good, "-where", "x=y", "415.txt"), exitUsage, "are for -format csv"},
		"bad -separator":  {append(good, "-format", "csv", "-column", "x", "-separator", ";;", "-coverage", "1", "415.txt"), exitUsage, "one character"},
		"bad -country":    {append(good, "-format", "lines", "-country", "+1", "415.txt"), exitUsage, "without +"},
		"-country of ftc": {append(good, "-country", "1", "415.txt"), exitUsage, "-country is for"},
		"bad -coverage":   {append(good, "-coverage", "+1415", "415.txt"), exitUsage, "without +"},
		"bad -max-shrink": {append(good, "-max-shrink", "NaN", "415.txt"), exitUsage, "from 0 to 1"},
		"bad -replicas":   {append(good, "-replicas", "-1", "415.txt"), exitUsage, "must not be negative"},
		"bad -max-age":    {append(good, "-max-age", "31", "415.txt"), exitUsage, "-max-age"},
		"no -max-age":     {append(good, "-max-age", "0s", "415.txt"), exitUsage, "above 0"},
		"bad -list":       {append(good, "-list", "National!", "415.txt"), exitUsage, "a-z"},
		"bad -redis":      {[]string{"-redis", "redis://u:hunter2@h:1?x=y", "-obtained", "mtime", "415.txt"}, exitUsage, "-redis"},
		"a directory":     {append(good, "folder"), exitUsage, "folder is not a file"},
		"no such file":    {append(good, "416.txt"), exitError, "416.txt"},
		"no Redis":        {append(good, "415.txt"), exitError, "store_unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			r := call(t, c.args...)
			assert.Equal(t, c.code, r.code, r.stderr)
			assert.Contains(t, r.stderr, c.says)
			assert.NotContains(t, r.stderr, "hunter2")
			assert.Empty(t, r.out)
		})
	}
	r := call(t, "-h")
	assert.Equal(t, exitOK, r.code)
	assert.Contains(t, r.out, "-max-rejected")
}
