package optout

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/dnc-go/dnc"
)

const (
	maxDelivery   = 500       // changes of one call of a target
	longestAsked  = time.Hour // the longest wait that a target's RetryAfter may ask for
	receiptRepeat = time.Second
)

// pendingChange is a change that a target does not have yet, or may have lost again.
type pendingChange struct {
	seq    uint64
	change Change
	due    time.Time // of again: when it is delivered once more
}

// courier brings changes to one target, in its own goroutine.
type courier struct {
	in     *Intake
	name   string
	target Target
	wake   chan struct{}

	mu       sync.Mutex // of the rest
	queue    []*pendingChange
	refused  []*pendingChange        // each failed by itself, or is of the number of one that did
	again    []*pendingChange        // opt-outs that a removal on its way could undo: delivered once more
	removed  map[dnc.Number]struct{} // removals that failed: each may still arrive at the target
	size     int                     // how many changes the next call may have
	failures int                     // in a row
	lastErr  string
	next     time.Time // when the target is called again after a failure
	retry    time.Time // when the first of refused is tried again
	patience int       // how often the refused were tried
}

func newCourier(in *Intake, name string, t Target) *courier {
	return &courier{in: in, name: name, target: t, wake: make(chan struct{}, 1), size: maxDelivery, removed: make(map[dnc.Number]struct{})}
}

func (c *courier) enqueue(changes []*pendingChange) {
	if len(changes) == 0 {
		return
	}
	c.mu.Lock()
	c.queue = append(c.queue, changes...)
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *courier) pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queue) + len(c.refused) + len(c.again)
}

func (c *courier) run() {
	for {
		batch, refused, wait := c.pick()
		if len(batch) == 0 {
			if !c.sleep(wait) {
				return
			}
			continue
		}
		deliver, skip, done := c.sort(batch)
		err := c.call(deliver)
		if c.in.ctx.Err() != nil && err != nil {
			return // Close
		}
		if err != nil {
			c.failed(batch, refused, err)
			continue
		}
		safe, again := c.undoable(deliver)
		if !c.receipt(kindDelivered, append(done, safe...)) || !c.receipt(kindSkipped, skip) {
			return
		}
		c.delivered(len(batch), refused, again)
	}
}

// sleep waits for work, or until a wait has passed. It reports whether the Intake is still open.
func (c *courier) sleep(wait time.Duration) bool {
	var due <-chan time.Time
	wake := c.wake
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-c.in.ctx.Done():
		return false
	case <-wake:
	case <-due:
	}
	return true
}

// pick is what goes into the next call: the first of the queue, or one that was refused if its time
// has come. Without any it is how long to wait; 0 is until something comes.
func (c *courier) pick() (batch []*pendingChange, refused bool, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if wait := c.next.Sub(now); wait > 0 && len(c.queue)+len(c.refused) > 0 {
		return nil, false, wait
	}
	for len(c.again) > 0 && !now.Before(c.again[0].due) {
		c.queue, c.again = append(c.queue, c.again[0]), c.again[1:]
	}
	if len(c.refused) > 0 {
		c.refuseFollowers()
		if wait = c.retry.Sub(now); wait <= 0 {
			return c.refused[:1], true, 0
		}
	}
	if len(c.queue) == 0 {
		if len(c.again) > 0 && (wait <= 0 || c.again[0].due.Sub(now) < wait) {
			wait = c.again[0].due.Sub(now)
		}
		return nil, false, max(wait, 0)
	}
	return c.queue[:min(len(c.queue), c.size)], false, 0
}

// refuseFollowers moves the later changes of refused numbers behind them: those of a number keep
// their order.
func (c *courier) refuseFollowers() {
	of := make(map[dnc.Number]bool, len(c.refused))
	for _, p := range c.refused {
		of[p.change.Number] = true
	}
	kept := make([]*pendingChange, 0, len(c.queue))
	for _, p := range c.queue {
		if of[p.change.Number] {
			c.refused = append(c.refused, p)
		} else {
			kept = append(kept, p)
		}
	}
	c.queue = kept
}

// sort leaves out withdrawals that a later opt-out has overtaken: between the two deliveries the
// number would be free. Done are opt-outs that were delivered once and withdrawn since.
func (c *courier) sort(batch []*pendingChange) (deliver, skip, done []*pendingChange) {
	s := c.in.state
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range batch {
		switch blocked, _ := s.status(p.change.Number); {
		case blocked && !p.change.Blocked:
			skip = append(skip, p)
		case !blocked && !p.due.IsZero():
			done = append(done, p)
		default:
			deliver = append(deliver, p)
		}
	}
	return deliver, skip, done
}

