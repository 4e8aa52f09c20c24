package optout

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// Errors of this package, for errors.Is.
var (
	// ErrInvalidRequest says that a field of a Request or DecidedBy is invalid. The text names the
	// field.
	ErrInvalidRequest = errors.New("optout: invalid request")
	// ErrNotStored says that the outbox could not be written. Try again.
	ErrNotStored = errors.New("optout: not stored")
	// ErrInUse says that another Intake has the directory open.
	ErrInUse = errors.New("optout: the directory is in use")
	// ErrNotOptedOut is the error of Withdraw for a number without an opt-out.
	ErrNotOptedOut = errors.New("optout: the number is not opted out")
	// ErrNotHeld is the error of Resolve if no request is held under the id.
	ErrNotHeld = errors.New("optout: no request is held under this id")
	// ErrClosed says that the Intake was closed, or was not made by Open.
	ErrClosed = errors.New("optout: the intake is closed")
)

// A DamageError says that the outbox is damaged. Open has changed nothing.
type DamageError struct {
	File   string // its path
	Offset int64  // the position of the batch of records that cannot be read
	What   string // what was found
}

// Error names the file, the place and what was found.
func (e *DamageError) Error() string {
	return fmt.Sprintf("optout: %s is damaged at byte %d: %s; restore the file from a copy, nothing was changed", e.File, e.Offset, e.What)
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalidRequest}, args...)...)
}

var digitRun = regexp.MustCompile(`\+?[0-9][0-9 ().-]{5,}[0-9]`)

// withoutNumbers is the text of a target's error, in which nothing can be a telephone number.
func withoutNumbers(text string) string {
	return digitRun.ReplaceAllStringFunc(text, func(run string) string {
		digits := len(run) - strings.Count(run, " ") - strings.Count(run, "(") - strings.Count(run, ")") - strings.Count(run, ".") - strings.Count(run, "-")
		if _, err := netip.ParseAddr(run); err == nil || digits < 7 {
			return run
		}
		return "[digits]"
	})
}
