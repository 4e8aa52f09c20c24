package retry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// LimitTransport is an http.RoundTripper that keeps requests within a rate: each takes one token of Limiter, so put it under a
// Transport, where every try passes. It also heeds the headers inin-ratelimit-count, -allowed and -reset of Genesys Cloud, which count for a
// resource (a method and a path, IDs apart): when a resource is used up, its next requests wait for the reset. They never make it
// faster, and Limiter is never changed. A request that would have to wait beyond its deadline fails at once. It must not be copied.
type LimitTransport struct {
	Base    http.RoundTripper // nil means http.DefaultTransport
	Limiter *rate.Limiter     // nil means no limit but the server's own

	mu    sync.Mutex
	holds map[string]time.Time // when a resource may be asked again
}

const (
	maxHold  = 2 * time.Minute // a reset later than this is not believed
	maxHolds = 1000            // resources that are remembered at once
)

var errLimited = errors.New("retry: the rate limit leaves no room before the deadline")

// RoundTrip waits until the request may be sent, and sends it.
func (t *LimitTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	resource := resourceOf(r)
	err := t.hold(r.Context(), resource)
	if err == nil && t.Limiter != nil {
		if err = t.Limiter.Wait(r.Context()); err != nil && r.Context().Err() == nil {
			err = fmt.Errorf("%w: %w", errLimited, err)
		}
	}
	if err != nil {
		if r.Body != nil { // a RoundTripper closes the body whatever happens
			_ = r.Body.Close()
		}
		return nil, err
	}
	resp, err := base.RoundTrip(r)
	if err == nil {
		t.learn(resource, resp.Header, time.Now())
	}
	return resp, err
}

// hold waits while the server has said that a resource is used up.
func (t *LimitTransport) hold(ctx context.Context, resource string) error {
	t.mu.Lock()
	until := t.holds[resource]
	t.mu.Unlock()
	wait := time.Until(until)
	if wait <= 0 {
		return ctx.Err()
	}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		return fmt.Errorf("%w: the server's own limit ends in %v", errLimited, wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// learn reads what the server says of a resource. A header that is missing or makes no sense says nothing.
func (t *LimitTransport) learn(resource string, h http.Header, now time.Time) {
	count, okCount := headerInt(h, "Inin-Ratelimit-Count")
	allowed, okAllowed := headerInt(h, "Inin-Ratelimit-Allowed")
	reset, okReset := headerInt(h, "Inin-Ratelimit-Reset")
	if !okCount || !okAllowed || !okReset || count < allowed || allowed == 0 || reset == 0 {
		return
	}
	until := now.Add(min(time.Duration(reset)*time.Second, maxHold))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.holds == nil {
		t.holds = make(map[string]time.Time)
	}
	if len(t.holds) >= maxHolds {
		for k, at := range t.holds {
			if at.Before(now) {
				delete(t.holds, k)
			}
		}
	}
	if len(t.holds) < maxHolds && until.After(t.holds[resource]) {
		t.holds[resource] = until
	}
}

func headerInt(h http.Header, name string) (int, bool) {
	n, err := strconv.Atoi(h.Get(name))
	return n, err == nil && n >= 0 && n < 1<<31
}

// resourceOf is the method and path of a request, IDs apart.
func resourceOf(r *http.Request) string {
	parts := strings.Split(r.URL.Path, "/")
	for i, p := range parts {
		if len(p) >= 20 && strings.ContainsAny(p, "0123456789") {
			parts[i] = "{id}"
		}
	}
	return r.Method + " " + r.URL.Host + strings.Join(parts, "/")
}
