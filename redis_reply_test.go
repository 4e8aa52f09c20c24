package dnc_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// zeros is the reply of SMISMEMBER that says of n numbers and the marker that they are not on the
// list.
func zeros(n int) string { return fmt.Sprintf("*%d\r\n", n+1) + strings.Repeat(":0\r\n", n+1) }

// Replies that no Redis gives, asked for three numbers. None of them may let a call through, and
// the connection may not go on out of step.
func TestRepliesThatAreNone(t *testing.T) {
	const size, primary = ":1000\r\n", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"
	for name, c := range map[string]struct {
		exec string
		code string // "": any of Unknown
	}{
		"short":                    {"*2\r\n" + size + "*3\r\n:0\r\n:0\r\n:0\r\n", dnc.CodeStoreMisconfigured},
		"long":                     {"*2\r\n" + size + zeros(4), dnc.CodeStoreMisconfigured},
		"empty":                    {"*2\r\n" + size + "*0\r\n", dnc.CodeStoreMisconfigured},
		"nil":                      {"*2\r\n" + size + "*-1\r\n", dnc.CodeStoreMisconfigured},
		"nil element":              {"*2\r\n" + size + "*4\r\n:0\r\n$-1\r\n:0\r\n:0\r\n", dnc.CodeStoreMisconfigured},
		"RESP3 nil element":        {"*2\r\n" + size + "*4\r\n:0\r\n_\r\n:0\r\n:0\r\n", dnc.CodeStoreMisconfigured},
		"booleans":                 {"*2\r\n" + size + "*4\r\n#f\r\n#f\r\n#f\r\n#f\r\n", dnc.CodeStoreMisconfigured},
		"two":                      {"*2\r\n" + size + "*4\r\n:2\r\n:0\r\n:0\r\n:0\r\n", dnc.CodeStoreMisconfigured},
		"minus one":                {"*2\r\n" + size + "*4\r\n:-1\r\n:0\r\n:0\r\n:0\r\n", dnc.CodeStoreMisconfigured},
		"huge":                     {"*2\r\n" + size + "*4\r\n:9223372036854775807\r\n:0\r\n:0\r\n:0\r\n", dnc.CodeStoreMisconfigured},
		"text":                     {"*2\r\n" + size + "*4\r\n$1\r\n0\r\n$1\r\n0\r\n$1\r\n0\r\n$1\r\n0\r\n", dnc.CodeStoreMisconfigured},
		"an error among them":      {"*2\r\n" + size + "*4\r\n:0\r\n-ERR no\r\n:0\r\n:0\r\n", dnc.CodeStoreMisconfigured},
		"nested":                   {"*2\r\n" + size + "*4\r\n*1\r\n:0\r\n:0\r\n:0\r\n:0\r\n", dnc.CodeStoreMisconfigured},
		"a number":                 {"*2\r\n" + size + ":0\r\n", dnc.CodeStoreMisconfigured},
		"OK":                       {"*2\r\n" + size + "+OK\r\n", dnc.CodeStoreMisconfigured},
		"size nil":                 {"*2\r\n$-1\r\n" + zeros(3), dnc.CodeStoreMisconfigured},
		"size text":                {"*2\r\n$1\r\nx\r\n" + zeros(3), ""},
		"size negative":            {"*2\r\n:-5\r\n" + zeros(3), dnc.CodeStoreMisconfigured},
		"size zero":                {"*2\r\n:0\r\n" + zeros(3), dnc.CodeListMissing},
		"size zero and a hit":      {"*2\r\n:0\r\n*4\r\n:0\r\n:1\r\n:0\r\n:0\r\n", dnc.CodeStoreMisconfigured},
		"aborted":                  {"*-1\r\n", ""},
		"EXECABORT":                {"-EXECABORT Transaction discarded because of previous errors.\r\n", dnc.CodeStoreUnavailable},
		"WRONGTYPE behind":         {"*2\r\n" + size + "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", dnc.CodeStoreMisconfigured},
		"WRONGTYPE behind nil":     {"*2\r\n$-1\r\n-WRONGTYPE Operation against a key\r\n", dnc.CodeStoreMisconfigured},
		"LOADING":                  {"-LOADING Redis is loading the dataset in memory\r\n", dnc.CodeStoreUnavailable},
		"MASTERDOWN":               {"*2\r\n" + size + "-MASTERDOWN Link with MASTER is down\r\n", dnc.CodeStoreUnavailable},
		"MOVED":                    {"*2\r\n" + size + "-MOVED 1 127.0.0.1:1\r\n", dnc.CodeStoreMisconfigured},
		"max clients":              {"-ERR max number of clients reached\r\n", dnc.CodeStoreUnavailable},
		"one reply only, then cut": {"*2\r\n" + size + redistest.Cut, dnc.CodeStoreUnavailable},
		"one reply only":           {"*1\r\n" + size, ""},
		"cut in an element":        {"*2\r\n" + size + "*4\r\n:0\r\n:" + redistest.Cut, dnc.CodeStoreUnavailable},
		"never":                    {redistest.Hang, dnc.CodeStoreTimeout},
		"half, then never":         {"*2\r\n" + size + "*4\r\n:0\r\n:0\r\n" + redistest.Hang, dnc.CodeStoreTimeout},
		"no RESP":                  {"HTTP/1.1 400 Bad Request\r\n\r\n", dnc.CodeStoreMisconfigured},
	} {
		t.Run(name, func(t *testing.T) {
			var broken atomic.Bool
			f := redistest.StartFake(t, func(cmd []string) (string, bool) {
				if cmd[0] == "exec" && broken.Load() {
					exec := strings.Replace(c.exec, "*2\r\n"+size[:1], "*3\r\n"+primary+size[:1], 1)
					return strings.Replace(exec, "*2\r\n$", "*3\r\n"+primary+"$", 1), true
				}
				return "", false
			})
			b := &bed{T: t, rdb: universal(t, f.URL())}
			b.list = b.checker(b.rdb)
			ns := []dnc.Number{numberAt(t, 1), numberAt(t, 2), numberAt(t, 3)}
			ds, err := b.list.CheckBatch(ctx, ns)
			require.NoError(t, err)
			require.True(t, ds[0].Callable())

			broken.Store(true)
			ds, err = b.list.CheckBatch(ctx, ns)
			require.Error(t, err)
			for _, d := range ds {
				assert.Equal(t, dnc.Unknown, d.Verdict)
				if c.code != "" {
					assert.Equal(t, c.code, d.Reason().Code, "%v", err)
				}
			}
			shown(t, err, ds)
			broken.Store(false)
			require.NoError(t, redistest.Eventually(func() error {
				ds, err := b.list.CheckBatch(ctx, ns)
				if err == nil && !ds[2].Callable() {
					return fmt.Errorf("it is %v", ds[2])
				}
				return err
			}))
		})
	}
}

