package listfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

var us = dnc.Parser{Country: "1"}

// A quote that swallows rows is an error that says where it began: no row is gone without being
// counted.
func TestStrayQuotes(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		line int
	}{
		"around a number and a note":  {"note,phone\n\"pipe,4155550123\n5\",4155550124\nB,4155550125\n", 2},
		"in a later row":              {"note,phone\nA,4155550120\n\n\"pipe,4155550123\n5\",4155550124\nB,4155550125\n", 4},
		"over three rows":             {"note,phone\n\"5 inch,4155550123\nx,4155550124\nTV 5\",4155550125\n", 2},
		"numbers of any spelling":     {"note,phone\n\"5 inch,(415) 555-0123\nTV 5\",4155550125\n", 2},
		"numbers that are not read":   {"note,phone\n\"5 inch,+44 20 7946 0123 11\nTV 5\",4155550125\n", 2},
		"numbers too short to be one": {"note,phone\n\"pipe,555-0123\n5\",4155550124\nB,4155550125\n", 2},
		"short ones, three rows":      {"id,note,phone\n1,\"pipe,555-0123\n2,x,12345\n3,5\",4155550124\n", 2},
		"semicolons":                  {"note;phone\n\"pipe;4155550123\n5\";4155550124\n", 2},
		"tabs":                        {"note\tphone\n\"pipe\t4155550123\n5\"\t4155550124\n", 2},
		"rows that end in CR":         {"note,phone\r\"pipe,4155550123\r5\",4155550124\rB,4155550125\r", 2},
		"to the end of the file":      {"note,phone\nA,4155550123\n\"pipe,4155550124\nB,4155550125\n", 3},
		"in the column of numbers":    {"note,phone\nA,\"4155550123\nB,4155550124\nC\",4155550125\n", 2},
		"below a line sep=":           {"sep=,\nnote,phone\n\"pipe,4155550123\n5\",4155550124\n", 3},
		"behind a note of two lines":  {"note,phone\n\"a\nb\",4155550122\n\"pipe,4155550123\n5\",4155550124\n", 4},
		"in the second cell of a row": {"id,note,phone\n1,\"pipe,4155550123\n2,5\",4155550124\n", 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, Read("list.csv", strings.NewReader(c.text), CSV("phone", us.Parse)))
			require.ErrorIs(t, r.err, ErrFile)
			require.ErrorContains(t, r.err, "a quote")
			assert.ErrorContains(t, r.err, fmt.Sprintf("line %d:", c.line))
		})
	}
	// Notes of several lines that hide nothing are read.
	text := "note,phone,when\n\"called, no answer\n2026-11-24\n12 Main St, Apt 4\nSpringfield, IL 62701-1234\",4155550123,2026-11-25\nB,4155550124,\n"
	r := collect(t, Read("list.csv", strings.NewReader(text), CSV("phone", us.Parse)))
	require.NoError(t, r.err)
	assert.Equal(t, []uint64{14155550123, 14155550124}, r.numbers)
	r = collect(t, Read("list.csv", strings.NewReader("note,phone\n\"Smith, John\nok\",4155550123\n"), CSV("phone", us.Parse)))
	require.NoError(t, r.err)
	assert.Len(t, r.numbers, 1)
}

