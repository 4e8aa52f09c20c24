// Package block encodes which of 10,000 consecutive numbers are on a list. A block takes one of two
// forms, told apart by the length alone:
//
//	1,250 bytes           a bitmap; line i is bit 7-i%8 of byte i/8, as Redis' GETBIT counts
//	0 to 1,248, even      the lines as big-endian 16-bit integers, ascending, each once: at most 624
//
// The shorter form is chosen: up to 624 lines are a list of them, more are a bitmap.
package block

import (
	"errors"
	"math/bits"
)

// The sizes of a block.
const (
	Lines      = 10_000           // numbers that a block covers
	BitmapSize = Lines / 8        // bytes of the bitmap form
	MaxSparse  = BitmapSize/2 - 1 // lines of the other form at most
)

// Bytes is a block as it was written, or as a reply has it.
type Bytes interface{ ~string | ~[]byte }

// ErrForm is a block that is neither a bitmap nor a list of lines.
var ErrForm = errors.New("block: neither 1,250 bytes nor an even number of at most 1,248")

// Check reports a length that no block has. It does not look inside: see Verify.
func Check[B Bytes](b B) error {
	if len(b) == BitmapSize || len(b) <= 2*MaxSparse && len(b)%2 == 0 {
		return nil
	}
	return ErrForm
}

// Has reports whether a line, below Lines, is in a block that has passed Check.
func Has[B Bytes](b B, line int) bool {
	if len(b) == BitmapSize {
		return b[line>>3]>>(7-line&7)&1 == 1
	}
	low, high := 0, len(b)/2
	for low < high {
		mid := int(uint(low+high) >> 1)
		if at(b, mid) < line {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low < len(b)/2 && at(b, low) == line
}

func at[B Bytes](b B, i int) int { return int(b[2*i])<<8 | int(b[2*i+1]) }

// Count is how many lines are in a block that has passed Check.
func Count[B Bytes](b B) int {
	if len(b) != BitmapSize {
		return len(b) / 2
	}
	n := 0
	for i := range len(b) {
		n += bits.OnesCount8(b[i])
	}
	return n
}

// Verify reports a block that Set.Append cannot have written: another form for its count, lines out
// of order or too large.
func Verify[B Bytes](b B) error {
	if err := Check(b); err != nil {
		return err
	}
	if len(b) == BitmapSize {
		if Count(b) <= MaxSparse {
			return errors.New("block: a bitmap of so few lines that they are shorter as a list")
		}
		return nil
	}
	last := -1
	for i := range len(b) / 2 {
		line := at(b, i)
		if line <= last || line >= Lines {
			return errors.New("block: its lines are not ascending, or not below 10,000")
		}
		last = line
	}
	return nil
}

// Common is how many lines are in both of two blocks that have passed Check.
func Common[A, B Bytes](a A, b B) int {
	n := 0
	switch {
	case len(a) != BitmapSize:
		for i := range len(a) / 2 {
			if line := at(a, i); line < Lines && Has(b, line) {
				n++
			}
		}
	case len(b) != BitmapSize:
		return Common(b, a)
	default:
		for i := range len(a) {
			n += bits.OnesCount8(a[i] & b[i])
		}
	}
	return n
}
