package optout

import (
	"context"
	"fmt"
	"maps"
	"time"
)

const (
	maxGroup    = 1024    // calls that share one sync
	maxGroupLen = 1 << 20 // bytes after which no more calls join
	maxRequests = 10_000  // of one AddBatch
)

// op is one call that waits for its records to be safe.
type op struct {
	ctx     context.Context //nolint:containedctx // a call that has ended before it was begun is left out
	prepare func(*group) error
	result  chan error
}

// do has the writing goroutine run prepare and write what it adds to the group.
func (in *Intake) do(ctx context.Context, prepare func(*group) error) error {
	if in.isClosed() {
		return ErrClosed
	}
	o := &op{ctx: ctx, prepare: prepare, result: make(chan error, 1)}
	select {
	case in.ops <- o:
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNotStored, context.Cause(ctx))
	case <-in.ctx.Done():
		return ErrClosed
	}
	select {
	case err := <-o.result:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: it may have been kept all the same: %w", ErrNotStored, context.Cause(ctx))
	case <-in.closed:
		select {
		case err := <-o.result:
			return err
		default:
			return ErrClosed
		}
	}
}

// group is the records of calls that are written at once. Only the writing goroutine has one.
type group struct {
	state   *state
	now     time.Time
	next    uint64
	records []*record
	body    []byte
	events  map[eventKey]*record // of this group
	limit   int                  // of body
}

// add gives a record its sequence number. The record counts when the group is safe.
func (g *group) add(r *record) error {
	r.Seq, r.Received = g.next, g.now
	body, err := r.append(g.body)
	if err != nil {
		return err
	}
	if len(body) > g.limit {
		return invalid("the records take more than %d bytes together: add fewer at a time", g.limit)
	}
	g.body, g.next = body, g.next+1
	g.records = append(g.records, r)
	return nil
}

// run has a call add its records: all of them, or after an error none.
func (g *group) run(prepare func(*group) error) error {
	before := *g
	err := prepare(g)
	if err != nil {
		maps.DeleteFunc(g.events, func(_ eventKey, r *record) bool { return r.Seq >= before.next })
		*g = before
	}
	return err
}

// write is the goroutine that writes the outbox.
func (in *Intake) write() {
	for {
		select {
		case <-in.ctx.Done():
			return
		case first := <-in.ops:
			in.writeGroup(first)
		}
	}
}

// writeGroup writes the records of a call and of those that wait by then, syncs once, and tells all
// of them. Every call sees the state after the calls before it: those that read it to decide
// (alone) are the first of a group.
func (in *Intake) writeGroup(first *op) {
	g := &group{
		state: in.state, now: in.config.now().Round(0), next: in.state.last + 1,
		events: make(map[eventKey]*record), limit: in.config.batch,
	}
	var waiting []*op
	for o := first; o != nil; {
		if o.ctx.Err() != nil {
			o.result <- fmt.Errorf("%w: %w", ErrNotStored, context.Cause(o.ctx))
		} else if err := g.run(o.prepare); err != nil {
			o.result <- err
		} else {
			waiting = append(waiting, o)
		}
		o = nil
		if len(waiting) < maxGroup && len(g.body) < maxGroupLen && !g.alone() {
			select {
			case o = <-in.ops:
			default:
			}
		}
	}
	var err error
	if len(g.records) > 0 {
		if failed := in.outbox.append(g.body); failed != nil {
			err = fmt.Errorf("%w: %w", ErrNotStored, failed)
			in.config.log().Warn("optout: the outbox cannot be written: nothing is acknowledged", "error", failed)
		} else {
			in.take(g)
		}
	}
	for _, o := range waiting {
		o.result <- err
	}
}

// alone reports whether the group has a record that changes what later calls may do.
func (g *group) alone() bool {
	for _, r := range g.records {
		if r.Kind == kindWithdrawn || r.Kind == kindConfirmed || r.Kind == kindDismissed {
			return true
		}
	}
	return false
}

// take makes the records of a group count, and hands the changes to the targets.
func (in *Intake) take(g *group) {
	var changes []*pendingChange
	in.state.mu.Lock()
	for _, r := range g.records {
		if c := in.state.apply(r); c != nil {
			changes = append(changes, &pendingChange{seq: r.Seq, change: *c})
		}
	}
	in.state.mu.Unlock()
	for _, c := range in.couriers {
		c.enqueue(changes)
	}
}
