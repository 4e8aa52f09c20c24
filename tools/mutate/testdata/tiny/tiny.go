// Package tiny is changed by the tests of mutate.
package tiny

import "errors"

// Adult is tested at its bound.
func Adult(age int) bool { return age >= 18 }

// Large is tested away from its bound.
func Large(n int) bool { return n > 1000 }

// Small has a line on which no change can be noticed.
func Small(n int) bool { return n < 10 } // mutate: equivalent

// Check is tested for its error.
func Check(ok bool) error {
	if !ok {
		return errors.New("not ok")
	}
	return nil
}

// Unused does not build without the call.
func Unused(f func(int)) {
	n := 1
	f(n)
}
