package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/genesys"
)

// turns lets applications of rules through so that what is begun is finished first. The platform
// allows about five requests a second: twenty applications that begin together would all end at
// their deadlines, each half done. Here one runs after the other, and more of them only while the
// rate limit has room. One that cannot be finished in its time is refused at once.
//
// The platform's client orders requests in the same way, but learns on the way how many an
// application takes. Here one that has begun has its whole time before it, so it is finished.
type turns struct {
	limiter  *rate.Limiter // the platform client's
	mu       sync.Mutex
	running  int
	waiting  []*turn
	requests int           // of those that run and wait
	looking  bool          // look is to come
	pace     time.Duration // of one request, under load
	ended    time.Time     // when the last one ended
	typical  time.Duration // from the begin of an application to its end
}

// turn is one application's place.
type turn struct {
	requests int           // the fewest
	most     int           // where everything has to be changed
	ready    chan struct{} // closed when it may begin
}

const (
	mostRunning = 8
	lookAround  = 250 * time.Millisecond // how often one more may begin beside those that run
	fastestPace = 5 * time.Millisecond
)

func newTurns(limiter *rate.Limiter) *turns {
	t := &turns{limiter: limiter}
	t.pace = max(t.atLimit(1), fastestPace)
	return t
}

// fewestRequests is how many requests an application takes that has nothing to change: the
// campaign, the listing of its own DNC list, the export of that list (asked for, waited for,
// downloaded), and each list that is named.
func fewestRequests(rules genesys.Rules) int {
	n := 2 + len(rules.DNCListIDs)
	if len(rules.BlockedNumbers) > 0 {
		n += 4
	}
	if rules.ContactListID != "" {
		n++
	}
	return n
}

// mostRequests is how many requests an application takes that has everything to change: its own DNC
// list is made, looked for, filled and counted, and the campaign is read, written and read twice.
func mostRequests(rules genesys.Rules) int {
	n := 4 + len(rules.DNCListIDs)
	if rules.ContactListID != "" {
		n++
	}
	if len(rules.BlockedNumbers) > 0 {
		n += 4 + (len(rules.BlockedNumbers)+999)/1000
	}
	return n
}

// busyError is an application that cannot be finished in its time.
type busyError struct{ wait time.Duration }

func (e *busyError) Error() string {
	return fmt.Sprintf("the platform's rate limit is used up by earlier requests: try again in %v", e.wait)
}

// RetryAfter is when to try again.
func (e *busyError) RetryAfter() time.Duration { return e.wait }

// busy names the wait in full seconds, as the Retry-After header does.
func busy(wait time.Duration) error {
	return &busyError{max(wait.Truncate(time.Second)+time.Second, time.Second)}
}

// take waits for a turn. It fails at once, and not later than the turn could be used, where the
// work would not be done by the deadline. The function ends the turn, and says whether the
// application was done.
func (t *turns) take(ctx context.Context, rules genesys.Rules, deadline time.Time) (end func(done bool), err error) {
	place := &turn{fewestRequests(rules), mostRequests(rules), make(chan struct{})}
	if err := t.join(place, deadline); err != nil {
		return nil, err
	}
	tooLate := time.NewTimer(time.Until(deadline) - t.one(place))
	defer tooLate.Stop()
	select {
	case <-place.ready:
	case <-tooLate.C:
		err = busy(t.one(place))
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil && t.leave(place) {
		return nil, err
	}
	if one := t.one(place); time.Until(deadline) < one && t.loaded(place) { // they take longer than when it came
		t.end(place, time.Now(), false)
		return nil, busy(one)
	}
	began := time.Now()
	return func(done bool) { t.end(place, began, done) }, nil
}

// join puts a turn at the end of the queue, or lets it begin where nothing runs.
func (t *turns) join(place *turn, deadline time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if late := t.takes(place) - time.Until(deadline); late > 0 {
		return busy(late)
	}
	t.requests += place.requests
	t.waiting = append(t.waiting, place)
	if t.running == 0 {
		t.next()
	} else if !t.looking {
		t.looking = true
		time.AfterFunc(lookAround, t.look)
	}
	return nil
}

// takes is how long it takes until an application ends that comes now. What the rate limit has in
// store is used first. What was learned counts only where others are before it: it may be from an
// outage.
func (t *turns) takes(place *turn) time.Duration {
	store := t.atLimit(t.limiter.Tokens())
	if t.requests == 0 {
		return t.atLimit(float64(place.requests)) - store
	}
	// The pace that was learned does not count: it was slow if the last ones had more to change, and
	// fast if they used the store, which is gone.
	return max(t.atLimit(float64(t.requests+place.requests))-store, t.typical)
}

// atLimit is how long the rate limit takes for a number of requests.
func (t *turns) atLimit(requests float64) time.Duration {
	return time.Duration(requests / float64(t.limiter.Limit()) * float64(time.Second))
}

// one is how long one application takes: as long as the last ones, and where the rate limit has less
// in store than it may need, as long as that takes. The last ones may have used the store.
func (t *turns) one(place *turn) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(time.Duration(place.requests)*t.pace, t.typical, t.atLimit(float64(place.most)-t.limiter.Tokens()))
}

// loaded reports whether there are others than this one.
func (t *turns) loaded(place *turn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.requests > place.requests
}

// leave takes a turn out of the queue. It is false if the turn has come.
func (t *turns) leave(place *turn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.Index(t.waiting, place)
	if at >= 0 {
		t.waiting = slices.Delete(t.waiting, at, at+1)
		t.requests -= place.requests
	}
	return at >= 0
}

// end gives the turn on, and learns from one that is done how long things take. What fails says
// nothing about that.
func (t *turns) end(place *turn, began time.Time, done bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	t.requests -= place.requests
	if done {
		t.typical = (3*t.typical + time.Since(began)) / 4
		if t.ended.After(began) {
			began = t.ended
		}
		one := time.Since(began) / time.Duration(place.requests)
		if t.requests > 0 {
			t.pace = max((7*t.pace+one)/8, fastestPace)
		} else { // alone it is as slow as it can be
			t.pace = min(t.pace, max(one, t.atLimit(1)))
		}
		t.ended = time.Now()
	}
	if t.running == 0 {
		t.next()
	}
}

// look lets one more begin while those that run leave half of the rate limit's store unused: they
// wait for the platform.
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
	close(t.waiting[0].ready)
	t.waiting = t.waiting[1:]
	t.running++
}
