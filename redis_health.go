package dnc

import (
	"context"
	"fmt"
	"time"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// health is what the last health check of the store found. It never changes; the next one makes a
// new one.
type health struct {
	tried time.Time // when the health check began, successful or not

	verified time.Time // when the members were last looked at with success
	list     *Error    // what is wrong with them: found, or why nothing could be found

	geoRead time.Time // when the geo rules were last read
	geo     *geoTable // nil if there are none to consult, or too many to keep
	large   bool      // they are asked for each number
	geoErr  *Error

	scanning bool // the first pass over the members, or over the rules, is not at its end
}

const (
	retryHealth = 250 * time.Millisecond // after a health check that failed or is to go on
	sampleSize  = 100
)

// trouble is why the list has no answer.
func (h *health) trouble(ctx context.Context, r *RedisChecker) *Error {
	switch {
	case time.Since(h.verified) < r.config.stale && (h.list == nil || h.list.Retryable()):
		return nil // it was in order lately; the question itself will tell
	case ctx.Err() != nil:
		return contextError(ctx, r.config.list)
	case h.list == nil:
		return &Error{Code: CodeStoreUnavailable, List: r.config.list, Hint: "the last health check of the store is too old"}
	}
	return h.list
}

// geoTrouble is why the geo rules have no answer.
func (h *health) geoTrouble(ctx context.Context, r *RedisChecker) *Error {
	age := time.Since(h.geoRead)
	switch {
	case r.config.geoKey == "", h.geoErr == nil && age < r.config.stale:
		return nil
	case h.geoErr == nil || h.geoErr.Retryable() && !h.geoRead.IsZero():
		if age < r.config.stale {
			return nil // the rules as they were read last
		}
		return &Error{Code: CodeListStale, List: r.geoList(), Hint: fmt.Sprintf(
			"the geo rules were last read more than %v ago", r.config.stale), Err: asError(h.geoErr)}
	case ctx.Err() != nil:
		return contextError(ctx, r.geoList())
	}
	return h.geoErr
}

func asError(e *Error) error {
	if e == nil {
		return nil
	}
	return e
}

func (r *RedisChecker) geoList() string { return geoListName(r.config.geoKey) }

// healthNow returns what is known of the store, after a new health check where one is due. One call
// checks. The others go on with what is known, and wait only if nothing is.
func (r *RedisChecker) healthNow(ctx context.Context) *health {
	h := r.health.Load()
	if h != nil && time.Since(h.tried) < h.pause(r) {
		return h
	}
	if h != nil && h.trouble(ctx, r) == nil && h.geoTrouble(ctx, r) == nil {
		select {
		case r.turn <- struct{}{}:
		default:
			return h
		}
	} else {
		select {
		case r.turn <- struct{}{}:
		case <-ctx.Done():
			e := contextError(ctx, r.config.list)
			return &health{list: e, geoErr: e}
		}
	}
	defer func() { <-r.turn }()
	old := r.health.Load()
	if old != h && old != nil && time.Since(old.tried) < old.pause(r) {
		return old // another call has checked meanwhile
	}
	fresh := r.checkHealth(ctx, old)
	if ctx.Err() == nil { // a caller that gave up has found out nothing
		r.health.Store(fresh)
	}
	return fresh
}

// pause is how long a health check holds.
func (h *health) pause(r *RedisChecker) time.Duration {
	if h.list != nil || h.geoErr != nil || h.scanning {
		return min(retryHealth, r.config.refresh)
	}
	return r.config.refresh
}

func (r *RedisChecker) checkHealth(ctx context.Context, old *health) *health {
	r.announced.Do(func() {
		if text := r.rdb.Warning(); text != "" {
			r.config.reporter.report(ctx, Incident{Event: EventClientOptions, List: r.config.list, Err: badOption("%s", text)})
		}
	})
	now := time.Now()
	h := &health{}
	if old != nil {
		*h = *old
	}
	h.tried = now

	members := &redisconn.Part{Key: r.config.key, Cmds: []redisconn.Cmd{{"srandmember", r.config.key, sampleSize}}}
	parts := []*redisconn.Part{members}
	rules := &redisconn.Part{Key: r.config.geoKey, Cmds: []redisconn.Cmd{{"hlen", r.config.geoKey}}}
	if r.config.geoKey != "" {
		parts = append(parts, rules)
	}
	r.rdb.PipeEach(ctx, parts...)

	if h.list = r.checkMembers(ctx, members); h.list == nil {
		h.verified = now
	}
	if r.config.geoKey != "" {
		r.readRules(ctx, h, rules)
		if h.geoErr == nil {
			h.geoRead = now
		}
	}
	h.scanning = !r.scan.finished || h.large && !r.rules.finished
	return h
}
