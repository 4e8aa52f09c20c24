package contactfile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/contactfile"
)

var us = dnc.Parser{Country: "1"}

// listed has numbers of the United States and of London.
func listed(t *testing.T) dnc.Checker {
	t.Helper()
	var numbers []dnc.Number
	for _, s := range []string{"+14155550123", "+442079460123"} {
		n, err := dnc.ParseNumber(s)
		require.NoError(t, err)
		numbers = append(numbers, n)
	}
	return dnc.NewMemory("list", numbers...)
}

// scrub returns a line for each contact, "verdict code column", or the error.
func scrub(t *testing.T, text string, format contactfile.Format) ([]string, error) {
	t.Helper()
	if format.Parse == nil {
		format.Parse = us.Parse
	}
	file, err := contactfile.Open(strings.NewReader(text), format)
	if err != nil {
		return nil, err
	}
	var lines []string
	for c, err := range file.Scrub(t.Context(), listed(t)) {
		if err != nil {
			return lines, err
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", c.Decision.Verdict, c.Decision.Reason().Code, c.Column))
	}
	return lines, nil
}

// Other cells of a row say what its number is, and whether it may be called.
func TestWhatTheOtherCellsSay(t *testing.T) {
	type format = contactfile.Format
	for name, c := range map[string]struct {
		text   string
		format format
		want   []string
	}{
		"the country in a column that is named for it": {
			"Phone,Country Code\n4155550100,1\n2079460123,44\n2079460123,GB\n2079460123,\n+14155550123,GB\n2079460123,Ruritania\n",
			format{CallingCodeColumn: "country code"},
			[]string{
				"allow allowed Phone", "block dnc_list Phone", "block dnc_list Phone", "allow allowed Phone", "block dnc_list Phone",
				"block invalid_number Phone",
			},
		},
		"the country in a column that nobody named": {
			"Phone,MailingCountry\n4155550100,United States\n2079460123,GB\n+14155550100,GB\n2079460123,Ruritania\n",
			format{},
			[]string{"allow allowed Phone", "block invalid_number Phone", "allow allowed Phone", "block invalid_number Phone"},
		},
		"a calling code whose column has another name": {
			"Prefix,Phone,Land Name\n+44,2079460123,\n+1,4155550100,\n44,2079460123,\nMr,4155550100,\n0044,+14155550100,\n",
			format{IgnoredColumns: []string{"land name"}},
			[]string{
				"block invalid_number Phone", "allow allowed Phone", "block invalid_number Phone", "allow allowed Phone", "allow allowed Phone",
			},
		},
		"the country in a column of another language": {
			"Телефон,Страна\n2079460123,GB\n4155550100,US\n", format{}, []string{"block invalid_number Телефон", "allow allowed Телефон"},
		},
		"a country that is ignored": {
			"Phone,Country\n2079460123,GB\n",
			format{IgnoredColumns: []string{"Country"}},
			[]string{"allow allowed Phone"},
		},
		"an opt-out": {
			"Phone,Do Not Call,Opt-Out Date\n4155550100,false,\n4155550100,true,\n4155550100,no,2024-05-01\n4155550123,x,\n",
			format{OptOutColumns: []string{"Do Not Call", "#3"}},
			[]string{
				"allow allowed Phone", "block opted_out Do Not Call", "block opted_out Opt-Out Date", "block opted_out Do Not Call",
			},
		},
		"a permission": {
			"Phone,Call permission,OK to Call\n4155550100,yes,1\n4155550100,no,1\n4155550100,yes,\n4155550123,yes,unknown\n",
			format{PermissionColumns: []string{"call permission", "#3"}},
			[]string{
				"allow allowed Phone", "block opted_out Call permission", "block opted_out OK to Call", "block opted_out OK to Call",
			},
		},
		"a status or note": {
			"Phone,Status,Note,Email Status\n4155550100,NEW,called once,\n4155550100,DNC,,\n4155550100,,lawyer: do not call!,\n4155550100,,,Opted Out\n",
			format{Columns: []string{"Phone"}},
			[]string{"allow allowed Phone", "block opted_out Status", "block opted_out Note", "allow allowed Phone"},
		},
		"a disposition": {
			"Phone,Last Disposition\n4155550100,No Answer\n4155550100,DNC - Customer Request\n4155550100,ININ-OUTBOUND-DNC\n4155550100,Ne plus appeler\n4155550100,Not on DNC\n",
			format{},
			[]string{
				"allow allowed Phone", "block opted_out Last Disposition", "block opted_out Last Disposition", "block opted_out Last Disposition",
				"allow allowed Phone",
			},
		},
		"a column without a name": {
			"Name,Phone,\nA,4155550100,\nB,4155550100,DNC\n", format{}, []string{"allow allowed Phone", "block opted_out "},
		},
		"a status that is ignored": {"Phone,Status\n4155550100,DNC\n", format{IgnoredColumns: []string{"status"}}, []string{"allow allowed Phone"}},
		"formulas": {
			"=\"Phone\";\"A\";DNC\n=\"4155550100\";\"x\";=\"No\"\n=\"4155550123\";=\"a;b\";\n=+14155550123;x;\n\"=\"\"4155550100\"\"\";;=\"Yes\"\n",
			format{OptOutColumns: []string{"DNC"}},
			[]string{"allow allowed =Phone", "block dnc_list =Phone", "block dnc_list =Phone", "block opted_out DNC"},
		},
		"an opt-out of Dynamics": {
			"Phone,Do not allow Phone Calls\n4155550100,Allow\n4155550100,Do Not Allow\n",
			format{OptOutColumns: []string{"Do not allow Phone Calls"}},
			[]string{"allow allowed Phone", "block opted_out Do not allow Phone Calls"},
		},
		"an export of Genesys Cloud": {
			"inin-outbound-id,Phone,ContactCallable,CallRecordLastResult-Phone,CallRecordLastAttempt-Phone,Callable-Phone\nx,4155550100,1,,,1\ny,4155550100,0,,,1\n",
			format{PermissionColumns: []string{"ContactCallable", "Callable-Phone"}},
			[]string{"allow allowed Phone", "block opted_out ContactCallable"},
		},
		"an opt-out from e-mail": {"Phone,Email Opt Out\n4155550100,true\n", format{}, []string{"allow allowed Phone"}},
		"columns about numbers": {
			"Phone Type,Phone,Phone Ext,Record ID,Fax\nmobile,4155550100,22,4155550123,4155550123\n",
			format{},
			[]string{"allow allowed Phone"},
		},
		"several numbers": {
			"Home Phone,Mobile\n4155550100,4155550123\n,4155550100\n,\nx,4155550100\n",
			format{AllPhoneColumns: true},
			[]string{"block dnc_list Mobile", "allow allowed Mobile", "block invalid_number ", "block invalid_number Home Phone"},
		},
		"numbers elsewhere that somebody knows of": {
			"Home,Mobile\n4155550123,4155550100\n",
			format{Columns: []string{"Mobile"}},
			[]string{"allow allowed Mobile"},
		},
	} {
		got, err := scrub(t, c.text, c.format)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, got, name)
	}
}

