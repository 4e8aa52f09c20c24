package dnc_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// rights reads the ACL rules out of the documentation of a type: what is documented is what is
// tested.
func rights(t *testing.T, file string, cluster bool) []any {
	t.Helper()
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	var rules []any
	in := false
	for line := range strings.Lines(string(source)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "//	~") {
			in = true
		}
		if in && !strings.HasPrefix(line, "//	") {
			break
		}
		if in {
			for _, rule := range strings.Fields(line)[1:] {
				rule = strings.TrimRight(rule, ",")
				if rule == "and" && !cluster {
					return rules
				}
				if strings.HasPrefix(rule, "+") || strings.HasPrefix(rule, "-") || strings.HasPrefix(rule, "~") {
					rules = append(rules, rule)
				}
			}
		}
	}
	require.NotEmpty(t, rules)
	return rules
}

func user(t *testing.T, s *redistest.Server, name string, rules []any) {
	t.Helper()
	s.Do(t, append([]any{"acl", "setuser", name, "on", ">secret-canary", "resetkeys", "resetchannels"}, rules...)...)
}

func as(s *redistest.Server, name string) string {
	return "redis://" + name + ":secret-canary@" + s.Addr()
}

func TestRedisRightsOfTheDocumentation(t *testing.T) {
	b := newBed(t, redistest.Start(t))
	b.server.Do(t, "hset", "dnc:geo_rules", "+1", `{"allowed":true}`)
	user(t, b.server, "checker", rights(t, "redis.go", false))
	user(t, b.server, "importer", rights(t, "redis_writer.go", false))

	reader := universal(t, as(b.server, "checker"))
	rightFrom(t, b.checker(reader, dnc.WithGeoRules("dnc:geo_rules")))
	for _, forbidden := range [][]any{
		{"sadd", "dnc:blacklist", "x"},
		{"del", "dnc:blacklist"},
		{"flushall"},
		{"eval", "return 1", 0},
		{"smembers", "dnc:blacklist"},
		{"keys", "*"},
		{"config", "get", "*"},
		{"scard", "other"},
		{"rename", "dnc:blacklist", "x"},
		{"set", "dnc:blacklist", "x"},
	} {
		require.ErrorContains(t, reader.Do(ctx, forbidden...).Err(), "NOPERM", "%v", forbidden[0])
	}

	w := newWriter(t, universal(t, as(b.server, "importer")))
	_, err := w.Replace(ctx, numbers(append(theList(t), numberAt(t, 1))...))
	require.NoError(t, err)
	_, err = w.Remove(ctx, numberAt(t, 1))
	require.NoError(t, err)
	_, err = w.Add(ctx, numberAt(t, 10))
	require.NoError(t, err)
	require.NoError(t, w.SetGeoRule(ctx, "+1900", dnc.GeoRule{}))
	require.NoError(t, w.RemoveGeoRule(ctx, "+1900"))
	assert.ElementsMatch(t, []string{"dnc:blacklist", "dnc:geo_rules"}, lists(t, b.server))
	b.right()

	_, err = newWriter(t, reader).Add(ctx, numberAt(t, 1))
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	shown(t, err)
}

func TestRedisWithoutRights(t *testing.T) {
	b := newBed(t, redistest.Start(t))
	all := rights(t, "redis.go", false)
	for _, missing := range []string{"+scard", "+smismember", "+srandmember", "+multi", "+exec", "+sscan", "+hlen", "+hgetall", "~dnc:blacklist", "~dnc:geo_rules"} {
		t.Run(missing, func(t *testing.T) {
			b.server.Do(t, "hset", "dnc:geo_rules", "+1", `{"allowed":true}`)
			var rules []any
			for _, r := range all {
				if r != missing {
					rules = append(rules, r)
				}
			}
			b.server.Do(t, "acl", "deluser", "weak")
			user(t, b.server, "weak", rules)
			c := &bed{T: t, server: b.server, rdb: universal(t, as(b.server, "weak"))}
			d, err := c.checker(c.rdb, dnc.WithGeoRules("dnc:geo_rules")).Check(ctx, numberAt(t, 1))
			assert.Equal(t, dnc.Unknown, d.Verdict)
			require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
			d, err = dnc.Fallback(c.checker(c.rdb, dnc.WithGeoRules("dnc:geo_rules")), quiet, dnc.DangerouslyAllowUnchecked()).Check(ctx, numberAt(t, 1))
			require.NoError(t, err)
			assert.False(t, d.Callable(), "a wrong configuration is no outage")
		})
	}
	t.Run("wrong password", func(t *testing.T) {
		c := &bed{T: t, server: b.server, rdb: universal(t, "redis://checker:secret-canary-2@"+b.server.Addr())}
		b.server.Do(t, "acl", "setuser", "checker", "on", ">other", "~*", "+@all")
		d, err := c.checker(c.rdb).Check(ctx, numberAt(t, 1))
		assert.Equal(t, dnc.CodeStoreMisconfigured, d.Reason().Code, "%v", err)
		assert.NotContains(t, err.Error(), "secret")
	})
	t.Run("no password", func(t *testing.T) {
		s := redistest.Start(t, "--requirepass", "x")
		c := &bed{T: t, server: s, rdb: universal(t, s.URL())}
		c.unknownFrom(c.checker(c.rdb), dnc.CodeStoreMisconfigured)
	})
}

