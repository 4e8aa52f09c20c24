package listfile

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/sheet"
)

// ScreeningFormat says how the result of a screening service is read. You send numbers to such a
// service, and the result says for each whether it is listed. It says nothing about other numbers,
// so it is not a list. registry.NewScreening makes a Checker of it.
//
// Start with UKScreening or AustralianWash, and change the columns to those of your file. A column
// is given by its name or its position, as with CSV.
type ScreeningFormat struct {
	Number string // the column with the number
	Result string // the column with the result

	// Registered is the column with the date of registration; "" if there is none. The earliest of
	// several dates counts. If one of them cannot be read, the date is not known.
	Registered string

	// The words of the result column, in upper or lower case. A cell may have several words with
	// commas between them: one word of Listed is enough. A row with any other word is a RowError.
	Listed, NotListed, Invalid []string

	Parse func(string) (dnc.Number, error) // reads a number; nil means dnc.ParseNumber

	washed bool // there is no result: no number is listed
}

// ScreenedNumber is the result of a screening for one number.
type ScreenedNumber struct {
	Number     dnc.Number
	Listed     bool      // whether it is on a list
	Registered time.Time // the date from which on it is listed; zero if the file does not say
}

// ErrNotScreened is wrapped by the RowError of a number that was sent, but that the service calls
// invalid. It is not known whether it is listed.
var ErrNotScreened = errors.New("the service calls the number invalid, and did not screen it")

// UKScreening is the result of a screening against TPS and CTPS, the lists of the United Kingdom.
// The columns are number, result and date of registration, such as "01214456789,TPS,13/07/11", with
// or without a header. Source: tpsservices.co.uk, "How the screening process works".
func UKScreening() ScreeningFormat {
	return ScreeningFormat{
		Number: "#1", Result: "#2", Registered: "#3",
		Listed: []string{"TPS", "CTPS"}, NotListed: []string{"OK"}, Invalid: []string{"INVALID"},
		Parse: dnc.Parser{Country: "44"}.Parse,
	}
}

// AustralianWash is the result of a screening against the Do Not Call Register of Australia, which
// calls a screening "washing". The columns are number and result. The operator does not publish the
// columns and words of its results: change them to those of your file.
func AustralianWash() ScreeningFormat {
	return ScreeningFormat{
		Number: "#1", Result: "#2",
		Listed:    slices.Clone(listedInWash),
		NotListed: []string{"N", "No", "Not registered", "Unregistered", "Not listed", "Not on register"},
		Invalid:   []string{"I", "Invalid"},
		Parse:     dnc.Parser{Country: "61"}.Parse,
	}
}

// listedInWash are the results of a wash in Australia that say that the number is listed.
var listedInWash = []string{"Y", "Yes", "Registered", "Listed", "On register", "Do not call"}

// WashedList is a list from which the service has deleted the listed numbers, as the service in
// Australia can do. Each number that is left was screened and is not listed. The numbers are in the
// first column. parse reads a number; nil means dnc.ParseNumber.
func WashedList(parse func(string) (dnc.Number, error)) ScreeningFormat {
	return ScreeningFormat{Number: "#1", Parse: parse, washed: true}
}

// Files reads several result files, one after the other.
func (s ScreeningFormat) Files(paths ...string) iter.Seq2[ScreenedNumber, error] {
	return s.each(func(f Format) iter.Seq2[dnc.Number, error] { return Files(f, paths...) })
}

// Read reads a result file. name is used in errors, and may be "".
func (s ScreeningFormat) Read(name string, r io.Reader) iter.Seq2[ScreenedNumber, error] {
	return s.each(func(f Format) iter.Seq2[dnc.Number, error] { return Read(name, r, f) })
}

func (s ScreeningFormat) each(read func(Format) iter.Seq2[dnc.Number, error]) iter.Seq2[ScreenedNumber, error] {
	return func(yield func(ScreenedNumber, error) bool) {
		result := &resultColumns{ScreeningFormat: s}
		l := &layout{columns: []string{s.Number}, parse: orE164(s.Parse)}
		if s.washed {
			l.washed = true
		} else {
			l.result = result
		}
		if sheet.PlainName(s.Number) == "" || sheet.PlainName(s.Result) == "" && !s.washed {
			l.fail(errors.New("ScreeningFormat.Number and Result are columns: name them"))
		}
		for n, err := range read(Format{"Screening", false, l.parseCSV}) {
			if err != nil {
				result.found = ScreenedNumber{}
			}
			result.found.Number = n
			if !yield(result.found, err) {
				return
			}
		}
	}
}

// resultColumns are the columns of a result, and what the row under way has in them.
type resultColumns struct {
	ScreeningFormat
	found ScreenedNumber
}

func (r *resultColumns) wanted() []string {
	if sheet.Position(r.Registered) >= 0 || r.Registered == "" { // a place that a file may lack
		return []string{r.Result}
	}
	return []string{r.Result, r.Registered}
}

// resolve finds the columns: of the result, and of the date or -1.
func (r *resultColumns) resolve(at func(column string) (int, error)) ([]int, error) {
	result, err := at(r.Result)
	if err != nil {
		return nil, err
	}
	date := sheet.Position(r.Registered)
	if date < 0 && r.Registered != "" {
		if date, err = at(r.Registered); err != nil {
			return nil, err
		}
	}
	return []int{result, date}, nil
}