// Where it is not said which columns count, the file is refused.
func TestColumnsThatAreNotClear(t *testing.T) {
	type format = contactfile.Format
	for name, c := range map[string]struct {
		text   string
		format format
		says   string
	}{
		"several columns with numbers": {"Phone,Mobile\n", format{}, `"Phone", "Mobile"`},
		"both ways to say it":          {"Phone\n", format{Columns: []string{"Phone"}, AllPhoneColumns: true}, "two ways"},
		"an opt-out":                   {"Phone,Do Not Call\n", format{}, `"Do Not Call"`},
		"an opt-out, columns named":    {"Phone,DNC\n", format{Columns: []string{"Phone"}}, `"DNC"`},
		"a permission":                 {"Phone,OK to call\n", format{}, `who may be called: "OK to call"`},
		"a permission, named":          {"Phone,Consent\n", format{Columns: []string{"Phone"}}, `"Consent"`},
		"a permission as an opt-out":   {"Phone,OK to call\n", format{OptOutColumns: []string{"OK to call"}}, "not in OptOutColumns"},
		"an opt-out as a permission":   {"Phone,No consent\n", format{PermissionColumns: []string{"No consent"}}, "not in PermissionColumns"},
		"two uses":                     {"Phone\n", format{Columns: []string{"Phone"}, OptOutColumns: []string{"phone"}}, "different uses"},
		"a name that is not there":     {"Phone\n", format{OptOutColumns: []string{"x"}}, `no column "x"`},
		"a name that is there twice":   {"Phone,a,A\n", format{IgnoredColumns: []string{"_a"}}, "this name"},
		"no column":                    {"name,fone\n", format{}, `"name", "fone"`},
		"no header":                    {"Ann,4155550100\n", format{}, "is the header line missing?"},
		"a number in another column":   {"Home,Mobile\n,4155550100\n415-555-0123,4155550100\n", format{}, `line 3 the column "Home"`},
		"two files, joined":            {"Phone,Home,DNC\n4155550100,,no\nPhone,DNC,Home\n4155550100,,\n", format{Columns: []string{"Phone"}, OptOutColumns: []string{"DNC"}}, "line 3 is the header of another file"},
		"a title that says phone": {
			"Phone list November 2026,\nPhone,Do Not Call\n4155550124,1\n", format{}, "line 2 looks like the header",
		},
		"a title above, one cell": {"My Report\n\nName,Phone\nA,4155550124\n", format{}, "title above the header"},
		"a title above, padded":   {"My Report,,\nName,Phone,City\n", format{}, "title above the header"},
		"a separator not known":   {"Name^Phone\nA^4155550124\n", format{}, "separator another one"},
		"a separator no text has": {"Name\x01Phone\nA\x014155550124\n", format{}, "separator another one"},
		"one about a number":      {"Phone Type,Phone\n415-555-0123,4155550100\n", format{}, `"Phone Type"`},
	} {
		_, err := scrub(t, c.text, c.format)
		require.ErrorIs(t, err, contactfile.ErrColumns, name)
		require.ErrorContains(t, err, c.says, name)
		assert.NotRegexp(t, `555.?01`, err.Error(), name)
	}
}

