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
	unsure  map[dnc.Number]doubt // blocked beside numbers
	seen    map[eventKey]seenEvent
	held    map[uint64]HeldRequest
	last    uint64 // the last sequence number
}

// standing is what a number has in force.
type standing struct {
	optOuts   int32
	held      int32
	withdrawn int64  // when it was freed last, in nanoseconds of Unix time; 0: never
	freed     uint64 // the record that did that
}

func (s standing) blocked() bool { return s.optOuts > 0 || s.held > 0 }

// doubt is the opt-outs of a number that are not on disk. A withdrawal ends those that failed before
// it, but none that is being written: that one comes after it.
type doubt struct {
	writing int  // calls that have not returned
	failed  bool // one could not be written
}

// eventKey is the hash of a source, an id there and a number: a log of millions fits in memory.
type eventKey [16]byte

type seenEvent struct {
	seq      uint64
	received time.Time
	held     bool // it is not decided whether it is an opt-out
}

func newState() *state {
	return &state{
		numbers: make(map[dnc.Number]standing), unsure: make(map[dnc.Number]doubt),
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
// An event that was only held is not known as an opt-out.
func (s *state) known(r *Request, kind string) (seenEvent, bool) {
	if r.SourceID == "" {
		return seenEvent{}, false
	}
	e, ok := s.seen[keyOf(r.Source, r.SourceID, r.Number)]
	switch st := s.numbers[r.Number]; {
	case ok && e.held && kind == kindOptOut,
		ok && e.seq < st.freed && (r.At.IsZero() || r.At.UnixNano() > st.withdrawn):
		return seenEvent{}, false
	}
	return e, ok
}

// begin blocks numbers before their opt-outs are safe, and returns these numbers. An event that is
// known blocks nothing: its number is blocked, or was freed after it.
func (s *state) begin(rs []Request, kind string) []dnc.Number {
	s.mu.Lock()
	defer s.mu.Unlock()
	var begun []dnc.Number
	for i := range rs {
		if _, known := s.known(&rs[i], kind); known {
			continue
		}
		n := rs[i].Number
		d := s.unsure[n]
		d.writing++
		s.unsure[n] = d
		begun = append(begun, n)
	}
	return begun
}

// end is the other side of begin. What could not be written stays blocked.
func (s *state) end(begun []dnc.Number, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range begun {
		d := s.unsure[n]
		d.writing--
		s.doubt(n, doubt{d.writing, d.failed || err != nil})
	}
}

func (s *state) doubt(n dnc.Number, d doubt) {
	if d == (doubt{}) {
		delete(s.unsure, n)
		return
	}
	s.unsure[n] = d
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
			s.seen[keyOf(r.Source, r.SourceID, r.number)] = seenEvent{r.Seq, r.Received, r.Kind == kindHeld}
		}
		s.doubt(r.number, doubt{writing: s.unsure[r.number].writing})
		c.Blocked, c.Source, c.SourceID, c.Evidence = true, r.Source, r.SourceID, r.Evidence
	case kindWithdrawn:
		st = standing{withdrawn: r.Received.UnixNano(), freed: r.Seq}
		for seq, h := range s.held {
			if h.Request.Number == r.number {
				delete(s.held, seq)
			}
		}
		s.doubt(r.number, doubt{writing: s.unsure[r.number].writing})
		c.At, c.By = r.Received, DecidedBy{r.Actor, r.Reason}
	case kindConfirmed, kindDismissed:
		h, waits := s.held[r.For]
		if !waits {
			return nil
		}
		delete(s.held, r.For)
		st.held--
		c.At, c.By = r.Received, DecidedBy{r.Actor, r.Reason}
		switch {
		case r.Kind == kindConfirmed:
			st.optOuts++
			key := keyOf(h.Request.Source, h.Request.SourceID, r.number)
			if e, ok := s.seen[key]; ok && e.seq == r.For {
				e.held = false
				s.seen[key] = e
			}
			c = nil
		case st.blocked():
			c = nil
		default:
			st.withdrawn, st.freed = r.Received.UnixNano(), r.Seq
		}
	default:
		return nil
	}
	s.numbers[r.number] = st
	return c
}
