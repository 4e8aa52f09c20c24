package listfile

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

func TestScreening(t *testing.T) {
	july := day(2013, time.July, 13)
	want := []ScreenedNumber{
		{digits.Number(441234456789), false, time.Time{}},
		{digits.Number(441251811223), true, day(2013, time.January, 2)},
		{digits.Number(441214456789), true, july},
		{digits.Number(442079460018), true, time.Time{}},
	}
	rows := "01234 456789,OK,03/07/14\n01251811223,TPS,02/01/13\n01214456789,\"TPS,CTPS\",\"14/02/14,13/07/13\"\n020 7946 0018,CTPS,\n"
	named := UKScreening()
	named.Number, named.Result, named.Registered = "Becomes", "Test Result", "Date registered"
	for name, c := range map[string]struct {
		s    ScreeningFormat
		text string
	}{
		"no header":       {UKScreening(), rows},
		"a header":        {UKScreening(), "Number,Result,Date\n" + rows},
		"no quotes":       {UKScreening(), strings.ReplaceAll(rows, `"`, "")},
		"no quotes first": {UKScreening(), "Number,Result,Date\n" + strings.ReplaceAll(rows, `"`, "")},
		"no date at all":  {UKScreening(), "01234 456789,OK\n"},
		"semicolons":      {UKScreening(), strings.NewReplacer(`"TPS,CTPS"`, "TPS/CTPS", `"14/02/14,13/07/13"`, "14/02/2014,13/07/2013", ",", ";", "14/02/2014,", "14/02/2014 ").Replace(rows)},
		"columns by name": {named, "Number,Becomes,Test Result,Date Registered\n" + "a," + strings.ReplaceAll(strings.TrimSpace(rows), "\n", "\na,") + "\n"},
	} {
		var got []ScreenedNumber
		for s, err := range c.s.Read("tps.csv", strings.NewReader(c.text)) {
			require.NoError(t, err, name)
			got = append(got, s)
		}
		assert.Equal(t, want[:len(got)], got, name)
		assert.NotEmpty(t, got, name)
	}
}

func TestScreeningRowsThatSayNothing(t *testing.T) {
	text := "01234456789,OK\n0132654544556,INVALID\n02079460018,\n02079460019,maybe\n02079460020,\"OK,maybe\"\nx,TPS\n02079460021,TPS,2024-99-01\n02079460022,\"OK,TPS\"\n02079460023,OK,,,\"x\"\n"
	causes := map[int64]error{}
	var got []ScreenedNumber
	for s, err := range UKScreening().Read("", strings.NewReader(text)) {
		if err == nil {
			got = append(got, s)
			continue
		}
		var row *RowError
		require.ErrorAs(t, err, &row)
		require.Zero(t, s)
		causes[row.Line] = err
	}
	require.Len(t, causes, 6)
	require.ErrorIs(t, causes[2], dnc.ErrInvalidNumber)
	require.ErrorContains(t, causes[4], `the result "maybe" is not known`)
	require.ErrorContains(t, causes[9], "more cells")
	assert.Equal(t, []ScreenedNumber{
		{digits.Number(441234456789), false, time.Time{}}, {digits.Number(442079460021), true, time.Time{}}, {digits.Number(442079460022), true, time.Time{}},
	}, got)

	for s, err := range (ScreeningFormat{}).Read("", strings.NewReader(text)) {
		require.ErrorIs(t, err, ErrFile)
		require.Zero(t, s)
	}
	var listed []bool
	for s, err := range AustralianWash().Read("", strings.NewReader("number\tresult\n0299990123\tRegistered\n+61299990124\tnot registered\n")) {
		require.NoError(t, err)
		listed = append(listed, s.Listed)
	}
	assert.Equal(t, []bool{true, false}, listed)
	var left []ScreenedNumber
	for s, err := range WashedList(dnc.Parser{Country: "61"}.Parse).Read("", strings.NewReader("0299990123\n0299990124\n")) {
		require.NoError(t, err)
		left = append(left, s)
	}
	assert.Equal(t, []ScreenedNumber{{Number: digits.Number(61299990123)}, {Number: digits.Number(61299990124)}}, left)
	// A result that is taken for a washed list would make listed numbers callable.
	read := 0
	for s, err := range WashedList(dnc.Parser{Country: "61"}.Parse).Read("", strings.NewReader("number,status\n0299990123, Registered\u00a0\n0299990124,x\n0299990125,Y\n")) {
		if read++; read == 2 {
			require.NoError(t, err)
			assert.Equal(t, ScreenedNumber{Number: digits.Number(61299990124)}, s)
			continue
		}
		require.ErrorContains(t, err, "AustralianWash")
		assert.Zero(t, s)
	}
	assert.Equal(t, 3, read)
	for _, err := range UKScreening().Files("none") {
		require.ErrorIs(t, err, ErrFile)
	}
}
