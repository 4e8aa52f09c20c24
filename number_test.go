package dnc_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

func must(t testing.TB, s string) dnc.Number {
	t.Helper()
	n, err := dnc.ParseNumber(s)
	require.NoError(t, err)
	return n
}

type wrapped struct {
	n dnc.Number
	N dnc.Number
	P *dnc.Number
}

func TestNumberShowsItselfNowhere(t *testing.T) {
	n := must(t, "+14155550123")
	assert.Equal(t, "+1******0123", n.String())
	assert.Equal(t, "+4*******0000", must(t, "+442079460000").String())
	assert.Equal(t, "+2****00", must(t, "+2908000").String())
	assert.Equal(t, "+1******0123", fmt.Sprint(n))
	assert.Equal(t, `"+1******0123"`, fmt.Sprintf("%q", n))
	assert.Equal(t, "[  +1******0123]", fmt.Sprintf("[%14v]", n))
	assert.Equal(t, "[+1******0123  ]", fmt.Sprintf("[%-14s]", n))

	var out strings.Builder
	for _, v := range []any{n, &n, wrapped{n, n, &n}, &wrapped{n, n, &n}, []dnc.Number{n}, map[dnc.Number]dnc.Number{n: n}} {
		for _, verb := range "vsdxXqbotTUeEfFgGcp" {
			for _, flag := range []string{"", "+", "#", "-", " ", "0", "20"} {
				_, _ = fmt.Fprintf(&out, "%"+flag+string(verb)+"\n", v)
			}
		}
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(h).Info("x", "v", v, slog.Group("g", "v", v))
		}
		j, err := json.Marshal(v)
		require.NoError(t, err)
		out.Write(j)
	}
	for _, bad := range []string{"4155550123", "41555501", fmt.Sprintf("%x", 14155550123), fmt.Sprintf("%b", 14155550123), fmt.Sprintf("%o", 14155550123), fmt.Sprintf("%e", 14155550123.0)[:8]} {
		assert.NotContains(t, out.String(), bad)
	}
}

func TestNumberText(t *testing.T) {
	n := must(t, "+14155550123")
	text, err := n.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, "+1******0123", string(text))
	var back dnc.Number
	require.ErrorIs(t, back.UnmarshalText(text), dnc.ErrInvalidNumber)
	require.NoError(t, back.UnmarshalText([]byte("+1 415 555 0123")))
	assert.Equal(t, n, back)
	require.ErrorIs(t, back.UnmarshalText([]byte(strings.Repeat("1", 100))), dnc.ErrInvalidNumber)
	require.Error(t, json.Unmarshal([]byte(`14155550123`), &back))

	var zero dnc.Number
	assert.Equal(t, "invalid", zero.String())
	assert.Empty(t, zero.E164())
	assert.True(t, zero.IsZero())
}
