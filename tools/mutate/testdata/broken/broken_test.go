package broken

import "testing"

func TestYes(t *testing.T) {
	if Yes() {
		t.Fatal("it fails without a change")
	}
}
