// Package gzipbomb makes small bodies that inflate to large ones, for tests.
package gzipbomb

import (
	"bytes"
	"compress/gzip"
)

// block is what one piece of the bomb inflates to.
const block = 1 << 20

// Of returns about a thousandth of size bytes, which inflate to at least size bytes, all of them
// blanks. The checksum at the end is missing: whoever asks for it has read everything.
func Of(size int) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a valid level
	blanks := bytes.Repeat([]byte{' '}, block)
	_, _ = w.Write(blanks)
	_ = w.Flush()
	first := b.Len()
	_, _ = w.Write(blanks)
	_ = w.Flush()
	// The second piece refers to nothing but blanks before it, so it can be there any number of times.
	bomb := bytes.Clone(b.Bytes())
	again := bytes.Clone(bomb[first:])
	for inflated := 2 * block; inflated < size; inflated += block {
		bomb = append(bomb, again...)
	}
	return bomb
}
