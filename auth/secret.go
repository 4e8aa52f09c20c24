package auth

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// A Secret holds a client secret or a token and does not print it: not with any verb of fmt, not
// with slog, not as JSON or text, and not as an unexported field deep inside another struct, where
// fmt ignores methods and prints raw memory. Only [Secret.Reveal] returns the value.
//
// The zero value is the empty secret. Secrets cannot be compared with ==.
type Secret struct {
	// A function, because fmt prints its address where it would print a string's bytes.
	reveal func() string
}

// NewSecret wraps a value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return value }}
}

// Reveal returns the value.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.reveal == nil }

// equal compares in constant time.
func (s Secret) equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns "[redacted]", and "" for the empty secret, so that a missing one can be seen.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format writes what String returns, for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// GoString returns what String returns.
func (s Secret) GoString() string { return s.String() }

// LogValue gives slog what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns what String returns, so that JSON does not show the secret. There is no
// UnmarshalText.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
