package dnc

import (
	"sync/atomic"
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
		s.note(misspelledError("blacklist", "14155550123"))
		s.endPass()
		assert.NotNil(t, s.standing)
		s.endPass()
		assert.NotNil(t, s.standing, "one clean pass")
		s.note(misspelledError("blacklist", "14155550123"))
		s.endPass()
		s.endPass()
		assert.NotNil(t, s.standing, "they must be in a row")
		s.endPass()
		assert.Nil(t, s.standing)
	}
}

// Ten digits in a name or an id are no number, ten digits beside a word are one.
func TestMemberKinds(t *testing.T) {
	c := redisConfig{lastCode: new(atomic.Int32)}
	for member, want := range map[string]memberKind{
		"+14155550123":                         asAsked,
		"customer4155550123":                   notANumber,
		"customer:4155550123":                  otherSpelling,
		"4155550123-customers":                 otherSpelling,
		"4155550123customers":                  notANumber,
		"kontoÀ4155550123":                     notANumber, // whose last byte is 0x80
		"konto\u00fcbersicht\u00fc4155550123":  notANumber, // a letter of more than one byte
		"550e8400-e29b-41d4-a716-446655440000": notANumber,
	} {
		assert.Equal(t, want, c.memberKind(member), member)
	}
	// A format that panics on a guess has not made the member.
	c.formats = []func(Number) string{func(n Number) string {
		if n.E164() != "+14155550123" {
			panic("no guess")
		}
		return "1-" + n.E164()[2:]
	}}
	assert.Equal(t, asAsked, c.memberKind("1-4155550123"))
	assert.Equal(t, otherSpelling, c.memberKind("1-4155550124"))
}
