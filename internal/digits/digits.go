// Package digits reads and makes dnc.Numbers as integers, for the packages of this module that pack
// numbers by the million. Outside of it E164 and ParseNumber are the only ways, so that a program
// shows where full numbers come and go.
package digits

import (
	"unsafe"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/numberkey"
)

// A Number is one word, and Words relies on it: this does not compile if it ever is another size.
var _ = [1]struct{}{}[unsafe.Sizeof(dnc.Number{})-unsafe.Sizeof(uint64(0))]

// The bounds of an E.164 number as an integer: 7 to 15 digits, the first of them not 0.
const (
	Min = 1_000_000
	Max = 999_999_999_999_999
)

// Of is a number's digits as an integer, 0 for the zero Number.
func Of(n dnc.Number) uint64 { return Plain(*(*uint64)(unsafe.Pointer(&n))) }

// Number is the number of these digits, the zero Number if they are outside of Min and Max.
func Number(digits uint64) dnc.Number {
	if digits < Min || digits > Max {
		return dnc.Number{}
	}
	word := digits ^ numberkey.Key
	return *(*dnc.Number)(unsafe.Pointer(&word))
}

// Words is the numbers as they lie in memory, without a copy: Plain makes digits of each.
func Words(ns []dnc.Number) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(ns))), len(ns))
}

// Plain is the digits behind a word of Words, 0 for the zero Number.
func Plain(word uint64) uint64 {
	if word == 0 {
		return 0
	}
	return word ^ numberkey.Key
}
