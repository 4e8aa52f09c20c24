package listfile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// A filter compares what people see: not the marks of a spreadsheet, nor how two words are joined.
// A row that it leaves out is a number that may be called.
func TestAFilterSeesThroughSpelling(t *testing.T) {
	text := "phone,status\n4155550123,=\"opted out\"\n4155550124,'Opted-Out\n4155550125,opted_out\n4155550126,OptedOut\n4155550127,active\n" +
		"4155550128,VIP; Opted out\n4155550129,\"opted out,vip\"\n4155550130,active | not opted out\n4155550131,\n"
	r := collect(t, Read("x", strings.NewReader(text), CSV("phone", us.Parse, Where("status", "opted out"))))
	require.NoError(t, r.err)
	assert.Empty(t, r.rows)
	assert.Equal(t, []uint64{14155550123, 14155550124, 14155550125, 14155550126, 14155550128, 14155550129}, r.numbers)
}

// What shows that the file has results is not read as a washed list.
func TestResultsAreNoWashedList(t *testing.T) {
	format := WashedList(dnc.Parser{Country: "61"}.Parse)
	for _, cell := range []string{
		`="Y"`, "'Yes", "Y - registered", "On the register", "DNCR", "Do not call register", "true", "Match", "TPS",
	} {
		for s, err := range format.Read("", strings.NewReader("0299990123,"+cell+"\n")) {
			require.ErrorContains(t, err, "AustralianWash", cell)
			assert.Zero(t, s)
		}
	}
	for _, name := range []string{"Registered", "DNC", "Wash result", "Date registered", "Do Not Call"} {
		for s, err := range format.Read("", strings.NewReader("Number,"+name+"\n0299990123,1\n")) {
			require.ErrorIs(t, err, ErrFile, name)
			require.ErrorContains(t, err, "AustralianWash", name)
			assert.Zero(t, s)
		}
	}
	for _, cell := range []string{"Not registered", "Smith", "x", "2026-01-01", ""} {
		for s, err := range format.Read("", strings.NewReader("Number,client\n0299990123,"+cell+"\n")) {
			require.NoError(t, err, cell)
			assert.False(t, s.Listed)
		}
	}
}

func TestAResultInAFormula(t *testing.T) {
	read := 0
	for s, err := range UKScreening().Read("", strings.NewReader("=\"01214456789\",=\"TPS\",\n01214456780,'OK\n")) {
		require.NoError(t, err)
		assert.Equal(t, read == 0, s.Listed)
		read++
	}
	assert.Equal(t, 2, read)
}

// +49 30 123456 has ten digits, too, and is no number of North America.
func TestNorthAmericaHasCodeOne(t *testing.T) {
	r := collect(t, Read("x", strings.NewReader("+49 30 123456\n+4155550123\n+14155550124\n415-555-0125\n"), NorthAmerica()))
	require.NoError(t, r.err)
	assert.Equal(t, []uint64{14155550124, 14155550125}, r.numbers)
	require.Len(t, r.rows, 2)
	require.ErrorContains(t, r.rows[0], "behind + it has another country")
}

// The cells by which a header has the most say what is wrong with it.
func TestTheProblemOfTheHeaderIsTold(t *testing.T) {
	r := collect(t, Read("x", strings.NewReader("phone number,number\n+14155550123,1\n"), GenesysExport()))
	require.ErrorContains(t, r.err, "several columns may be the one")
	r = collect(t, Read("x", strings.NewReader("phone_code,phone_number\n"), VICIdial(nil)))
	require.ErrorContains(t, r.err, "an option is nil")
	r = collect(t, Read("x", strings.NewReader("phone_code,phone_number,\n"), VICIdial(Where("", "x"))))
	require.ErrorContains(t, r.err, "a column has no name")
}
