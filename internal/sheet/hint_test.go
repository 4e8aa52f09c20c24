package sheet

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A cell says a calling code by its "+", whatever the name of its column; without one the name must
// say so, too.
func TestHints(t *testing.T) {
	for _, c := range []struct {
		name, cell string
		want       bool
	}{
		{"Prefix", "+44", true},
		{"Prefix", "44", true},
		{"Prefix", "Mr", false},
		{"Dial", "0044", true},
		{"CC", "GB", true},
		{"CC", "ann@example.com", false},
		{"ISO", "GBR", true},
		{"Code", "(+44)", true},
		{"Code", "+44", true},
		{"Code", "44", false},
		{"Code", "001", true},
		{"Code", "0", false},
		{"Code", "+999", false},
		{"Note", "+4420", false},
		{"UTC Offset", "+7", false},
		{"Time Zone", "+7", false},
		{"Age", "44", false},
	} {
		h := HintsOf([]string{"taken", c.name}, []int{0})
		assert.Equal(t, c.want, h.Of([]string{"+44", c.cell}) == 1, c)
		assert.Equal(t, -1, h.Of([]string{"+44"}), c)
	}
}
