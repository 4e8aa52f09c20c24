package redistest

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// client is one that does not try again.
func client(t *testing.T, addr string) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{
		Addr: addr, ContextTimeoutEnabled: true, MaxRetries: -1, DialerRetries: 1, DisableIdentity: true, ReadTimeout: 300 * time.Millisecond,
	})
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func TestProxySpoils(t *testing.T) {
	s := Start(t)
	text := strings.Repeat("x", 10_000)
	s.Do(t, "set", "k", text)
	p := StartProxy(t, s)
	get := func() error {
		v, err := client(t, p.Addr()).Get(ctx, "k").Result()
		if err == nil {
			assert.Equal(t, text, v)
		}
		return err
	}
	for _, harmless := range []Spoil{{}, {Slices: 3}, {Delay: 10 * time.Millisecond}, {Rate: 10_000_000}, {CutAfter: 100_000}} {
		p.Set(harmless)
		require.NoError(t, get(), "%+v", harmless)
	}
	for _, fault := range []Spoil{{Swallow: true}, {BlackHole: true}, {CutAfter: 500}, {Delay: time.Minute}, {Rate: 100_000}} {
		p.Set(fault)
		require.Error(t, get(), "%+v", fault)
	}
	p.Set(Spoil{Rate: 1_000_000})
	begin := time.Now()
	require.NoError(t, get())
	assert.Greater(t, time.Since(begin), 70*time.Millisecond, "80,000 bits at a million a second")
}

func TestProxyCutsConnections(t *testing.T) {
	s := Start(t)
	p := StartProxy(t, s)
	rdb := client(t, p.Addr())
	require.NoError(t, rdb.Ping(ctx).Err())
	p.Refuse()
	require.NoError(t, rdb.Ping(ctx).Err(), "a connection that exists stays")
	require.ErrorContains(t, client(t, p.Addr()).Ping(ctx).Err(), "refused")
	p.Accept(t)
	p.Reset()
	require.NoError(t, Eventually(func() error { return rdb.Ping(ctx).Err() }))

	p.Forget()
	require.Error(t, rdb.Ping(ctx).Err(), "the idle connection is dead and nobody said so")
	require.NoError(t, rdb.Ping(ctx).Err(), "a new one works")

	p.LoseReply("INCR", 1)
	require.NoError(t, rdb.Incr(ctx, "n").Err())
	require.NoError(t, rdb.Ping(ctx).Err())
	require.Error(t, rdb.Incr(ctx, "n").Err())
	assert.Equal(t, 1, p.Lost())
	assert.Equal(t, "2", s.Do(t, "get", "n"), "the server ran it")
	require.NoError(t, rdb.Incr(ctx, "n").Err(), "one reply is lost, not two")
}

func TestBalancer(t *testing.T) {
	a, b := Start(t), Start(t)
	a.Do(t, "set", "name", "a")
	b.Do(t, "set", "name", "b")
	p := StartBalancer(t, FirstAlone, a, b)
	name := func(rdb *redis.Client) string { return rdb.Get(ctx, "name").Val() }
	first := client(t, p.Addr())
	assert.Equal(t, "a", name(first))
	for range 2 {
		assert.Equal(t, "b", name(client(t, p.Addr())))
	}
	assert.Equal(t, []int{1, 2, 3}, []int{p.Count(0), p.Count(1), p.Accepted()})

	p.Use(RoundRobin(2))
	third, fourth := name(client(t, p.Addr())), name(client(t, p.Addr()))
	assert.NotEqual(t, third, fourth)
	p.Use(To(1))
	assert.Equal(t, "a", name(first), "a connection stays where it is")
	p.ResetTo(0)
	require.NoError(t, Eventually(func() error { return first.Ping(ctx).Err() }))
	assert.Equal(t, "b", name(first))
	require.NoError(t, Eventually(func() error { // the other side of the connection ends a little later
		if n := p.Count(0); n > 0 {
			return fmt.Errorf("connections that lead to the first: %d", n)
		}
		return nil
	}))
}

func TestPair(t *testing.T) {
	p := StartPair(t)
	p.Primary.Do(t, "set", "k", "old")
	p.Sync(t)
	p.Cut(t)
	p.Primary.Do(t, "set", "k", "new")
	assert.Equal(t, "old", p.Replica.Do(t, "get", "k"))
	p.Switch(t)
	role := func(s *Server) any { return s.Do(t, "role").([]any)[0] }
	assert.Equal(t, []any{"slave", "master"}, []any{role(p.Primary), role(p.Replica)})
}

func TestTLS(t *testing.T) {
	s := StartTLS(t, "127.0.0.1", "--requirepass", "secret")
	s.Do(t, "set", "k", "v")
	rdb := redis.NewClient(&redis.Options{Addr: s.TLSAddr(), Password: "secret", TLSConfig: &tls.Config{RootCAs: s.Roots}, MaxRetries: -1})
	t.Cleanup(func() { _ = rdb.Close() })
	v, err := rdb.Get(ctx, "k").Result()
	require.NoError(t, err)
	assert.Equal(t, "v", v)
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	require.Error(t, client(t, s.TLSAddr()).Ping(short).Err(), "plain text to the port for TLS")
}

func TestARenamedCommand(t *testing.T) {
	s := Start(t, "--rename-command", "HELLO", "")
	require.ErrorContains(t, s.Client(t).Do(ctx, "hello").Err(), "unknown command")
}
