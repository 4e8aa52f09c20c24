package contactfile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/sheet"
)

// ErrColumns is wrapped by every error about the use of a column: it is not clear which columns
// have numbers, opt-outs, permissions or calling codes. Name the column in a field of Format.
var ErrColumns = errors.New("the columns are not clear")

// Format says how a file of contacts is read. The zero Format takes the one column whose name says
// that it has telephone numbers, and reads international forms. Columns are named without regard to
// case, blanks, hyphens and underscores, or by their position, such as "#2" for the second.
type Format struct {
	// Columns are those with the numbers that will be called. Nil means the one that is named phone
	// or the like.
	Columns []string
	// AllPhoneColumns takes every column that is named phone or the like. Leave Columns empty then.
	AllPhoneColumns bool
	// CallingCodeColumn has the country of the row's numbers, as a calling code ("44", "+44"), as
	// two letters of ISO 3166 ("GB"), or as a name in English. A number that begins with "+" does
	// not need it. If the cell is empty, Parse alone reads the number.
	CallingCodeColumn string
	// OptOutColumns say who must not be called: a contact is blocked if the cell is neither empty
	// nor a no ("no", "n", "false", "f", "0", "off" or "none").
	OptOutColumns []string
	// PermissionColumns say who may be called, such as "OK to call": a contact is blocked unless the
	// cell is a yes.
	PermissionColumns []string
	// IgnoredColumns say nothing of the numbers, although their names or cells look so.
	IgnoredColumns []string
	// Parse reads a cell. nil means dnc.ParseNumber. For national forms give dnc.Parser's Parse.
	Parse func(string) (dnc.Number, error)
}

// columns are the places of the columns that a Format means in one header.
type columns struct {
	phones    []int
	refusals  sheet.Refusals
	country   int   // of CallingCodeColumn, or -1
	countries []int // those that the names alone suggest
	hints     sheet.Hints
	others    []int // that may hide a number
}

// find finds the columns. Where it is not clear which are meant, that is an error: one that is left
// out could have a number, or an opt-out, that counts.
func (f Format) find(header []string) (c columns, err error) {
	if f.AllPhoneColumns && len(f.Columns) > 0 {
		return c, fmt.Errorf("%w: Columns and AllPhoneColumns are two ways to say it: give one of them", ErrColumns)
	}
	ignored, err := named(header, f.IgnoredColumns)
	if err != nil {
		return c, err
	}
	if c.refusals.OptOuts, err = named(header, f.OptOutColumns); err != nil {
		return c, err
	}
	if c.refusals.Permissions, err = named(header, f.PermissionColumns); err != nil {
		return c, err
	}
	c.country = -1
	if f.CallingCodeColumn != "" {
		at, err := named(header, []string{f.CallingCodeColumn})
		if err != nil {
			return c, err
		}
		c.country = at[0]
	}
	taken := slices.Concat(ignored, c.refusals.OptOuts, c.refusals.Permissions, []int{c.country})
	if c.phones, err = f.findPhones(header, taken); err != nil {
		return c, err
	}
	taken = slices.Concat(taken, c.phones)
	slices.Sort(taken)
	for i := range taken[1:] {
		if at := taken[i]; at >= 0 && at == taken[i+1] {
			return c, fmt.Errorf("%w: the column %q is named twice, for different uses", ErrColumns, shownName(header[at]))
		}
	}
	if err := c.sense(header); err != nil {
		return c, err
	}
	for i, name := range header {
		if slices.Contains(taken, i) {
			continue
		}
		if sheet.IsCountry(name) && c.country < 0 {
			c.countries = append(c.countries, i)
		}
		if len(f.Columns) == 0 {
			c.others = append(c.others, i)
		}
		if sheet.MayForbid(name) {
			c.refusals.Remarks = append(c.refusals.Remarks, i)
		}
	}
	if c.country < 0 {
		c.hints = sheet.HintsOf(header, slices.Concat(taken, c.countries))
	}
	return c, unclear(header, taken)
}

