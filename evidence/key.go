package evidence

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"
	"regexp"
	"strconv"
	"sync"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// Key hides the numbers in the log, and finds them again. Printing a Key does not show its secret.
type Key struct {
	ID     string // 1 to 64 of a-z, A-Z, 0-9, "-", "_" and "."; it is in each record
	Secret []byte // at least 32 bytes, random
}

// String is the id.
func (k Key) String() string { return k.ID }

// GoString is the id.
func (k Key) GoString() string { return k.ID }

// Format shows the id in every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.ID)) }

// MarshalText is the id.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.ID), nil }

const (
	minSecret = 32
	tagSize   = 16 // 10^15 numbers have 5*10^29 pairs, so the chance that any two share 128 bits is 2*10^-9
)

var keyID = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)

// tag is what the log has of a number or a party.
type tag [tagSize]byte

// tagger makes the tags of one key.
type tagger struct {
	id   string
	pool sync.Pool // of *tagState
}

type tagState struct {
	mac hash.Hash
	buf []byte
}

func newTagger(k Key) (*tagger, error) {
	switch {
	case !keyID.MatchString(k.ID):
		return nil, fmt.Errorf("%w: the ID of a Key is 1 to 64 of a-z, A-Z, 0-9, \"-\", \"_\" and \".\"", dnc.ErrOption)
	case len(k.Secret) < minSecret:
		return nil, fmt.Errorf("%w: the Secret of the Key %q has %d bytes: it needs at least %d random bytes", dnc.ErrOption, k.ID, len(k.Secret), minSecret)
	}
	secret := append([]byte(nil), k.Secret...)
	return &tagger{id: k.ID, pool: sync.Pool{New: func() any { return &tagState{mac: hmac.New(sha256.New, secret)} }}}, nil
}

// newTaggers makes those of several keys, each id once.
func newTaggers(keys []Key) ([]*tagger, error) {
	var all []*tagger
	seen := map[string]bool{}
	for _, k := range keys {
		t, err := newTagger(k)
		if err != nil {
			return nil, err
		}
		if seen[k.ID] {
			return nil, fmt.Errorf("%w: two Keys have the ID %q", dnc.ErrOption, k.ID)
		}
		seen[k.ID] = true
		all = append(all, t)
	}
	return all, nil
}

func (t *tagger) borrow() *tagState {
	s, _ := t.pool.Get().(*tagState)
	return s
}

// number is the tag of a number. The zero Number has the zero tag.
func (s *tagState) number(n dnc.Number) tag {
	if n.IsZero() {
		return tag{}
	}
	return s.make(strconv.AppendUint(append(s.buf[:0], "n+"...), digits.Of(n), 10))
}

// party is the tag of a person.
func (s *tagState) party(p string) tag { return s.make(append(append(s.buf[:0], 'p'), p...)) }

// make is the tag of what is in the buffer: a letter for the kind, and the text.
func (s *tagState) make(b []byte) (t tag) {
	s.buf = b
	s.mac.Reset()
	_, _ = s.mac.Write(b)
	s.buf = s.mac.Sum(b[:0])
	copy(t[:], s.buf)
	return t
}
