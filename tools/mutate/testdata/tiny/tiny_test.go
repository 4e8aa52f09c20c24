package tiny

import "testing"

func TestTiny(t *testing.T) {
	if Adult(17) || !Adult(18) || Large(1) || !Large(2000) || !Small(1) || Small(20) {
		t.Fatal("bounds")
	}
	if Check(true) != nil || Check(false) == nil {
		t.Fatal("Check")
	}
	if !Named(10) || Named(11) {
		t.Fatal("Named")
	}
}

func TestWait(*testing.T) { Wait(12) }
