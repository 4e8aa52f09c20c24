package listfile

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/sheet"
)

// Screening is the file that a screening service sends back: the numbers that were sent to it, and
// what it found of each. It says nothing of other numbers, so it is not a list. registry.NewScreening
// makes a Checker of it.
//
// UKScreening and AustralianWash are starting points; set the columns as your file has them. A
// column is its name or its place, as with CSV.
type Screening struct {
	Number string // column
	Result string // column

	// Registered is the column with the date of registration, "" for none. Of several dates in it the
	// first counts; one that cannot be read is left out.
	Registered string

	// What the result column has. Case does not count; several words with a comma between them are
	// taken one by one, and Listed wins. Every other word is a RowError: nobody knows what it says.
	Listed, Clean, Invalid []string

	Parse func(string) (dnc.Number, error) // reads a number; nil: dnc.ParseNumber

	washed bool // there is no result: every number is clean
}

// Screened is what a screening service says of a number.
type Screened struct {
	Number     dnc.Number
	Listed     bool      // false: it was sent, and is on no list
	Registered time.Time // since when it is listed; zero: the file does not say
}

// ErrNotScreened is wrapped by the RowError of a number that the service calls invalid: it was
// sent, and nothing was found out.
var ErrNotScreened = errors.New("the service calls the number invalid, and did not screen it")

// UKScreening is the result of a screening against TPS and CTPS: number, result, date of
// registration, as "01214456789,TPS,13/07/11", with or without a header. Source of the words:
// tpsservices.co.uk, "How the screening process works".
func UKScreening() Screening {
	return Screening{
		Number: "#1", Result: "#2", Registered: "#3",
		Listed: []string{"TPS", "CTPS"}, Clean: []string{"OK"}, Invalid: []string{"INVALID"},
		Parse: dnc.Parser{Country: "44"}.Parse,
	}
}

// AustralianWash is the result of washing a list against the Do Not Call Register: number, result.
// The operator does not publish the columns of its results: set them, and the words, as your file
// has them.
func AustralianWash() Screening {
	return Screening{
		Number: "#1", Result: "#2",
		Listed:  []string{"Y", "Yes", "Registered", "Listed", "On register", "Do not call"},
		Clean:   []string{"N", "No", "Not registered", "Unregistered", "Not listed", "Not on register"},
		Invalid: []string{"I", "Invalid"},
		Parse:   dnc.Parser{Country: "61"}.Parse,
	}
}

// WashedList is a list from which the service has deleted the numbers that are listed, as
// Australia's may do: every number that is left was sent and is on no list. Numbers are in the
// first column. parse is as for CSV; nil is dnc.ParseNumber.
func WashedList(parse func(string) (dnc.Number, error)) Screening {
	return Screening{Number: "#1", Parse: parse, washed: true}
}

// Files reads several results, one after the other.
func (s Screening) Files(paths ...string) iter.Seq2[Screened, error] {
	return s.each(func(f Format) iter.Seq2[dnc.Number, error] { return Files(f, paths...) })
}

// Read reads a result. name is for errors; it may be "".
func (s Screening) Read(name string, r io.Reader) iter.Seq2[Screened, error] {
	return s.each(func(f Format) iter.Seq2[dnc.Number, error] { return Read(name, r, f) })
}

func (s Screening) each(read func(Format) iter.Seq2[dnc.Number, error]) iter.Seq2[Screened, error] {
	return func(yield func(Screened, error) bool) {
		result := &resultColumns{Screening: s}
		l := &layout{columns: []string{s.Number}, parse: orE164(s.Parse)}
		if !s.washed {
			l.result = result
		}
		if sheet.PlainName(s.Number) == "" || sheet.PlainName(s.Result) == "" && !s.washed {
			l.fail(errors.New("Screening.Number and Result are columns: name them"))
		}
		for n, err := range read(Format{"Screening", false, l.parseCSV}) {
			if err != nil {
				result.found = Screened{}
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
	Screening
	found Screened
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
	t.result.found = Screened{Listed: listed}
	if listed {
		t.result.found.Registered = earliest(dates)
	}
	return yield(n, nil)
}

func holds(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(sheet.Trim(w), word) })
}

func (r *resultColumns) knows(cell string) bool {
	cell = sheet.Trim(sheet.Legible(cell))
	return cell != "" && (holds(r.Listed, cell) || holds(r.Clean, cell) || holds(r.Invalid, cell))
}

// judge is what the words of a result say.
func (r *resultColumns) judge(cells []string) (listed bool, err error) {
	clean, invalid := false, false
	for _, cell := range cells {
		cell = sheet.Trim(sheet.Legible(cell))
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
			case holds(r.Clean, word):
				clean = true
			default:
				return false, badRow(fmt.Sprintf("the result %q is not known: Screening.Listed, Clean and Invalid are",
					sheet.Printable(sheet.Masked(word))))
			}
		}
	}
	switch {
	case listed:
		return true, nil
	case invalid:
		return false, &sheet.Cause{Text: ErrNotScreened.Error(), Is: []error{ErrNotScreened, dnc.ErrInvalidNumber}}
	case clean:
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
