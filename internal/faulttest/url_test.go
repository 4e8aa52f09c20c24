package faulttest

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// A comma, a slash and their like in a password: the error says how they are written, and does not
// show the password.
func TestURLsWithASpecialPassword(t *testing.T) {
	t.Parallel()
	for password, escape := range map[string]string{
		"can,ary": "%2C", "canary,": "%2C", ",canary": "%2C", "a,b,canary": "%2C", "can/ary": "percent-encoded", "can#ary": "percent-encoded",
		"can?ary": "percent-encoded",
	} {
		for _, url := range []string{"redis://:" + password + "@host:6379", "redis://user:" + password + "@host:6379/1"} {
			_, err := dnc.RedisOptions(url)
			require.ErrorIs(t, err, dnc.ErrOption)
			hint(t, err, escape)
			assert.NotContains(t, err.Error(), "can"+password[3:4], "no part of the password")
		}
	}
	s := redistest.Start(t, "--requirepass", "can,ary/@#?:%")
	load(t, s)
	for _, url := range []string{"redis://:can%2Cary%2F%40%23%3F%3A%25@" + s.Addr()} {
		require.NoError(t, right(t, newChecker(t, connect(t, url))))
	}
	o, err := dnc.RedisOptions("redis://:can%2Cary@a:1,redis://:can%2Cary@b:2")
	require.NoError(t, err)
	assert.Equal(t, "can,ary", o.Password)
	assert.Len(t, o.Addrs, 2)
}

// TLS to a plain port, and plain text to a port for TLS: the error names the scheme to use.
func TestTheWrongScheme(t *testing.T) {
	t.Parallel()
	s := redistest.StartTLS(t, "127.0.0.1")
	load(t, s.Server)
	trust := func(o *redis.UniversalOptions) {
		if o.TLSConfig != nil {
			o.TLSConfig.RootCAs = s.Roots
		}
	}
	require.NoError(t, right(t, newChecker(t, connect(t, s.TLSURL(), trust))))
	require.NoError(t, right(t, newChecker(t, connect(t, s.URL(), trust))))
	for name, c := range map[string]struct{ url, scheme string }{
		"TLS to a plain port":      {"rediss://" + s.Addr(), "redis://"},
		"plain to a port with TLS": {"redis://" + s.TLSAddr(), "rediss://"},
	} {
		t.Run(name, func(t *testing.T) {
			c := c
			rdb := connect(t, c.url, recommended, trust)
			d, err := newChecker(t, rdb).Check(ctx, number(t, 1))
			assert.Equal(t, dnc.Unknown, d.Verdict)
			hint(t, err, c.scheme)
			_, err = newWriter(t, rdb).Add(ctx, number(t, 1))
			hint(t, err, c.scheme)
		})
	}
	t.Run("an unknown authority", func(t *testing.T) {
		_, err := newChecker(t, connect(t, s.TLSURL())).Check(ctx, number(t, 1))
		hint(t, err, "certificate")
	})
}
