package block

import (
	"encoding/binary"
	"strings"
)

// A packed block is a block as a process holds it: one line is found with one or two reads of
// memory and without a search that the processor cannot foresee. It takes one of three forms, told
// apart by the length alone:
//
//	1,250 bytes          the bitmap, as it is
//	0 to 164, even       the low bytes of the lines, then their high bytes: up to 82 lines
//	165 to 706           41 offsets, little-endian, into what follows: the low bytes of the lines by
//	                     their high byte, 0 to 39; offset h is where those of h begin
//
// The last form takes a byte a line and 82 bytes, where a list of lines takes two bytes a line.
const (
	highBytes  = (Lines-1)>>8 + 1
	offsets    = 2 * (highBytes + 1)
	maxPlanes  = offsets // lines of the second form at most: with more of them the third is shorter
	planesSize = 2 * maxPlanes
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
	from := len(dst)
	dst = append(dst, make([]byte, offsets)...)
	high := 0
	for i := range n {
		for ; high <= int(b[2*i]); high++ {
			binary.LittleEndian.PutUint16(dst[from+2*high:], uint16(offsets+i))
		}
		dst = append(dst, b[2*i+1])
	}
	for ; high <= highBytes; high++ {
		binary.LittleEndian.PutUint16(dst[from+2*high:], uint16(offsets+n)) //nolint:gosec // at most 706
	}
	return dst
}

// PackedHas reports whether a line, below Lines, is in a packed block.
func PackedHas(p string, line int) bool {
	if len(p) == BitmapSize {
		return p[line>>3]>>(7-line&7)&1 == 1
	}
	low, high := byte(line), line>>8 //nolint:gosec // the low byte of it
	if len(p) > planesSize {
		at := p[2*high : 2*high+4]
		from, to := int(at[0])|int(at[1])<<8, int(at[2])|int(at[3])<<8
		return strings.IndexByte(p[from:to], low) >= 0
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
