// Package listgen makes registries that look like the real ones, of any size, the same for the same
// seed: whole area codes of North America, about 486 central office codes in each; between
// 0.6 % and 60 % of the numbers are listed, 15.6 % on average. That is 330 area codes for 250
// million numbers; 500 million have room, and 35 million in Canada.
package listgen

import (
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// List is a registry of Size numbers.
type List struct {
	Seed   uint64
	Size   int
	Canada bool // area codes of Canada alone
}

// Areas are the area codes that numbers of a list have, ascending.
func (l List) Areas() []int {
	var out []int
	for area := range l.byArea() {
		out = append(out, area)
	}
	return out
}

// byArea are the last seven digits of the numbers of each area code, ascending. The slice is used
// again.
func (l List) byArea() iter.Seq2[int, []uint32] {
	return func(yield func(int, []uint32) bool) {
		const size = 10_000_000
		area := uint64(0)
		var lines []uint32
		for n := range l.All() {
			if n/size != area && len(lines) > 0 {
				if !yield(int(area%1000), lines) {
					return
				}
				lines = lines[:0]
			}
			area = n / size
			lines = append(lines, uint32(n%size))
		}
		if len(lines) > 0 {
			yield(int(area%1000), lines)
		}
	}
}

// few is the share of the area codes that a list is spread over as long as it has room there: 350
// of 710.
const few = 350.0 / 710

// enough is how many numbers blocks must have on average, for a list of its size to be found in
// them.
func (l List) enough() float64 { return float64(l.Size)*1.01 + 10_000 }

// hasRoom reports whether a list has room in a share of the area codes.
func (l List) hasRoom(share float64) bool {
	mean := 0.0
	for _, density := range l.candidates(share) {
		if mean += 10_000 * density; mean > l.enough() {
			return true
		}
	}
	return false
}

// blocks are the blocks of 10,000 numbers that have some, each with how many of them are listed, on
// average; at the end also some more.
func (l List) blocks() iter.Seq2[uint64, float64] {
	return func(yield func(uint64, float64) bool) {
		share := 1.0
		if l.Size <= 265_000_000 && l.hasRoom(few) {
			share = few
		}
		mean := 0.0
		for n, density := range l.candidates(share) {
			if mean > l.enough() {
				return
			}
			mean += 10_000 * density
			if !yield(n, density) {
				return
			}
		}
	}
}

// candidates are all blocks that a list of any size may have, in a share of the area codes.
func (l List) candidates(share float64) iter.Seq2[uint64, float64] {
	return func(yield func(uint64, float64) bool) {
		random := rand.New(rand.NewPCG(l.Seed, 1))
		for area := 201; area < 1000; area++ {
			switch {
			case area%10 == 9 && !l.Canada, area%100 == 11: // some of Canada's end in 9
				continue
			case l.Canada && !slices.Contains(canada, area):
				continue
			case !l.Canada && share < 1 && random.Float64() > share:
				continue
			}
			for exchange := 200; exchange < 1000; exchange++ {
				if exchange%100 == 11 || random.Float64() > 486.0/792 {
					continue
				}
				density := 0.006 + 0.594*cube(random.Float64())
				if !yield(uint64(1000+area)*1000+uint64(exchange), min(density, 0.6)) {
					return
				}
			}
		}
	}
}

// canada are area codes of Canada, so that files look right; nothing depends on their being all.
var canada = []int{
	204, 226, 236, 249, 250, 257, 263, 289, 306, 343, 354, 365, 367, 368, 382, 403, 416, 418, 428, 431, 437, 438, 450, 468, 474, 506, 514, 519,
	548, 579, 581, 584, 587, 604, 613, 639, 647, 672, 683, 705, 709, 742, 753, 778, 780, 782, 807, 819, 825, 867, 873, 879, 902, 905, 942,
}

func cube(x float64) float64 { return x * x * x }

// All are the numbers, ascending.
func (l List) All() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		left := l.Size
		for n, density := range l.blocks() {
			random := rand.NewPCG(l.Seed^n, 2)
			limit := uint64(density * 65536)
			for line := uint64(0); line < 10_000; line += 4 {
				word := random.Uint64()
				for i := range uint64(4) {
					if word>>(16*i)&0xffff < limit {
						if left == 0 || !yield(n*10_000+line+i) {
							return
						}
						left--
					}
				}
			}
		}
	}
}

// Numbers are the numbers as Replace takes them.
func (l List) Numbers() iter.Seq2[dnc.Number, error] {
	return func(yield func(dnc.Number, error) bool) {
		for v := range l.All() {
			if !yield(digits.Number(v), nil) {
				return
			}
		}
	}
}