// Rows end where a text editor ends them, or the file is refused: one rejected row does not hide
// others.
func TestLineEndings(t *testing.T) {
	for name, end := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r"} {
		for header, first := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r"} {
			for format, f := range map[string]Format{"note,phone": CSV("phone", us.Parse), "": Lines(us.Parse)} {
				var b strings.Builder
				if format != "" {
					b.WriteString(format + first)
				}
				for i := range 900 {
					if format != "" {
						fmt.Fprintf(&b, "x,41555%05d%s", i, end)
					} else {
						fmt.Fprintf(&b, "41555%05d%s", i, end)
					}
				}
				for how, deliver := range deliveries {
					r := collect(t, Read("x", deliver(strings.NewReader(b.String())), f))
					require.NoError(t, r.err, "%s below %s, %s", name, header, how)
					assert.Len(t, r.numbers, 900)
				}
			}
		}
	}
	for name, sep := range map[string]string{"U+2028": "\u2028", "U+2029": "\u2029", "U+0085": "\u0085", "form feed": "\f", "vertical tab": "\v"} {
		var csv, lines, flat strings.Builder
		csv.WriteString("note,phone\n")
		for i := range 900 {
			fmt.Fprintf(&csv, "x,41555%05d%s", i, sep)
			fmt.Fprintf(&lines, "41555%05d%s", i, sep)
			fmt.Fprintf(&flat, "415,55%05d%s", i, sep)
		}
		for text, f := range map[string]Format{
			csv.String(): CSV("phone", us.Parse), "phone\n" + lines.String(): CSV("phone", us.Parse), lines.String(): Lines(us.Parse),
			flat.String(): FTC(), lines.String() + "\n": NorthAmerica(),
		} {
			r := collect(t, Read("x", strings.NewReader(text), f))
			require.ErrorIs(t, r.err, ErrFile, "%s in %.30q", name, text)
			assert.Empty(t, r.rows)
		}
	}
	for name, c := range map[string]struct {
		text string
		f    Format
	}{
		"many numbers on a line":   {strings.Repeat("4155550123 ", 900), Lines(us.Parse)},
		"many numbers in a row":    {"phone\n" + strings.Repeat("4155550123,", 900) + "\n", CSV("phone", us.Parse)},
		"an unknown row end":       {"note,phone\nx,4155550123" + strings.Repeat(";y,4155550124", 900) + "\n", CSV("phone", us.Parse)},
		"many numbers in a cell":   {"note,phone\nx," + strings.Repeat("4155550123 / ", 900) + "\n", CSV("phone", us.Parse)},
		"flat, two in a row":       {"415,5550123\u2028415,5550124\n", FTC()},
		"lines, two on a line":     {"+14155550123\u2028+14155550124\n", Lines(nil)},
		"flat, many in a row":      {strings.Repeat("415,5550123;", 80), FTC()},
		"a NUL byte":               {"note,phone\nx,4155550123\n" + strings.Repeat("y,4155550124\n", 1000) + "\x00\x00\n", CSV("phone", us.Parse)},
		"a NUL byte between lines": {"4155550123\n" + strings.Repeat("4155550124\n", 1000) + "\x00\x00\n", Lines(us.Parse)},
	} {
		r := collect(t, Read("x", strings.NewReader(c.text), c.f))
		require.ErrorIs(t, r.err, ErrFile, name)
		assert.Empty(t, r.rows, name)
	}
	// A page of a printed list begins with a form feed.
	r := collect(t, Read("x", strings.NewReader("4155550123\n\f4155550124\n"), Lines(us.Parse)))
	require.NoError(t, r.err)
	assert.Len(t, r.numbers, 2)
}

func utf16Of(text string, big, mark bool) string {
	var b bytes.Buffer
	units := utf16.Encode([]rune(text))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	for _, u := range units {
		if big {
			b.Write([]byte{byte(u >> 8), byte(u)})
		} else {
			b.Write([]byte{byte(u), byte(u >> 8)})
		}
	}
	return b.String()
}

func TestEncodings(t *testing.T) {
	text := "Näme;Phone Number\nÄnn 😀;4155550123\nx;\"4155550124\"\n"
	for name, c := range map[string]string{
		"UTF-8": text, "UTF-8, BOM": bom + text, "UTF-16LE, BOM": utf16Of(text, false, true), "UTF-16BE, BOM": utf16Of(text, true, true),
		"UTF-16LE": utf16Of(text, false, false), "UTF-16BE": utf16Of(text, true, false),
		"UTF-16, CRLF": utf16Of(strings.ReplaceAll(text, "\n", "\r\n"), false, true),
		"Windows-1252": strings.NewReplacer("ä", "\xe4", "Ä", "\xc4", "😀", "?", "Phone ", "Phone\xa0", "415555", "415\x96555").Replace(text),
	} {
		for how, deliver := range deliveries {
			r := collect(t, Read("x", deliver(strings.NewReader(c)), CSV("phone number", func(s string) (dnc.Number, error) {
				return us.Parse(strings.ReplaceAll(s, "–", "-"))
			})))
			require.NoError(t, r.err, "%s %s", name, how)
			assert.Equal(t, []uint64{14155550123, 14155550124}, r.numbers, "%s %s", name, how)
		}
	}
	flat := "415,5550123\r\n415,5550124\r\n"
	for _, big := range []bool{false, true} {
		r := collect(t, Read("415.txt", strings.NewReader(utf16Of(flat, big, true)), FTC()))
		require.NoError(t, r.err)
		assert.Len(t, r.numbers, 2)
		r = collect(t, Read("415.txt", strings.NewReader(utf16Of(flat, big, true)+"4"), FTC()))
		require.ErrorContains(t, r.err, "cut off")
	}
	long := strings.Repeat("x;4155550123\n", 3000) // beyond what is looked at first
	r := collect(t, Read("x", strings.NewReader(utf16Of("n;phone\n"+long, false, false)), CSV("phone", us.Parse)))
	require.NoError(t, r.err)
	assert.Len(t, r.numbers, 3000)
}

