package dnc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// ErrInvalidNumber is wrapped by every error of ParseNumber and Parser.
var ErrInvalidNumber = errors.New("dnc: invalid number")

// Errors of checks, for errors.Is: one for each code of Unknown. The error of CodeCanceled is
// context.Canceled.
var (
	ErrListMissing        = errors.New("dnc: list missing")
	ErrListIncomplete     = errors.New("dnc: list incomplete")
	ErrListStale          = errors.New("dnc: list stale")
	ErrNotCovered         = errors.New("dnc: number not covered by any list")
	ErrNotListed          = errors.New("dnc: number not on a list that only blocks")
	ErrGeoRuleInvalid     = errors.New("dnc: geo rule invalid")
	ErrStoreUnavailable   = errors.New("dnc: store unavailable")
	ErrStoreTimeout       = errors.New("dnc: store timeout")
	ErrStoreMisconfigured = errors.New("dnc: store misconfigured")
	ErrZoneUnknown        = errors.New("dnc: time zone unknown")
	ErrCheckerFailed      = errors.New("dnc: checker failed")
)

var sentinels = map[string]error{
	CodeListMissing: ErrListMissing, CodeListIncomplete: ErrListIncomplete, CodeListStale: ErrListStale,
	CodeNotCovered: ErrNotCovered, CodeNotListed: ErrNotListed, CodeGeoRuleInvalid: ErrGeoRuleInvalid, CodeStoreUnavailable: ErrStoreUnavailable,
	CodeStoreTimeout: ErrStoreTimeout, CodeStoreMisconfigured: ErrStoreMisconfigured, CodeCheckerFailed: ErrCheckerFailed, CodeZoneUnknown: ErrZoneUnknown,
	CodeCanceled: context.Canceled,
}

// Error says why numbers are Unknown. If a batch has several causes, errors.Join joins an Error for
// each, and errors.AsType finds the first. An Error holds no telephone number.
type Error struct {
	Code string // the reason's code, one of those of Unknown
	List string // the list that has no answer, where one can be named
	Hint string // what was found, and what to change
	Err  error  // the cause, where there is one
}

// Error names the list, the code, what was found and the cause.
func (e *Error) Error() string {
	s := "dnc: " + e.Code
	if e.List != "" {
		s = fmt.Sprintf("dnc: list %q: %s", e.List, e.Code)
	}
	if e.Hint != "" {
		s += ": " + e.Hint
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is find the sentinel of the code.
func (e *Error) Is(target error) bool {
	s, ok := sentinels[e.Code]
	return ok && s == target
}

// Retryable reports whether the same check may succeed later: the store was unavailable or too
// slow.
func (e *Error) Retryable() bool { return e.Code == CodeStoreUnavailable || e.Code == CodeStoreTimeout }

func (e *Error) reasons() Reasons { return ReasonsOf(Reason{Code: e.Code, List: e.List}) }

// joinErrors keeps each error once: a batch of a thousand chunks that failed alike has one error to
// tell.
func joinErrors(errs ...error) error {
	var kept []error
	for _, err := range errs {
		if err == nil || slices.ContainsFunc(kept, func(k error) bool { return sameError(k, err) }) {
			continue
		}
		kept = append(kept, err)
	}
	if len(kept) == 1 {
		return kept[0]
	}
	return errors.Join(kept...)
}

func sameError(a, b error) bool {
	if x, ok := a.(*Error); ok { //nolint:errorlint // compares the values themselves, not what they wrap
		y, ok := b.(*Error) //nolint:errorlint // as above
		return ok && x.Code == y.Code && x.List == y.List && x.Hint == y.Hint
	}
	return a.Error() == b.Error()
}

// ended is the error of a context that is over.
func ended(ctx context.Context) error { return redisconn.Ended(ctx) }

// contextError is the Error of a call whose context ended: store_timeout past a deadline, canceled
// otherwise.
func contextError(ctx context.Context, list string) *Error {
	return storeError(list, redisconn.ContextFault(ctx))
}

// storeError is the Error of a Fault.
func storeError(list string, f *redisconn.Fault) *Error {
	return &Error{Code: f.Code(), List: list, Hint: f.Hint, Err: f.Err}
}
