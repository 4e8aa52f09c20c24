package listfile

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// result is what a sequence brought.
type result struct {
	numbers []uint64
	rows    []*RowError
	err     error // that ended it
}

var longDigits = regexp.MustCompile(`[0-9]{7}`)

func collect(tb testing.TB, seq iter.Seq2[dnc.Number, error]) result {
	tb.Helper()
	var r result
	for n, err := range seq {
		var row *RowError
		switch {
		case r.err != nil:
			tb.Fatal("it goes on after an error that ends it")
		case err == nil:
			r.numbers = append(r.numbers, digits.Of(n))
			continue
		case errors.As(err, &row):
			r.rows = append(r.rows, row)
		default:
			require.ErrorIs(tb, err, ErrFile)
			r.err = err
		}
		require.True(tb, n.IsZero())
		require.NotRegexp(tb, longDigits, err.Error(), "an error shows a number")
	}
	return r
}

// deliveries are ways in which a reader may bring the same bytes.
var deliveries = map[string]func(io.Reader) io.Reader{
	"at once":      func(r io.Reader) io.Reader { return r },
	"byte by byte": iotest.OneByteReader,
	"in halves":    iotest.HalfReader,
	"end and data": iotest.DataErrReader,
}

const bom = "\xef\xbb\xbf"