func TestHeaders(t *testing.T) {
	row := func(sep string) string { return strings.Join([]string{"Ann", "4155550123", "x"}, sep) + "\n" }
	for name, c := range map[string]struct {
		column string
		text   string
		opts   []CSVOption
	}{
		"semicolons":           {"Phone", "Name;Phone;Note\n" + row(";"), nil},
		"tabs":                 {"Phone", "Name\tPhone\tNote\n" + row("\t"), nil},
		"bars":                 {"Phone", "Name|Phone|Note\n" + row("|"), nil},
		"a comma in a name":    {"Phone", "\"Name, first\";Phone;Note\n" + row(";"), nil},
		"sep=":                 {"Phone", "sep=;\r\nName;Phone;Note\r\n" + row(";"), nil},
		"sep= in quotes, BOM":  {"Phone", bom + "\"sep=^\"\nName^Phone^Note\n" + row("^"), nil},
		"another separator":    {"Phone", "Name^Phone^Note\n" + row("^"), []CSVOption{Separator('^')}},
		"NBSP":                 {"Phone Number", "Name,Phone\u00a0Number\u00a0,Note\n" + row(","), nil},
		"zero width":           {"phone", "Name,\u200bPho\u200bne\ufeff,Note\n" + row(","), nil},
		"case and blanks":      {" PHONE number", "name, Phone  Number ,note\n" + row(","), nil},
		"underscore":           {"phone number", "name,phone_number,note\n" + row(","), nil},
		"quotes":               {"phone", "\"name\",\"phone\",\"note\"\n" + row(","), nil},
		"by place":             {"#2", "name,phone,note\n" + row(","), nil},
		"by place, no header":  {"#2", row(","), nil},
		"by place, semicolons": {"#2", row(";"), nil},
		"empty lines in front": {"phone", "\n\r\nname,phone,note\n" + row(","), nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, Read("x", strings.NewReader(c.text), CSV(c.column, us.Parse, c.opts...)))
			require.NoError(t, r.err)
			assert.Empty(t, r.rows)
			assert.Equal(t, []uint64{14155550123}, r.numbers)
		})
	}
	for name, c := range map[string]struct {
		column string
		text   string
		says   []string
		opts   []CSVOption
	}{
		"no such column":      {"phone", "name;fax\nx;1\n", []string{`no column "phone"`, `"name", "fax"`, "the name of one of these"}, nil},
		"rows in quotes":      {"phone", "\"name,phone\"\n\"x,4155550123\"\n", []string{"whole rows in quotes"}, nil},
		"a title above":       {"phone", "DNC export 2026-11-25\n\nname,phone\n", []string{"a title", "####-##-##"}, nil},
		"a name like it":      {"phone", "name,Mobile Phone\nx,1\n", []string{`is "Mobile Phone" meant?`}, nil},
		"twice":               {"phone", "name,Phone,PHONE\nx,1,2\n", []string{"two columns", `"Phone", "PHONE"`}, nil},
		"twice by blanks":     {"phone", "Phone\u00a0,phone\n1,2\n", []string{"two columns"}, nil},
		"header missing":      {"phone", "Ann,4155550123\nBob,4155550124\n", []string{"is the header missing?", `"##########"`}, nil},
		"header missing, +":   {"phone", "Ann,+1 (415) 555-0123\n", []string{"is the header missing?", "+# (###) ###-####"}, nil},
		"unknown separator":   {"phone", "name^phone\nx^4155550123\n", []string{"separator"}, nil},
		"the wrong separator": {"phone", "name,phone\nx,4155550123\n", []string{`no column "phone"; the header found is "name,phone"`}, []CSVOption{Separator(';')}},
		"sep= against it":     {"phone", "sep=;\nname;phone\n", []string{"sep=;"}, []CSVOption{Separator(',')}},
		"too few columns":     {"#3", "Ann,4155550123\n", []string{`no column "#3"`, "fewer columns"}, nil},
		"no name":             {" ", "name,phone\n", []string{"no name"}, nil},
		"a named twice":       {"phone", "name,phone\n", []string{`"Phone" is named twice`}, []CSVOption{Column("Phone")}},
		"no such filter":      {"phone", "name,phone\n", []string{`no column "result"`}, []CSVOption{Where("result", "TPS")}},
		"an empty filter":     {"phone", "name,phone\n", []string{"has no value"}, []CSVOption{Where("name")}},
		"a bad separator":     {"phone", "name,phone\n", []string{"cannot be a separator"}, []CSVOption{Separator('"')}},
		"a nil option":        {"phone", "name,phone\n", []string{"nil"}, []CSVOption{nil}},
		"header of 64 KiB":    {"phone", strings.Repeat("x", 70_000), []string{"first line is longer"}, nil},
		"sep= alone":          {"phone", "sep=;\n", []string{"no header"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, Read("x", strings.NewReader(c.text), CSV(c.column, us.Parse, c.opts...)))
			require.ErrorIs(t, r.err, ErrFile)
			for _, s := range c.says {
				assert.ErrorContains(t, r.err, s)
			}
		})
	}
}

