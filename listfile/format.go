package listfile

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/sheet"
)

// Format says how a list's file is read.
type Format struct {
	name  string
	areas bool // its files are for area codes
	parse func(f *file, in io.Reader, yield yield) bool
}

type yield = func(dnc.Number, error) bool

// FTC is the full list of the national Do-Not-Call registry of the United States, as
// telemarketing.donotcall.gov offers it. It is flat, with a row "AAA,NNNNNNN" or "AAANNNNNNN" for
// each number, or XML. Change lists are refused, because nobody would notice if one of them was
// lost.
//
// A name can have an area code, three digits as in "415.txt": the name of the file in the zip, or
// otherwise the file's own. Then a row of another area code is a RowError. A zip and the only file
// in it must not name different area codes.
func FTC() Format { return Format{"FTC", true, parseNational} }

// Canada is the full National DNCL of Canada. It is CSV, with a row "AAA,NNNNNNN" for each number,
// or XML. The XML example of the regulator, which is not well-formed, is read too. Area codes in
// names have the same effect as with FTC.
func Canada() Format { return Format{"Canada", true, parseNational} }

// NorthAmerica is a file with a number of North America on each line, in any spelling. The area
// code may be in a cell of its own. Use it for the lists of states, and for files of ported numbers
// such as WIRELESS-TO-WIRELINE-NORANGE.TXT. A file of ranges, with two numbers on a line, is
// refused.
func NorthAmerica() Format {
	return Format{"NorthAmerica", false, func(f *file, in io.Reader, yield yield) bool {
		return parseLines(f, in, northern, yield)
	}}
}

// Lines is a file with a number on each line. Empty lines are ignored. parse reads a number; nil
// means dnc.ParseNumber.
func Lines(parse func(string) (dnc.Number, error)) Format {
	return Format{
		"Lines", false,
		func(f *file, in io.Reader, yield yield) bool { return parseLines(f, in, orE164(parse), yield) },
	}
}

// CSV is a CSV file with the numbers in one or several columns.
//
//   - column is the column's name in the header. Case, blanks, hyphens and underscores are ignored,
//     and two columns of that name are refused. "#2" is the second column, whatever its name. If
//     all columns are given by position, the file may lack a header. A first row with five digits
//     in a column of numbers is not a header.
//   - parse reads a number. nil means dnc.ParseNumber, which reads E.164. For national forms use
//     the Parse method of a dnc.Parser.
//   - The separator is that of the first row: a comma, semicolon, tab or bar. A line "sep=;" above
//     it sets it.
//
// An empty cell is a RowError, but a row without any text is ignored. A row with more cells than
// the header is a RowError, because a separator in an unquoted cell shifts the columns. A quote
// that swallowed rows ends the file with an error.
func CSV(column string, parse func(string) (dnc.Number, error), options ...CSVOption) Format {
	l := &layout{columns: []string{column}, parse: orE164(parse)}
	l.apply(options)
	return Format{"CSV", false, l.parseCSV}
}

func (l *layout) apply(options []CSVOption) {
	for _, o := range options {
		if o == nil {
			l.fail(errors.New("an option is nil"))
			continue
		}
		o(l)
	}
	if slices.ContainsFunc(l.wanted(), func(c string) bool { return sheet.PlainName(c) == "" }) {
		l.fail(errors.New("a column has no name: give one"))
	}
}

// A CSVOption describes a CSV file further.
type CSVOption func(l *layout)

func (l *layout) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// Column adds one more column with numbers. With several columns an empty cell is ignored, and a
// row without any number is a RowError.
func Column(name string) CSVOption {
	return func(l *layout) { l.columns = append(l.columns, name) }
}

// Separator sets the character between cells. Use it if the first row does not show it.
func Separator(c rune) CSVOption {
	return func(l *layout) {
		if !sheet.Usable(c) {
			l.fail(fmt.Errorf("%q cannot be a separator", string(c)))
		}
		l.separator = c
	}
}

// Where takes only the rows that have one of the values in a column. Case, blanks, hyphens and
// underscores are ignored, as in names: "Opted-Out" is "opted out". Of a cell with several values,
// as "DNC; VIP", one is enough. With several filters a row must pass all. If no row passes, there
// is an error that says which values the rows have: the filter is probably misspelt.
func Where(column string, values ...string) CSVOption {
	return func(l *layout) {
		if len(values) == 0 {
			l.fail(fmt.Errorf("the filter of column %q has no value", sheet.Printable(column)))
		}
		l.where = append(l.where, condition{column, values})
	}
}

// CallingCode names the column with the country of the row's numbers: a calling code, such as 1 or
// 44, two letters of ISO 3166, such as US or GB, or a name in English. It is not used for a number
// that begins with "+". Without it, a number in national form is a RowError if a column that is
// named country or the like says another country than the number was read for.
func CallingCode(column string) CSVOption {
	return func(l *layout) { l.country = column }
}

// Ignore names a column that does not say the country of the row's numbers, although it is named
// country or the like.
func Ignore(column string) CSVOption {
	return func(l *layout) { l.ignored = append(l.ignored, column) }
}

// VICIdial is a list or an export of VICIdial, with the columns phone_code and phone_number.
// Without a header they are the fourth and fifth column, as its list loader has them.
func VICIdial(options ...CSVOption) Format {
	l := &layout{parse: orE164(nil), find: vicidialColumns}
	l.apply(options)
	return Format{"VICIdial", false, l.parseCSV}
}

func vicidialColumns(cells []string) (found, error) {
	code, err := sheet.Index(cells, "phone_code")
	if err != nil {
		return found{}, err
	}
	phone, err := sheet.Index(cells, "phone_number")
	switch {
	case err != nil:
		return found{}, err
	case code >= 0 && phone >= 0:
		return found{phones: []int{phone}, codes: code, headed: true}, nil
	case len(cells) >= 5 && len(sheet.Digits(cells[3])) > 0 && len(sheet.Digits(cells[3])) <= 6 && likePhone(cells[4]):
		return found{phones: []int{4}, codes: 3}, nil
	}
	return found{}, &errMissing{"phone_number"}
}

func likePhone(cell string) bool {
	return len(sheet.Digits(cell)) >= 6 && strings.ContainsAny(cell, "0123456789")
}

// GenesysExport is the export of a DNC list of Genesys Cloud, a CSV file with a header. The number
// is in the column that is named as the phone number, or otherwise in the first. Expired entries
// are read too, because only the platform's clock decides whether an entry has expired.
func GenesysExport() Format {
	return Format{"GenesysExport", false, (&layout{parse: orE164(nil), find: exportColumn}).parseCSV}
}

// exportColumn finds the column of a Genesys Cloud export. Its names are not documented: without
// one that says so it is the first, if the row is a header at all.
func exportColumn(cells []string) (found, error) {
	at := []int{}
	for i, c := range cells {
		if slices.Contains([]string{"phonenumber", "phone", "number", "phonenumbers"}, sheet.PlainName(c)) {
			at = append(at, i)
		}
	}
	switch {
	case len(at) > 1:
		return found{}, errors.New("several columns may be the one with the numbers: read it as CSV, and name the column")
	case len(at) == 1:
		return found{phones: at, codes: -1, headed: true}, nil
	case len(cells) == 0 || strings.ContainsAny(cells[0], "0123456789") || sheet.PlainName(cells[0]) == "":
		return found{}, errors.New("the first row is not the header of an export")
	}
	return found{phones: []int{0}, codes: -1, headed: true}, nil
}

func orE164(parse sheet.Parser) sheet.Parser {
	if parse == nil {
		return dnc.ParseNumber
	}
	return parse
}
