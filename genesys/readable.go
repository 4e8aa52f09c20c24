package genesys

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// How URLs, JSON and its relatives, and HTML write a character.
	escapes = regexp.MustCompile(`(?i)(?:%[0-9a-f]{2})+|\\+u([0-9a-f]{4})|\\+u\{([0-9a-f]{1,6})\}|\\+x([0-9a-f]{2})|` +
		`&#x([0-9a-f]{1,6});|&#([0-9]{1,7});`)
	base64s = regexp.MustCompile(`[A-Za-z0-9+/]{10,}`)
)

// mostEscapes is how often a text may have been escaped: each proxy on the way may do it once.
const mostEscapes = 4

// readable writes escaped characters as they are, so that what may be a number is seen: in
// "415%2D555%2D0142" no seven digits follow each other without a letter. What says a number in
// base64 is taken out.
func readable(s string) string {
	for range mostEscapes {
		plain := escapes.ReplaceAllStringFunc(s, unescape)
		if plain == s {
			break
		}
		s = plain
	}
	return base64s.ReplaceAllStringFunc(s, func(token string) string {
		text, err := base64.RawStdEncoding.DecodeString(token)
		if err == nil && utf8.Valid(text) && personal.Match(text) {
			return redacted
		}
		return token
	})
}

// unescape is the text that an escape stands for, or a blank for one that stands for none.
func unescape(escape string) string {
	if escape[0] == '%' {
		text, err := url.PathUnescape(escape)
		if err != nil {
			return " "
		}
		return text
	}
	groups := escapes.FindStringSubmatch(escape)[1:]
	code, base := strings.Join(groups, ""), 16
	if groups[len(groups)-1] != "" {
		base = 10
	}
	r, err := strconv.ParseUint(code, base, 32)
	if err != nil || r > unicode.MaxRune || !utf8.ValidRune(rune(r)) {
		return " "
	}
	return string(rune(r))
}
