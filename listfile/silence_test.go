package listfile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A row that a filter cannot be asked for, and a first row that is not known to be a header, are
// never left out in silence.
func TestNoRowIsLeftOutInSilence(t *testing.T) {
	text := "phone,status\n4155550123,opted\u00a0out\n4155550124,Opted  out \n4155550125\n4155550126,active\n"
	r := collect(t, Read("x", strings.NewReader(text), CSV("phone", us.Parse, Where("status", "opted out"))))
	require.NoError(t, r.err)
	assert.Equal(t, []uint64{14155550123, 14155550124}, r.numbers)
	require.Len(t, r.rows, 1)
	assert.Equal(t, int64(4), r.rows[0].Line)
	assert.Equal(t, "status", r.rows[0].Column)

	for _, first := range []string{"4.1E+09", "1-800-FLOWERS", "(415) FLOWERS", "415555"} {
		r := collect(t, Read("x", strings.NewReader("A,"+first+"\nB,4155550124\n"), CSV("#2", us.Parse)))
		require.NoError(t, r.err)
		assert.Equal(t, []uint64{14155550124}, r.numbers)
		assert.Len(t, r.rows, 1, first)
	}
	for _, header := range []string{"Phone 1", "2nd phone", "phone_2026", "n/a", ""} {
		r := collect(t, Read("x", strings.NewReader("A,"+header+"\nB,4155550124\n"), CSV("#2", us.Parse)))
		require.NoError(t, r.err)
		assert.Empty(t, r.rows, header)
	}
}
