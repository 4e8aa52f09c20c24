package auth

import (
	"fmt"
	"strings"
	"time"
)

// An Error says why there is no token. It holds no secret, no token and nothing of a response's
// body but the error code: login servers are known to repeat what they were sent.
type Error struct {
	// Status is the HTTP status of the login's response, 0 if there was none.
	Status int

	// Code is the error code of the response (RFC 6749, section 5.2), such as "invalid_client"; "" if
	// there was none or it is not lower-case letters, dots and underscores.
	Code string

	// Err is the cause where there was no usable response: a network error, a timeout, or the
	// context's Err and cause.
	Err error

	reason    string
	retryable bool
	throttled bool
	wait      time.Duration
}

// Error names the reason, the status and the code.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("auth: ")
	b.WriteString(e.reason)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " (%s)", e.Code)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Retryable reports whether a token may be had later: the login was throttled, failed, or could not
// be reached. It is false for credentials that were refused and for a caller's context that ended.
func (e *Error) Retryable() bool { return e.retryable }

// RetryAfter is how long the login is to be left alone, 0 if nothing is known. The [Source] keeps
// to it by itself.
func (e *Error) RetryAfter() time.Duration { return e.wait }