func TestColumnsAndFilters(t *testing.T) {
	text := "First Name,Home Phone,Business Phone,Result\nAnn,4155550123,,TPS\nBob,4155550124,4155550125, tps \nCid,n/a,4155550126,OK\nDee,,,TPS\nEve,1,4155550127,TPS\n"
	both := []CSVOption{Column("business phone")}
	r := collect(t, Read("x", strings.NewReader(text), CSV("home phone", us.Parse, both...)))
	require.NoError(t, r.err)
	assert.Equal(t, []uint64{14155550123, 14155550124, 14155550125, 14155550126, 14155550127}, r.numbers)
	require.Len(t, r.rows, 3)
	for i, line := range []int64{4, 5, 6} {
		assert.Equal(t, line, r.rows[i].Line)
		assert.Equal(t, "Home Phone", r.rows[i].Column)
		require.ErrorIs(t, r.rows[i], dnc.ErrInvalidNumber)
	}
	r = collect(t, Read("x", strings.NewReader(text), CSV("home phone", us.Parse, append(both, Where("result", "TPS", "CTPS"))...)))
	require.NoError(t, r.err)
	assert.Equal(t, []uint64{14155550123, 14155550124, 14155550125, 14155550127}, r.numbers)
	assert.Len(t, r.rows, 2)
	r = collect(t, Read("x", strings.NewReader(text), CSV("#2", us.Parse, Where("#4", "OK"), Where("#1", "Cid"))))
	require.NoError(t, r.err)
	assert.Empty(t, r.numbers)
	assert.Len(t, r.rows, 1)
	r = collect(t, Read("x", strings.NewReader(text), CSV("home phone", us.Parse, Where("result", "TSP"))))
	require.ErrorIs(t, r.err, ErrFile)
	require.ErrorContains(t, r.err, `in column "Result" rows have "OK", "TPS", "tps"`)
	r = collect(t, Read("x", strings.NewReader("phone,result\n"), CSV("phone", us.Parse, Where("result", "TPS"))))
	require.NoError(t, r.err, "a header alone is an empty list")
}

