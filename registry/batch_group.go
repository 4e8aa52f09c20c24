package registry

import (
	"math/bits"
	"slices"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// sliceSize is how many numbers of a batch are grouped at a time: memory beyond the answer does not
// grow with the batch.
const sliceSize = 1 << 20

const (
	lineBits  = 14 // of a line, below 10,000
	lineMask  = 1<<lineBits - 1
	radixBits = 11
)

// scratch is the memory of a slice, used again by the next.
type scratch struct {
	keys, spare []uint64 // a number each: block since base, line, position in the slice
	outcomes    []uint8  // what was found of each number
	queries     []shardQuery
	base        uint64 // the lowest block
	posBits     int
}

// group sorts the numbers of a slice by block, and returns how many of them it took: fewer than all
// if block, line and position together do not fit a word, which takes numbers of 14 digits beside
// short ones. Zero Numbers are left out.
func (s *scratch) group(ns []dnc.Number) int {
	words := digits.Words(ns)
	low, high := ^uint64(0), uint64(0)
	for _, w := range words {
		if w != 0 {
			v := digits.Plain(w)
			low, high = min(low, v), max(high, v)
		}
	}
	if cap(s.outcomes) < len(ns) {
		s.outcomes = make([]outcome, len(ns))
	}
	if high == 0 { // nothing but zero Numbers
		s.keys, s.outcomes = s.keys[:0], s.outcomes[:len(ns)]
		clear(s.outcomes)
		return len(ns)
	}
	s.base = low / blockSize
	blockBits := bits.Len64(high/blockSize - s.base)
	s.posBits = min(64-lineBits-blockBits, bits.Len(sliceSize-1))
	words = words[:min(len(words), 1<<s.posBits)]
	s.outcomes = s.outcomes[:len(words)]
	clear(s.outcomes)
	if cap(s.keys) < len(words) {
		s.keys, s.spare = make([]uint64, len(words)), make([]uint64, len(words))
	}
	keys := s.keys[:len(words)]
	k := 0
	for i, w := range words {
		if w == 0 {
			continue
		}
		v := digits.Plain(w)
		b := v / blockSize
		keys[k] = ((b-s.base)<<lineBits|(v-b*blockSize))<<s.posBits | uint64(i)
		k++
	}
	s.keys = keys[:k]
	s.sort(blockBits)
	return len(words)
}

// sort sorts the keys by their block.
func (s *scratch) sort(blockBits int) {
	if len(s.keys) < 1<<radixBits {
		slices.Sort(s.keys)
		return
	}
	from, to := s.keys, s.spare[:len(s.keys)]
	shift := s.posBits + lineBits
	passes := (blockBits + radixBits - 1) / radixBits
	if passes > 0 {
		width := (blockBits + passes - 1) / passes
		for range passes {
			var count [1 << radixBits]uint32
			mask := uint64(1)<<width - 1
			for _, k := range from {
				count[k>>shift&mask]++
			}
			sum := uint32(0)
			for i, c := range count[:mask+1] {
				count[i] = sum
				sum += c
			}
			for _, k := range from {
				d := k >> shift & mask
				to[count[d]] = k
				count[d]++
			}
			from, to = to, from
			shift += width
		}
	}
	s.keys, s.spare = from, to[:cap(to)]
}

// block and line of a key.
func (s *scratch) block(key uint64) uint64 { return key>>(lineBits+s.posBits) + s.base }
func (s *scratch) line(key uint64) int     { return int(key >> s.posBits & lineMask) }
func (s *scratch) position(key uint64) int { return int(key & (1<<s.posBits - 1)) } //nolint:gosec // an index

// run is the end of the keys from i on that lie in the same block.
func (s *scratch) run(i int) int {
	shift := lineBits + s.posBits
	b := s.keys[i] >> shift
	j := i + 1
	for j < len(s.keys) && s.keys[j]>>shift == b {
		j++
	}
	return j
}