// What is no table says so.
func TestFilesThatAreNoTables(t *testing.T) {
	for text, says := range map[string]string{
		"BEGIN:VCARD\nVERSION:3.0\nTEL:+14155550123\nEND:VCARD\n":                 "vCards",
		"<?xml version=\"1.0\"?><contacts><c phone=\"4155550123\"/></contacts>\n": "XML",
		"INSERT INTO contacts (name,phone) VALUES ('A','4155550123');\n":          "SQL",
		"[\"+14155550123\"]\n": "JSON",
		"\x1f\x8b\x08\x00":     "packed with gzip",
		"phone.csv" + strings.Repeat("\x00", 248) + "ustar\x0000" + strings.Repeat("\x00", 500): "tar",
		"Name,Phone\nA,4155550100\nTotal: 1\n":                                                  "notes and totals below",
		"Phone list\nName,Phone\n":                                                              "title above",
	} {
		_, err := scrub(t, text, contactfile.Format{})
		require.ErrorContains(t, err, says, says)
		assert.NotRegexp(t, `555.?01`, err.Error(), says)
	}
}

// A row with a formula is written as it was.
func TestRowsWithFormulas(t *testing.T) {
	const header, text = "phone,name\r\n", "=\"4155550100\",\"a\"\r\n4155550100,=\"b,c\"\n"
	file, err := contactfile.Open(strings.NewReader(header+text), contactfile.Format{Parse: us.Parse})
	require.NoError(t, err)
	var got strings.Builder
	for c, err := range file.Scrub(t.Context(), listed(t)) {
		require.NoError(t, err)
		got.WriteString(c.Row())
	}
	assert.Equal(t, header, file.Header())
	assert.Equal(t, text, got.String())
}

func TestAContactShowsNoNumber(t *testing.T) {
	file, err := contactfile.Open(strings.NewReader("phone\n4155550123\n"), contactfile.Format{Parse: us.Parse})
	require.NoError(t, err)
	for c, err := range file.Scrub(t.Context(), listed(t)) {
		require.NoError(t, err)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			assert.NotContains(t, fmt.Sprintf(verb, c), "5550123")
		}
		assert.NotContains(t, c.LogValue().String(), "5550123")
		assert.Equal(t, 2, c.Line)
	}
}

// A checker that fails leaves contacts unknown. The end of the context ends the file.
func TestFailures(t *testing.T) {
	broken := dnc.Protect(nil)
	open := func() *contactfile.File {
		file, err := contactfile.Open(strings.NewReader("phone\n+14155550100\n"), contactfile.Format{})
		require.NoError(t, err)
		return file
	}
	file := open()
	for c, err := range file.Scrub(t.Context(), broken) {
		require.NoError(t, err)
		assert.True(t, c.Decision.Undecided())
	}
	for _, err := range file.Scrub(t.Context(), broken) {
		require.ErrorContains(t, err, "open it again")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	for c, err := range open().Scrub(ctx, listed(t)) {
		if err == nil {
			assert.False(t, c.Decision.Callable())
			continue
		}
		require.ErrorIs(t, err, cause)
	}
	for _, err := range new(contactfile.File).Scrub(t.Context(), broken) {
		require.ErrorContains(t, err, "call Open")
	}
}
