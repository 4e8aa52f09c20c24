package evidence

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dnc-go/dnc"
)

// A record is a leaf of the tree:
//
//	1 byte            its kind
//	uvarint, JSON     a leafHeader, or an event
//	each decision     the tag of its number, 16 bytes; its outcome in the header, 2 bytes, big-endian;
//	                  and its call in the header, 2 bytes, where that has more than one
const (
	kindDecisions = 1
	kindEvent     = 2

	maxDecisions = 4096    // of one record
	maxHeader    = 4 << 20 // bytes of one record's JSON
	maxLeaf      = maxHeader + maxDecisions*(tagSize+4) + 16
)

// leafHeader is what the decisions of a record share.
type leafHeader struct {
	Time     time.Time  `json:"time"` // UTC
	Key      string     `json:"key"`
	Library  string     `json:"library"`
	Calls    []callInfo `json:"calls"`
	Outcomes []outcome  `json:"outcomes"`
}

// callInfo is a Call without its number.
type callInfo struct {
	Time     time.Time   `json:"time,omitzero"`
	Purpose  string      `json:"purpose,omitempty"`
	Seller   string      `json:"seller,omitempty"`
	Campaign string      `json:"campaign,omitempty"`
	Party    string      `json:"party,omitempty"` // the tag, in hex
	Subject  string      `json:"subject,omitempty"`
	Channel  dnc.Channel `json:"channel"`
	Zones    []string    `json:"zones,omitempty"`
	Region   string      `json:"region,omitempty"`
	Postal   string      `json:"postal,omitempty"`
}

// outcome is a Decision without its number.
type outcome struct {
	Verdict  dnc.Verdict `json:"verdict"`
	Fallback bool        `json:"fallback,omitempty"`
	Reasons  dnc.Reasons `json:"reasons"`
}

// event is a record of the log about itself.
type event struct {
	Event  string    `json:"event"` // "removed" or "cut"
	Time   time.Time `json:"time"`
	Day    string    `json:"day"`
	First  int64     `json:"first"`           // of "removed": the records from First on,
	Next   int64     `json:"next,omitempty"`  // below Next
	Offset int64     `json:"offset,omitzero"` // of "cut": where in the day's file
	Bytes  int64     `json:"bytes,omitempty"` // and how much
}

func encodeEvent(e event) ([]byte, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	return append(binary.AppendUvarint([]byte{kindEvent}, uint64(len(text))), text...), nil
}

// encoder makes the records of one question.
type encoder struct {
	tagger  *tagger
	library string
	now     time.Time
}

// encode makes the records of decisions. Where about is nil, each has its own call.
func (e *encoder) encode(about *dnc.Call, calls []dnc.Call, ds []dnc.Decision) (leaves [][]byte, err error) {
	state := e.tagger.borrow()
	defer e.tagger.pool.Put(state)
	for from := 0; from < len(ds); from += maxDecisions {
		to := min(from+maxDecisions, len(ds))
		var part []dnc.Call
		if about == nil {
			part = calls[from:to]
		}
		leaf, err := e.leaf(state, about, part, ds[from:to])
		if err != nil {
			return nil, err
		}
		leaves = append(leaves, leaf)
	}
	return leaves, nil
}

type outcomeKey struct {
	verdict  dnc.Verdict
	fallback bool
	reasons  dnc.Reasons
}

func (e *encoder) leaf(state *tagState, about *dnc.Call, calls []dnc.Call, ds []dnc.Decision) ([]byte, error) {
	h := leafHeader{Time: e.now, Key: e.tagger.id, Library: e.library}
	var which []uint16 // the call of each decision, where they differ
	if about != nil {
		h.Calls = []callInfo{state.info(about)}
	} else {
		h.Calls, which = state.infos(calls)
	}
	outcomes := make([]uint16, len(ds))
	places := make(map[outcomeKey]uint16)
	var last outcomeKey
	place := uint16(0)
	for i := range ds {
		d := &ds[i]
		key := outcomeKey{d.Verdict, d.Fallback, d.Reasons}
		if i == 0 || key != last {
			at, ok := places[key]
			if !ok {
				at = uint16(len(h.Outcomes)) //nolint:gosec // at most maxDecisions
				h.Outcomes = append(h.Outcomes, outcome{d.Verdict, d.Fallback, d.Reasons})
				places[key] = at
			}
			last, place = key, at
		}
		outcomes[i] = place
	}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	if len(text) > maxHeader {
		return nil, fmt.Errorf("the calls and reasons of %d decisions take %d bytes, and a record has room for %d: ask with shorter fields, or in smaller batches", len(ds), len(text), maxHeader)
	}
	b := make([]byte, 0, 1+binary.MaxVarintLen64+len(text)+len(ds)*(tagSize+4))
	b = append(binary.AppendUvarint(append(b, kindDecisions), uint64(len(text))), text...)
	for i := range ds {
		t := state.number(ds[i].Number)
		b = binary.BigEndian.AppendUint16(append(b, t[:]...), outcomes[i])
		if len(h.Calls) > 1 {
			b = binary.BigEndian.AppendUint16(b, which[i])
		}
	}
	return b, nil
}

