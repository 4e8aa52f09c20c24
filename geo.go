package dnc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// GeoRule allows or blocks the numbers that begin with a prefix. The rule of the longest prefix
// decides. Its JSON is {"allowed":true,"riskLevel":"low"}.
type GeoRule struct {
	Allowed   bool   `json:"allowed"`
	RiskLevel string `json:"riskLevel,omitempty"` // if not Allowed, the reason's code is geo_blocked_<riskLevel>
}

const maxRuleSize = 64 << 10

// parseGeoRule reads a rule as other tools write it. Names count in any case; fields that it does
// not know are left alone. What is in doubt is refused: no "allowed", or two of it, or one that is
// not true or false.
func parseGeoRule(text string) (GeoRule, error) {
	var rule GeoRule
	if len(text) > maxRuleSize {
		return rule, errors.New("it is longer than 64 KiB")
	}
	if !utf8.ValidString(text) {
		return rule, errors.New("it is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return rule, errors.New("it is not a JSON object")
	}
	var allowed, risk int
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return rule, errors.New("it is not valid JSON")
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return rule, errors.New("it is not valid JSON")
		}
		switch key, _ := name.(string); {
		case equalASCII(key, "allowed"):
			allowed++
			if rule.Allowed = string(value) == "true"; !rule.Allowed && string(value) != "false" {
				return rule, errors.New(`"allowed" is not true or false`)
			}
		case equalASCII(key, "risklevel"):
			risk++
			if string(value) != "null" && json.Unmarshal(value, &rule.RiskLevel) != nil {
				return rule, errors.New(`"riskLevel" is not a string`)
			}
		}
	}
	if _, err := dec.Token(); err != nil {
		return rule, errors.New("it is not valid JSON")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return rule, errors.New("something follows the JSON object")
	}
	if allowed != 1 || risk > 1 {
		return rule, errors.New(`"allowed" must be in it once, and "riskLevel" at most once`)
	}
	return rule, nil
}

// equalASCII compares without case and without the letters that only Unicode folds together, as the
// long s of "riſkLevel".
func equalASCII(s, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// geoEntry is a rule ready to be merged into decisions; the zero one says nothing.
type geoEntry struct {
	verdict Verdict // Block and Unknown decide; Allow means that the geo rules do not object
	reasons Reasons
}

// put adds what another spelling of the same prefix says: two that differ count as the stricter.
func (e *geoEntry) put(other geoEntry) {
	if e.verdict == Unknown && e.reasons == (Reasons{}) || other.verdict.strength() > e.verdict.strength() {
		*e = other
	}
}

// geoTable is the rules of one hash.
type geoTable struct {
	list    string // the name that its reasons carry
	rules   trie[geoEntry]
	invalid int // fields that are no prefix, and rules that cannot be read
}

// add takes a field and its value. It never fails: a rule that cannot be read makes the numbers
// Unknown whose longest match it is.
func (t *geoTable) add(field, value string) {
	prefix, ok := cleanPrefix(field)
	rule, err := parseGeoRule(value)
	if !ok {
		t.invalid++
		if prefix, doubt := doubtful(field, prefix, err == nil && !rule.Allowed); doubt {
			t.rules.slot(prefix).put(t.broken())
		}
		return
	}
	if err != nil {
		t.invalid++
		t.rules.slot(prefix).put(t.broken())
		return
	}
	t.rules.slot(prefix).put(t.entry(rule))
}

// doubtful reports whether a field that is no prefix says something of numbers, and their prefix.
// "1900*" and "001900" say something of +1900, nobody knows what. "*" and "" say something of every
// number. So does a rule that blocks "0900" or "US": it is against some numbers, and nobody knows
// which. "updated_at" with any other value is no rule.
func doubtful(field, prefix string, blocks bool) (of string, doubt bool) {
	if rest := strings.TrimPrefix(prefix, "00"); rest != "" && rest[0] != '0' {
		return rest, true
	}
	return "", blocks || prefix == "" && !strings.ContainsFunc(field, unicode.IsLetter)
}

func (t *geoTable) entry(rule GeoRule) geoEntry {
	if rule.Allowed {
		return geoEntry{verdict: Allow}
	}
	return geoEntry{Block, ReasonsOf(Reason{Code: riskCode(rule.RiskLevel), List: t.list})}
}

func (t *geoTable) broken() geoEntry {
	return geoEntry{Unknown, ReasonsOf(Reason{Code: CodeGeoRuleInvalid, List: t.list})}
}

func (t *geoTable) lookup(n Number) geoEntry {
	if e := t.rules.longest(n); e != nil {
		return *e
	}
	return geoEntry{verdict: Allow}
}

func (t *geoTable) invalidError() *Error {
	return &Error{Code: CodeGeoRuleInvalid, List: t.list, Hint: fmt.Sprintf(
		"fields that are not a prefix, or have no rule: %d; a rule is {\"allowed\":true} or {\"allowed\":false,\"riskLevel\":\"high\"}", t.invalid)}
}

// withGeo merges what the list and what the geo rules say of one number.
func withGeo(m *merger, d Decision, geo geoEntry) Decision {
	if geo.verdict == Allow {
		return d
	}
	row := [2]Decision{d, {Number: d.Number, Verdict: geo.verdict, Reasons: geo.reasons}}
	if d.Verdict == Allow { // "allowed" beside a reason against the call would only confuse
		return row[1]
	}
	return m.merge(row[:])
}