func TestClientsThatAreRefused(t *testing.T) {
	for name, c := range map[string]dnc.RedisClient{
		"nil":            nil,
		"typed nil":      (*redis.Client)(nil),
		"nil cluster":    (*redis.ClusterClient)(nil),
		"ReadOnly":       redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, ReadOnly: true}),
		"RouteByLatency": redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, RouteByLatency: true}),
		"RouteRandomly":  redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, RouteRandomly: true}),
		"Sentinel, latency": redis.NewUniversalClient(&redis.UniversalOptions{
			Addrs: []string{"127.0.0.1:1"}, MasterName: "m", RouteByLatency: true,
		}),
		"no verification": redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", TLSConfig: &tls.Config{InsecureSkipVerify: true}}),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dnc.NewRedisChecker(c)
			require.ErrorIs(t, err, dnc.ErrOption)
			_, err = dnc.NewRedisWriter(c)
			require.ErrorIs(t, err, dnc.ErrOption)
			if closer, ok := c.(interface{ Close() error }); ok && !strings.Contains(name, "nil") {
				_ = closer.Close()
			}
		})
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	rdb := universal(t, "redis://127.0.0.1:1")
	for name, o := range map[string][]dnc.RedisOption{
		"nil": {nil}, "name": {dnc.WithList("Black List", "k")}, "empty name": {dnc.WithList("", "k")}, "key": {dnc.WithList("l", "")},
		"geo key": {dnc.WithGeoRules("")}, "size 0": {dnc.WithMinSize(0)}, "size -1": {dnc.WithMinSize(-1)}, "format": {dnc.WithMemberFormat(nil)},
		"refresh": {dnc.WithGeoRefresh(0, 1)}, "stale": {dnc.WithGeoRefresh(2, 2)}, "both": {dnc.RequireMarker(), dnc.DangerouslyAllowMissingList()},
		"one key": {dnc.WithGeoRules("dnc:blacklist")},
	} {
		_, err := dnc.NewRedisChecker(rdb, o...)
		require.ErrorIs(t, err, dnc.ErrOption, name)
	}
}

func TestRedisOptions(t *testing.T) {
	o, err := dnc.RedisOptions("redis://user:pw@host:6380/2")
	require.NoError(t, err)
	assert.Equal(t, []string{"host:6380"}, o.Addrs)
	assert.Equal(t, []any{"user", "pw", 2, true}, []any{o.Username, o.Password, o.DB, o.ContextTimeoutEnabled})
	assert.False(t, o.IsClusterMode)
	assert.Nil(t, o.TLSConfig)

	o, err = dnc.RedisOptions("redis://a:1,redis://b:2", "redis://c:3")
	require.NoError(t, err)
	assert.Equal(t, []string{"a:1", "b:2", "c:3"}, o.Addrs)
	o, err = dnc.RedisOptions("rediss://a:1?cluster=true")
	require.NoError(t, err)
	assert.True(t, o.IsClusterMode)
	assert.EqualValues(t, tls.VersionTLS12, o.TLSConfig.MinVersion)
	assert.Empty(t, o.TLSConfig.ServerName, "each node has a name of its own")
	o, err = dnc.RedisOptions("rediss://a:1")
	require.NoError(t, err)
	assert.Equal(t, "a", o.TLSConfig.ServerName)
	o, err = dnc.RedisOptions("redis://a:1/3?master_name=m, redis://b:1/3?master_name=m")
	require.NoError(t, err)
	assert.Equal(t, "m", o.MasterName)
	o, err = dnc.RedisOptions("unix:///tmp/redis.sock?db=1")
	require.NoError(t, err)
	assert.Equal(t, []string{"/tmp/redis.sock"}, o.Addrs)

	for _, bad := range [][]string{
		nil,
		{""},
		{"host:6379"},
		{"http://host"},
		{"redis://"},
		{"redis://:secret-canary%zz@host"},
		{"redis://a:1/x"},
		{"redis://a:99999"},
		{"redis://a:0"},
		{"redis://a:1,"},
		{"redis://a:1?skip_verify=true"},
		{"redis://a:1?read_timeout=1h"},
		{"redis://u:secret-canary@a:1,redis://b:1"},
		{"redis://a:1,rediss://b:1"},
		{"redis://a:1/1,redis://b:1/2"},
		{"redis://a:1/1,redis://b:1/1"},
		{"redis://a:1/1?cluster=true"},
		{"redis://a:1?cluster=maybe"},
		{"redis://a:1?master_name=m,redis://b:1?master_name=n"},
	} {
		_, err := dnc.RedisOptions(bad...)
		require.ErrorIs(t, err, dnc.ErrOption, "%q", bad)
		assert.NotContains(t, err.Error(), "canary")
	}
}