// sense refuses a column that is named for the opposite of what its name says: the two are read the
// other way around.
func (c columns) sense(header []string) error {
	for _, i := range c.refusals.OptOuts {
		if sheet.IsPermission(header[i]) {
			return fmt.Errorf("%w: by its name the column %q says who may be called: name it in PermissionColumns, not in OptOutColumns",
				ErrColumns, shownName(header[i]))
		}
	}
	for _, i := range c.refusals.Permissions {
		if sheet.IsOptOut(header[i]) {
			return fmt.Errorf("%w: by its name the column %q says who must not be called: name it in OptOutColumns, not in PermissionColumns",
				ErrColumns, shownName(header[i]))
		}
	}
	return nil
}

// unclear refuses a header with columns that say who must not, or who may, be called, and that have
// no use yet.
func unclear(header []string, taken []int) error {
	for _, kind := range []struct {
		is   func(name string) bool
		says string
	}{
		{sheet.IsOptOut, "who must not be called: %s; name it in OptOutColumns or in IgnoredColumns"},
		{sheet.IsPermission, "who may be called: %s; name it in PermissionColumns or in IgnoredColumns"},
	} {
		var found []string
		for i, name := range header {
			if !slices.Contains(taken, i) && kind.is(name) {
				found = append(found, name)
			}
		}
		if len(found) > 0 {
			return fmt.Errorf("%w: by its name a column says "+kind.says, ErrColumns, sheet.Shown(found))
		}
	}
	return nil
}

// findPhones finds the columns with numbers. The places in taken have another use.
func (f Format) findPhones(header []string, taken []int) ([]int, error) {
	if len(f.Columns) > 0 {
		return named(header, f.Columns)
	}
	found := candidates(header, taken)
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("%w: no column is named phone or the like: name it in Columns; the header is %s", ErrColumns, shown(header))
	case len(header) == 1 && sheet.HasOddSeparator(header[0]):
		return nil, fmt.Errorf("%w: the header is one cell, %s: is the separator another one? Write it in a line above, such as sep=^", ErrColumns, sheet.Shown(header))
	case len(found) > 1 && !f.AllPhoneColumns:
		var names []string
		for _, i := range found {
			names = append(names, header[i])
		}
		return nil, fmt.Errorf("%w: several columns may have numbers, and a row may be called only if all of them may: %s; name each "+
			"that will be called in Columns, or set AllPhoneColumns", ErrColumns, sheet.Shown(names))
	}
	return found, nil
}

// named are the places of columns, each once.
func named(header, names []string) (found []int, err error) {
	for _, name := range names {
		i := slices.Index(header, name)
		if i < 0 || slices.Contains(header[i+1:], name) {
			if i, err = sheet.Index(header, name); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrColumns, err)
			}
		}
		switch {
		case i < 0:
			return nil, fmt.Errorf("%w: there is no column %q; the header is %s", ErrColumns, shownName(name), shown(header))
		case slices.Contains(found, i):
			return nil, fmt.Errorf("%w: the column %q is named twice", ErrColumns, shownName(name))
		}
		found = append(found, i)
	}
	return found, nil
}

// candidates are the columns whose names say that they have telephone numbers. A column "number" is
// one if there is no better.
func candidates(header []string, taken []int) (found []int) {
	for _, fits := range []func(string) bool{
		sheet.IsPhone,
		func(name string) bool { return sheet.PlainName(name) == "number" },
	} {
		for i, name := range header {
			if fits(name) && !slices.Contains(taken, i) {
				found = append(found, i)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	return found
}

// shownName is the name of a column as an error may show it.
func shownName(name string) string {
	return sheet.Printable(sheet.Masked(sheet.Trim(sheet.Legible(name))))
}

// shown is a header as an error may show it.
func shown(header []string) string {
	text := sheet.Shown(header)
	if slices.ContainsFunc(header, func(h string) bool { return len(sheet.Digits(h)) >= 5 }) {
		return text + ": is the header line missing?"
	}
	unnamed := 0
	for _, h := range header {
		if sheet.PlainName(h) == "" {
			unnamed++
		}
	}
	if len(header) == 1 || unnamed > 0 && len(header)-unnamed == 1 {
		return text + ": is there a title above the header? Remove what is above it"
	}
	return text
}