// A rejected row has its place and the parser's cause, and never the number.
func TestCauses(t *testing.T) {
	leaky := func(s string) (dnc.Number, error) { return dnc.Number{}, fmt.Errorf("%w: %q", dnc.ErrInvalidNumber, s) }
	foreign := func(string) (dnc.Number, error) { return dnc.Number{}, errors.New("no such carrier") }
	for name, c := range map[string]struct {
		parse func(string) (dnc.Number, error)
		cell  string
		says  string
	}{
		"the parser's cause":     {nil, "4155550123", "does not begin with \"+\""},
		"a short one":            {us.Parse, "555-0123", "invalid number"},
		"empty":                  {us.Parse, "", "empty"},
		"rounded":                {us.Parse, "4.15555E+09", "a spreadsheet rounded it"},
		"rounded, German":        {us.Parse, "4,15555E+09", "a spreadsheet rounded it"},
		"rounded, no point":      {us.Parse, "4e9", "a spreadsheet rounded it"},
		"a decimal":              {us.Parse, "4155550123.0", "a spreadsheet rounded it"},
		"a decimal, +":           {nil, "+14155550123.00", "a spreadsheet rounded it"},
		"a decimal, German":      {us.Parse, "4155550123,0", "a spreadsheet rounded it"},
		"a wildcard":             {us.Parse, "415XXXXXXX", "wildcard"},
		"a wildcard with marks":  {us.Parse, "(415) 555-XXXX", "wildcard"},
		"a wildcard of SQL":      {us.Parse, "415555____", "wildcard"},
		"a parser that leaks":    {leaky, "4155550123", "the parser refuses it"},
		"a part that leaks":      {leaky, "555-0123", "the parser refuses it"},
		"another one's own word": {foreign, "4155550123", "no such carrier"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "\nid,Mobile\n1,+14155550100\n2,\"" + c.cell + "\"\n"
			r := collect(t, Read("optouts.csv", strings.NewReader(text), CSV("mobile", c.parse)))
			require.NoError(t, r.err)
			row := r.rows[len(r.rows)-1]
			require.ErrorIs(t, row, dnc.ErrInvalidNumber)
			require.ErrorContains(t, row, c.says)
			require.ErrorContains(t, row, "optouts.csv: line 4, byte ")
			require.ErrorContains(t, row, `, column "Mobile": `)
			assert.Equal(t, "2,", text[row.Offset:row.Offset+2])
		})
	}
	r := collect(t, Read("415.txt", strings.NewReader("415,555O123\n415,55501234\n115,5550123\n"), FTC()))
	require.Len(t, r.rows, 3)
	for _, row := range r.rows {
		require.ErrorIs(t, row, dnc.ErrInvalidNumber)
	}
	r = collect(t, Read("x", strings.NewReader("\"+14155550123\"\n'+14155550124'\n"), Lines(nil)))
	assert.Len(t, r.numbers, 2)
	// What spreadsheets put around a number is not part of it.
	r = collect(t, Read("x", strings.NewReader("phone\n\"=\"\"+14155550123\"\"\"\n'+14155550124\n"), CSV("phone", nil)))
	assert.Equal(t, []uint64{14155550123, 14155550124}, r.numbers)
	text := "name;phone\nx;=\"4155550123\"\ny;=4155550124\n=\"z\";=\"(415) 555-0125\"\n"
	for how, deliver := range deliveries {
		r = collect(t, Read("x", deliver(strings.NewReader(text)), CSV("phone", us.Parse)))
		require.NoError(t, r.err, how)
		assert.Empty(t, r.rows, how)
		assert.Equal(t, []uint64{14155550123, 14155550124, 14155550125}, r.numbers, how)
	}
}

