package dnc

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseGeoRule(t *testing.T) {
	for text, want := range map[string]GeoRule{
		`{"allowed":true}`:                                       {Allowed: true},
		`{"allowed":false,"riskLevel":"high"}`:                   {RiskLevel: "high"},
		`{"Allowed" : true , "RISKLEVEL":"Low"}`:                 {Allowed: true, RiskLevel: "Low"},
		`{"allowed":false,"riskLevel":null,"note":{"a":[1,2]}}`:  {},
		`{"comment":true,"allowed":false,"risk_rank":1}`:         {}, // names as long as those that count
		`{"allowed":true}` + strings.Repeat(" ", maxRuleSize-16): {Allowed: true},
	} {
		got, err := parseGeoRule(text)
		require.NoError(t, err, "%.60s", text)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{
		``, ` `, `null`, `true`, `[]`, `["allowed",true]`, `{}`, `{`, `{"allowed"`, `{"allowed":}`, `{"allowed":true`, `{"allowed":true}{}`, `{"allowed":true} x`,
		`{"allowed":null}`, `{"allowed":1}`, `{"allowed":"true"}`, `{"riskLevel":"high"}`, `{"allowed":true,"allowed":false}`,
		`{"allowed":true,"Allowed":true}`, `{"allowed":true,"riskLevel":1}`, `{"allowed":true,"riskLevel":"a","risklevel":"b"}`,
		"{\"allowed\":true,\"note\":\"\xff\"}", `{"allowed":true,}`, `allowed`, "\ufeff" + `{"allowed":true}`,
		`{"allowed":true,"note":"` + strings.Repeat("x", maxRuleSize) + `"}`, strings.Repeat("[", 20_000), `{"allowed":tru}`,
		`{"a":` + strings.Repeat("[", 20_000),
	} {
		_, err := parseGeoRule(text)
		require.Error(t, err, "%.60s", text)
	}
	rule, err := parseGeoRule(`{"allowed":true,"ri` + "\u017f" + `kLevel":"high"}`) // a long s is another name
	require.NoError(t, err)
	assert.Empty(t, rule.RiskLevel)
}

func FuzzParseGeoRule(f *testing.F) {
	for _, s := range []string{`{"allowed":true}`, `{"allowed":false,"riskLevel":"high"}`, `{"allowed":null}`, `{}`, `[`, `{"allowed":true,"allowed":false}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := parseGeoRule(text)
		if err == nil && rule.Allowed && !strings.Contains(text, "true") {
			t.Fatal("allowed without a true")
		}
	})
}

func TestGeoTableReadsWhatOthersWrite(t *testing.T) {
	number := func(s string) Number {
		n, err := ParseNumber(s)
		require.NoError(t, err)
		return n
	}
	table := func(fields ...string) *geoTable {
		g := &geoTable{list: "geo_rules"}
		for i := 0; i < len(fields); i += 2 {
			g.add(fields[i], fields[i+1])
		}
		return g
	}
	allow, block := `{"allowed":true}`, `{"allowed":false,"riskLevel":"high"}`
	for _, c := range []struct {
		name    string
		fields  []string
		number  string
		want    Verdict
		invalid int
	}{
		{"no rule", nil, "+14155550123", Allow, 0},
		{"a bare prefix", []string{"1900", block}, "+19005550123", Block, 0},
		{"a prefix with separators", []string{"+1 (900)", block}, "+19005550123", Block, 0},
		{"the longest wins", []string{"+1", block, "+1415", allow}, "+14155550123", Allow, 0},
		{"in any order", []string{"+1415", allow, "+1", block}, "+14155550123", Allow, 0},
		{"a whole number", []string{"+1", allow, "+14155550123", block}, "+14155550123", Block, 0},
		{"two spellings, the stricter", []string{"+1900", allow, "1900", block}, "+19005550123", Block, 0},
		{"two spellings, the other order", []string{"1900", block, "+1900", allow}, "+19005550123", Block, 0},
		{"two spellings, one broken", []string{"1900", "{}", "+1900", allow}, "+19005550123", Unknown, 1},
		{"a broken rule", []string{"+1", allow, "+1900", "{}"}, "+19005550123", Unknown, 1},
		{"a broken rule elsewhere", []string{"+1", allow, "+1900", "{}"}, "+14155550123", Allow, 1},
		{"a longer rule over a broken one", []string{"+1", "{}", "+1415", allow}, "+14155550123", Allow, 1},
		{"a wildcard", []string{"1900*", block}, "+19005550123", Unknown, 1},
		{"a letter O", []string{"+19O0", block}, "+19005550123", Unknown, 1},
		{"an empty field", []string{"", block}, "+14155550123", Unknown, 1},
		{"two plus signs", []string{"++1900", block}, "+19005550123", Unknown, 1},
		{"a plus alone", []string{"+", block}, "+14155550123", Unknown, 1},
		{"an empty field under a rule", []string{"", block, "+1", allow}, "+14155550123", Allow, 1},
		{"another tool's field", []string{"updated_at", "2026", "+1", allow}, "+442079460000", Allow, 1},
		{"longer than a number", []string{"+141555501234567890", block}, "+14155550123", Allow, 1},
		{"it begins with 0", []string{"0900", block}, "+19005550123", Unknown, 1},
		{"it begins with 0, under a rule", []string{"0900", block, "+1", allow}, "+19005550123", Allow, 1},
		{"it begins with 0 and allows", []string{"0900", allow}, "+19005550123", Allow, 1},
		{"dialled with 00", []string{"001900", block}, "+19005550123", Unknown, 1},
		{"dialled with 00, elsewhere", []string{"001900", block}, "+14155550123", Allow, 1},
		{"every number", []string{"*", block}, "+14155550123", Unknown, 1},
		{"every number, with a plus", []string{"+*", block}, "+14155550123", Unknown, 1},
		{"a country that is blocked", []string{"US", block, "+44", allow}, "+14155550123", Unknown, 1},
		{"a country that is blocked, and a rule", []string{"US", block, "+44", allow}, "+442079460000", Allow, 1},
		{"a country that is allowed", []string{"US", allow}, "+14155550123", Allow, 1},
		{"a byte order mark", []string{"\ufeff+1900", block}, "+19005550123", Block, 0},
		{"a no-break space", []string{"+1\u00a0900", block}, "+19005550123", Block, 0},
		{"full-width", []string{"＋１９００", block}, "+19005550123", Block, 0},
		{"a URI", []string{"tel:+1900", block}, "+19005550123", Block, 0},
		{"a line break", []string{"+1900\r\n", block}, "+19005550123", Block, 0},
		{"quotes", []string{`"+1900"`, block}, "+19005550123", Unknown, 1},
	} {
		g := table(c.fields...)
		assert.Equal(t, c.want, g.lookup(number(c.number)).verdict, c.name)
		assert.Equal(t, c.invalid, g.invalid, c.name)
	}
}
