package optout

import (
	"time"
)

// replay builds the state from the records of the outbox, and finds what each target must still get.
type replay struct {
	state   *state
	changes []*Change           // by sequence number, ascending; nil where nothing is left to do
	seqs    []uint64            // of changes
	targets map[string]uint64   // by name, when it was named first
	done    map[string][]uint64 // by name, first and last of what it has
}

func newReplay(s *state, names []string) *replay {
	r := &replay{state: s, targets: make(map[string]uint64), done: make(map[string][]uint64)}
	for _, name := range names {
		r.done[name] = nil
	}
	return r
}

func (r *replay) record(rec *record) error {
	if rec.Seq <= r.state.last {
		return &DamageError{What: "its sequence numbers do not ascend: a file is there twice, or was put back"}
	}
	switch rec.Kind {
	case kindTarget:
		if _, named := r.targets[rec.Target]; !named {
			r.targets[rec.Target] = rec.Seq
		}
	case kindDelivered, kindSkipped:
		if _, wanted := r.done[rec.Target]; wanted {
			r.done[rec.Target] = append(r.done[rec.Target], rec.Changes...)
		}
	}
	if c := r.state.apply(rec); c != nil {
		r.changes, r.seqs = append(r.changes, c), append(r.seqs, rec.Seq)
	}
	return nil
}

// finish gives each target what it must get. It returns the records of targets that are new, which
// get what is in force: a withdrawal from before could take off a number that others put on their
// list.
func (r *replay) finish(couriers []*courier, now time.Time) []byte {
	var body []byte
	for _, c := range couriers {
		has := make(map[uint64]bool)
		for i, done := 0, r.done[c.name]; i+1 < len(done); i += 2 {
			for seq := done[i]; seq <= done[i+1]; seq++ {
				has[seq] = true
			}
		}
		named, known := r.targets[c.name]
		if !known {
			r.state.last++
			named = r.state.last
			rec := record{Seq: named, Kind: kindTarget, Received: now, Target: c.name}
			body, _ = rec.append(body) // its fields can all be written
		}
		for i, change := range r.changes {
			seq := r.seqs[i]
			blocked, _ := r.state.status(change.Number)
			if has[seq] || seq < named && (!change.Blocked || !blocked) {
				continue
			}
			c.queue = append(c.queue, &pendingChange{seq: seq, change: *change})
			if !change.Blocked { // a call may have been under way when the process ended
				c.removed[change.Number] = struct{}{}
			}
		}
	}
	return body
}
