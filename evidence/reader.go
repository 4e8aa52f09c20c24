package evidence

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/dnc-go/dnc"
)

// Reader finds decisions in a log, or in a copy of its directory. It takes no lock and changes
// nothing. NewReader or Log.Reader makes one.
type Reader struct {
	dir  string
	keys []Key
}

// NewReader makes the Reader of a directory. It finds a decision if keys has the key with which the
// decision was recorded.
func NewReader(dir string, keys ...Key) (*Reader, error) {
	if _, err := newTaggers(keys); err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: without a Key no number can be found", dnc.ErrOption)
	}
	return &Reader{dir: dir, keys: copied(keys)}, nil
}

// Query says which decisions to find.
type Query struct {
	Number   dnc.Number
	From, To time.Time // from From on, and before To; a zero time is no bound
}

// Entry is a recorded decision.
type Entry struct {
	Record   int64        // the number of the record in the log, from 0
	Position int          // the place of the decision in the record, from 0
	Time     time.Time    // the time of the decision, UTC
	Decision dnc.Decision // its Number is that of the Query
	Call     dnc.Call     // what was recorded of the call; Number and Party are empty
	Party    string       // the HMAC of the call's Party, in hex; "" if it had none
	Key      string       // the id of the key
	Library  string       // the version of this library
}

// Find yields the decisions about a number, in the order in which they were recorded. It reads the
// days of the Query, and one day before and after. If a day in that span has no file, Find also
// reads the next file: a clock that was days ahead made the file of a later day, and later records
// went into it. Find misses records whose own time was wrong by more than a day.
//
// The log may be written meanwhile: a write that is not acknowledged yet is left out. The sequence
// ends with the first error. It is dnc.ErrOption if a key of the Reader has another secret than the
// key of the same id in the log.
func (r *Reader) Find(q Query) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if err := r.find(q, nil, yield); err != nil {
			yield(Entry{}, err)
		}
	}
}

// stopped ends a scan whose caller has enough.
var errStopped = fmt.Errorf("stopped")

// find counts in others, if it is not nil, the records of the Query's time whose key is not here.
func (r *Reader) find(q Query, others map[string]int, yield func(Entry, error) bool) error {
	taggers, err := newTaggers(r.keys)
	if err != nil {
		return err
	}
	if q.Number.IsZero() || len(taggers) == 0 {
		return fmt.Errorf("%w: Find needs a number and a key", dnc.ErrOption)
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return fmt.Errorf("%w: the Query is from %s on and before %s, and there is no time between them", dnc.ErrOption,
			q.From.UTC().Format(time.RFC3339), q.To.UTC().Format(time.RFC3339))
	}
	checks, err := readKeys(r.dir)
	if err != nil {
		return err
	}
	if err := differing(checks, taggers); err != nil {
		return err
	}
	tags := map[string]tag{}
	for _, t := range taggers {
		tags[t.id] = t.borrow().number(q.Number)
	}
	err = r.records(q.From, q.To, func(index int64, record []byte) error {
		l, err := parseLeaf(record)
		if err != nil {
			return fmt.Errorf("%w: record %d: %w", ErrDamaged, index, err)
		}
		want, ok := tags[l.header.Key]
		h := &l.header
		if l.event != nil || !q.From.IsZero() && h.Time.Before(q.From) || !q.To.IsZero() && !h.Time.Before(q.To) {
			return nil
		}
		if !ok {
			if others != nil {
				others[h.Key]++
			}
			return nil
		}
		first := binary.BigEndian.Uint64(want[:])
		for i := range l.decisions() {
			if at := l.body[i*l.width:]; binary.BigEndian.Uint64(at) != first || tag(at[:tagSize]) != want {
				continue
			}
			if !yield(l.entry(index, i, q.Number), nil) {
				return errStopped
			}
		}
		return nil
	})
	if err == errStopped { //nolint:errorlint // it is handed through as it is
		return nil
	}
	return err
}

// entry is one decision of a record.
func (l *leaf) entry(index int64, i int, n dnc.Number) Entry {
	out, call := l.at(i)
	o, c := l.header.Outcomes[out], l.header.Calls[call]
	return Entry{
		Record: index, Position: i, Time: l.header.Time, Key: l.header.Key, Library: l.header.Library, Party: c.Party,
		Decision: dnc.Decision{Number: n, Verdict: o.Verdict, Reasons: o.Reasons, Fallback: o.Fallback},
		Call: dnc.Call{
			Time: c.Time, Purpose: c.Purpose, Seller: c.Seller, Campaign: c.Campaign, Subject: c.Subject, Channel: c.Channel,
			Location: dnc.Location{Zones: c.Zones, Region: c.Region, Postal: c.Postal},
		},
	}
}

// records reads the records of some days.
func (r *Reader) records(from, to time.Time, f func(index int64, record []byte) error) error {
	all, err := days(r.dir)
	if err != nil {
		return err
	}
	first, last := "", "9999-99-99"
	if !from.IsZero() {
		first = from.UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	}
	if !to.IsZero() {
		last = to.UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	}
	for i, day := range all {
		if day < first {
			continue
		}
		if day > last && (i == 0 || all[i-1] > last || follows(all[i-1], day)) {
			continue
		}
		if err := readDay(r.dir, day, f); err != nil {
			return err
		}
	}
	return nil
}

// follows reports whether a day is the next one after another.
func follows(before, day string) bool {
	t, err := time.Parse(time.DateOnly, before)
	return err == nil && t.AddDate(0, 0, 1).Format(time.DateOnly) == day
}

// readDay reads the records of one day. Where the file ends in a write that is not acknowledged, the
// records end before it: the log is being written, or a crash has left it so.
func readDay(dir, day string, f func(index int64, record []byte) error) error {
	file, h, err := openDay(dir, day)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	offset, next, tried := h.size, h.first, int64(-1)
	for {
		end, err := scan(file, offset, next, func(index int64, record []byte) error {
			next = index + 1
			return f(index, record)
		})
		switch {
		case err == nil || err == errStopped: //nolint:errorlint // it is handed through as it is
			return err
		case !errors.Is(err, errFrame):
			return fmt.Errorf("%w: %s at byte %d: %w", ErrDamaged, day, end, err)
		}
		acknowledged, size, markErr := readMark(dir)
		switch {
		case markErr != nil || acknowledged == "" || acknowledged > day || end == tried:
			return fmt.Errorf("%w: %s at byte %d: %w", ErrDamaged, day, end, err)
		case acknowledged < day || size <= end:
			return nil
		}
		offset, tried = end, end // it is whole by now, or damaged
	}
}

func openDay(dir, day string) (*os.File, dayHeader, error) {
	file, err := os.Open(filepath.Join(dir, day+dayExt)) //nolint:gosec // a file of the log
	if err != nil {
		return nil, dayHeader{}, err
	}
	h, err := readDayHeader(file, day)
	if err != nil {
		_ = file.Close()
	}
	return file, h, err
}

// scanDay reads the records of one day.
func scanDay(dir, day string, f func(index int64, record []byte) error) error {
	file, h, err := openDay(dir, day)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	end, err := scan(file, h.size, h.first, f)
	if err == errStopped { //nolint:errorlint // it is handed through as it is
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %s at byte %d: %w", ErrDamaged, day, end, err)
	}
	return nil
}
