package registry

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
)

// lease keeps imports of a list apart: one at a time, for as long as the holder renews it. It spares them work in vain; that a holder
// which was stopped past its lease does no harm is the compare-and-set's doing.
type lease struct {
	r      *Registry
	token  string
	cancel context.CancelCauseFunc
	done   chan struct{}
}

const (
	renewScript   = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`
	releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`
)

func (r *Registry) leaseKey() string { return r.key + ":lease" }

// acquire takes the lease. The context that it returns ends when the lease is lost.
func (r *Registry) acquire(ctx context.Context) (context.Context, *lease, error) {
	l := &lease{r: r, token: rand.Text(), done: make(chan struct{})}
	ttl := r.leaseFor.Milliseconds()
	reply, err := r.do(ctx, "set", r.leaseKey(), l.token, "nx", "px", ttl)
	if err != nil && r.freeMemory(ctx, err) {
		reply, err = r.do(ctx, "set", r.leaseKey(), l.token, "nx", "px", ttl)
	}
	if err != nil {
		return nil, nil, err
	}
	if reply != "OK" {
		if reply, err = r.do(ctx, "get", r.leaseKey()); err != nil {
			return nil, nil, err
		}
	}
	if reply != "OK" && reply != l.token { // the client may have sent it twice
		return nil, nil, fmt.Errorf("%w: list %q: wait for it; the lease of one that crashed ends by itself within %v", ErrBusy, r.name, r.leaseFor)
	}
	ctx, l.cancel = context.WithCancelCause(ctx)
	go l.renew(ctx)
	return ctx, l, nil
}

func (l *lease) renew(ctx context.Context) {
	defer close(l.done)
	ticker := time.NewTicker(l.r.leaseFor / 3)
	defer ticker.Stop()
	good := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		asked := time.Now()
		reply, err := l.ask(ctx)
		switch {
		case err == nil && reply == int64(1):
			good = asked
		case err == nil, time.Since(good) > l.r.leaseFor:
			l.cancel(fmt.Errorf("%w: list %q: this import was held up for longer than %v, and lost its lease", ErrSuperseded, l.r.name, l.r.leaseFor))
			return
		}
	}
}

func (l *lease) ask(ctx context.Context) (reply any, err error) {
	defer func() { // the client runs the caller's hooks, in a goroutine that nobody else guards
		if p := recover(); p != nil {
			err = l.r.panicked(p)
		}
	}()
	return l.r.do(ctx, "eval", renewScript, 1, l.r.leaseKey(), l.token, l.r.leaseFor.Milliseconds())
}

// release gives the lease back.
func (l *lease) release(ctx context.Context) {
	l.cancel(context.Canceled)
	<-l.done
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, _ = l.r.do(ctx, "eval", releaseScript, 1, l.r.leaseKey(), l.token) // it ends by itself otherwise
}

// do sends one command.
func (r *Registry) do(ctx context.Context, args ...any) (any, error) {
	p := r.rdb.Pipeline()
	cmd := p.Do(ctx, args...)
	_, _ = p.Exec(ctx)
	if err := cmd.Err(); err != nil && !isNil(err) {
		r.reload(ctx)
		return nil, r.storeError(ctx, err)
	}
	return cmd.Val(), nil
}

// freeMemory removes the remains of imports where a server without memory does not even take a lease, and none is held. One of them may
// be held up and go on: without the last id, which such a server lets one remove but not raise, its switch does nothing.
func (r *Registry) freeMemory(ctx context.Context, refused error) bool {
	if !outOfMemory(refused) {
		return false
	}
	held, err := r.do(ctx, "get", r.leaseKey())
	if err != nil || held != nil {
		return false
	}
	f, failure := r.readHead(ctx)
	next, err := parseID(f[fieldNext])
	if failure != nil || err != nil {
		return false
	}
	if _, err := r.do(ctx, "hdel", r.key, fieldNext); err != nil {
		return false
	}
	swept := r.sweep(ctx, next+1)
	_, err = r.do(ctx, "hincrby", r.key, fieldNext, next+1)
	return swept == nil && err == nil
}

// outOfMemory reports whether a server has refused a command because maxmemory is reached. Inside of a script old servers put words before
// theirs.
func outOfMemory(err error) bool {
	e, ok := err.(*dnc.Error) //nolint:errorlint // of this package's own making
	return ok && strings.Contains(e.Hint, "OOM command not allowed")
}
