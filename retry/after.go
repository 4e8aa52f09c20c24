package retry

import (
	"math"
	"net/http"
	"time"
)

// ParseRetryAfter reads the value of a Retry-After header (RFC 9110, section 10.2.3): a number of
// seconds, in ASCII digits and nothing else, or an HTTP date, which is compared with now. It
// reports false for an empty or malformed value; a date in the past is a wait of 0. For a number
// too large for a Duration, such as 10000000000, it returns the largest Duration, about 292 years.
func ParseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	if seconds, ok := parseSeconds(value); ok {
		return seconds, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(date.Sub(now), 0), true
}

// parseSeconds reads digits as a number of seconds and stops at the largest Duration.
func parseSeconds(value string) (time.Duration, bool) {
	const largest = time.Duration(math.MaxInt64)
	var d time.Duration
	for _, c := range []byte(value) {
		if c < '0' || c > '9' {
			return 0, false
		}
		digit := time.Duration(c-'0') * time.Second
		if d > (largest-digit)/10 {
			d = largest
			continue
		}
		d = d*10 + digit
	}
	return d, value != ""
}
