package block

import (
	"encoding/binary"
	"math/bits"
)

// Set collects the lines of one block, in any order. The zero Set is empty; Reset empties it for
// the next block.
type Set struct {
	words [(Lines + 63) / 64]uint64 // the first line is the highest bit, so that the words' bytes are the bitmap
	count int
}

// Add puts a line, below Lines, into the set and reports whether it was new.
func (s *Set) Add(line int) bool {
	word, bit := &s.words[line>>6], uint64(1)<<(63-line&63)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	s.count++
	return true
}

// Len is how many lines are in the set.
func (s *Set) Len() int { return s.count }

// Reset empties the set.
func (s *Set) Reset() { *s = Set{} }

// Append appends the set as a block, in the shorter form.
func (s *Set) Append(dst []byte) []byte {
	if s.count > MaxSparse {
		for _, w := range s.words {
			dst = binary.BigEndian.AppendUint64(dst, w)
		}
		return dst[:len(dst)-8*len(s.words)+BitmapSize] // the last word is a quarter full
	}
	for i, w := range s.words {
		for w != 0 {
			lead := bits.LeadingZeros64(w)
			line := i<<6 | lead
			dst = append(dst, byte(line>>8), byte(line)) //nolint:gosec // below 10,000
			w &^= 1 << (63 - lead)
		}
	}
	return dst
}

// Merge adds the lines of a block that has passed Verify, and returns how many were new.
func (s *Set) Merge(b []byte) int {
	before := s.count
	if len(b) != BitmapSize {
		for i := range len(b) / 2 {
			s.Add(at(b, i))
		}
		return s.count - before
	}
	s.count = 0
	for i := range s.words {
		if 8*i+8 <= len(b) {
			s.words[i] |= binary.BigEndian.Uint64(b[8*i:])
		} else {
			s.words[i] |= uint64(binary.BigEndian.Uint16(b[8*i:])) << 48
		}
		s.count += bits.OnesCount64(s.words[i])
	}
	return s.count - before
}

// Each calls f with each line, ascending.
func (s *Set) Each(f func(line int)) {
	for i, w := range s.words {
		for w != 0 {
			lead := bits.LeadingZeros64(w)
			f(i<<6 | lead)
			w &^= 1 << (63 - lead)
		}
	}
}