func TestWhatIsRead(t *testing.T) {
	parser := dnc.Parser{Country: "1"}
	two := []uint64{14155551234, 14155550000}
	crtc := `<list type='full' level='ac' val='416' /> <ac val='416'>
<ph val='2345671' /> <ph val='2345678' /> <ph val='2345679' />
</ac> </list>`
	for name, c := range map[string]struct {
		format Format
		text   string
		want   []uint64
		bad    map[int64]error // rejected rows, by line
	}{
		"flat":                     {FTC(), "415,5551234\n415,5550000\n", two, nil},
		"flat, CRLF":               {FTC(), "415,5551234\r\n415,5550000\r\n", two, nil},
		"flat, no last newline":    {FTC(), "415,5551234\n415,5550000", two, nil},
		"flat, BOM":                {FTC(), bom + "415,5551234\n415,5550000\n", two, nil},
		"flat, blank lines":        {FTC(), "\n \n415,5551234\n\n\r\n415,5550000\n\n\n", two, nil},
		"flat, no comma":           {FTC(), "4155551234\n4155550000\n", two, nil},
		"flat, blanks":             {FTC(), " 415,5551234\n415 , 5550000 \n", two, nil},
		"flat, quotes":             {FTC(), "\"415\",\"5551234\"\n'415','5550000'\n", two, nil},
		"flat, whole row quoted":   {FTC(), "\"4155551234\"\n\" 4155550000 \"\n", two, nil},
		"flat, mixed":              {FTC(), "415,5551234\n4155550000\n415,5551234\n", append(two, 14155551234), nil},
		"flat, odd area codes":     {FTC(), "999,9999999\n200,0000000\n555,1234567\n911,0000001\n", []uint64{19999999999, 12000000000, 15551234567, 19110000001}, nil},
		"flat, area 0 and 1":       {FTC(), "199,5551234\n055,5551234\n", nil, map[int64]error{1: ErrShape, 2: ErrShape}},
		"flat, short and long":     {FTC(), "415,555123\n415,55512345\n41,55512345\n415,5551234\n", two[:1], map[int64]error{1: ErrShape, 2: ErrShape, 3: ErrShape}},
		"flat, no digits":          {FTC(), "415,555123x\n415,:551234\n4x5,5551234\n415;5551234\n415,5551234\n", two[:1], map[int64]error{1: ErrShape, 2: ErrShape, 3: ErrShape, 4: ErrShape}},
		"flat, change list":        {FTC(), "415,5551234,2026-11-01,A\n415,5550000,2026-11-01,D\n", nil, map[int64]error{1: ErrShape, 2: ErrShape}},
		"flat, 11 digits":          {FTC(), "14155551234\n415,5550000\n", two[1:], map[int64]error{1: ErrShape}},
		"flat, a row of kilobytes": {FTC(), "415,5551234" + strings.Repeat(" ", 5000) + "\n415,5550000\n", two, nil},
		"flat, noise in it":        {FTC(), "415,5551234\n" + strings.Repeat(" ", 4200) + "\n\xfe\xff\n415,5550000\n", two, map[int64]error{3: ErrShape}},
		"XML as the FTC has it":    {FTC(), "<list type='full' level='ac' val='423'><ac val='423'><ph val='2345678' /><ph val='0000001' /></ac></list>", []uint64{14232345678, 14230000001}, nil},
		"XML, area at the list":    {FTC(), "<list type=\"full\" level=\"ac\" val=\"423\">\n<ph val=\"2345678\"/>\n</list>\n", []uint64{14232345678}, nil},
		"XML, prolog and comment":  {FTC(), bom + "<?xml version='1.0'?>\n<!-- of today -->\n<list type='full' val='423'><ph val='2345678'></ph></list>", []uint64{14232345678}, nil},
		"XML, short values":        {FTC(), "<list type='full' val='423'><ph val='1'/><ph val='12345' /></list>", []uint64{14230000001, 14230012345}, nil},
		"XML as the CRTC has it":   {Canada(), crtc, []uint64{14162345671, 14162345678, 14162345679}, nil},
		"XML, well-formed":         {Canada(), strings.Replace(crtc, "' /> <ac", "'> <ac", 1), []uint64{14162345671, 14162345678, 14162345679}, nil},
		"XML, all area codes":      {Canada(), "<list type='full' level='all' val=''><ac val='416'><ph val='2345671'/></ac><ac val='604'><ph val='2345671'/></ac></list>", []uint64{14162345671, 16042345671}, nil},
		"XML, bad rows":            {Canada(), "<list type='full' val='416'>\n<ph val='23456789'/>\n<ph val=''/>\n<ph/>\n<ph val='2345678'/>\n<ph val='234x678'/></list>", []uint64{14162345678}, map[int64]error{2: ErrShape, 3: ErrShape, 4: ErrShape, 6: ErrShape}},
		"XML, no area code":        {Canada(), "<list type='full' level='all'>\n<ph val='2345678'/></list>", nil, map[int64]error{2: ErrShape}},
		"Canada, CSV":              {Canada(), "416,1234567\n604,7654321\n", []uint64{14161234567, 16047654321}, nil},
		"Genesys":                  {GenesysExport(), "Phone Number,Something,Expiration Date\r\n+14155551234,,\r\n+14155550000,,2026-12-31T23:59Z\r\n", two, nil},
		"Genesys, unknown names":   {GenesysExport(), bom + "a,b,c\n+14155551234,x,\n", two[:1], nil},
		"Genesys, other column":    {GenesysExport(), "id,Number\n7,+14155551234\n", two[:1], nil},
		"Genesys, empty":           {GenesysExport(), "Phone Number,x,y\n", nil, nil},
		"CSV":                      {CSV("phone", nil), "Name,Phone\n\"Smith, Bill\",+14155551234\n\"two\nlines\",+14155550000\n", two, nil},
		"CSV, contact list":        {CSV("Cell", parser.Parse), bom + "\"\"inin-outbound-id\"\", Cell ,ContactCallable\nx,(415) 555-1234,true\ny,415-555-0000,true\n", two, nil},
		"CSV, quirks":              {CSV("phone", nil), "phone,name\n+14155551234\n\n,nobody\n+14155550000,x,,\nx\n", two, map[int64]error{4: dnc.ErrInvalidNumber, 6: dnc.ErrInvalidNumber}},
		"CSV, a stray quote":       {CSV("phone", nil), "phone,name\n+14155551234,5\" pipe\n+14155550000,x\n", two[1:], map[int64]error{2: ErrShape}},
		"CSV, short rows":          {CSV("phone", nil), "name,phone\nx\ny,+14155550000\n", two[1:], map[int64]error{2: ErrShape}},
		"lines":                    {Lines(nil), "+14155551234\r\n\n  +14155550000", two, nil},
		"lines, national":          {Lines(parser.Parse), "415-555-1234\nx\n(415) 555-0000\n", two, map[int64]error{2: dnc.ErrInvalidNumber}},
		"CSV, cells too many":      {CSV("cell", nil), "name,home,cell\na,+12125551234,+14155551234\nb, c,+12125551234,+14155550001\nd,,+14155550000,\n", two, map[int64]error{3: ErrShape}},
		"CSV, a note of two lines": {CSV("phone", nil), "phone,name\n+14155551234,\"a\nb\"\n+14155550000,c\n", two, nil},
		"lines, zero numbers":      {Lines(func(string) (dnc.Number, error) { return dnc.Number{}, nil }), "1\n", nil, map[int64]error{1: dnc.ErrInvalidNumber}},
	} {
		for how, deliver := range deliveries {
			t.Run(name+"/"+how, func(t *testing.T) {
				r := collect(t, Read("list.txt", deliver(strings.NewReader(c.text)), c.format))
				require.NoError(t, r.err)
				assert.Equal(t, c.want, r.numbers)
				require.Len(t, r.rows, len(c.bad))
				for _, row := range r.rows {
					require.ErrorIs(t, row, c.bad[row.Line], "line %d", row.Line)
					assert.Equal(t, row.Line, row.RowLine())
					assert.Equal(t, "list.txt", row.File)
					if c.format.name != "CSV" && !strings.HasPrefix(name, "XML") { // the offset is the row's
						assert.Equal(t, row.Line-1, int64(strings.Count(c.text[:row.Offset], "\n")))
						assert.True(t, row.Offset == 0 || c.text[row.Offset-1] == '\n')
					}
				}
			})
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	html := "<!DOCTYPE html>\n<html><body>Your session has ended. Please log in.</body></html>"
	for name, c := range map[string]struct {
		format Format
		text   string
		says   string
		before int // numbers before it
	}{
		"zero bytes":                {FTC(), "", "empty", 0},
		"only a BOM":                {FTC(), bom, "empty", 0},
		"blank":                     {FTC(), " \r\n\n", "empty", 0},
		"web page":                  {FTC(), html, "web page", 0},
		"web page, XHTML":           {Canada(), "<?xml version='1.0'?><html lang='fr'>", "web page", 0},
		"web page as CSV":           {CSV("phone", nil), html, "web page", 0},
		"binary":                    {FTC(), "\x7fELF\x02\x01\x01\x00\x00\x00", "not text", 0},
		"zero bytes in it":          {FTC(), "415,5551234\n\x00\x00\x00\n", "not text", 0},
		"XML, cut off":              {FTC(), "<list type='full' val='423'><ph val='2345678' /><ph val='23", "cut off", 1},
		"XML, cut off at a tag":     {FTC(), "<list type='full' val='423'><ph val='2345678' />\n", "cut off", 1},
		"XML, change list":          {FTC(), "<list type='change' val='423'><ph val='2345678' cd='A'/></list>", "full list", 0},
		"XML, changes in it":        {FTC(), "<list type='full' val='423'><ph val='2345678'/><ph val='2345679' cd='D'/></list>", "change list", 1},
		"XML, two lists":            {FTC(), "<list type='full' val='423'><ph val='2345678'/></list><list type='full' val='424'></list>", "second list", 1},
		"XML, text":                 {FTC(), "<list type='full' val='423'>2345678</list>", "text", 0},
		"XML, other tags":           {FTC(), "<rss><item/></rss>", "not known", 0},
		"XML, endless tag":          {FTC(), "<list type='full' val='423'><ph val='" + strings.Repeat("1", 9000), "longer", 0},
		"CSV, no such column":       {CSV("phone", nil), "name,fax\nx,+14155551234\n", "no column", 0},
		"CSV, two such columns":     {CSV("phone", nil), "phone,Phone\n+14155551234,+14155551234\n", "two columns", 0},
		"CSV, no header":            {CSV("phone", nil), "+14155551234\n", "no column", 0},
		"CSV, open quote":           {CSV("phone", nil), "phone,name\n+14155551234,a\n+14155550000,\"b\n+14155550001,c\n", "quote", 1},
		"CSV, misplaced quotes":     {CSV("phone", nil), "phone,name\n+14155551234,\"a\n+14155550000,b\n+14155550001,\"c\",\"d\n", "quote", 0},
		"CSV, swallowed rows":       {CSV("phone", nil), "phone,name\n\"+14155551234,a\n+14155550000,b\"\n", "quote", 0},
		"CSV, open header":          {CSV("phone", nil), "phone,\"name\n+14155551234,a\n", "quote", 0},
		"CSV, a header without end": {CSV("phone", nil), "\"" + strings.Repeat("phone,\n", 300_000), "quote", 0},
		"Genesys, no header":        {GenesysExport(), "+14155551234,,\n", "not the header", 0},
		"lines, one endless":        {Lines(nil), strings.Repeat("9", 2<<20), "megabyte", 0},
		"flat, one endless":         {FTC(), strings.Repeat("9", 2<<20), "longer than", 0},
		"flat, CR alone":            {FTC(), rows(1000, "\n") + rows(1000, "\r") + "\n", "how many rows", 1000},
		"flat, two rows and a CR":   {FTC(), "415,5550000\r415,5550001\n", "how many rows", 0},
		"flat, a hole of zeros":     {FTC(), rows(1000, "\n")[:8192] + strings.Repeat("\x00", 3600) + rows(1000, "\n")[8192+3600:], "how many rows", 682},
		"flat, a row of kilobytes":  {FTC(), "415,5551234\n" + strings.Repeat("9", 5000) + "\n", "how many rows", 1},
		"lines, a long one":         {Lines(nil), "+14155551234\n" + strings.Repeat("9", 70_000) + "\n", "how many rows", 1},
		"CSV, rows in a quote":      {CSV("phone", nil), "phone\n+14155551234\n\"+14155550001\n+14155550002\"\n+14155550003\n", "quote", 1},
		"CSV, rows in a note":       {CSV("phone", nil), "phone,note\n+14155551234,\"5 inch\n+14155550001,a\n+14155550002,TV 5\"\n+14155550003,c\n", "quote", 0},
		"no format":                 {Format{}, "415,5551234\n", "Format", 0},
	} {
		for how, deliver := range deliveries {
			t.Run(name+"/"+how, func(t *testing.T) {
				r := collect(t, Read("list.txt", deliver(strings.NewReader(c.text)), c.format))
				require.ErrorIs(t, r.err, ErrFile)
				require.ErrorContains(t, r.err, c.says)
				require.ErrorContains(t, r.err, "list.txt")
				assert.Len(t, r.numbers, c.before)
			})
		}
	}
	r := collect(t, Read("x", nil, FTC()))
	require.ErrorContains(t, r.err, "nil")
}

// rows are n rows of area code 415.
func rows(n int, end string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "415,%07d%s", 2_000_000+i, end)
	}
	return b.String()
}

