package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/dnc-go/dnc/internal/sheet"
)

// phoneWords are what the names of columns with telephone numbers have in them, as words or, if
// they are long, as a part of one.
var phoneWords = []string{
	"phone", "phones", "telephone", "mobile", "msisdn", "cellphone", "cellular", "cell", "tel", "landline",
	"telefon", "telefono", "téléphone", "teléfono", "telefone", "telefoon",
	"móvil", "movil", "portable", "handy", "handynummer", "rufnummer",
}

// added are the columns that the output has more than the input. The last is there where a row has
// several columns with numbers: the column that decided.
var added = []string{"verdict", "blocked", "reason", "fallback", "decided_by"}

// findColumns are the indexes of the columns with the numbers. Where several may have numbers and
// none was named, that is an error: one of the others could have a number that must not be called.
func findColumns(header []string, c config) ([]int, error) {
	for _, name := range added {
		if slices.ContainsFunc(header, func(h string) bool { return strings.EqualFold(sheet.Trim(h), name) }) {
			return nil, fmt.Errorf("the header has a column %q already: rename or remove it, or its reader could not tell the two apart",
				name)
		}
	}
	if len(c.columns) > 0 {
		return namedColumns(header, c.columns)
	}
	found := candidates(header)
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("no column is named phone or the like: name it with -column; the header is %s",
			shown(header))
	case len(found) > 1 && !c.allColumns:
		var names []string
		for _, i := range found {
			names = append(names, header[i])
		}
		return nil, fmt.Errorf("several columns may have numbers, and a row may be called only if all of them may: %s; give -all-phone-columns, or each "+
			"that will be called with -column", sheet.Shown(names))
	}
	return found, nil
}

func namedColumns(header, names []string) (found []int, err error) {
	for _, name := range names {
		i := slices.Index(header, name)
		if i < 0 || slices.Contains(header[i+1:], name) {
			if i, err = sheet.Index(header, name); err != nil {
				return nil, err
			}
		}
		switch {
		case i < 0:
			return nil, fmt.Errorf("there is no column %q; the header is %s", name, shown(header))
		case slices.Contains(found, i):
			return nil, fmt.Errorf("the column %q is named twice", name)
		}
		found = append(found, i)
	}
	return found, nil
}

// candidates are the columns whose names say that they have telephone numbers. A column "number" is
// one if there is no better.
func candidates(header []string) (found []int) {
	for i, h := range header {
		if isPhoneName(h) {
			found = append(found, i)
		}
	}
	if len(found) > 0 {
		return found
	}
	for i, h := range header {
		if sheet.PlainName(h) == "number" {
			found = append(found, i)
		}
	}
	return found
}

func isPhoneName(h string) bool {
	name := strings.ToLower(sheet.Legible(h))
	words := strings.FieldsFunc(name, func(c rune) bool { return !unicode.IsLetter(c) })
	return slices.ContainsFunc(phoneWords, func(w string) bool {
		return slices.Contains(words, w) || len(w) > 4 && strings.Contains(name, w)
	})
}

var errNoHeader = errors.New("is the header line missing?")

// shown is a header as an error may show it.
func shown(header []string) string {
	text := sheet.Shown(header)
	if slices.ContainsFunc(header, func(h string) bool { return len(sheet.Digits(h)) >= 5 }) {
		return text + ": " + errNoHeader.Error()
	}
	return text
}
