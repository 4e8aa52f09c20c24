package retry

import (
	"math"
	"net/http"
	"strings"
	"time"
)

// retryAfter reads the header Retry-After, RFC 9110 section 10.2.3: seconds as digits alone, or a date. A date in the past is 0. What is
// neither is no wish. Seconds that a Duration cannot hold, which other readers let wrap to a negative wait, are the longest Duration.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if strings.Trim(text, "0123456789") == "" {
		return seconds(text), true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return max(at.Sub(now), 0), true
}

// seconds reads digits as a number of seconds.
func seconds(digits string) time.Duration {
	const most = math.MaxInt64 / int64(time.Second)
	var n int64
	for _, c := range digits {
		if n = n*10 + int64(c-'0'); n > most {
			return math.MaxInt64
		}
	}
	return time.Duration(n) * time.Second
}
