package optout

import (
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/dnc-go/dnc"
)

// A Request is one opt-out as it arrives.
type Request struct {
	// Number is who must not be called again.
	Number dnc.Number
	// At is the time of the person's request, in the person's time zone: deadlines count days of
	// that zone. The zero Time means now. A request with a time in the future blocks at once too.
	At time.Time
	// Source is the way by which the request arrived, such as "sms", "web" or "wrapup": 1 to 64 of
	// a-z, 0-9, - and _.
	Source string
	// SourceID is the id of the message, form or conversation in its source. With it, the same
	// event can arrive many times and counts once. With "" every arrival is a new opt-out. At most
	// 256 bytes. Do not use a customer's id: a later request of the same customer would count as a
	// duplicate.
	SourceID string
	// Evidence shows that the person asked: for example the text, or the address of a recording. At
	// most 4,096 bytes.
	Evidence string
}

// A Receipt says that a request, withdrawal or resolution is on disk.
type Receipt struct {
	ID       string    // its id, in decimal digits
	Received time.Time // when it was taken in
	// Duplicate says that the event was known before. ID and Received are then those of its first
	// arrival.
	Duplicate bool
}

// DecidedBy says who withdrew or resolved something, and why. Both fields are required.
type DecidedBy struct {
	Actor  string // who, 1 to 256 bytes
	Reason string // why, 1 to 4,096 bytes
}

// The limits of the texts of a request.
const (
	maxSourceID = 256
	maxActor    = 256
	maxText     = 4096
)

var sourceName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

func (r *Request) check() error {
	switch {
	case r.Number.IsZero():
		return invalid("Number is the zero Number")
	case !sourceName.MatchString(r.Source):
		return invalid("Source is 1 to 64 of a-z, 0-9, - and _")
	case len(r.SourceID) > maxSourceID || !utf8.ValidString(r.SourceID):
		return invalid("SourceID is at most %d bytes of UTF-8", maxSourceID)
	case len(r.Evidence) > maxText || !utf8.ValidString(r.Evidence):
		return invalid("Evidence is at most %d bytes of UTF-8: keep the address of what is longer", maxText)
	}
	return checkTime("At", r.At)
}

func checkTime(field string, t time.Time) error {
	if y := t.Year(); !t.IsZero() && (y < 1970 || y > 9999) {
		return invalid("%s lies in the year %d: want 1970 to 9999", field, y)
	}
	return nil
}

func (b DecidedBy) check() error {
	switch {
	case b.Actor == "" || len(b.Actor) > maxActor || !utf8.ValidString(b.Actor):
		return invalid("Actor is 1 to %d bytes of UTF-8: who decided", maxActor)
	case b.Reason == "" || len(b.Reason) > maxText || !utf8.ValidString(b.Reason):
		return invalid("Reason is 1 to %d bytes of UTF-8: why", maxText)
	}
	return nil
}

func idOf(seq uint64) string { return strconv.FormatUint(seq, 10) }

func seqOf(id string) (uint64, bool) {
	seq, err := strconv.ParseUint(id, 10, 64)
	return seq, err == nil && seq > 0 && idOf(seq) == id
}
