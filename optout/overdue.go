package optout

import (
	"time"

	"github.com/dnc-go/dnc"
)

// Late is a delivery that has missed a legal time limit.
type Late struct {
	ID       string // of the opt-out
	Target   string // which does not have it
	Number   dnc.Number
	At       time.Time // when the person asked
	Due      time.Time // the moment from which on it is late
	Deadline Deadline  // the row of the table that was missed first
}

// Overdue returns the deliveries of opt-outs that are late at a time, those of a target together. An
// empty result is what an alert should wait for. Withdrawals have no time limit.
//
// An opt-out that is not delivered is still blocked in this process. The first row to be missed
// counts, whichever country the number is of: who was called where cannot always be known.
func (in *Intake) Overdue(now time.Time) []Late {
	var late []Late
	for _, c := range in.couriers {
		c.each(func(p *pendingChange) {
			if !p.change.Blocked {
				return
			}
			if row, due, ok := firstDue(in.config.deadlines, p.change.At); ok && !now.Before(due) {
				late = append(late, Late{ID: p.change.ID, Target: c.name, Number: p.change.Number, At: p.change.At, Due: due, Deadline: row})
			}
		})
	}
	return late
}

// TargetStatus is how far a target is.
type TargetStatus struct {
	Name      string
	Pending   int       // changes that it does not have
	Oldest    time.Time // At of the oldest of them; zero if there is none
	Failures  int       // in a row
	LastError string    // of the last failure, without telephone numbers; "" after a success
}

// Targets returns how far each target is, in the order of the options.
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
