package faulttest

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// Servers and proxies that do not know HELLO as go-redis sends it. The role is asked in another
// way, and the answers are right.
func TestServersWithoutHello(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"HELLO renamed":          {"--rename-command", "HELLO", ""},
		"HELLO and ROLE renamed": {"--rename-command", "HELLO", "", "--rename-command", "ROLE", ""},
		"ROLE renamed":           {"--rename-command", "ROLE", ""},
		"INFO renamed":           {"--rename-command", "INFO", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t, args...)
			load(t, s)
			for protocol := range 4 {
				if protocol == 1 {
					continue
				}
				c := newChecker(t, single(t, &redis.Options{Addr: s.Addr(), Protocol: protocol}))
				require.NoError(t, right(t, c), "Protocol %d", protocol)
			}
		})
	}
}

// The same servers as replicas: the other way of asking finds that as well.
func TestReplicasWithoutHello(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"HELLO renamed":          {"--rename-command", "HELLO", ""},
		"HELLO and ROLE renamed": {"--rename-command", "HELLO", "", "--rename-command", "ROLE", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t, args...)
			load(t, s)
			rdb := single(t, &redis.Options{Addr: s.Addr()})
			c := newChecker(t, rdb)
			require.NoError(t, right(t, c))
			s.Do(t, "replicaof", "127.0.0.1", 1)
			s.Do(t, "config", "set", "replica-read-only", "no")
			s.Do(t, "srem", "dnc:blacklist", number(t, 10).E164())
			result := press(c, number(t, 10), 8, 20)
			assert.Zero(t, result.allow.Load(), "%v", result)
		})
	}
}

// Users that may not run some of the commands by which a role can be asked. (HELLO cannot be taken
// from a user.)
func TestUsersWithoutRole(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	load(t, s)
	s.Do(t, "acl", "setuser", "weak", "on", ">canary", "~*", "+@all", "-role", "-info")
	for _, protocol := range []int{2, 3} {
		c := newChecker(t, single(t, &redis.Options{Addr: s.Addr(), Username: "weak", Password: "canary", Protocol: protocol}))
		require.NoError(t, right(t, c), "Protocol %d", protocol)
	}
}

// A server that tells its role in no way is refused, with its words and the way on.
func TestServersThatTellNoRole(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "--rename-command", "HELLO", "", "--rename-command", "ROLE", "", "--rename-command", "INFO", "")
	load(t, s)
	for _, protocol := range []int{2, 3} {
		rdb := single(t, &redis.Options{Addr: s.Addr(), Protocol: protocol})
		c := newChecker(t, rdb)
		result := press(c, number(t, 1), 2, 5)
		assert.Zero(t, result.allow.Load()+result.block.Load(), "nobody has said that this is a primary: %v", result)
		_, err := c.Check(ctx, number(t, 1))
		require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
		hint(t, err, "unknown command", "DangerouslyAssumePrimary")
		require.NoError(t, right(t, newChecker(t, rdb, dnc.DangerouslyAssumePrimary())))
	}
}

// Proxies that answer HELLO with an error, or not as Redis does.
func TestProxiesThatDoNotKnowHello(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]string{
		"unknown command": "-ERR unknown command 'hello'\r\n",
		"twemproxy":       "-ERR unknown command\r\n",
		"NOPROTO":         "-NOPROTO unsupported protocol version\r\n",
		"no mode or role": "*2\r\n$5\r\nproto\r\n:2\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for role, allowed := range map[string]bool{"master": true, "slave": false} {
				f := redistest.StartFake(t, func(cmd []string) (string, bool) {
					switch cmd[0] {
					case "hello":
						return reply, true
					case "role":
						if role == "slave" {
							return "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$7\r\nconnect\r\n:-1\r\n", true
						}
						return "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", true
					case "info":
						text := "# Replication\r\nrole:" + role + "\r\n"
						return "$" + itoa(len(text)) + "\r\n" + text + "\r\n", true
					}
					return "", false
				})
				c := newChecker(t, single(t, &redis.Options{Addr: f.Addr(), Protocol: 2, MaxRetries: -1}))
				d, err := c.Check(ctx, number(t, 1))
				assert.Equal(t, allowed, d.Callable(), "%s: %v", role, err)
			}
		})
	}
}

// Proxies that have no transactions. Size and numbers are then asked in two steps, between which a
// list can be lost: only a list with its completeness marker is believed.
func TestProxiesWithoutTransactions(t *testing.T) {
	t.Parallel()
	for name, marked := range map[string]bool{"with the marker": true, "without": false} {
		f := redistest.StartFake(t, func(cmd []string) (string, bool) {
			switch cmd[0] {
			case "multi":
				return "-ERR unknown command 'multi'\r\n", true
			case "exec":
				return "-ERR unknown command 'exec'\r\n", true
			case "smismember":
				if !marked {
					return "", false
				}
				return "*" + itoa(len(cmd)-2) + "\r\n" + strings.Repeat(":0\r\n", len(cmd)-3) + ":1\r\n", true
			}
			return "", false
		})
		c := newChecker(t, connect(t, f.URL()))
		d, err := c.Check(ctx, number(t, 1))
		if !marked {
			assert.Equal(t, dnc.Unknown, d.Verdict, name)
		}
		if err != nil {
			hint(t, err, "MULTI")
		}
	}
}

// A client that was told to speak RESP2 gets the same answers, list, geo rules and all.
func TestRESP2(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	load(t, s)
	s.Do(t, "hset", "dnc:geo_rules", "+1900", `{"allowed":false,"riskLevel":"high"}`)
	c := newChecker(t, connect(t, s.URL(), func(o *redis.UniversalOptions) { o.Protocol = 2 }), dnc.WithGeoRules("dnc:geo_rules"))
	require.NoError(t, right(t, c))
	n, err := dnc.ParseNumber("+19005550123")
	require.NoError(t, err)
	d, err := c.Check(ctx, n)
	require.NoError(t, err)
	assert.Equal(t, "geo_blocked_high", d.Reason().Code)
}