// once is a reader that says its error once, and then that it is at its end.
type once struct {
	r   io.Reader
	err error
}

func (o *once) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	if errors.Is(err, io.EOF) && o.err != nil {
		err, o.err = o.err, nil
	}
	return n, err
}

// A stream that breaks off is not whole, also where it says so only once.
func TestStreamCutOff(t *testing.T) {
	for _, size := range []int{1, 10, 341, 342, 1000} {
		r := collect(t, Read("x", &once{strings.NewReader(rows(size, "\n")), io.ErrUnexpectedEOF}, FTC()))
		require.ErrorIs(t, r.err, ErrFile, "%d", size)
		r = collect(t, Read("x", &once{strings.NewReader(strings.ReplaceAll(rows(size, "\n"), "415,", "+1415")), io.ErrUnexpectedEOF}, Lines(nil)))
		require.ErrorIs(t, r.err, ErrFile, "%d", size)
	}
}

// A file for one area code with rows of another is not the file that its name says.
func TestAreaCodeInTheName(t *testing.T) {
	flat := "415,5551234\n212,5551234\n"
	for name, foreign := range map[string]bool{
		"415.txt": true, "full_415_2026-11-01.txt": true, "/212/415.TXT": true, "list 415 (1).txt": true,
		"list.txt": false, "": false, "2026-415-212.txt": false, "4155.txt": false, "115.txt": false, "/415/list.txt": false,
	} {
		r := collect(t, Read(name, strings.NewReader(flat), FTC()))
		require.NoError(t, r.err)
		if !foreign {
			assert.Len(t, r.numbers, 2, name)
			continue
		}
		assert.Equal(t, []uint64{14155551234}, r.numbers, name)
		require.Len(t, r.rows, 1)
		require.ErrorIs(t, r.rows[0], ErrOtherAreaCode)
		assert.EqualValues(t, 12, r.rows[0].Offset)
	}
	r := collect(t, Read("416.xml", strings.NewReader("<list type='full' val='415'><ph val='5551234'/></list>"), Canada()))
	require.Len(t, r.rows, 1)
	require.ErrorIs(t, r.rows[0], ErrOtherAreaCode)
}