// info is what is recorded of a call.
func (s *tagState) info(c *dnc.Call) callInfo {
	i := callInfo{
		Purpose: c.Purpose, Seller: c.Seller, Campaign: c.Campaign, Subject: c.Subject, Channel: c.Channel,
		Zones: c.Location.Zones, Region: c.Location.Region, Postal: c.Location.Postal,
	}
	if !c.Time.IsZero() {
		i.Time = c.Time.UTC().Round(0)
	}
	if c.Party != "" {
		t := s.party(c.Party)
		i.Party = hex.EncodeToString(t[:])
	}
	return i
}

// infos are those of several calls, each once, and the place of each call's.
func (s *tagState) infos(calls []dnc.Call) (all []callInfo, which []uint16) {
	which = make([]uint16, len(calls))
	places := map[string]uint16{}
	for i := range calls {
		c := &calls[i]
		if i > 0 && sameCall(c, &calls[i-1]) {
			which[i] = which[i-1]
			continue
		}
		info := s.info(c)
		key := fmt.Sprintf("%q", info)
		at, ok := places[key]
		if !ok {
			at = uint16(len(all)) //nolint:gosec // at most maxDecisions
			all = append(all, info)
			places[key] = at
		}
		which[i] = at
	}
	return all, which
}

// sameCall reports whether two calls differ in nothing but the number. It may miss some that do
// not.
func sameCall(a, b *dnc.Call) bool {
	return a.Time.Equal(b.Time) && a.Purpose == b.Purpose && a.Seller == b.Seller && a.Campaign == b.Campaign && a.Party == b.Party &&
		a.Subject == b.Subject && a.Channel == b.Channel && len(a.Location.Zones) == 0 && len(b.Location.Zones) == 0 &&
		a.Location.Region == b.Location.Region && a.Location.Postal == b.Location.Postal
}

// leaf is a record that was read.
type leaf struct {
	event  *event
	header leafHeader
	width  int
	body   []byte // of the bytes that were read
}

var errLeaf = errors.New("a record cannot be read")

// parseLeaf reads a record and checks that nothing in it points outside of it.
func parseLeaf(b []byte) (leaf, error) {
	if len(b) == 0 {
		return leaf{}, errLeaf
	}
	size, n := binary.Uvarint(b[1:])
	if n <= 0 || size > uint64(len(b)-1-n) { //nolint:gosec // n is at most len(b)-1
		return leaf{}, errLeaf
	}
	text, body := b[1+n:1+n+int(size)], b[1+n+int(size):] //nolint:gosec // at most len(b)
	switch b[0] {
	case kindEvent:
		var e event
		if err := json.Unmarshal(text, &e); err != nil || len(body) > 0 {
			return leaf{}, errLeaf
		}
		return leaf{event: &e}, nil
	case kindDecisions:
		l := leaf{body: body, width: tagSize + 2}
		if err := json.Unmarshal(text, &l.header); err != nil || len(l.header.Calls) == 0 {
			return leaf{}, errLeaf
		}
		if len(l.header.Calls) > 1 {
			l.width += 2
		}
		if len(body)%l.width != 0 {
			return leaf{}, errLeaf
		}
		for i := range l.decisions() {
			if out, call := l.at(i); out >= len(l.header.Outcomes) || call >= len(l.header.Calls) {
				return leaf{}, errLeaf
			}
		}
		return l, nil
	}
	return leaf{}, fmt.Errorf("%w: its kind %d is of a later version of this library", errLeaf, b[0])
}

// decisions is how many decisions a record has.
func (l *leaf) decisions() int {
	if l.event != nil {
		return 0
	}
	return len(l.body) / l.width
}

// at is the place of the outcome and of the call of a decision.
func (l *leaf) at(i int) (outcome, call int) {
	row := l.body[i*l.width+tagSize : (i+1)*l.width]
	if len(row) == 4 {
		call = int(binary.BigEndian.Uint16(row[2:]))
	}
	return int(binary.BigEndian.Uint16(row)), call
}
