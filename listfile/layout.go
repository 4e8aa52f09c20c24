package listfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dnc-go/dnc/internal/sheet"
)

// layout is where a CSV format has its numbers.
type layout struct {
	columns   []string // with numbers: names, or "#2" for the second
	parse     sheet.Parser
	separator rune   // 0: found in the file
	country   string // column with the calling code, apart from the number; "": none
	where     []condition
	ignored   []string                            // columns that say nothing of the numbers
	find      func(cells []string) (found, error) // instead of columns, where a format has several names for them
	washed    bool                                // a number is one that is not listed
	result    *resultColumns                      // of a screening
	err       error                               // of an option
}

// found is where the numbers are by a file's first row.
type found struct {
	phones []int
	codes  int  // the column of calling codes, or -1
	headed bool // the first row is a header
}

// condition is a row filter.
type condition struct {
	column string
	values []string
}

// table is a layout found in a file.
type table struct {
	*layout
	found
	comma   rune     // that separates the cells
	names   []string // of all columns, as errors may show them
	filters []int
	// The columns whose names suggest that they have the country of the row's numbers, unless a
	// column was named for it.
	countries []int
	hints     sheet.Hints
	results   []int           // of a screening
	matched   bool            // a row passed the filters
	others    map[string]bool // what rows had instead
}

// wanted are all columns that the layout names.
func (l *layout) wanted() []string {
	all := slices.Concat(l.columns, l.ignored)
	if l.country != "" {
		all = append(all, l.country)
	}
	for _, w := range l.where {
		all = append(all, w.column)
	}
	if l.result != nil {
		all = append(all, l.result.wanted()...)
	}
	return all
}

// positional reports whether no name is needed, so that the file may lack a header.
func (l *layout) positional() bool {
	for _, c := range l.wanted() {
		if sheet.Position(c) < 0 {
			return false
		}
	}
	return l.find == nil
}

// errMissing is a column that a header does not have.
type errMissing struct{ column string }

func (e *errMissing) Error() string {
	return fmt.Sprintf("it has no column %q", sheet.Printable(e.column))
}

// resolve makes a table of the layout and a file's first row.
func (l *layout) resolve(cells []string) (*table, error) {
	t := &table{layout: l, found: found{codes: -1}, others: map[string]bool{}}
	at := func(column string) (int, error) {
		i, err := sheet.Index(cells, column)
		if err == nil && i < 0 {
			err = &errMissing{column}
		}
		return i, err
	}
	var err error
	if l.find != nil {
		if t.found, err = l.find(cells); err != nil {
			return nil, err
		}
	}
	for _, c := range l.columns {
		i, err := at(c)
		switch {
		case err != nil:
			return nil, err
		case slices.Contains(t.phones, i):
			return nil, fmt.Errorf("column %q is named twice", sheet.Printable(c))
		}
		t.phones = append(t.phones, i)
	}
	if l.country != "" {
		if t.codes, err = at(l.country); err != nil {
			return nil, err
		}
	}
	for _, w := range l.where {
		i, err := at(w.column)
		if err != nil {
			return nil, err
		}
		t.filters = append(t.filters, i)
	}
	if l.result != nil {
		if t.results, err = l.result.resolve(at); err != nil {
			return nil, err
		}
	}
	if l.find == nil {
		t.headed = !l.positional() || !l.isData(cells, t.phones)
		if err := t.findCountries(cells, at); err != nil {
			return nil, err
		}
		if err := t.hasResults(cells); err != nil {
			return nil, err
		}
		if err := t.isOfRanges(cells); err != nil {
			return nil, err
		}
	}
	t.name(cells)
	return t, nil
}

// findCountries finds the columns that suggest a country.
func (t *table) findCountries(cells []string, at func(string) (int, error)) error {
	var ignored []int
	for _, c := range t.ignored {
		i, err := at(c)
		if err != nil {
			return err
		}
		ignored = append(ignored, i)
	}
	for i, name := range cells {
		if t.headed && t.codes < 0 && sheet.IsCountry(name) && !slices.Contains(t.phones, i) && !slices.Contains(ignored, i) {
			t.countries = append(t.countries, i)
		}
	}
	if t.codes < 0 {
		t.hints = sheet.HintsOf(cells, slices.Concat(ignored, t.phones, t.countries))
	}
	return nil
}

// hasResults is an error if a washed list has a column that says whether a number is listed.
func (t *table) hasResults(cells []string) error {
	for i, name := range cells {
		if t.washed && t.headed && !slices.Contains(t.phones, i) && isResult(name) {
			return fmt.Errorf("by its name column %q has results, and of a washed list the listed numbers are gone: read it with AustralianWash, "+
				"or a ScreeningFormat of your own", sheet.Printable(sheet.Masked(name)))
		}
	}
	return nil
}

// isOfRanges is an error if a column of numbers has the first numbers of ranges: the others would be
// left out.
func (t *table) isOfRanges(cells []string) error {
	for _, i := range t.phones {
		if end := sheet.RangeEnd(cells, i); t.headed && end >= 0 && !slices.Contains(t.phones, end) {
			return fmt.Errorf("by its name column %q has where the ranges end that begin in column %q: get the list of single numbers",
				sheet.Printable(sheet.Masked(cells[end])), sheet.Printable(sheet.Masked(cells[i])))
		}
	}
	return nil
}

// name keeps the names of the columns for errors.
func (t *table) name(cells []string) {
	for i, h := range cells {
		name := sheet.Printable(sheet.Masked(sheet.Trim(strings.Trim(sheet.Trim(sheet.Legible(h)), `"`))))
		if !t.headed || name == "" {
			name = "#" + strconv.Itoa(i+1)
		}
		t.names = append(t.names, name)
	}
}

// isData reports whether a first row is no header: one of its cells is a number, is as long as one,
// or begins as one, as 4.1E+09 and 415-FLOWERS do.
func (l *layout) isData(cells []string, phones []int) bool {
	for _, i := range phones {
		c := sheet.Bare(cells[i])
		n := len(sheet.Digits(c))
		if l.parse.Reads(c) || n >= 5 || n >= 3 && strings.IndexAny(c, "0123456789") == strings.IndexFunc(c, isWordRune) {
			return true
		}
	}
	return false
}

func isWordRune(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// lacks is the first filter whose cell a row does not have, or -1. Whether such a row passes is not
// known.
func (t *table) lacks(row []string) int {
	return slices.IndexFunc(t.filters, func(at int) bool { return at >= len(row) })
}

// passes reports whether a row is one of those that are asked for.
func (t *table) passes(row []string) bool {
	for i, at := range t.filters {
		value := oneBlank(row[at])
		ok := false
		for _, v := range t.where[i].values {
			v = sheet.PlainName(sheet.Bare(v))
			ok = ok || v == sheet.PlainName(value) || v != "" && slices.ContainsFunc(strings.FieldsFunc(value, endsValue),
				func(one string) bool { return sheet.PlainName(one) == v })
		}
		if !ok {
			if len(t.others) < 5 && len(value) <= 40 && sheet.LongestRun(value) < 7 {
				t.others[value] = true
			}
			return false
		}
	}
	t.matched = true
	return true
}

// endsValue reports whether a character stands between the values of a cell that has several.
func endsValue(c rune) bool { return strings.ContainsRune(",;|", c) }

// oneBlank is a cell without the marks of spreadsheets, with one blank where it has several, of any
// kind.
func oneBlank(cell string) string { return strings.Join(strings.Fields(sheet.Bare(cell)), " ") }
