package main

import (
	"bytes"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestListensOnLoopbackAlone(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "[::ffff:0.0.0.0]:0", "192.0.2.1:0", "[2001:db8::1]:0", "[fe80::1]:0", "[::ffff:192.0.2.1]:0"} {
		_, err := listen(t.Context(), config{addr: addr})
		require.ErrorIs(t, err, errExposed, addr)
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0", "127.8.8.8:0", "[::ffff:127.0.0.1]:0"} {
		l, err := listen(t.Context(), config{addr: addr})
		require.NoError(t, err, addr)
		assert.True(t, l.Addr().(*net.TCPAddr).IP.IsLoopback(), addr)
		require.NoError(t, l.Close())
	}
	for _, addr := range []string{"", "127.0.0.1", "127.0.0.1:x:y", "no.such.host.invalid:0", "127.0.0.1:99999"} {
		_, err := listen(t.Context(), config{addr: addr})
		require.Error(t, err, addr)
		require.NotErrorIs(t, err, errExposed, addr)
	}
	l, err := listen(t.Context(), config{addr: "0.0.0.0:0", token: "t"})
	require.NoError(t, err)
	require.NoError(t, l.Close())
}

// Each wrong call ends with one line that shows no secret, before anything is listened on.
func TestWrongCalls(t *testing.T) {
	for _, test := range []struct {
		args  []string
		token string
		code  int
		says  string
	}{
		{[]string{"-nonsense"}, "", exitUsage, "-nonsense"},
		{[]string{"more"}, "", exitUsage, "arguments"},
		{[]string{"-addr", ":8080"}, "", exitUsage, "DNC_BEARER_TOKEN"},
		{[]string{"-addr", "0.0.0.0:0"}, "  \n", exitUsage, "DNC_BEARER_TOKEN"},
		{[]string{"-addr", "nonsense"}, "", exitError, "host:port"},
		{[]string{"-addr", "127.0.0.1:0"}, "two words", exitUsage, "DNC_BEARER_TOKEN"},
		{[]string{"-geo-rules=perhaps"}, "", exitUsage, "geo-rules"},
		{[]string{"-validate-timeout", "0s"}, "", exitUsage, "-validate-timeout"},
		{[]string{"-validate-timeout", "soon"}, "", exitUsage, "validate-timeout"},
		{[]string{"-country", "US"}, "", exitUsage, "-country"},
		{[]string{"-redis", "http://u:hunter2@h"}, "", exitUsage, "-redis"},
		{[]string{"-redis", "redis://u:hunter2@h:1/%zz"}, "", exitUsage, "-redis"},
		{[]string{"-redis", "rediss://u:hunter2@h:1?skip_verify=true"}, "", exitUsage, "-redis"},
		{[]string{"-redis", ""}, "", exitUsage, "-redis"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), test.args, func(name string) string { return map[string]string{"DNC_BEARER_TOKEN": test.token}[name] }, &stdout, &stderr)
		assert.Equal(t, test.code, code, "%v", test.args)
		assert.Contains(t, stderr.String(), test.says)
		assert.NotContains(t, stderr.String(), "hunter2")
		assert.Equal(t, 1, strings.Count(stderr.String(), "\n"), stderr.String())
		assert.True(t, strings.HasPrefix(stderr.String(), "server: "))
		assert.Empty(t, stdout.String())
	}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, exitOK, run(t.Context(), []string{"-h"}, func(string) string { return "" }, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "-validate-timeout")
	assert.Empty(t, stderr.String())
}
