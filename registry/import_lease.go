package registry

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
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
	renewScript   = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`
	releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`
	releaseWithin = 2 * time.Second
)

// acquire takes the lease. The context that it returns ends when the lease is lost.
func (s *store) acquire(ctx context.Context, ttl time.Duration) (context.Context, *lease, error) {
	l := &lease{s: s, ttl: ttl, token: rand.Text(), done: make(chan struct{})}
	take := func() (any, error) {
		return s.do(ctx, "set", s.keys.lease(), l.token, "nx", "px", ttl.Milliseconds())
	}
	reply, err := take()
	if err != nil && s.freeMemory(ctx, err) {
		reply, err = take()
	}
	if err != nil {
		return nil, nil, err
	}
	if reply != "OK" {
		if reply, err = s.do(ctx, "get", s.keys.lease()); err != nil {
			return nil, nil, err
		}
	}
	if reply != "OK" && reply != l.token { // the client may have sent it twice
		return nil, nil, fmt.Errorf("%w: list %q: wait for it; the lease of one that crashed ends by itself within %v", ErrBusy, s.list, ttl)
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
		reply, err := l.s.do(ctx, "eval", renewScript, 1, l.s.keys.lease(), l.token, l.ttl.Milliseconds())
		switch {
		case err == nil && reply == int64(1):
			renewed = asked
		case err == nil, time.Since(renewed) > l.ttl:
			l.cancel(fmt.Errorf("%w: list %q: this import was held up for longer than %v, and lost its lease", ErrSuperseded, l.s.list, l.ttl))
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
	_, _ = l.s.do(ctx, "eval", releaseScript, 1, l.s.keys.lease(), l.token) // without it the lease ends by itself
}

// freeMemory removes what imports have left behind, where a server without memory does not even give
// a lease and nobody holds one. One of these imports may be held up and go on later. Such a server
// removes the last id but does not raise it: without that id the import's switch does nothing.
func (s *store) freeMemory(ctx context.Context, refused error) bool {
	if !outOfMemory(refused) {
		return false
	}
	held, err := s.do(ctx, "get", s.keys.lease())
	if err != nil || held != nil {
		return false
	}
	f, failure := s.readHead(ctx)
	next, err := parseID(f[fieldNext])
	if failure != nil || err != nil {
		return false
	}
	if _, err := s.do(ctx, "hdel", s.keys.head, fieldNext); err != nil {
		return false
	}
	removed := s.removeOld(ctx, next+1)
	_, err = s.do(ctx, "hincrby", s.keys.head, fieldNext, next+1)
	return removed == nil && err == nil
}

// outOfMemory reports whether a server has refused a command because maxmemory is reached. Within a
// script old servers put words before theirs.
func outOfMemory(err error) bool {
	e, ok := err.(*dnc.Error) //nolint:errorlint // of this package's own making
	return ok && strings.Contains(e.Hint, "OOM command not allowed")
}