// screened yields the number of a row, and keeps what the service found.
func (t *table) screened(f *file, row []string, yield yield) bool {
	number, result, date := t.phones[0], t.results[0], t.results[1]
	if number >= len(row) || result >= len(row) {
		return yield(dnc.Number{}, f.cell(t.names[max(number, result)], errNoCell))
	}
	words := []string{row[result]}
	shift := 0 // cells that "TPS,CTPS" takes more where it lacks its quotes
	for date == result+1 && date+shift < len(row) && t.result.knows(row[date+shift]) {
		words = append(words, row[date+shift])
		shift++
	}
	dates := []string{}
	if date >= 0 && date+shift < len(row) {
		dates = row[date+shift : min(date+2*shift+1, len(row))]
	}
	if surplus := max(len(t.names), date+1) + 2*shift; len(row) > surplus &&
		slices.ContainsFunc(row[surplus:], func(c string) bool { return sheet.Trim(c) != "" }) {
		return yield(dnc.Number{}, f.row(errSurplus))
	}
	listed, err := t.result.judge(words)
	if err != nil {
		return yield(dnc.Number{}, f.cell(t.names[result], err))
	}
	n, err := t.number(row, number)
	if err != nil {
		return yield(dnc.Number{}, f.cell(t.names[number], err))
	}
	t.result.found = ScreenedNumber{Listed: listed}
	if listed {
		t.result.found.Registered = earliest(dates)
	}
	return yield(n, nil)
}

var errResult = badRow("the row has a result, and of a washed list the listed numbers are gone: read it with AustralianWash, or a ScreeningFormat of your own")

// resultIn is the cell of a washed list that says that the number is listed, or -1.
func (t *table) resultIn(row []string) int {
	if !t.washed {
		return -1
	}
	for i, cell := range row[:min(len(row), len(t.names))] {
		words := lowerWords(cell)
		if !slices.Contains(t.phones, i) &&
			(len(words) == 1 && slices.Contains(resultCells, words[0]) || sheet.Forbids(cell) ||
				overlap(words, resultWords) && !overlap(words, []string{"not", "no", "non"})) {
			return i
		}
	}
	return -1
}

// resultCells are whole cells that say that a number is listed. resultWords are in cells and names
// of columns that say whether it is, and resultNames in names alone.
var (
	resultCells = []string{"y", "yes", "true", "hit", "match", "matched"}
	resultWords = []string{"registered", "listed", "register", "dncr", "tps"}
	resultNames = []string{"result", "results", "wash", "washed", "match", "matched", "registration"}
)

// isResult reports whether a column is named as one that says whether a number is listed.
func isResult(name string) bool {
	words := lowerWords(name)
	return overlap(words, resultWords) || overlap(words, resultNames) || sheet.IsOptOut(name)
}

func lowerWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(sheet.Legible(text)), func(c rune) bool { return !unicode.IsLetter(c) })
}

func overlap(words, with []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(with, w) })
}

func holds(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(sheet.Trim(w), word) })
}

func (r *resultColumns) knows(cell string) bool {
	cell = sheet.Bare(cell)
	return cell != "" && (holds(r.Listed, cell) || holds(r.NotListed, cell) || holds(r.Invalid, cell))
}

// judge is what the words of a result say.
func (r *resultColumns) judge(cells []string) (listed bool, err error) {
	notListed, invalid := false, false
	for _, cell := range cells {
		cell = sheet.Bare(cell)
		words := []string{cell}
		if !r.knows(cell) {
			words = strings.FieldsFunc(cell, func(c rune) bool { return strings.ContainsRune(",;/&", c) })
		}
		if cell == "" {
			words = []string{""}
		}
		for _, word := range words {
			switch word = sheet.Trim(word); {
			case holds(r.Listed, word):
				listed = true
			case holds(r.Invalid, word):
				invalid = true
			case holds(r.NotListed, word):
				notListed = true
			default:
				return false, badRow(fmt.Sprintf("the result %q is not known: add it to ScreeningFormat.Listed, NotListed or Invalid",
					sheet.Printable(sheet.Masked(word))))
			}
		}
	}
	switch {
	case listed:
		return true, nil
	case invalid:
		return false, &sheet.Cause{Text: ErrNotScreened.Error(), Is: []error{ErrNotScreened, dnc.ErrInvalidNumber}}
	case notListed:
		return false, nil
	}
	return false, badRow("the row has no result")
}

// earliest is the first of the dates, or zero if one of them cannot be read: then nobody knows
// which is.
func earliest(cells []string) (first time.Time) {
	for _, cell := range cells {
		for _, word := range strings.FieldsFunc(cell, func(c rune) bool { return strings.ContainsRune(",; ", c) }) {
			day, ok := dateOf(word)
			if !ok {
				return time.Time{}
			}
			if first.IsZero() || day.Before(first) {
				first = day
			}
		}
	}
	return first
}

func dateOf(word string) (time.Time, bool) {
	for _, layout := range []string{"02/01/06", "02/01/2006", time.DateOnly, "02-01-2006", "02.01.2006"} {
		if day, err := time.Parse(layout, word); err == nil {
			return day, true
		}
	}
	return time.Time{}, false
}