func TestRedisTLS(t *testing.T) {
	s := redistest.StartTLS(t, "127.0.0.1")
	wrong := redistest.StartTLS(t, "another.example")
	for _, one := range []*redistest.TLSServer{s, wrong} {
		one.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	}
	trust := func(p *x509.CertPool) func(o *redis.UniversalOptions) {
		return func(o *redis.UniversalOptions) { o.TLSConfig.RootCAs = p }
	}
	b := &bed{T: t, server: s.Server}
	rightFrom(t, b.checker(universal(t, s.TLSURL(), trust(s.Roots))))
	b.unknownFrom(b.checker(universal(t, s.TLSURL(), trust(wrong.Roots))), dnc.CodeStoreUnavailable)
	b.unknownFrom(b.checker(universal(t, wrong.TLSURL(), trust(wrong.Roots))), dnc.CodeStoreUnavailable)
	d, err := b.checker(universal(t, "redis://"+s.TLSAddr())).Check(ctx, numberAt(t, 1))
	require.Error(t, err)
	assert.Equal(t, dnc.Unknown, d.Verdict)
}

// Redis does not undo a script that fails in the middle. Without the right to the stream of changes
// nothing changes, and Follow misses nothing.
func TestAWriterWithoutTheRightToTheStream(t *testing.T) {
	s := redistest.Start(t)
	_, err := newWriter(t, universal(t, s.URL())).Replace(ctx, numbers(theList(t)...))
	require.NoError(t, err)
	var rules []any
	for _, r := range rights(t, "redis_writer.go", false) {
		if r != "+xadd" {
			rules = append(rules, r)
		}
	}
	user(t, s, "weak", rules)
	w := newWriter(t, universal(t, as(s, "weak")))
	before := s.Do(t, "scard", "dnc:blacklist")
	_, err = w.Replace(ctx, numbers(many(t, 5)...))
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	require.ErrorContains(t, err, "rights")
	_, err = w.Add(ctx, many(t, 1)...)
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	_, err = w.Remove(ctx, theList(t)[0])
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	assert.Equal(t, before, s.Do(t, "scard", "dnc:blacklist"))
	assert.Equal(t, []string{"dnc:blacklist"}, lists(t, s))
}

// A Replace that fails for a right has left the old list in force, whichever right it is.
func TestReplaceWithoutARight(t *testing.T) {
	s := redistest.Start(t)
	_, err := newWriter(t, universal(t, s.URL())).Replace(ctx, numbers(theList(t)...))
	require.NoError(t, err)
	all := rights(t, "redis_writer.go", false)
	for _, without := range all {
		if r, _ := without.(string); !strings.HasPrefix(r, "+") || strings.HasPrefix(r, "+@") {
			continue
		}
		t.Run(without.(string), func(t *testing.T) {
			var rules []any
			for _, r := range all {
				if r != without {
					rules = append(rules, r)
				}
			}
			user(t, s, "weak", rules)
			_, err := newWriter(t, universal(t, as(s, "weak"))).Replace(ctx, numbers(many(t, 5)...))
			listed := s.Do(t, "sismember", "dnc:blacklist", theList(t)[0].E164())
			assert.Equal(t, err != nil, listed == int64(1), "the list in force is that of the answer: %v", err)
			s.Do(t, "del", "dnc:blacklist")
			_, err = newWriter(t, universal(t, s.URL())).Replace(ctx, numbers(theList(t)...))
			require.NoError(t, err)
		})
	}
}
