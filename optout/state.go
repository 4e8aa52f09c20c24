package optout

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"github.com/dnc-go/dnc"
)

// state is what the records in the outbox say. Checks read it, and the goroutine that writes the
// outbox changes it.
type state struct {
	mu      sync.RWMutex
	numbers map[dnc.Number]standing
	unsure  map[dnc.Number]struct{} // an opt-out is being written, or could not be: blocked
	seen    map[eventKey]seenEvent
	held    map[uint64]HeldRequest
	last    uint64 // the last sequence number
}

// standing is what a number has in force.
type standing struct {
	optOuts   int32
	held      int32
	withdrawn int64 // when the last withdrawal was, in nanoseconds of Unix time; 0: never
}

func (s standing) blocked() bool { return s.optOuts > 0 || s.held > 0 }

// eventKey is the hash of a source, an id there and a number: a log of millions fits in memory.
type eventKey [16]byte

type seenEvent struct {
	seq      uint64
	received time.Time
}

func newState() *state {
	return &state{
		numbers: make(map[dnc.Number]standing), unsure: make(map[dnc.Number]struct{}),
		seen: make(map[eventKey]seenEvent), held: make(map[uint64]HeldRequest),
	}
}

func keyOf(source, id string, n dnc.Number) eventKey {
	h := sha256.New()
	for _, s := range [...]string{source, id, n.E164()} {
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	return eventKey(h.Sum(nil)[:16])
}

// status tells of a number whether it is blocked, and whether only by a reply that waits for a
// decision.
func (s *state) status(n dnc.Number) (blocked, onlyHeld bool) {
	st := s.numbers[n]
	if !st.blocked() {
		_, unsure := s.unsure[n]
		return unsure, false
	}
	return true, st.optOuts == 0
}

// known finds an event that arrived before. Where its number was freed since, it counts as known
// only if it is older than that: an event without a time, or with a later one, is an opt-out anew.
func (s *state) known(r *Request) (seenEvent, bool) {
	if r.SourceID == "" {
		return seenEvent{}, false
	}
	e, ok := s.seen[keyOf(r.Source, r.SourceID, r.Number)]
	if st := s.numbers[r.Number]; ok && !st.blocked() && (r.At.IsZero() || r.At.UnixNano() > st.withdrawn) {
		return seenEvent{}, false
	}
	return e, ok
}

// apply takes over a record, and returns the change that targets must get, if it is one.
func (s *state) apply(r *record) *Change {
	s.last = max(s.last, r.Seq)
	c := &Change{ID: idOf(r.Seq), Number: r.number, At: r.At}
	st := s.numbers[r.number]
	switch r.Kind {
	case kindOptOut, kindHeld:
		if r.Kind == kindHeld {
			st.held++
			s.held[r.Seq] = HeldRequest{
				ID: c.ID, Received: r.Received,
				Request: Request{Number: r.number, At: r.At, Source: r.Source, SourceID: r.SourceID, Evidence: r.Evidence},
			}
		} else {
			st.optOuts++
		}
		if r.SourceID != "" {
			s.seen[keyOf(r.Source, r.SourceID, r.number)] = seenEvent{r.Seq, r.Received}
		}
		delete(s.unsure, r.number)
		c.Blocked, c.Source, c.SourceID, c.Evidence = true, r.Source, r.SourceID, r.Evidence
	case kindWithdrawn:
		st = standing{withdrawn: r.Received.UnixNano()}
		for seq, h := range s.held {
			if h.Request.Number == r.number {
				delete(s.held, seq)
			}
		}
		delete(s.unsure, r.number)
		c.At, c.By = r.Received, DecidedBy{r.Actor, r.Reason}
	case kindConfirmed, kindDismissed:
		if _, waits := s.held[r.For]; !waits {
			return nil
		}
		delete(s.held, r.For)
		st.held--
		c.At, c.By = r.Received, DecidedBy{r.Actor, r.Reason}
		switch {
		case r.Kind == kindConfirmed:
			st.optOuts++
			c = nil
		case st.blocked():
			c = nil
		default:
			st.withdrawn = r.Received.UnixNano()
		}
	default:
		return nil
	}
	s.numbers[r.number] = st
	return c
}
