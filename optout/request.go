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
	// At is when the person asked, in the person's time zone: deadlines count the days of that zone.
	// The zero Time is now. A time in the future is kept, and blocks at once as any other.
	At time.Time
	// Source is where it was asked, as "sms", "web" or "wrapup": 1 to 64 of a-z, 0-9, - and _.
	Source string
	// SourceID is the event's id at its source: of the message, the form, the conversation. The same
	// event may then arrive many times. "" makes every arrival an opt-out of its own. At most 256
	// bytes. Do not use the id of a customer: it is not that of the event.
	SourceID string
	// Evidence is what shows that the person asked: the text, the address of a recording. At most
	// 4,096 bytes.
	Evidence string
}

// A Receipt says that something is on disk.
type Receipt struct {
	ID       string    // names it from now on; decimal digits
	Received time.Time // when it was taken in
	// Duplicate says that the event was known already. ID and Received are those of its first arrival.
	Duplicate bool
}

// By is who decided something, and why. Both are needed: 1 to 256 bytes and 1 to 4,096.
type By struct {
	Actor  string
	Reason string
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

func (b By) check() error {
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
