package optout

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/dnc-go/dnc"
)

// The kinds of records in the outbox.
const (
	kindOptOut    = "optout"    // an opt-out
	kindHeld      = "held"      // a doubtful reply: an opt-out until it is decided
	kindWithdrawn = "withdrawn" // all opt-outs of a number end
	kindDismissed = "dismissed" // a held reply was no opt-out
	kindConfirmed = "confirmed" // a held reply was an opt-out
	kindTarget    = "target"    // a target is named for the first time
	kindDelivered = "delivered" // a target has some changes
	kindSkipped   = "skipped"   // a withdrawal that a later opt-out has overtaken is not brought to a target
)

// A record is one line of the outbox. Numbers are plain: the worker must deliver them.
type record struct {
	Seq      uint64    `json:"n"`
	Kind     string    `json:"kind"`
	Received time.Time `json:"received"`
	Number   string    `json:"number,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Source   string    `json:"source,omitempty"`
	SourceID string    `json:"source_id,omitempty"`
	Evidence string    `json:"evidence,omitempty"`
	Actor    string    `json:"actor,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	For      uint64    `json:"for,omitempty"` // the held reply that is decided
	Target   string    `json:"target,omitempty"`
	Changes  []uint64  `json:"changes,omitempty"` // first, last, first, last: of the delivered changes

	number dnc.Number
}

// needsNumber reports whether a kind of record has a number; known whether there is such a kind.
func kindOf(kind string) (needsNumber, known bool) {
	switch kind {
	case kindOptOut, kindHeld, kindWithdrawn, kindDismissed, kindConfirmed:
		return true, true
	case kindTarget, kindDelivered, kindSkipped:
		return false, true
	}
	return false, false
}

func (r *record) append(b []byte) ([]byte, error) {
	if !r.number.IsZero() {
		r.Number = r.number.E164()
	}
	line, err := json.Marshal(r)
	if err != nil {
		return b, err
	}
	return append(append(b, line...), '\n'), nil
}

// parseRecord reads a line. Its errors quote nothing of it.
func parseRecord(line []byte) (record, error) {
	var r record
	if json.Unmarshal(line, &r) != nil {
		return r, fmt.Errorf("a record is not the JSON of this version")
	}
	needsNumber, known := kindOf(r.Kind)
	switch {
	case !known:
		return r, fmt.Errorf("a record has a kind that this version does not know")
	case r.Seq == 0:
		return r, fmt.Errorf("a record has no sequence number")
	case len(r.Changes)%2 != 0:
		return r, fmt.Errorf("a record lists changes without their end")
	}
	for i := 0; i+1 < len(r.Changes); i += 2 {
		if r.Changes[i] == 0 || r.Changes[i] > r.Changes[i+1] || r.Changes[i+1] >= r.Seq {
			return r, fmt.Errorf("a record lists changes that cannot be")
		}
	}
	if !needsNumber {
		return r, nil
	}
	n, err := dnc.ParseNumber(r.Number)
	if err != nil || n.E164() != r.Number {
		return r, fmt.Errorf("a record has no telephone number")
	}
	r.number = n
	return r, nil
}

// ranges are sequence numbers in ascending order as first, last, first, last.
func ranges(seqs []uint64) []uint64 {
	var out []uint64
	for _, s := range seqs {
		if n := len(out); n > 0 && out[n-1]+1 == s {
			out[n-1] = s
			continue
		}
		out = append(out, s, s)
	}
	return out
}
