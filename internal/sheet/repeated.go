package sheet

import (
	"slices"
	"strings"
)

// HeaderAgain reports whether a row is a header, as where two files were joined. By moved its
// columns are in another order, or have other names, than those of header: then the rows below it
// cannot be read by that. at is a column of numbers: data has digits there.
func HeaderAgain(header, row []string, at int) (again, moved bool) {
	if at >= len(row) || row[at] == "" || strings.ContainsAny(row[at], "0123456789") {
		return false, false
	}
	same, known := 0, 0
	var names []string
	for _, h := range header {
		names = append(names, PlainName(h))
	}
	for i, cell := range row {
		plain := PlainName(cell)
		switch {
		case plain == "":
		case i < len(names) && plain == names[i]:
			same++
			known++
		case slices.Contains(names, plain):
			known++
		}
	}
	phone := slices.ContainsFunc(row, func(cell string) bool { return PlainName(cell) == names[at] })
	again = phone && (known > 1 || len(header) == 1)
	filled := 0
	for _, n := range names {
		if n != "" {
			filled++
		}
	}
	return again, again && same < filled
}

// Title reports whether the first row behind a header is the header itself, and what was taken for
// it a title: it has cells without a name, and the row has names in their place. at is a column of
// numbers.
func Title(header, row []string, at int) bool {
	named := false
	for i, cell := range row {
		if strings.ContainsAny(cell, "0123456789") && i == at {
			return false
		}
		named = named || i < len(header) && PlainName(header[i]) == "" && PlainName(cell) != ""
	}
	return named && slices.ContainsFunc(row, func(cell string) bool { return IsPhone(cell) || IsOptOut(cell) || IsPermission(cell) })
}

// rangeStarts and rangeEnds are words in the names of columns with the first and the last number,
// or the size, of a range.
var (
	rangeStarts = []string{"start", "begin", "beginning", "first", "low", "lower", "min"}
	rangeEnds   = []string{"end", "ending", "last", "high", "upper", "max", "thru", "through", "count", "quantity", "size"}
)

// RangeEnd is the column that says where the range ends whose first number is in the column at, or
// -1 if the header shows no ranges. From and to alone may be those of a call.
func RangeEnd(header []string, at int) int {
	starts := anyWord(header[at], rangeStarts)
	from := len(header) <= 3 && anyWord(header[at], []string{"from"})
	name := wordsOf(Legible(header[at]))
	for i, h := range header {
		words := wordsOf(Legible(h))
		if i == at || slices.Contains(words, "name") {
			continue
		}
		more := len(words) > len(name) && slices.Equal(words[:len(name)], name)
		if (starts || more) && anyWord(h, rangeEnds) || (from || more) && slices.Contains(words, "to") {
			return i
		}
	}
	return -1
}
