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

	// The header of a file that was joined to another.
	text = "id,phone\n1,4155550123\n\nID,Phone\n2,4155550124\n"
	r = collect(t, Read("x", strings.NewReader(text), CSV("phone", us.Parse)))
	require.NoError(t, r.err)
	assert.Equal(t, []uint64{14155550123, 14155550124}, r.numbers)
	require.Len(t, r.rows, 1)
	require.ErrorContains(t, r.rows[0], "it is the header again")
	assert.Equal(t, int64(4), r.rows[0].Line)
	for _, text := range []string{
		"id,phone\n1,4155550123\nphone,id\n4155550124,4155550199\n", "status,phone\nx,4155550123\nphone,status\n4155550124,x\n",
		"phone,x,status\n4155550123,,x\nphone,status,x\n4155550124,x,\n",
	} {
		var where []CSVOption
		if strings.Contains(text, "status") {
			where = append(where, Where("status", "x"))
		}
		r = collect(t, Read("x", strings.NewReader(text), CSV("phone", us.Parse, where...)))
		require.ErrorIs(t, r.err, ErrFile)
		require.ErrorContains(t, r.err, "line 3: it is the header of another file")
		assert.Equal(t, []uint64{14155550123}, r.numbers)
	}
	// A list of ranges has more numbers than it has rows.
	for header, column := range map[string]string{"from,to": "from", "First Number,Last Number": "first number", "start,count": "start", "phone,phone to": "phone"} {
		r = collect(t, Read("x", strings.NewReader(header+"\n4155550000,4155559999\n"), CSV(column, us.Parse)))
		require.ErrorIs(t, r.err, ErrFile, header)
		require.ErrorContains(t, r.err, "ranges", header)
	}
	r = collect(t, Read("x", strings.NewReader("From,To,Body,Date\n4155550123,4155550199,STOP,x\n"), CSV("from", us.Parse)))
	require.NoError(t, r.err)
	assert.Len(t, r.numbers, 1)

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
