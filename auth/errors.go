package auth

import (
	"fmt"
	"strings"
	"time"
)

// An Error says why there is no token. It holds no secret and no token. Of a response's body it
// holds only the error code, because some login servers repeat what they were sent.
type Error struct {
	// Status is the HTTP status of the login server's response, 0 if there was none.
	Status int

	// Code is the error code of the response (RFC 6749, section 5.2), such as "invalid_client". It
	// is "" if there was none, or if it has anything but lower-case letters, dots and underscores.
	Code string

	// Err is the cause if there was no usable response: a network error, a timeout, or the
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

// Retryable reports whether a later call may succeed: the login server throttled, failed, or could
// not be reached. It is false if the credentials were refused, or the caller's context ended.
func (e *Error) Retryable() bool { return e.retryable }

// RetryAfter is how long to wait before the next login, 0 if that is not known. The [Source] waits
// by itself.
func (e *Error) RetryAfter() time.Duration { return e.wait }
