package dnc

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNoPlanHasNumbersOfTheseLengths(t *testing.T) {
	for i := 1; i < len(plans); i++ {
		p := &plans[i]
		for _, national := range [][]byte{nil, {0}, make([]byte, maxDigits), make([]byte, maxScan), {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}} {
			assert.False(t, p.has(national), "%d has numbers of %d digits", p.code, len(national))
		}
	}
	italy := planFor("39") // its numbers begin with one 0, not with two
	assert.True(t, italy.has([]byte{0, 6, 1, 2, 3, 4, 5, 6, 7, 8}))
	assert.False(t, italy.has([]byte{0, 0, 6, 1, 2, 3, 4, 5, 6, 7}))
}
