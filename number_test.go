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

func TestParseNumberAccepts(t *testing.T) {
	for spelled, want := range map[string]string{
		"+14155550123":      "+14155550123",
		"+1 (415) 555-0123": "+14155550123",
		"(+1) 415.555.0123": "+14155550123",
		" +1-415-555-0123 ": "+14155550123",
		"+1 679 555 0123":   "+16795550123", // in service, and unknown to metadata of 2026-08
		"+442079460000":     "+442079460000",
		"+44 20 7946 0000":  "+442079460000",
		"+390612345678":     "+390612345678", // the 0 of Italy belongs to the number
		"+2250712345678":    "+2250712345678",
		"+6821234":          "+6821234",
		"+881234567890123":  "+881234567890123",
	} {
		n, err := dnc.ParseNumber(spelled)
		require.NoError(t, err, "%q", spelled)
		assert.Equal(t, want, n.E164())
		again, err := dnc.ParseNumber(n.E164())
		require.NoError(t, err)
		assert.Equal(t, n, again)
	}
}

func TestParseNumberRefuses(t *testing.T) {
	for _, s := range []string{
		"", " ", "+", "+1", "+15551234567\n", "+1555\r\nSADD x", "+1415555\x000123", "+１５５５１２３４５６７", "+١٥٥٥١٢٣٤٥٦٧",
		"\u202a+14155550123\u202c", "+1415\u200b5550123", "\uff0b14155550123", "tel:+14155550123", "+14155550123;ext=5",
		"+14155550123x5", "00442079460000", "01144207946000", "+04155550123", "+1234567890123456", "+1415555O123", "1e10",
		"-15551234567", "+1+5551234567", "4155550123", "14155550123", "911", "112", strings.Repeat("1", 1<<20),
		"+" + strings.Repeat(" ", 1<<20), "+1415\xff5550123", "!complete", "+14155550123,+14155550124", "+10155550123", "+11155550123",
		"+1415555012", "+141555501234", "+44 (0)20 7946 0000", "+4402079460000", "+353 0 1 234 5678", "+123456", "*", "?", "[0-9]", "{a}",
		"＋14155550123", "+1 415 555 0123 ext", "+1415555012\u0663", "+\u00a014155550123", "14155550123+",
	} {
		n, err := dnc.ParseNumber(s)
		require.ErrorIs(t, err, dnc.ErrInvalidNumber, "%.40q", s)
		require.True(t, n.IsZero())
		if len(s) > 6 {
			require.NotContains(t, err.Error(), s)
		}
	}
}

func TestParserReadsNationalForms(t *testing.T) {
	for _, c := range []struct{ country, spelled, want string }{
		{"1", "(415) 555-0123", "+14155550123"},
		{"1", "1-415-555-0123", "+14155550123"},
		{"1", "+44 20 7946 0000", "+442079460000"},
		{"1", "011 44 20 7946 0000", "+442079460000"},
		{"44", "020 7946 0000", "+442079460000"},
		{"44", "0044 20 7946 0000", "+442079460000"},
		{"44", "001 415 555 0123", "+14155550123"},
		{"49", "030 123456", "+4930123456"},
		{"34", "612 34 56 78", "+34612345678"},
		{"61", "0011 1 415 555 0123", "+14155550123"},
		{"7", "8 495 123-45-67", "+74951234567"},
		{"36", "06 1 234 5678", "+3612345678"},
		{"353", "01 234 5678", "+35312345678"},
		{"", "+14155550123", "+14155550123"},
	} {
		n, err := dnc.Parser{Country: c.country}.Parse(c.spelled)
		require.NoError(t, err, "%s %q", c.country, c.spelled)
		assert.Equal(t, c.want, n.E164())
	}
	for _, c := range []struct{ country, spelled string }{
		{"1", "555-0123"},
		{"1", "911"},
		{"1", "0155550123"},
		{"1", "2415555012345"},
		{"1", "011"},
		{"1", "0110"},
		{"1", ""},
		{"44", "7946 0000"},
		{"44", "2079460000"},
		{"44", "442079460000"},
		{"49", "123456"},
		{"34", "34612345678"},
		{"39", "06 1234567"},
		{"999", "0123456789"},
		{"+1", "4155550123"},
		{"x", "4155550123"},
		{"1", "415555O123"},
		{"", "4155550123"},
		{"44", "0" + strings.Repeat("1", 20)},
		{"1", strings.Repeat(" ", 100)},
	} {
		_, err := dnc.Parser{Country: c.country}.Parse(c.spelled)
		require.ErrorIs(t, err, dnc.ErrInvalidNumber, "%s %q", c.country, c.spelled)
	}
}

func TestParsingAllocatesNothing(t *testing.T) {
	p := dnc.Parser{Country: "1"}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = dnc.ParseNumber("+1 (415) 555-0123")
		_, _ = dnc.ParseNumber("nonsense")
		_, _ = p.Parse("(415) 555-0123")
	}))
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
	assert.Equal(t, "+6****34", must(t, "+6821234").String())
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
