package auth

import (
	"net/http"
	"time"
)

// A Token authorises a request. Printing it does not show its value. The zero Token authorises
// nothing.
type Token struct {
	// Value is the access token.
	Value Secret

	// Expiry is when the token expires, as far as is known.
	Expiry time.Time
}

// SetAuthHeader sets the request's Authorization header. A RoundTripper must clone the request
// first.
func (t Token) SetAuthHeader(req *http.Request) {
	req.Header.Set("Authorization", "Bearer "+t.Value.Reveal())
}

// printable reports whether the value can be in a header: visible ASCII, as RFC 6750 has it.
func (t Token) printable() bool {
	value := t.Value.Reveal()
	for _, c := range []byte(value) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return value != ""
}

const (
	defaultLife = 60 * time.Second // of a token whose lifetime is absent or makes no sense
	longestLife = 24 * time.Hour
)

// sensible bounds a lifetime. x/oauth2 takes one of zero for "never expires", which would keep a
// dead token without end.
func sensible(life time.Duration) time.Duration {
	if life <= 0 {
		return defaultLife
	}
	return min(life, longestLife)
}
