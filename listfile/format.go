package listfile

import (
	"io"

	"github.com/dnc-go/dnc"
)

// Format is the shape of a list's file.
type Format struct {
	name  string
	areas bool // its files are for area codes
	parse func(f *file, in io.Reader, yield yield) bool
}

type yield = func(dnc.Number, error) bool

// FTC is the full list of the national Do-Not-Call registry of the United States as telemarketing.donotcall.gov has it: flat, a row
// "AAA,NNNNNNN" or "AAANNNNNNN" for each number, or XML, told apart by the first byte. Change lists are refused: they are relative to
// what was downloaded before, so a lost one is never noticed.
//
// Where the name of the zip's member, or else of the file, has an area code, three digits by themselves as in "415.txt", rows of other
// area codes are errors. A zip with one member whose name has another area code than its own is refused.
func FTC() Format { return Format{"FTC", true, parseNational} }

// Canada is the full National DNCL of Canada: CSV, a row "AAA,NNNNNNN" for each number, or XML, also as the regulator prints it, which
// is not well-formed. Area codes in names count as they do with FTC.
func Canada() Format { return Format{"Canada", true, parseNational} }

// GenesysExport is the export of a DNC list of Genesys Cloud: CSV with a header, of which the first column is the phone number unless a
// column is named so. Entries that have expired are read as well: only the platform's clock decides that.
func GenesysExport() Format {
	return Format{"GenesysExport", false, func(f *file, in io.Reader, yield yield) bool {
		return parseCSV(f, in, phoneColumn, dnc.ParseNumber, yield)
	}}
}

// CSV is a file with a header, and the numbers in the column of this name; blanks around the name and its case do not count. parse reads a cell;
// nil is dnc.ParseNumber, which takes E.164, and dnc.Parser's Parse takes national forms. An empty cell is a RowError,
// but in a file of one column, where it is an empty line. So is a row with more cells than the header: a comma without quotes moves them.
func CSV(column string, parse func(string) (dnc.Number, error)) Format {
	return Format{"CSV", false, func(f *file, in io.Reader, yield yield) bool {
		return parseCSV(f, in, named(column), orE164(parse), yield)
	}}
}

// Lines is a number on each line; empty lines do not count. parse is as for CSV.
func Lines(parse func(string) (dnc.Number, error)) Format {
	return Format{"Lines", false, func(f *file, in io.Reader, yield yield) bool { return parseLines(f, in, orE164(parse), yield) }}
}

func orE164(parse func(string) (dnc.Number, error)) func(string) (dnc.Number, error) {
	if parse == nil {
		return dnc.ParseNumber
	}
	return parse
}
