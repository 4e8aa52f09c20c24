// Package tiny is changed by the tests of mutate.
package tiny

import "errors"

// Adult is tested at its bound.
func Adult(age int) bool { return age >= 18 }

// Large is tested away from its bound.
func Large(n int) bool { return n > 1000 }

// Small is one of the survivors that are listed.
func Small(n int) bool { return n < 10 }

type answer bool

// Named has a type that the switch of a mutant does not have.
func Named(n int) answer { return n == 10 }

// Check is tested for its error.
func Check(ok bool) error {
	if !ok {
		return errors.New("not ok")
	}
	return nil
}

// Unused is not tested. Without the call n is not used.
func Unused(f func(int)) {
	n := 1
	f(n)
}

// Wait does not end without its last call.
func Wait(n int) {
	for n > 10 {
		less(&n)
	}
}

func less(n *int) { *n-- }

// Never does not build without its panic.
func Never() int {
	panic("never")
}
