package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// patience is how long callers wait for a renewal while the old token is still alive. A login that
// takes longer must not hold up calls that have what they need.
const patience = 2 * time.Second

// renewal is one login that callers share. token and err are set before done is closed.
type renewal struct {
	started time.Time
	done    chan struct{}
	token   Token
	err     *Error
}

// start begins a renewal; s.mu is held. It carries the values of the first caller's context
// (traces), but neither its deadline nor its end: others depend on it.
func (s *Source) start(ctx context.Context) {
	r := &renewal{started: time.Now(), done: make(chan struct{})}
	s.running = r
	once := s.failures > 0
	go func() {
		ctx, cancel := context.WithoutCancel(ctx), func() {}
		if s.timeout > 0 {
			ctx, cancel = context.WithTimeout(ctx, s.timeout)
		}
		defer cancel()
		// Deferred, because a fetch that is not ours may panic or end its goroutine: neither may end the
		// process or leave callers waiting.
		defer func() { s.finish(ctx, r, recover()) }()
		r.err = &Error{reason: "the renewal ended without a result", retryable: true}
		token, err := s.fetch(ctx, once)
		r.token, r.err = token, asError(err)
	}()
}

// finish stores the result of a renewal and wakes those who wait for it.
func (s *Source) finish(ctx context.Context, r *renewal, panicked any) {
	if panicked != nil {
		// Not the value: it may hold what was sent.
		r.err = &Error{reason: fmt.Sprintf("the renewal panicked with a %T", panicked)}
	}
	now := time.Now()
	message := "auth: got a token"
	attrs := []slog.Attr{slog.String("region", s.region.String()), slog.Duration("took", now.Sub(r.started))}

	s.mu.Lock()
	s.running = nil
	if r.err == nil {
		s.token, s.issued = r.token, now
		s.failed, s.failures, s.resume = nil, 0, time.Time{}
		attrs = append(attrs, slog.Time("expiry", r.token.Expiry))
	} else {
		message = "auth: got no token"
		s.failed = r.err
		s.failures++
		s.resume = now.Add(max(backoff(s.failures), min(r.err.wait, longestWait)))
		r.err = r.err.later(max(s.resume.Sub(now), r.err.wait))
		attrs = append(attrs, slog.Any("error", r.err))
	}
	s.mu.Unlock()
	close(r.done)
	cmp.Or(s.logger, slog.Default()).LogAttrs(ctx, slog.LevelDebug, message, attrs...)
}

// longestWait bounds how long a login's Retry-After is believed.
const longestWait = 60 * time.Second

// wait returns the renewal's token, or the old one where that must do.
func (r *renewal) wait(ctx context.Context, old Token) (Token, error) {
	var slow <-chan time.Time
	if time.Now().Before(old.Expiry) {
		timer := time.NewTimer(max(min(time.Until(r.started.Add(patience)), time.Until(old.Expiry)), 0))
		defer timer.Stop()
		slow = timer.C
	}
	for {
		select {
		case <-r.done:
			if r.err == nil {
				return r.token, nil
			}
			if time.Now().Before(old.Expiry) {
				return old, nil
			}
			return Token{}, r.err
		case <-slow:
			if time.Now().Before(old.Expiry) {
				return old, nil
			}
			slow = nil // it died while we waited
		case <-ctx.Done():
			return Token{}, leave(ctx)
		}
	}
}

// asError makes every failure an *Error.
func asError(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{reason: "no token", Err: err, retryable: true}
}
