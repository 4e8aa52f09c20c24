package faulttest

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/registry"
)

func itoa(n int) string { return strconv.Itoa(n) }

// What a server refuses is said in its own words, by every part of the library, and is never taken
// for another import.
func TestRefusalsInTheServersWords(t *testing.T) {
	t.Parallel()
	open := redistest.Start(t, "--databases", "1")
	locked := redistest.Start(t, "--requirepass", "right-canary")
	for _, s := range []*redistest.Server{open, locked} {
		load(t, s)
		s.Do(t, "acl", "setuser", "noselect", "on", ">canary", "~*", "+@all", "-select")
		s.Do(t, "acl", "setuser", "off", "off", ">canary", "~*", "+@all")
	}
	wide := redistest.Start(t)
	wide.Do(t, "acl", "setuser", "noselect", "on", ">canary", "~*", "+@all", "-select")
	for name, c := range map[string]struct {
		url   string
		words []string
	}{
		"a wrong password":       {"redis://:wrong-canary@" + locked.Addr(), []string{"WRONGPASS"}},
		"no password":            {locked.URL(), []string{"NOAUTH"}},
		"an unknown user":        {"redis://nobody:canary@" + open.Addr(), []string{"WRONGPASS"}},
		"a user that is off":     {"redis://off:canary@" + open.Addr(), []string{"WRONGPASS"}},
		"no such database":       {open.URL() + "/5", []string{"DB index"}},
		"no right to SELECT":     {"redis://noselect:canary@" + wide.Addr() + "/1", []string{"NOPERM", "select"}},
		"a password for nothing": {"redis://:wrong-canary@" + open.Addr(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.words == nil { // Redis takes any password for the default user that has none, or says why not
				c.words = []string{"dnc"}
				if _, err := newChecker(t, connect(t, c.url)).Check(ctx, number(t, 1)); err == nil {
					return
				}
			}
			rdb := connect(t, c.url)
			_, err := newChecker(t, rdb).Check(ctx, number(t, 1))
			hint(t, err, c.words...)
			require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
			_, err = newChecker(t, rdb).CheckBatch(ctx, theList(t))
			hint(t, err, c.words...)
			w := newWriter(t, rdb)
			_, err = w.Replace(ctx, sequence(theList(t)...))
			hint(t, err, c.words...)
			_, err = w.Add(ctx, number(t, 1))
			hint(t, err, c.words...)

			national, err := registry.New(rdb, "national")
			require.NoError(t, err)
			_, err = national.Check(ctx, number(t, 1))
			hint(t, err, c.words...)
			_, err = national.Replace(ctx, sequence(theList(t)...), registry.Import{Coverage: []string{"1415"}, Obtained: time.Now()})
			hint(t, err, c.words...)
			require.NotErrorIs(t, err, registry.ErrImportRunning)
			err = national.Delete(ctx)
			hint(t, err, c.words...)
			require.NotErrorIs(t, err, registry.ErrImportRunning)
			_, err = national.Snapshot(ctx)
			hint(t, err, c.words...)
			_, err = national.Rollback(ctx)
			hint(t, err, c.words...)
			_, err = national.Versions(ctx)
			hint(t, err, c.words...)
		})
	}
}

func TestAWrongNameForSentinel(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinels(t)
	rdb := connect(t, s.Sentinels[0].URL()+"?master_name=nobody")
	_, err := newChecker(t, rdb).Check(ctx, number(t, 1))
	require.Error(t, err)
	hint(t, err, "sentinel", "master")
	national, err := registry.New(rdb, "national")
	require.NoError(t, err)
	_, err = national.Replace(ctx, sequence(theList(t)...), registry.Import{Coverage: []string{"1415"}, Obtained: time.Now()})
	require.Error(t, err)
	require.NotErrorIs(t, err, registry.ErrImportRunning)
	require.NotErrorIs(t, national.Delete(ctx), registry.ErrImportRunning)

	// The right name, and a client that asks replicas.
	reader := redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: redistest.MasterName, SentinelAddrs: []string{s.Sentinels[0].Addr()}, ReplicaOnly: true, ContextTimeoutEnabled: true,
	})
	t.Cleanup(func() { _ = reader.Close() })
	c, err := dnc.NewRedisChecker(reader, dnc.DangerouslyAllowMissingList())
	if err != nil {
		require.ErrorIs(t, err, dnc.ErrOption)
		return
	}
	result := press(c, number(t, 1), 4, 5)
	assert.Zero(t, result.allow.Load(), "%v", result)
}

// A Sentinel asked for the list itself is not a server of lists.
func TestASentinelInsteadOfAServer(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinels(t)
	_, err := newChecker(t, connect(t, s.Sentinels[0].URL())).Check(ctx, number(t, 1))
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	hint(t, err, "sentinel")
}

// What proxies and hosted services say when they cannot answer now: the store is unavailable, and
// asking again can help.
func TestRefusalsThatPass(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"ERR max requests limit exceeded",
		"ERR max requests limit exceeded. Limit: 500000, Usage: 500000.",
		"ERR max daily request limit exceeded",
		"upstream failure",
		"no upstream host",
		"ERR upstream failure",
		"ERR max number of clients reached",
		"LOADING Redis is loading the dataset in memory",
		"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
		"CLUSTERDOWN The cluster is down",
		"TRYAGAIN Multiple keys request during rehashing of slot",
		"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
	} {
		for place, commands := range map[string][]string{"at EXEC": {"exec"}, "in the transaction": {"scard", "smismember"}, "at every command": nil} {
			t.Run(text+", "+place, func(t *testing.T) {
				t.Parallel()
				f := redistest.StartFake(t, func(cmd []string) (string, bool) {
					if cmd[0] == "client" || cmd[0] == "hello" && commands != nil {
						return "", false
					}
					return "-" + text + "\r\n", commands == nil || slices.Contains(commands, cmd[0])
				})
				retryable(t, f)
			})
		}
	}
}

// Transactions that a server gave up: EXECABORT after a command that could not be queued, and the
// null of a broken WATCH.
func TestTransactionsThatAreGivenUp(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]string{
		"EXECABORT":         "-EXECABORT Transaction discarded because of previous errors.\r\n",
		"a null array":      "*-1\r\n",
		"a null of RESP3":   "_\r\n",
		"a null string":     "$-1\r\n",
		"EXEC, no MULTI":    "-ERR EXEC without MULTI\r\n",
		"an empty EXEC":     "*0\r\n",
		"upstream failure":  "-upstream failure\r\n",
		"cut in the middle": "*2\r\n:10" + redistest.Cut,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := redistest.StartFake(t, func(cmd []string) (string, bool) { return reply, cmd[0] == "exec" })
			if name == "EXEC, no MULTI" || name == "an empty EXEC" {
				_, err := newChecker(t, connect(t, f.URL())).Check(ctx, number(t, 1))
				require.Error(t, err)
				return
			}
			retryable(t, f)
		})
	}
}

func retryable(t *testing.T, f *redistest.Fake) {
	t.Helper()
	c := newChecker(t, connect(t, f.URL()))
	d, err := c.Check(ctx, number(t, 1))
	assert.Equal(t, dnc.CodeStoreUnavailable, d.Reason().Code, "%v", err)
	var e *dnc.Error
	require.ErrorAs(t, err, &e)
	assert.True(t, e.Retryable())
	ds, err := c.CheckBatch(ctx, theList(t))
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
	for _, d := range ds {
		assert.Equal(t, dnc.Unknown, d.Verdict)
	}
}