// undoable splits what was delivered into what is safe, and opt-outs of numbers whose removal has
// failed. A call that ran into its time limit may still be on its way to the target: if it arrives
// after the opt-out, the number is free there. So these are delivered again after the longest wait.
// Until then they have no receipt.
func (c *courier) undoable(delivered []*pendingChange) (safe, again []*pendingChange) {
	due := time.Now().Add(c.in.config.maxWait)
	for _, p := range delivered {
		if _, failed := c.removed[p.change.Number]; failed && p.change.Blocked {
			p.due = due
			again = append(again, p)
		} else {
			safe = append(safe, p)
		}
	}
	for _, p := range again {
		delete(c.removed, p.change.Number)
	}
	return safe, again
}

func (c *courier) call(batch []*pendingChange) (err error) {
	if len(batch) == 0 {
		return nil
	}
	changes := make([]Change, len(batch))
	for i, p := range batch {
		changes[i] = p.change
	}
	ctx, cancel := context.WithTimeout(c.in.ctx, c.in.config.timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the target panicked with a %T", p)
		}
	}()
	return c.target.Deliver(ctx, changes)
}

// receipt writes that the target has some changes. While it cannot be written, the target gets no
// more: after a restart all of it would be delivered again.
func (c *courier) receipt(kind string, batch []*pendingChange) bool {
	if len(batch) == 0 {
		return true
	}
	seqs := make([]uint64, len(batch))
	for i, p := range batch {
		seqs[i] = p.seq
	}
	r := record{Kind: kind, Target: c.name, Changes: ranges(seqs)}
	for {
		copied := r
		err := c.in.do(c.in.ctx, func(g *group) error { return g.add(&copied) })
		if err == nil {
			return true
		}
		timer := time.NewTimer(receiptRepeat)
		select {
		case <-c.in.ctx.Done():
			timer.Stop()
			return false
		case <-timer.C:
		}
	}
}

// delivered takes off the first n changes of the queue, or the first that was refused, and keeps
// what must be delivered again.
func (c *courier) delivered(n int, refused bool, again []*pendingChange) {
	c.mu.Lock()
	c.again = append(c.again, again...)
	if refused {
		c.refused, c.patience, c.retry = c.refused[1:], 0, time.Time{}
	} else {
		c.queue = c.queue[n:]
		c.size = min(2*c.size, maxDelivery)
		if c.failures > 0 {
			c.retry = time.Time{} // the target works again: try what it refused meanwhile
		}
	}
	if c.failures = 0; len(c.refused) == 0 {
		c.lastErr = ""
	}
	c.mu.Unlock()
	c.in.tellProgress()
}

// failed says when to try again. A batch that failed is halved. A change that failed by itself waits
// apart, so that one that the target never takes does not hold up the others.
func (c *courier) failed(batch []*pendingChange, refused bool, err error) {
	c.mu.Lock()
	now := time.Now()
	c.lastErr = withoutNumbers(err.Error())
	c.failures++
	for _, p := range batch {
		if !p.change.Blocked {
			c.removed[p.change.Number] = struct{}{}
		}
	}
	var wait time.Duration
	switch {
	case refused:
		wait = c.backoff(c.patience, err)
		c.patience++
		c.retry = now.Add(wait)
		c.last(batch[0].change.Number)
	default:
		wait = c.backoff(c.failures-1, err)
		c.next = now.Add(wait)
		if len(batch) == 1 {
			c.refused, c.queue = append(c.refused, batch[0]), c.queue[1:]
			c.retry = now.Add(wait)
		}
		c.size = max(1, len(batch)/2)
	}
	failures, text := c.failures, c.lastErr
	c.mu.Unlock()
	c.in.config.log().Warn("optout: a target could not be told: it is tried again", "target", c.name,
		"changes", len(batch), "failures", failures, "wait", wait, "error", text)
}

// last moves the refused changes of a number to the end.
func (c *courier) last(n dnc.Number) {
	slices.SortStableFunc(c.refused, func(a, b *pendingChange) int {
		switch {
		case a.change.Number == b.change.Number || a.change.Number != n && b.change.Number != n:
			return 0
		case a.change.Number == n:
			return 1
		}
		return -1
	})
}

// backoff is how long to wait after some failures in a row, shortened by up to half at random.
func (c *courier) backoff(before int, err error) time.Duration {
	wait := c.in.config.maxWait
	if before < 30 && c.in.config.minWait<<before < wait {
		wait = c.in.config.minWait << before
	}
	wait -= rand.N(wait/2 + 1)
	if asked, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err); ok {
		wait = max(wait, min(asked.RetryAfter(), longestAsked))
	}
	return wait
}
