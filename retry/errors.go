package retry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

var (
	// ErrBudget says that the [Budget] had no token left for another try.
	ErrBudget = errors.New("the retry budget is used up")

	// ErrDeadline says that the wait before the next try would not have ended before the caller's
	// deadline. So there was no wait.
	ErrDeadline = errors.New("the next try would be past the deadline")

	// ErrRateLimitWait says that a [LimitTransport] cannot send the request before the caller's
	// deadline, because earlier requests use up the rate limit. Nothing was sent. An error that
	// wraps it also wraps ErrDeadline.
	ErrRateLimitWait = errors.New("earlier requests use up the rate limit until then")

	// ErrWaitTooLong says that the server asked for a longer wait than [Policy].MaxDelay;
	// [Error].RetryAfter is that wait.
	ErrWaitTooLong = errors.New("the wait asked for is longer than allowed")
)

// errAttempts ends a run that used up its tries. It stays inside: the number of tries in [Error]
// says it.
var errAttempts = errors.New("all tries are used up")

// An Error says that Do gave up on an operation that might succeed at another try. errors.Is and
// errors.As reach the last try's error, what ended the tries ([ErrBudget], [ErrDeadline],
// [ErrWaitTooLong]), and, when the caller's context ended, both its Err and its cause.
type Error struct {
	// Attempts is how often the operation was tried. It is 0 when the context had ended before.
	Attempts int

	// Err is the last try's error; nil when there was no try.
	Err error

	why  []error       // what ended the tries; nil when MaxAttempts did
	wait time.Duration // what the last error asked for
}

// Error names the number of tries, what ended them, and the last error.
func (e *Error) Error() string {
	tries := fmt.Sprintf("%d tries", e.Attempts)
	if e.Attempts == 1 {
		tries = "1 try"
	}
	switch {
	case e.Err == nil && len(e.why) > 0:
		return fmt.Sprintf("retry: not tried: %v", e.reason())
	case len(e.why) == 0 || errors.Is(e.Err, e.reason()):
		return fmt.Sprintf("retry: failed after %s: %v", tries, e.Err)
	default:
		return fmt.Sprintf("retry: stopped after %s, %v: %v", tries, e.reason(), e.Err)
	}
}

// reason is the most telling of what ended the tries: a context's cause is after its Err.
func (e *Error) reason() error { return e.why[len(e.why)-1] }

// Unwrap returns the last try's error and what ended the tries.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return e.why
	}
	return append([]error{e.Err}, e.why...)
}

// Retryable reports whether the same operation may succeed later: true whenever there was a try,
// because an error that cannot be repeated is returned as it is, not as an Error.
func (e *Error) Retryable() bool { return e.Err != nil }

// RetryAfter is the wait that the last try's error or response asked for, 0 when it named none.
func (e *Error) RetryAfter() time.Duration { return e.wait }

// endings lists what a context that ended has to say: its Err, and its cause if that is another
// error.
func endings(ctx context.Context) []error {
	why := []error{ctx.Err()}
	if cause := context.Cause(ctx); !errors.Is(ctx.Err(), cause) {
		why = append(why, cause)
	}
	return why
}

// statusError replaces a response whose body was closed, because the caller's context ended during
// the wait after it.
type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("the server answered %d %s", int(e), http.StatusText(int(e)))
}

// timeoutError is the cause of a try that took longer than [Policy].AttemptTimeout.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("retry: the try took longer than %v", e.after)
}
func (e *timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }
func (e *timeoutError) Timeout() bool        { return true }
