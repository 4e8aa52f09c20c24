package preflight_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/preflight"
)

// Other cells of a row say what its numbers are, and whether they may be called.
func TestLoadHeedsTheOtherCells(t *testing.T) {
	b := newBed(t)
	const file = "id,name,phone,phone2,other phone,Do Not Call,Country\n" +
		"a1,n,4155550100,,,no,US\n" +
		"a2,n,4155550101,,,yes,US\n" +
		"a3,n,2079460100,,,,GB\n" +
		"a4,n,+442079460101,,,,US\n" +
		"a5,n,4155550103,4155550142,,x,US\n"
	_, err := preflight.Load(t.Context(), b.c, b.checker, b.list, csvRows(file), parse)
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
	require.ErrorContains(t, err, `"Do Not Call" says who must not be called`)
	assert.Empty(t, b.onList())

	csv := preflight.CSV{IDColumn: "id", Skip: []string{"Do Not Call", "Country"}, OptOutColumns: []string{"Do Not Call"}}
	report, err := preflight.Load(t.Context(), b.c, b.checker, b.list, csv.Rows(strings.NewReader(file)), parse, preflight.DropNumbers())
	require.NoError(t, err)
	assert.Equal(t, []string{"a1 +14155550100 ", "a4 +442079460101 "}, b.onList(), "an opt-out is no number to be dropped")
	assert.Equal(t, "rows: 5; 2 loaded, 0 already on the list, 2 blocked, 0 unknown, 1 invalid", report.String())
	require.Len(t, report.Rejected, 3)
	assert.Equal(t, `row 3 (contact a2), column "Do Not Call": opted_out`, report.Rejected[0].String())
	assert.Contains(t, report.Rejected[1].String(), `column "Country" says another country`)
	assert.Equal(t, `row 6 (contact a5), column "Do Not Call": opted_out`, report.Rejected[2].String())

	csv.CallingCodeColumn = "Country"
	report, err = preflight.Load(t.Context(), b.c, b.checker, b.list, csv.Rows(strings.NewReader(file)), parse)
	require.NoError(t, err)
	assert.Equal(t, 1, report.Loaded)
	assert.Contains(t, b.onList(), "a3 +442079460100 ")
	csv.IgnoredColumns = []string{"state"}
	_, err = preflight.Load(t.Context(), b.c, b.checker, b.list, csv.Rows(strings.NewReader(file)), parse)
	require.ErrorContains(t, err, `no column "state"`)
}

// A permission is an opt-out the other way around, and a status can say "do not call", too.
func TestLoadHeedsPermissions(t *testing.T) {
	b := newBed(t)
	const file = "id,name,phone,phone2,other phone,OK to call\n" +
		"a1,n,4155550100,,,yes\n" +
		"a2,n,4155550101,,,no\n" +
		"a3,DNC,4155550102,,,yes\n" +
		"a4,n,4155550103,,,\n" +
		"a5,+44,2079460100,,,yes\n" // a calling code says itself what it is
	csv := preflight.CSV{IDColumn: "id", Skip: []string{"OK to call"}}
	load := func() (preflight.LoadReport, error) {
		return preflight.Load(t.Context(), b.c, b.checker, b.list, csv.Rows(strings.NewReader(file)), parse)
	}
	_, err := load()
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
	require.ErrorContains(t, err, `"OK to call" says who may be called: name it in PermissionColumns`)
	csv.OptOutColumns = csv.Skip
	_, err = load()
	require.ErrorContains(t, err, "name it in PermissionColumns")
	csv.PermissionColumns = csv.Skip
	_, err = load()
	require.ErrorContains(t, err, "name it in one of them")
	assert.Empty(t, b.onList())

	csv.OptOutColumns = nil
	report, err := load()
	require.NoError(t, err)
	assert.Equal(t, []string{"a1 +14155550100 "}, b.onList())
	require.Len(t, report.Rejected, 4)
	assert.Contains(t, report.Rejected[3].String(), `column "name" says another country`)
	for i, want := range []string{
		`row 3 (contact a2), column "OK to call": opted_out`, `row 4 (contact a3), column "name": opted_out`, `row 5 (contact a4), column "OK to call": opted_out`,
	} {
		assert.Equal(t, want, report.Rejected[i].String())
	}
}

// A file that would lose contacts, or give one the number of another, ends where that is seen.
func TestCSVThatWouldLoseRows(t *testing.T) {
	for text, says := range map[string]string{
		"id,note,phone\n1,\"pipe,4155550123\n2,5\",4155550124\n3,x,4155550125\n": "line 2 of the CSV file: a cell of several lines has a number",
		"id,phone,x\nx,id,phone\n":                                    "line 2 of the CSV file: it is the header of another file",
		"<html><body>Please log in</body></html>\n":                   "web page",
		"PK\x03\x04" + strings.Repeat("\x00", 26) + "xl/workbook.xml": "Excel workbook",
	} {
		rows := 0
		for _, err := range (preflight.CSV{}).Rows(strings.NewReader(text)) {
			rows++
			require.ErrorIs(t, err, preflight.ErrInvalidInput)
			require.ErrorContains(t, err, says)
		}
		assert.Equal(t, 1, rows)
	}
	for row, err := range (preflight.CSV{}).Rows(strings.NewReader("phone,note\n4155550123,\"1 Main St\nSpringfield\"\n")) {
		require.NoError(t, err)
		require.NoError(t, row.Err)
	}
}

// A hole in a file is no text of a contact.
func TestARowWithAHole(t *testing.T) {
	t.Parallel()
	var rows []preflight.Row
	csv := preflight.CSV{}
	for row, err := range csv.Rows(strings.NewReader("phone,note\n+14155550100,\x00\n+14155550101,x\n")) {
		require.NoError(t, err)
		rows = append(rows, row)
	}
	require.Len(t, rows, 2)
	require.ErrorContains(t, rows[0].Err, "NUL byte")
	require.NoError(t, rows[1].Err)
}
