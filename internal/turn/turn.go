// Package turn orders the requests that wait for one rate limit: what was begun first is finished
// first.
//
// Requests that take turns one by one all end at the same time, and too late when there are many.
// So a request of an operation goes before those of operations that began later, and an operation
// that cannot end before its deadline is told so before it begins.
package turn

import (
	"context"
	"sync"
	"sync/atomic"
)

// longest is how many requests of an operation go first. A longer operation waits like everybody
// for the rest: it must not keep the others out for minutes.
const longest = 40

// clock numbers operations and requests in the order in which they began.
var clock atomic.Uint64

// An Operation is a call that sends several requests.
type Operation struct {
	began atomic.Uint64 // when its first request joined a queue; 0 before
	used  atomic.Int64
	need  atomic.Int64 // requests in all, as far as is known
	check atomic.Bool  // the next request asks whether there is time for all that are needed
	ended atomic.Bool
}

type operationKey struct{}

// Begin marks the beginning of an operation that sends at least a number of requests; end it.
// Inside of another operation it is that one.
func Begin(ctx context.Context, need int) (_ context.Context, o *Operation, end func()) {
	if o := of(ctx); o != nil {
		return ctx, o, func() {}
	}
	o = new(Operation)
	o.Need(need)
	return context.WithValue(ctx, operationKey{}, o), o, func() { o.ended.Store(true) }
}

// Need says that at least so many requests are still to come. Before the next one it is asked
// whether there is time for them.
func (o *Operation) Need(n int) {
	o.need.Store(o.used.Load() + int64(n))
	o.check.Store(true)
}

func of(ctx context.Context) *Operation {
	o, _ := ctx.Value(operationKey{}).(*Operation)
	return o
}

// left is how many requests are still to come, at least.
func (o *Operation) left() int64 { return max(o.need.Load()-o.used.Load(), 1) }

// first reports whether its requests go before those of later operations.
func (o *Operation) first() bool { return !o.ended.Load() && o.used.Load() < longest }

// A Queue orders requests. The zero Queue is empty. It must not be copied.
type Queue struct {
	mu      sync.Mutex
	held    *Place
	waiting []*Place
	running []*Operation
}

// A Place is one request's place in a queue.
type Place struct {
	q     *Queue
	op    *Operation // nil: a request of its own
	order uint64
	turn  chan struct{} // closed when it is this request's turn
}

// Join takes a place. Leave it, whatever comes.
func (q *Queue) Join(ctx context.Context) *Place {
	p := &Place{q: q, op: of(ctx), turn: make(chan struct{})}
	q.mu.Lock()
	defer q.mu.Unlock()
	if p.op != nil && p.op.first() {
		p.op.began.CompareAndSwap(0, clock.Add(1)) // in the order in which they join
		p.order = p.op.began.Load()
		q.add(p.op)
	} else {
		p.op, p.order = nil, clock.Add(1)
	}
	if q.held == nil {
		q.held = p
		close(p.turn)
	} else {
		q.waiting = append(q.waiting, p)
	}
	return p
}

func (q *Queue) add(op *Operation) {
	kept, known := q.running[:0], false
	for _, o := range q.running {
		if o.first() {
			kept, known = append(kept, o), known || o == op
		}
	}
	clear(q.running[len(kept):])
	q.running = kept
	if !known {
		q.running = append(q.running, op)
	}
}

// Before is how many requests there are until this one is sent, itself included: those that wait
// before it, and all that operations still need which began earlier. At the beginning of an
// operation, and where it has said what it needs, it is how many until its end.
func (p *Place) Before() int64 {
	q := p.q
	q.mu.Lock()
	defer q.mu.Unlock()
	own := int64(1)
	if p.op != nil {
		own = p.op.left()
		if !p.op.check.Swap(false) {
			return own // it was let in
		}
	}
	for _, o := range q.running {
		if o != p.op && o.began.Load() < p.order && o.first() {
			own += o.left()
		}
	}
	for _, other := range q.waiting {
		if other != p && other.op == nil && other.order < p.order {
			own++
		}
	}
	if q.held != nil && q.held != p && q.held.op != nil && q.held.op.began.Load() < p.order {
		own-- // its token is taken already
	}
	return own
}

// Wait returns when it is this request's turn, or false when the context ends before.
func (p *Place) Wait(ctx context.Context) bool {
	select {
	case <-p.turn:
		return true
	case <-ctx.Done():
		return false
	}
}

// Leave passes the turn on to the earliest. sent says that the request goes out.
func (p *Place) Leave(sent bool) {
	if sent && p.op != nil {
		p.op.used.Add(1)
	}
	q := p.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.held != p {
		for i, other := range q.waiting {
			if other == p {
				q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
				break
			}
		}
		return
	}
	q.held = nil
	if len(q.waiting) == 0 {
		return
	}
	next := 0
	for i, other := range q.waiting {
		if other.order < q.waiting[next].order {
			next = i
		}
	}
	q.held = q.waiting[next]
	q.waiting = append(q.waiting[:next], q.waiting[next+1:]...)
	close(q.held.turn)
}
