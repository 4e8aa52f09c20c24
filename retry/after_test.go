package retry

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	type result struct {
		wait time.Duration
		ok   bool
	}
	bad := result{}
	largest := result{math.MaxInt64, true}
	for value, want := range map[string]result{
		"0":                              {0, true},
		"00":                             {0, true},
		"7":                              {7 * time.Second, true},
		"007":                            {7 * time.Second, true},
		"9223372036":                     {9223372036 * time.Second, true},
		"9223372037":                     largest,
		"10000000000":                    largest,
		"9223372036854775807":            largest,
		"18446744073709551616":           largest,
		"99999999999999999999999999":     largest,
		"":                               bad,
		" 7":                             bad,
		"7 ":                             bad,
		"+7":                             bad,
		"-7":                             bad,
		"7.0":                            bad,
		"7s":                             bad,
		"1e3":                            bad,
		"0x10":                           bad,
		"７":                              bad,
		"soon":                           bad,
		"99999999999999999999999999x":    bad,
		"Mon, 23 Nov 2026 12:00:30 GMT":  {30 * time.Second, true},
		"Monday, 23-Nov-26 12:00:30 GMT": {30 * time.Second, true},
		"Mon Nov 23 12:00:30 2026":       {30 * time.Second, true},
		"Mon, 23 Nov 2026 11:59:30 GMT":  {0, true},
		"Thu, 01 Jan 0001 00:00:00 GMT":  {0, true},
		"Fri, 31 Dec 9999 23:59:59 GMT":  largest,
		"Mon, 23 Nov 2026 12:00:30":      bad,
		"2026-11-23T12:00:30Z":           bad,
	} {
		wait, ok := ParseRetryAfter(value, now)
		assert.Equal(t, want, result{wait, ok}, "%q", value)
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, s := range []string{"7", "10000000000", "-1", "Mon, 23 Nov 2026 12:00:30 GMT", ""} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		wait, ok := ParseRetryAfter(value, now)
		if wait < 0 || !ok && wait != 0 {
			t.Fatalf("%q: %v, %v", value, wait, ok)
		}
		n, err := strconv.ParseUint(value, 10, 64)
		switch {
		case err != nil:
		case !ok:
			t.Fatalf("%q is a number", value)
		case n <= math.MaxInt64/uint64(time.Second) && wait != time.Duration(n)*time.Second:
			t.Fatalf("%q: %v", value, wait)
		case n > math.MaxInt64/uint64(time.Second) && wait != math.MaxInt64:
			t.Fatalf("%q: %v, want the largest", value, wait)
		}
	})
}