// Servers quote arguments in errors.
func TestRepliesThatQuoteNumbers(t *testing.T) {
	for _, quote := range []string{
		"-ERR unknown command `SMISMEMBER`, with args beginning with: `dnc:blacklist` `%s` \r\n",
		"-ERR something about %s\r\n", "+%s\r\n", "$3\r\n%s\r\n", "?%s\r\n", "-%s\r\n",
	} {
		f := redistest.StartFake(t, func(cmd []string) (string, bool) {
			if cmd[0] == "smismember" {
				return fmt.Sprintf(quote, cmd[2]), true
			}
			return "", false
		})
		b := &bed{T: t, rdb: universal(t, f.URL())}
		c := b.checker(b.rdb)
		d, err := c.Check(ctx, numberAt(t, 1))
		require.Error(t, err)
		assert.Equal(t, dnc.Unknown, d.Verdict)
		r, err := dnc.Validate(ctx, dnc.Fallback(c, b.logs.options()[0], b.logs.options()[1]), []string{numberAt(t, 1).E164()}, nil)
		require.NoError(t, err)
		shown(t, err, d, struct{ D dnc.Decision }{d}, fmt.Sprint(r))
	}
}

// What the first health check can find.
func TestRepliesOfTheFirstHealthCheck(t *testing.T) {
	for name, c := range map[string]struct {
		cmd, reply, code string
	}{
		"a replica":         {"role", "*5\r\n$5\r\nslave\r\n$1\r\nh\r\n:1\r\n$9\r\nconnected\r\n:0\r\n", dnc.CodeStoreMisconfigured},
		"a Sentinel":        {"role", "*2\r\n$8\r\nsentinel\r\n*0\r\n", dnc.CodeStoreMisconfigured},
		"a page of ints":    {"sscan", ":1\r\n", dnc.CodeStoreMisconfigured},
		"a page refused":    {"sscan", "-NOPERM this user has no permissions\r\n", dnc.CodeStoreMisconfigured},
		"a sample of ints":  {"srandmember", ":1\r\n", dnc.CodeStoreMisconfigured},
		"a sample refused":  {"srandmember", "-NOPERM this user has no permissions\r\n", dnc.CodeStoreMisconfigured},
		"a sample in time?": {"srandmember", redistest.Hang, dnc.CodeStoreTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			f := redistest.StartFake(t, func(cmd []string) (string, bool) {
				return c.reply, cmd[0] == c.cmd
			})
			b := &bed{T: t, rdb: universal(t, f.URL())}
			d, err := b.checker(b.rdb).Check(ctx, numberAt(t, 1))
			require.Error(t, err)
			assert.Equal(t, dnc.Unknown, d.Verdict)
			assert.Equal(t, c.code, d.Reason().Code, "%v", err)
		})
	}
}

// Many geo rules are asked number by number. A sample of them that is no sample is doubt.
func TestASampleOfGeoRulesThatIsNone(t *testing.T) {
	f := redistest.StartFake(t, func(cmd []string) (string, bool) {
		switch cmd[0] {
		case "hlen":
			return ":10001\r\n", true
		case "hrandfield":
			return ":1\r\n", true
		}
		return "", false
	})
	b := &bed{T: t, rdb: universal(t, f.URL())}
	d, err := b.checker(b.rdb, dnc.WithGeoRules("dnc:geo_rules")).Check(ctx, numberAt(t, 1))
	require.ErrorContains(t, err, "HRANDFIELD")
	assert.Equal(t, dnc.CodeStoreMisconfigured, d.Reason().Code)
}
