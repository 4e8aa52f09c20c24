package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// turns lets applications of rules through so that what is begun is finished first. The platform allows about five requests a
// second: twenty applications that begin together would all end at their deadlines, each half done. Here one runs after the
// other, and more of them only while the rate limit has room. One that cannot be finished in its time is refused at once.
//
// The platform's client orders requests in the same way, but learns on the way how many an application takes. Here one that has
// begun has its whole time before it, so it is finished.
type turns struct {
	limiter *rate.Limiter // the platform client's
	mu      sync.Mutex
	running int
	waiting []chan struct{} // closed at its turn
	looking bool            // look is to come
	pace    time.Duration   // between the ends of two applications under load
	ended   time.Time       // when the last one ended
	typical time.Duration   // from the begin of an application to its end
}

const (
	fewestRequests = 6 // of an application that has nothing to change: the campaign, its list, and that list's export
	mostRunning    = 8
	lookAround     = 250 * time.Millisecond // how often one more may begin beside those that run
	fastestPace    = 50 * time.Millisecond
)

func newTurns(limiter *rate.Limiter) *turns {
	pace := time.Duration(fewestRequests / float64(limiter.Limit()) * float64(time.Second))
	return &turns{limiter: limiter, pace: max(pace, fastestPace)}
}

// busyError is an application that cannot be finished in its time.
type busyError struct{ wait time.Duration }

func (e *busyError) Error() string {
	return fmt.Sprintf("the platform's rate limit is used up by requests that came before: try again in %v", e.wait)
}

// RetryAfter is when to try again.
func (e *busyError) RetryAfter() time.Duration { return e.wait }

// take waits for a turn. It fails at once, and not later than the turn could be used, where the work would not be done by the
// deadline. The function ends the turn.
func (t *turns) take(ctx context.Context, deadline time.Time) (done func(), err error) {
	t.mu.Lock()
	if late := time.Until(deadline) - t.takes(t.running+len(t.waiting)+1); late < 0 {
		t.mu.Unlock()
		return nil, busy(-late)
	}
	if t.running == 0 {
		t.running++
		t.mu.Unlock()
		return t.begin(), nil
	}
	turn := make(chan struct{})
	t.waiting = append(t.waiting, turn)
	if !t.looking {
		t.looking = true
		time.AfterFunc(lookAround, t.look)
	}
	t.mu.Unlock()
	tooLate := time.NewTimer(time.Until(deadline) - t.one())
	defer tooLate.Stop()
	select {
	case <-turn:
	case <-tooLate.C:
		err = busy(t.one())
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil && t.leave(turn) {
		return nil, err
	}
	if one := t.one(); time.Until(deadline) < one { // applications take longer than they did when it came
		t.pass()
		return nil, busy(one)
	}
	return t.begin(), nil
}

// pass gives a turn on that is not used.
func (t *turns) pass() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	if t.running == 0 {
		t.next()
	}
}

// one is how long one application takes.
func (t *turns) one() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(t.pace, t.typical)
}

// busy names the wait in full seconds, as the Retry-After header does.
func busy(wait time.Duration) error {
	return &busyError{max(wait.Truncate(time.Second)+time.Second, time.Second)}
}

// takes is how long it takes until the last of some applications ends. What the rate limit has in store is used first.
func (t *turns) takes(applications int) time.Duration {
	store := t.limiter.Tokens() / float64(t.limiter.Limit())
	return time.Duration(applications-1)*t.pace + max(t.pace, t.typical) - time.Duration(store*float64(time.Second))
}

// leave takes a turn out of the queue. It is false if the turn has come.
func (t *turns) leave(turn chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.Index(t.waiting, turn)
	if at >= 0 {
		t.waiting = slices.Delete(t.waiting, at, at+1)
	}
	return at >= 0
}

func (t *turns) begin() (done func()) {
	began := time.Now()
	return func() { t.end(began) }
}

// end gives the turn on, and learns from it: the mix of applications decides how many requests one takes.
func (t *turns) end(began time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	t.typical = (3*t.typical + time.Since(began)) / 4
	if t.running > 0 || len(t.waiting) > 0 {
		if t.ended.After(began) {
			began = t.ended
		}
		t.pace = max((7*t.pace+time.Since(began))/8, fastestPace)
	}
	t.ended = time.Now()
	if t.running == 0 {
		t.next()
	}
}

// look lets one more begin while those that run leave half of the rate limit's store unused: they wait for the platform.
func (t *turns) look() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running < mostRunning && t.limiter.Tokens() >= float64(t.limiter.Burst())/2 {
		t.next()
	}
	if t.looking = len(t.waiting) > 0; t.looking {
		time.AfterFunc(lookAround, t.look)
	}
}

// next is called with mu held.
func (t *turns) next() {
	if len(t.waiting) == 0 {
		return
	}
	close(t.waiting[0])
	t.waiting = t.waiting[1:]
	t.running++
}
