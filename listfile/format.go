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

// Format is the shape of a list's file.
type Format struct {
	name  string
	areas bool // its files are for area codes
	parse func(f *file, in io.Reader, yield yield) bool
}

type yield = func(dnc.Number, error) bool

// FTC is the full list of the national Do-Not-Call registry of the United States as
// telemarketing.donotcall.gov has it: flat, a row "AAA,NNNNNNN" or "AAANNNNNNN" for each number, or
// XML, told apart by the first byte. Change lists are refused: they are relative to what was
// downloaded before, so a lost one is never noticed.
//
// Where the name of the zip's member, or else of the file, has an area code, three digits by
// themselves as in "415.txt", rows of other area codes are errors. A zip with one member whose name
// has another area code than its own is refused.
func FTC() Format { return Format{"FTC", true, parseNational} }

// Canada is the full National DNCL of Canada: CSV, a row "AAA,NNNNNNN" for each number, or XML,
// also as the regulator prints it, which is not well-formed. Area codes in names count as they do
// with FTC.
func Canada() Format { return Format{"Canada", true, parseNational} }

// NorthAmerica is a number of North America on each line, in any spelling, also with the area code
// in a cell of its own: the lists of states, and the files of ported numbers
// (WIRELESS-TO-WIRELINE-NORANGE.TXT and its like). A file of ranges, with two numbers on a line, is
// refused.
func NorthAmerica() Format {
	return Format{"NorthAmerica", false, func(f *file, in io.Reader, yield yield) bool {
		return parseLines(f, in, northern, yield)
	}}
}

// Lines is a number on each line; empty lines do not count. parse is as for CSV; nil is
// dnc.ParseNumber.
func Lines(parse func(string) (dnc.Number, error)) Format {
	return Format{
		"Lines", false,
		func(f *file, in io.Reader, yield yield) bool { return parseLines(f, in, orE164(parse), yield) },
	}
}

// CSV is a file with the numbers in one column, or in several.
//
//   - column is its name in the header; case, blanks, hyphens and underscores do not count, and two columns of that name are refused.
//     "#2" is the second column, whatever its name. If all columns are named so, the file may lack a header: a first row with five digits in
//     a column of numbers is no header.
//   - parse reads a cell; nil is dnc.ParseNumber, which takes E.164, and dnc.Parser's Parse takes national forms.
//   - The separator is found in the first row: a comma, semicolon, tab or bar, or what a line "sep=;" above it says.
//
// An empty cell is a RowError; a row without any text is an empty line. A row with more cells than
// the header is a RowError, because a separator without quotes moves them. A quote that swallowed
// rows ends the file with an error.
func CSV(column string, parse func(string) (dnc.Number, error), options ...CSVOption) Format {
	l := &layout{columns: []string{column}, parse: orE164(parse)}
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
	return Format{"CSV", false, l.parseCSV}
}

// A CSVOption says more about a CSV file.
type CSVOption func(l *layout)

func (l *layout) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// Column names one more column with numbers. With several columns an empty cell is left out, and a
// row without any number is a RowError.
func Column(name string) CSVOption {
	return func(l *layout) { l.columns = append(l.columns, name) }
}

// Separator sets the character between cells, if the first row does not show it.
func Separator(c rune) CSVOption {
	return func(l *layout) {
		if !sheet.Usable(c) {
			l.fail(fmt.Errorf("%q cannot be a separator", string(c)))
		}
		l.separator = c
	}
}

// Where takes only the rows that have one of the values in a column; case and blanks around it do
// not count. Several filters must all hold. A file in which no row passes is an error that says
// what rows have: a filter that is misspelt would make an empty list.
func Where(column string, values ...string) CSVOption {
	return func(l *layout) {
		if len(values) == 0 {
			l.fail(fmt.Errorf("the filter of column %q has no value", sheet.Printable(column)))
		}
		l.where = append(l.where, condition{column, values})
	}
}

// CallingCode names the column with the calling code, as 1 or 44, if the numbers are written
// without it. A number that begins with "+" has it.
func CallingCode(column string) CSVOption {
	return func(l *layout) { l.country = column }
}

// VICIdial is a list or an export of VICIdial, in which phone_code and phone_number are columns of
// their own: with a header, or without one in the order of its loader, where they are the fourth
// and fifth.
func VICIdial(options ...CSVOption) Format {
	l := &layout{parse: orE164(nil), find: vicidialColumns}
	for _, o := range options {
		o(l)
	}
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

// GenesysExport is the export of a DNC list of Genesys Cloud: CSV with a header; the first
// column is the phone number unless a column is named so. Entries that have expired are read as
// well: only the platform's clock decides that.
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