func TestForeignFiles(t *testing.T) {
	ods := zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", "<x/>")
	stored := append([]byte("PK\x03\x04"+strings.Repeat("\x00", 26)), "mimetypeapplication/vnd.oasis.opendocument.spreadsheet"...)
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"xlsx":                {zipped(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>"), "save the sheet as CSV"},
		"xlsx, other order":   {zipped(t, "a.bin", "x", "xl/workbook.xml", "<workbook/>", "[Content_Types].xml", "<Types/>"), "save the sheet as CSV"},
		"xlsx in a zip":       {zipped(t, "list.xlsx", string(zipped(t, "[Content_Types].xml", "<Types/>"))), "save the sheet as CSV"},
		"xlsx in a gzip":      {gz(t, string(zipped(t, "xl/workbook.xml", "x"))), "save the sheet as CSV"},
		"ods":                 {stored, "OpenDocument"},
		"ods, deflated":       {ods, ""},
		"numbers":             {zipped(t, "Index/Document.iwa", "x"), "Numbers"},
		"xls":                 {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00"), ".xls"},
		"pdf":                 {[]byte("%PDF-1.7\n%\xe2\xe3"), "PDF"},
		"html as xls":         {[]byte("\r\n<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><table><tr><td>phone"), "HTML"},
		"a bare table":        {[]byte("<table border=1><tr><td>phone</td></tr>"), "HTML"},
		"a login page":        {[]byte("<!DOCTYPE html><form><table>"), "web page"},
		"xml spreadsheet":     {[]byte("<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook>"), "Excel workbook as XML"},
		"rtf":                 {[]byte("{\\rtf1\\ansi"), "RTF"},
		"bzip2":               {[]byte("BZh91AY&SY\x00"), "bzip2"},
		"xz":                  {[]byte("\xfd7zXZ\x00\x00"), "xz"},
		"zstd":                {[]byte("\x28\xb5\x2f\xfd\x00"), "zstd"},
		"7z":                  {[]byte("7z\xbc\xaf\x27\x1c"), "7z"},
		"rar":                 {[]byte("Rar!\x1a\x07\x01"), "RAR"},
		"gzip twice":          {gz(t, string(gz(t, "phone\n"))), "twice"},
		"sqlite":              {[]byte("SQLite format 3\x00"), "SQLite"},
		"json":                {[]byte("[\n  \"+14155550123\"\n]"), "JSON"},
		"UTF-32":              {[]byte("\xff\xfe\x00\x00p\x00\x00\x00"), "UTF-32"},
		"empty":               {nil, "empty"},
		"a zip with a note":   {zipped(t, "list.csv", "phone\n", "readme.txt", "x"), "which of them is the list"},
		"not text":            {[]byte("\x01\x02\x03"), "not text"},
		"blanks alone":        {[]byte("\u00a0\n"), "empty"},
		"separators alone":    {[]byte(",,\n"), "no column"},
		"sep= and a web page": {[]byte("sep=,\n<html><body>"), "web page"},
	} {
		for _, format := range []Format{CSV("phone", nil), FTC(), Lines(nil)} {
			r := collect(t, Read("list.csv", bytes.NewReader(c.data), format))
			if format.name != "CSV" && (strings.HasPrefix(c.says, "no ") || c.says == "") {
				continue
			}
			require.ErrorIs(t, r.err, ErrFile, name)
			require.ErrorContains(t, r.err, c.says, name)
			assert.Empty(t, r.numbers)
		}
	}
}

func TestNorthAmericaAndVICIdial(t *testing.T) {
	for text, want := range map[string]int{
		"4155550123\r\n2125550124\r\n": 2, "415 5550123\n(415) 555-0124\n415-555-0125\n": 3, "415\t5550123\n415;555;0124\n\"415\",\"5550125\"\n": 3,
		"14155550123\n+1 415 555 0124": 2,
	} {
		r := collect(t, Read("WIRELESS-TO-WIRELINE-NORANGE.TXT", strings.NewReader(text), NorthAmerica()))
		require.NoError(t, r.err)
		assert.Empty(t, r.rows)
		assert.Len(t, r.numbers, want)
	}
	r := collect(t, Read("x", strings.NewReader("phone\n415555012\n1155550123\n415-555-O123\n24155550123\n"), NorthAmerica()))
	assert.Len(t, r.rows, 5)
	r = collect(t, Read("x", strings.NewReader("4155550000,4155550999\n"), NorthAmerica()))
	require.ErrorIs(t, r.err, ErrFile)
	require.ErrorContains(t, r.err, "-NORANGE")

	for name, text := range map[string]string{
		"export": "lead_id\tstatus\tphone_code\tphone_number\ttitle\n1\tDNC\t1\t4155550123\tMr\n2\tDNC\t44\t2079460000\t\n3\tDNC\t\t+442079460001\t\n",
		"loader": "v1|src|101|1|4155550123|Mr\nv2|src|101|44|2079460000|\nv3|src|101||+442079460001|\n",
	} {
		r := collect(t, Read(name, strings.NewReader(text), VICIdial()))
		require.NoError(t, r.err, name)
		assert.Empty(t, r.rows)
		assert.Equal(t, []uint64{14155550123, 442079460000, 442079460001}, r.numbers, name)
	}
	r = collect(t, Read("x", strings.NewReader("status,phone_code,phone_number\nDNC,1,4155550123\nNEW,1,4155550124\n"), VICIdial(Where("status", "DNC"))))
	assert.Equal(t, []uint64{14155550123}, r.numbers)
	r = collect(t, Read("x", strings.NewReader("phone,code\n4155550123,1\n"), VICIdial()))
	require.ErrorContains(t, r.err, `no column "phone_number"; the header found is "phone", "code"`)
}
