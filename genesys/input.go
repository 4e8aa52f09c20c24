package genesys

import (
	"fmt"
	"time"
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalidInput}, args...)...)
}

// checkID refuses everything but a UUID: an ID becomes a part of a path, and ".." or "?" in it
// would be another operation.
func checkID(what, id string) error {
	switch {
	case id == "":
		return invalid("the %s is empty: want a UUID, 8-4-4-4-12 hexadecimal digits", what)
	case !isUUID(id):
		return invalid("the %s is not a UUID: want 8-4-4-4-12 hexadecimal digits", what)
	}
	return nil
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c < '0' || c > '9' && c < 'A' || c > 'F' && c < 'a' || c > 'f':
			return false
		}
	}
	return true
}

// checkNumbers refuses the first that is not E.164 ("+14155550123": ITU-T E.164, 15 digits at
// most), by its index alone.
func checkNumbers(numbers []string) error {
	for i, n := range numbers {
		if !isE164(n) {
			return invalid("number %d of %d (counted from 0) is not %s", i, len(numbers), wantedNumber)
		}
	}
	return nil
}

func isE164(s string) bool {
	if len(s) < 8 || len(s) > 16 || s[0] != '+' || s[1] == '0' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// How entries of a DNC list expire: minutes, in UTC, at most 180 days ahead
// (help.mypurecloud.com/articles/not-call-lists-view).
const (
	expiryLayout = "2006-01-02T15:04Z"
	maxExpiry    = 180 * 24 * time.Hour
)

// expiryText is the platform's spelling of a moment, "" for the zero Time: never.
func expiryText(t time.Time) (string, error) {
	if t.IsZero() {
		return "", nil
	}
	now := time.Now()
	switch {
	case t.Second() != 0 || t.Nanosecond() != 0:
		return "", invalid("the expiry has seconds, and the platform keeps minutes: use t.Truncate(time.Minute)")
	case !t.After(now):
		return "", invalid("the expiry has passed: leave it zero for an entry that stays, or give a time to come")
	case t.Sub(now) > maxExpiry:
		return "", invalid("the expiry is more than 180 days ahead, the platform's limit: leave it zero for an entry that stays")
	}
	return t.UTC().Format(expiryLayout), nil
}
