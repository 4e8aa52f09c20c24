package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/evidence"
)

func TestTheCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/demo"
	call := func(args ...string) (string, error) {
		var out strings.Builder
		err := run(t.Context(), args, &out)
		return out.String(), err
	}
	_, err := call("demo", dir)
	require.NoError(t, err)
	out, err := call("verify", dir+"/log", dir+"/saved", dir+"/public")
	require.NoError(t, err)
	require.Contains(t, out, "decisions 10, records 1, checkpoints 1")
	out, err = call("find", dir+"/log", dir+"/key", "+12025550101")
	require.NoError(t, err)
	require.Contains(t, out, "dnc_optouts")
	out, err = call("report", dir+"/log", dir+"/key", "+12025550101", dir+"/saved", dir+"/public")
	require.NoError(t, err)
	require.Contains(t, out, "dnc_optouts")
	_, err = call("verify", dir)
	require.ErrorIs(t, err, errUsage)
	require.Equal(t, 2, code(err, io.Discard))
	_, err = call("demo", dir)
	require.ErrorContains(t, err, "exists already", "a second demo would leave a log that cannot be verified")
	_, err = call("verify", dir+"/log", dir+"/saved", dir+"/public")
	require.NoError(t, err)
	require.Equal(t, 0, code(err, io.Discard))
	all, err := os.ReadDir(dir + "/log")
	require.NoError(t, err)
	for _, e := range all {
		if strings.HasSuffix(e.Name(), ".log") {
			b, err := os.ReadFile(dir + "/log/" + e.Name())
			require.NoError(t, err)
			b[len(b)-1] ^= 1
			require.NoError(t, os.WriteFile(dir+"/log/"+e.Name(), b, 0o600))
		}
	}
	_, err = call("verify", dir+"/log", dir+"/saved", dir+"/public")
	require.ErrorIs(t, err, evidence.ErrDamaged)
	var stderr strings.Builder
	require.Equal(t, 1, code(err, &stderr))
	require.NotContains(t, stderr.String(), "evidence: evidence:")
}