// A reader that fails, also in the middle, ends the sequence with its error; one that never brings
// anything does not hang it.
func TestReadersThatFail(t *testing.T) {
	boom := errors.New("boom")
	texts := map[string]string{"flat": "415,5551234\n", "lines": "+14155551234\n", "csv": "phone\n+14155551234\n", "xml": "<list type='full' val='415'>"}
	formats := map[string]Format{"flat": FTC(), "lines": Lines(nil), "csv": CSV("phone", nil), "xml": FTC()}
	for name, text := range texts {
		for _, size := range []int{0, 1, 4095, 4096, 4097, 300_000} {
			long := text + strings.Repeat("\n", size)
			r := collect(t, Read("x", io.MultiReader(strings.NewReader(long), iotest.ErrReader(boom)), formats[name]))
			require.ErrorIs(t, r.err, boom, "%s %d", name, size)
			r = collect(t, Read("x", io.MultiReader(strings.NewReader(long), idle{}), formats[name]))
			require.ErrorIs(t, r.err, io.ErrNoProgress, "%s %d", name, size)
		}
	}
}

// idle reads nothing, and has no end.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestFiles(t *testing.T) {
	t.Chdir(t.TempDir()) // whose path has digits
	path := func(name, text string) string {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	a, b := path("415.txt", "415,5551234\n"), path("212.txt", "212,5551234\n415,5551234\n")
	r := collect(t, Files(FTC(), a, b))
	require.NoError(t, r.err)
	assert.Equal(t, []uint64{14155551234, 12125551234}, r.numbers)
	require.Len(t, r.rows, 1)
	assert.Equal(t, b, r.rows[0].File)
	assert.EqualValues(t, 2, r.rows[0].Line)

	r = collect(t, Files(FTC()))
	require.ErrorContains(t, r.err, "no file")
	r = collect(t, Files(FTC(), a, "none", b))
	require.ErrorIs(t, r.err, os.ErrNotExist)
	assert.Len(t, r.numbers, 1)
	r = collect(t, Files(FTC(), a, "none"))
	assert.Equal(t, "listfile: the file cannot be used: none: no such file or directory", r.err.Error())
	r = collect(t, Files(FTC(), a, ".", b))
	require.ErrorIs(t, r.err, ErrFile)
	assert.Equal(t, "listfile: the file cannot be used: .: it cannot be read: is a directory", r.err.Error(), "the name once")
	r = collect(t, Files(FTC(), path("empty.txt", ""), a))
	require.ErrorContains(t, r.err, "empty")
	assert.Empty(t, r.numbers)

	open := descriptors(t)
	for _, err := range Files(FTC(), a, b) {
		require.NoError(t, err)
		break // nothing stays open
	}
	assert.Equal(t, open, descriptors(t))
}

func descriptors(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if errors.Is(err, os.ErrNotExist) {
		return 0 // not Linux
	}
	require.NoError(t, err)
	return len(fds)
}

func TestNamesFromOutsideInErrors(t *testing.T) {
	r := collect(t, Read("a\nb\x1b[31m"+strings.Repeat("x", 300), strings.NewReader(""), FTC()))
	require.Error(t, r.err)
	assert.NotContains(t, r.err.Error(), "\n")
	assert.NotContains(t, r.err.Error(), "\x1b")
	assert.Less(t, len(r.err.Error()), 400)
	assert.Equal(t, "listfile: 415.zip: 415.txt: line 3, byte 24: "+ErrShape.Error(),
		fmt.Sprint(&RowError{File: "415.zip", Member: "415.txt", Line: 3, Offset: 24, Err: ErrShape}))
}

// BenchmarkFlat is the rows a second of one core; "make bench" prints it beside an import's rate.
func BenchmarkFlat(b *testing.B) {
	var text strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&text, "%03d,%07d\n", 201+i/20_000, i*97%10_000_000)
	}
	b.SetBytes(int64(text.Len()))
	rows := 0
	for b.Loop() {
		for _, err := range Read("x", strings.NewReader(text.String()), FTC()) {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
