// Package listgen makes registries that look like the real ones, of any size, the same for the same seed: whole area codes of North
// America, about 486 central office codes in each, of which between 0.6 % and 60 % of the numbers are listed, 15.6 % on average.
// That is 330 area codes for 250 million numbers.
package listgen

import (
	"iter"
	"math/rand/v2"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// List is a registry of Size numbers.
type List struct {
	Seed uint64
	Size int
}

// Areas are the area codes of a list, ascending: as many as it needs, of 330 and, for very large lists, of all 800.
func (l List) Areas() []int {
	var out []int
	for n := range l.blocks() {
		if area := int(n / 1000 % 1000); len(out) == 0 || out[len(out)-1] != area {
			out = append(out, area)
		}
	}
	return out
}

// blocks are the blocks of 10,000 numbers that have some, each with how many of them are listed, on average.
func (l List) blocks() iter.Seq2[uint64, float64] {
	return func(yield func(uint64, float64) bool) {
		random := rand.New(rand.NewPCG(l.Seed, 1))
		mean := 0.0
		for area := 201; area < 1000; area++ {
			if area%10 == 9 || area%100 == 11 || l.Size <= 265_000_000 && random.Float64() > 350.0/710 {
				continue
			}
			for exchange := 200; exchange < 1000; exchange++ {
				if exchange%100 == 11 || random.Float64() > 486.0/792 {
					continue
				}
				density := 0.006 + 0.594*cube(random.Float64())
				density = min(density, 0.6)
				if mean > float64(l.Size)*1.01+10_000 {
					return
				}
				mean += 10_000 * density
				if !yield(uint64(1000+area)*1000+uint64(exchange), density) {
					return
				}
			}
		}
	}
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
