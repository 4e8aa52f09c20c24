package tiny

import "testing"

func TestTiny(t *testing.T) {
	if Adult(17) || !Adult(18) || Large(1) || !Large(2000) {
		t.Fatal("bounds")
	}
	if Check(true) != nil || Check(false) == nil {
		t.Fatal("Check")
	}
}

func TestAlways(*testing.T) {}

func TestBroken(t *testing.T) {
	if testing.Verbose() {
		t.Fatal("fails without a change")
	}
}
