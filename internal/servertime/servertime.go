// Package servertime reads a server's own clock.
package servertime

import (
	"net/http"
	"time"
)

// Of is when a server has answered, by its own clock: the header Date. Without it, it is now. A
// moment that the server names has to be compared with it, because two clocks may be apart.
func Of(header http.Header) time.Time {
	if at, err := http.ParseTime(header.Get("Date")); err == nil {
		return at
	}
	return time.Now()
}
