// Package numberkey holds the key under which the digits of a dnc.Number lie in memory.
package numberkey

import (
	"crypto/rand"
	"encoding/binary"
)

// Key is XORed with the digits of every Number. It is random in each process, and its highest bit
// is set: no digits have that bit, so no number turns into zero.
var Key = func() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return binary.LittleEndian.Uint64(b[:]) | 1<<63
}()
