package optout

import (
	"time"

	"github.com/dnc-go/dnc"
)

// OverdueDelivery is an opt-out that a target does not have, although a legal time limit has
// passed.
type OverdueDelivery struct {
	ID       string // the id of the opt-out
	Target   string // the name of the target that does not have it
	Number   dnc.Number
	At       time.Time // when the person asked
	Due      time.Time // the time from which on it is late
	Deadline Deadline  // the time limit that was missed first
}

// Overdue returns the deliveries of opt-outs that are late at the time now, those of each target
// together. Set an alert on a result that is not empty. Withdrawals have no time limit.
//
// This process blocks also a number whose opt-out is not delivered. The earliest time limit counts,
// whatever the country of the number is, because it is not always known where a person was called.
func (in *Intake) Overdue(now time.Time) []OverdueDelivery {
	var late []OverdueDelivery
	for _, c := range in.couriers {
		c.each(func(p *pendingChange) {
			if !p.change.Blocked {
				return
			}
			if row, due, ok := firstDue(in.config.deadlines, p.change.At); ok && !now.Before(due) {
				late = append(late, OverdueDelivery{ID: p.change.ID, Target: c.name, Number: p.change.Number, At: p.change.At, Due: due, Deadline: row})
			}
		})
	}
	return late
}

// TargetStatus says what a target does not have yet, and why.
type TargetStatus struct {
	Name      string
	Pending   int       // how many changes the target does not have
	Oldest    time.Time // Change.At of the oldest of them; zero if there is none
	Failures  int       // failed deliveries in a row
	LastError string    // the last failure, without telephone numbers; "" after a success
}

// Targets returns the status of each target, in the order of the options.
func (in *Intake) Targets() []TargetStatus {
	out := make([]TargetStatus, len(in.couriers))
	for i, c := range in.couriers {
		s := &out[i]
		s.Name = c.name
		c.each(func(p *pendingChange) {
			s.Pending++
			if s.Oldest.IsZero() || p.change.At.Before(s.Oldest) {
				s.Oldest = p.change.At
			}
		})
		c.mu.Lock()
		s.Failures, s.LastError = c.failures, c.lastErr
		c.mu.Unlock()
	}
	return out
}

func (c *courier) each(f func(*pendingChange)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, list := range [][]*pendingChange{c.queue, c.refused, c.again} {
		for _, p := range list {
			f(p)
		}
	}
}
