package optout

import (
	"errors"
	"iter"
	"time"

	"github.com/dnc-go/dnc"
)

// An Event is one line of the outbox.
type Event struct {
	ID       string
	Kind     string // "optout", "held", "withdrawn", "dismissed", "confirmed", "target", "delivered" or "skipped"
	Received time.Time
	Request  Request   // of optout and held; for other kinds only its Number is set
	By       DecidedBy // of withdrawn, dismissed and confirmed
	HeldID   string    // of dismissed and confirmed: the id of what was held
	Target   string    // of target, delivered and skipped
	Changes  []string  // of delivered and skipped: the ids of the changes; in History only those of its number
}

var errStop = errors.New("stop")

// History yields everything that the outbox has about a number, in order: its opt-outs, who
// withdrew or resolved them, and when each target got them. "skipped" means that a target did not
// get a withdrawal because a later opt-out had arrived. History reads the files, about a second for
// each 100 MB. An error is the last item.
func (in *Intake) History(n dnc.Number) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		its := make(map[uint64]bool)
		in.events(yield, func(r *record) []uint64 {
			if r.number == n && !n.IsZero() {
				its[r.Seq] = true
				return []uint64{r.Seq}
			}
			var of []uint64
			for i := 0; i+1 < len(r.Changes); i += 2 {
				for seq := r.Changes[i]; seq <= r.Changes[i+1]; seq++ {
					if its[seq] {
						of = append(of, seq)
					}
				}
			}
			return of
		})
	}
}

// All yields the whole outbox in order. An error is the last item.
func (in *Intake) All() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		in.events(yield, func(r *record) []uint64 {
			of := []uint64{}
			for i := 0; i+1 < len(r.Changes); i += 2 {
				for seq := r.Changes[i]; seq <= r.Changes[i+1]; seq++ {
					of = append(of, seq)
				}
			}
			return of
		})
	}
}

// events yields the records for which of returns anything but nil.
func (in *Intake) events(yield func(Event, error) bool, of func(*record) []uint64) {
	if in.isClosed() {
		yield(Event{}, ErrClosed)
		return
	}
	err := in.outbox.read(func(r *record) error {
		changes := of(r)
		if changes == nil {
			return nil
		}
		if !yield(eventOf(r, changes), nil) {
			return errStop
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStop) {
		yield(Event{}, err)
	}
}

func eventOf(r *record, changes []uint64) Event {
	e := Event{
		ID: idOf(r.Seq), Kind: r.Kind, Received: r.Received, Target: r.Target, By: DecidedBy{r.Actor, r.Reason},
		Request: Request{Number: r.number, At: r.At, Source: r.Source, SourceID: r.SourceID, Evidence: r.Evidence},
	}
	if r.For > 0 {
		e.HeldID = idOf(r.For)
	}
	if r.Target != "" {
		for _, seq := range changes {
			e.Changes = append(e.Changes, idOf(seq))
		}
	}
	return e
}
