package dnc

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A pass during a failover can leave members out, so the first clean pass after a finding proves
// nothing.
func TestAFindingHoldsForTwoCleanPasses(t *testing.T) {
	var s scan
	s.endPass()
	assert.True(t, s.finished)
	for range 2 {
		s.misspelled("blacklist", "14155550123")
		s.endPass()
		assert.NotNil(t, s.standing)
		s.endPass()
		assert.NotNil(t, s.standing, "one clean pass")
		s.misspelled("blacklist", "14155550123")
		s.endPass()
		s.endPass()
		assert.NotNil(t, s.standing, "they must be in a row")
		s.endPass()
		assert.Nil(t, s.standing)
	}
}
