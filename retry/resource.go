package retry

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/servertime"
)

const (
	// longestPause is how long the counts of a response are believed. The limits are per minute; a
	// reset far beyond that is a mistake, and a request that comes too early is answered with 429
	// and a Retry-After.
	longestPause = 5 * time.Minute

	// longestThrottle is the longest Retry-After of a 429 that holds up all requests to the
	// resource, the window of most limits. A longer one is for the request alone that got it: it
	// may be a mistake.
	longestThrottle = time.Minute

	// defaultThrottle is for a 429 without a Retry-After.
	defaultThrottle = time.Second

	// mostPauses bounds the memory of a transport whose paths have no pattern.
	mostPauses = 1000
)

// heed remembers when a resource that is used up is reset. A later response never shortens the
// wait: responses overtake each other.
func (t *LimitTransport) heed(resource string, resp *http.Response) {
	now := time.Now()
	if resp.StatusCode == http.StatusTooManyRequests {
		wait, ok := ParseRetryAfter(resp.Header.Get("Retry-After"), servertime.Of(resp.Header))
		if !ok {
			wait = defaultThrottle
		}
		if wait > 0 && wait <= longestThrottle {
			t.rest(resource, now, wait)
		}
	}
	h := resp.Header
	count, okCount := parseCount(h.Get("Inin-Ratelimit-Count"))
	allowed, okAllowed := parseCount(h.Get("Inin-Ratelimit-Allowed"))
	reset, okReset := parseSeconds(h.Get("Inin-Ratelimit-Reset"))
	if okCount && okAllowed && okReset && count >= allowed {
		t.rest(resource, now, min(reset, longestPause))
	}
}

// rest keeps the requests to a resource back for a while.
func (t *LimitTransport) rest(resource string, now time.Time, wait time.Duration) {
	until := now.Add(wait)
	t.mu.Lock()
	defer t.mu.Unlock()
	if until.Before(t.pauses[resource]) {
		return
	}
	for r, end := range t.pauses {
		if !now.Before(end) {
			delete(t.pauses, r)
		}
	}
	if len(t.pauses) >= mostPauses {
		return
	}
	if t.pauses == nil {
		t.pauses = make(map[string]time.Time)
	}
	t.pauses[resource] = until
}

// paused returns how long the resource is still used up.
func (t *LimitTransport) paused(resource string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Until(t.pauses[resource])
}

// parseCount reads a count: ASCII digits only.
func parseCount(value string) (uint64, bool) {
	n, err := strconv.ParseUint(value, 10, 64)
	return n, err == nil
}

// resourceOf names what a request's limit is counted for: the method, the host, and the path with
// each segment that holds a digit taken for an id, except a version such as v2.
func resourceOf(req *http.Request) string {
	segments := strings.Split(req.URL.Path, "/")
	for i, s := range segments {
		if strings.ContainsAny(s, "0123456789") && !version(s) {
			segments[i] = "*"
		}
	}
	return req.Method + " " + req.URL.Host + strings.Join(segments, "/")
}

func version(segment string) bool {
	return len(segment) <= 3 && strings.HasPrefix(segment, "v")
}
