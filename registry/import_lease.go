package registry

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// lease keeps imports of a list apart: one at a time, for as long as the holder renews it. It saves
// them from working in vain. It is not what makes them safe: a holder that was stopped for longer
// than its lease is fenced off by the compare-and-set of the head.
type lease struct {
	s      *store
	ttl    time.Duration
	token  string
	cancel context.CancelCauseFunc
	done   chan struct{}
}

const (
	// takeScript answers who holds the lease then.
	takeScript    = `if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return ARGV[1] end return redis.call('GET', KEYS[1])`
	holderScript  = `return redis.call('GET', KEYS[1]) or ''`
	renewScript   = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`
	releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`
	releaseWithin = 2 * time.Second
)

// run runs a script on the lease.
func (l *lease) run(ctx context.Context, script string, args ...any) (any, *redisconn.Fault) {
	key := l.s.keys.lease()
	return l.s.do(ctx, key, append(redisconn.Cmd{"eval", script, 1, key}, args...)...)
}

// acquire takes the lease. The context that it returns ends when the lease is lost.
func (s *store) acquire(ctx context.Context, ttl time.Duration) (context.Context, *lease, error) {
	l := &lease{s: s, ttl: ttl, token: rand.Text(), done: make(chan struct{})}
	holder, fault := l.run(ctx, takeScript, l.token, ttl.Milliseconds())
	if fault != nil && fault.Full && l.freeMemory(ctx) {
		holder, fault = l.run(ctx, takeScript, l.token, ttl.Milliseconds())
	}
	switch {
	case fault != nil:
		return nil, nil, s.failure(fault)
	case holder != l.token:
		return nil, nil, fmt.Errorf("%w: list %q: wait for it; the lease of one that crashed ends by itself within %v", ErrImportRunning, s.list, ttl)
	}
	ctx, l.cancel = context.WithCancelCause(ctx)
	go l.keep(ctx)
	return ctx, l, nil
}

// keep renews the lease until the context ends or the lease is lost.
func (l *lease) keep(ctx context.Context) {
	defer close(l.done)
	ticker := time.NewTicker(l.ttl / 3)
	defer ticker.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		asked := time.Now()
		reply, fault := l.run(ctx, renewScript, l.token, l.ttl.Milliseconds())
		switch late := time.Since(renewed) > l.ttl; {
		case fault == nil && reply == int64(1):
			renewed = asked
		case late:
			l.cancel(fmt.Errorf("%w: list %q: this import was held up for longer than %v, and lost its lease", ErrSuperseded, l.s.list, l.ttl))
			return
		case fault == nil:
			l.cancel(fmt.Errorf("%w: list %q: the lease of this import is gone from the key %q: Redis was flushed, restored or failed over, "+
				"or the key was deleted", ErrSuperseded, l.s.list, l.s.keys.lease()))
			return
		}
	}
}

// release gives the lease back.
func (l *lease) release(ctx context.Context) {
	l.cancel(context.Canceled)
	<-l.done
	ctx, cancel := context.WithTimeout(ctx, releaseWithin)
	defer cancel()
	_, _ = l.run(ctx, releaseScript, l.token) // without it the lease ends by itself
}

// freeMemory removes what imports have left behind, where a server without memory does not even
// give a lease and nobody holds one. One of these imports may be held up and go on later. Such a
// server removes the last id but does not raise it: without that id the import's switch does
// nothing.
func (l *lease) freeMemory(ctx context.Context) bool {
	holder, fault := l.run(ctx, holderScript)
	if fault != nil || holder != "" {
		return false
	}
	s, key := l.s, l.s.keys.head
	f, failure := s.readHead(ctx)
	next, err := parseID(f[fieldNext])
	if failure != nil || err != nil {
		return false
	}
	if _, fault := s.do(ctx, key, "hdel", key, fieldNext); fault != nil {
		return false
	}
	removed := s.removeOld(ctx, next+1)
	_, fault = s.do(ctx, key, "hincrby", key, fieldNext, next+1)
	return removed == nil && fault == nil
}
