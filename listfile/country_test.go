package listfile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// A listed number of London that is read as one of Maine would be called.
func TestAColumnSaysAnotherCountry(t *testing.T) {
	text := "phone,Country Code\n2079460123,GB\n4155550123,US\n+442079460124,US\n"
	r := collect(t, Read("x", strings.NewReader(text), CSV("phone", us.Parse)))
	require.NoError(t, r.err)
	assert.Equal(t, []uint64{14155550123, 442079460124}, r.numbers)
	require.Len(t, r.rows, 1)
	assert.Equal(t, int64(2), r.rows[0].Line)
	require.ErrorIs(t, r.rows[0], dnc.ErrInvalidNumber)
	require.ErrorContains(t, r.rows[0], `column "Country Code" says another country`)

	r = collect(t, Read("x", strings.NewReader(text), CSV("phone", us.Parse, CallingCode("country code"))))
	require.NoError(t, r.err)
	assert.Empty(t, r.rows)
	assert.Equal(t, []uint64{442079460123, 14155550123, 442079460124}, r.numbers)

	r = collect(t, Read("x", strings.NewReader(text), CSV("phone", us.Parse, Ignore("country code"))))
	require.NoError(t, r.err)
	assert.Empty(t, r.rows)
	assert.Equal(t, []uint64{12079460123, 14155550123, 442079460124}, r.numbers)

	r = collect(t, Read("x", strings.NewReader("prefix,phone\n+44,2079460123\n+1,4155550123\n"), CSV("phone", us.Parse)))
	require.NoError(t, r.err)
	assert.Equal(t, []uint64{14155550123}, r.numbers)
	require.Len(t, r.rows, 1)
	require.ErrorContains(t, r.rows[0], `column "prefix" says another country`)
	r = collect(t, Read("x", strings.NewReader("+44,2079460123\n+1,4155550123\n"), CSV("#2", us.Parse)))
	assert.Len(t, r.rows, 1)

	r = collect(t, Read("x", strings.NewReader(text), CSV("phone", us.Parse, Ignore("state"))))
	assert.ErrorContains(t, r.err, `no column "state"`)
}
