package block

import (
	"encoding/binary"
	"strings"
)

// A packed block is a block as a process holds it: one line is found with one or two reads of
// memory and without a search that the processor cannot foresee. It takes one of four forms, told
// apart by the length alone:
//
//	1,250 bytes       the bitmap, as it is
//	0 to 82, even     up to 41 lines: their low bytes, then their high bytes
//	83 to 296         up to 255 lines: their low bytes by their high byte, behind a byte for each high
//	                  byte, 0 to 39, and one for the end: how many lines there are before it
//	338 to 706        the same for up to 624 lines, with two bytes, little-endian, instead of one
//
// The last two forms take a byte a line and 41 or 82 bytes. A list takes two bytes a line.
const (
	highBytes = (Lines-1)>>8 + 1
	narrow    = highBytes + 1       // bytes before the lines of the third form
	wide      = 2 * (highBytes + 1) // of the fourth
	maxPlanes = narrow              // lines of the second form at most: with more of them the third is shorter
	maxNarrow = 255                 // lines of the third form at most
)

// AppendPacked appends the packed form of a block that has passed Verify.
func AppendPacked(dst []byte, b string) []byte {
	n := len(b) / 2
	switch {
	case len(b) == BitmapSize:
		return append(dst, b...)
	case n <= maxPlanes:
		for i := range n {
			dst = append(dst, b[2*i+1])
		}
		for i := range n {
			dst = append(dst, b[2*i])
		}
		return dst
	}
	var before [highBytes + 1]uint16
	for i := range n {
		before[b[2*i]+1]++
	}
	for h := range highBytes {
		before[h+1] += before[h]
	}
	for _, lines := range before {
		if n <= maxNarrow {
			dst = append(dst, byte(lines)) //nolint:gosec // at most 255
		} else {
			dst = binary.LittleEndian.AppendUint16(dst, lines)
		}
	}
	for i := range n {
		dst = append(dst, b[2*i+1])
	}
	return dst
}

// PackedHas reports whether a line, below Lines, is in a packed block.
func PackedHas(p string, line int) bool {
	low, high := byte(line), line>>8 //nolint:gosec // the low byte of it
	switch {
	case len(p) == BitmapSize:
		return p[line>>3]>>(7-line&7)&1 == 1
	case len(p) > narrow+maxNarrow:
		at := p[2*high : 2*high+4]
		from, to := int(at[0])|int(at[1])<<8, int(at[2])|int(at[3])<<8
		return strings.IndexByte(p[wide+from:wide+to], low) >= 0
	case len(p) > 2*maxPlanes:
		from, to := int(p[high]), int(p[high+1])
		return strings.IndexByte(p[narrow+from:narrow+to], low) >= 0
	}
	lows, highs := p[:len(p)/2], p[len(p)/2:]
	for {
		i := strings.IndexByte(lows, low)
		if i < 0 {
			return false
		}
		if int(highs[i]) == high {
			return true
		}
		lows, highs = lows[i+1:], highs[i+1:]
	}
}
