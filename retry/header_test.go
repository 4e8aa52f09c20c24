package retry

import (
	"net/http"
	"testing"
	"time"
)

// Whatever a server sends, the wish is not negative, and only plain digits and dates are one.
func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "120", "10000000000", "99999999999999999999999999", "-1", "1e3", "Sat, 01 Jan 2000 00:00:30 GMT", "\x00"} {
		f.Add(s)
	}
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		wait, ok := retryAfter(http.Header{"Retry-After": {s}}, now)
		if wait < 0 || !ok && wait != 0 {
			t.Fatalf("%v, %v", wait, ok)
		}
	})
}
