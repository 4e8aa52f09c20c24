package registry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/listfile"
)

// ScreeningTerms says when a screening was made, and how long it may be used.
type ScreeningTerms struct {
	// Made is the time at which the service screened the numbers, not the time of reading the file.
	// Required.
	Made time.Time

	// MaxAge is how old a screening may be at the time of a check. 0 means 28 days, the limit in
	// the United Kingdom (PECR, reg. 21(3)). In Australia it is 30 days (Do Not Call Register Act
	// 2006).
	MaxAge time.Duration

	// Grace is for how long a number may still be called after it was registered: 28 days in the
	// United Kingdom (PECR, reg. 21(3)), 31 days in Canada (Unsolicited Telecommunications Rules).
	// 0 means not at all. A listed number without a date of registration is blocked.
	Grace time.Duration
}

const (
	defaultScreeningAge = 28 * 24 * time.Hour
	aheadOfUTC          = 14 * time.Hour // when a date begins somewhere
)

// Screening is a Checker of the result of a screening service. It answers only for the numbers that
// were sent to the service:
//
//	a number that was sent, and is listed                      Block
//	a number that was sent, and is listed for less than Grace  Allow; list_stale once the screening is older than MaxAge
//	a number that was sent, and is not listed                  Allow; list_stale once the screening is older than MaxAge
//	any other number                                           not_covered
//
// It is in the memory of the process, takes 12 bytes a number and does not change. Make a new one
// of each new result.
type Screening struct {
	name    string
	terms   ScreeningTerms
	numbers []uint64 // ascending
	since   []int32  // of each: screenedNotListed, screenedListed, or the day of registration
	report  ImportReport
	hit     dnc.Reasons
	clear   dnc.Reasons
}

// What Screening.since has in place of a day.
const (
	screenedNotListed = -1
	screenedListed    = 0 // since always
)

// NewScreening makes a Checker of a result, as listfile.ScreeningFormat reads it. The reason of a
// listed number is dnc_<name>. A row that cannot be read is not an error: its number is
// not_covered, and Report has the row. NewScreening returns the error of a file that cannot be
// read, and refuses terms with which no number can be allowed (ErrRefused).
func NewScreening(name string, results iter.Seq2[listfile.ScreenedNumber, error], terms ScreeningTerms) (*Screening, error) {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("%w: list %q: "+format, append([]any{ErrRefused, name}, args...)...)
	}
	if terms.MaxAge == 0 {
		terms.MaxAge = defaultScreeningAge
	}
	switch {
	case !listName.MatchString(name):
		return nil, fmt.Errorf("%w: a list's name is 1 to 64 of a-z, 0-9 and _", dnc.ErrOption)
	case results == nil:
		return nil, refuse("the results are nil")
	case terms.MaxAge < 0 || terms.Grace < 0:
		return nil, refuse("ScreeningTerms.MaxAge and Grace are not negative")
	case terms.Made.IsZero():
		return nil, refuse("ScreeningTerms.Made is missing: give the time at which the service made the screening")
	case time.Until(terms.Made) > clockSkew:
		return nil, refuse("ScreeningTerms.Made is in the future")
	case time.Since(terms.Made) > terms.MaxAge:
		return nil, refuse("the screening was made more than %s ago: every number would be list_stale", days(terms.MaxAge))
	}
	s := &Screening{
		name: name, terms: terms,
		hit:   dnc.ReasonsOf(dnc.Reason{Code: "dnc_" + name, List: name, Date: terms.Made}),
		clear: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeAllowed, List: name, Date: terms.Made}),
	}
	start := time.Now()
	if err := s.read(results); err != nil {
		return nil, err
	}
	s.report.Elapsed = time.Since(start)
	if len(s.numbers) == 0 {
		return nil, refuse("the result has no number that was screened; rejected rows: %d", s.report.Rejected)
	}
	return s, nil
}

// read takes all results.
func (s *Screening) read(results iter.Seq2[listfile.ScreenedNumber, error]) error {
	found := map[uint64]int32{}
	for r, err := range results {
		if err != nil {
			row := asRow(err)
			if row == nil {
				return fmt.Errorf("registry: list %q: reading ended early (numbers read: %d): %w", s.name, s.report.Read, err)
			}
			s.report.reject(row.RowLine(), err)
			continue
		}
		v := digits.Of(r.Number)
		if v == 0 {
			s.report.reject(s.report.Read+s.report.Rejected+1, dnc.ErrInvalidNumber)
			continue
		}
		s.report.Read++
		day, seen := found[v]
		if next := s.dayOf(r); !seen || stricter(next, day) {
			day = next
		}
		found[v] = day
	}
	s.numbers = make([]uint64, 0, len(found))
	for v := range found {
		s.numbers = append(s.numbers, v)
	}
	slices.Sort(s.numbers)
	s.since = make([]int32, len(s.numbers))
	for i, v := range s.numbers {
		s.since[i] = found[v]
	}
	s.report.Numbers, s.report.Duplicates = int64(len(s.numbers)), s.report.Read-int64(len(s.numbers))
	return nil
}

const day = 24 * time.Hour

// dayOf is what is kept of a result. A date after the screening cannot be right.
func (s *Screening) dayOf(r listfile.ScreenedNumber) int32 {
	switch {
	case !r.Listed:
		return screenedNotListed
	case r.Registered.IsZero() || r.Registered.After(s.terms.Made.Add(day)) || r.Registered.Unix() <= 0:
		return screenedListed
	}
	return int32(r.Registered.Unix() / int64(day/time.Second)) //nolint:gosec // days since 1970
}

// stricter reports whether of two results for a number the first blocks it more.
func stricter(a, b int32) bool { return b == screenedNotListed || a != screenedNotListed && a < b }

// Report says how many numbers were read, and which rows were rejected. Version and Previous are
// empty.
func (s *Screening) Report() ImportReport {
	if s == nil {
		return ImportReport{}
	}
	return s.report
}

// notMade is the error of a zero or nil Screening, nil for one that NewScreening has made.
func (s *Screening) notMade() *dnc.Error {
	if s != nil && !s.terms.Made.IsZero() {
		return nil
	}
	return &dnc.Error{Code: dnc.CodeCheckerFailed, Hint: "this Screening was not made by NewScreening: call registry.NewScreening"}
}

// Check answers for one number.
func (s *Screening) Check(ctx context.Context, n dnc.Number) (dnc.Decision, error) {
	ds, err := s.CheckBatch(ctx, []dnc.Number{n})
	return ds[0], err
}

// CheckBatch answers for many numbers.
func (s *Screening) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	if e := s.notMade(); e != nil {
		return unknownBatch(ns, make([]dnc.Decision, len(ns)), e)
	}
	return dnc.CheckerFunc(s.decide).CheckBatch(ctx, ns)
}

func (s *Screening) decide(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	now := time.Now()
	ended := s.doubt((&store{list: s.name}).ended(ctx))
	stale := s.doubt(s.stale(now))
	foreign := s.doubt(&dnc.Error{Code: dnc.CodeNotCovered, List: s.name, Hint: "the number was not sent to the screening"})
	ds := make([]dnc.Decision, len(ns))
	for i, n := range ns {
		at, sent := slices.BinarySearch(s.numbers, digits.Of(n))
		switch {
		case n.IsZero():
			ds[i] = dnc.Decision{Verdict: dnc.Block, Reasons: invalid}
		case ended.err != nil:
			ds[i] = ended.decide(n)
		case !sent:
			ds[i] = foreign.decide(n)
		case s.blocks(s.since[at], now):
			ds[i] = dnc.Decision{Number: n, Verdict: dnc.Block, Reasons: s.hit}
		case stale.err != nil:
			ds[i] = stale.decide(n)
		default:
			ds[i] = dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: s.clear}
		}
	}
	var errs []error
	for _, d := range []*doubt{ended, stale, foreign} {
		if d.met {
			errs = append(errs, d.err)
		}
	}
	if len(errs) == 1 {
		return ds, errs[0]
	}
	return ds, errors.Join(errs...)
}

// doubt is why numbers are left open.
type doubt struct {
	err     *dnc.Error // nil: they are not
	reasons dnc.Reasons
	met     bool // by a number
}

func (s *Screening) doubt(err *dnc.Error) *doubt {
	if err == nil {
		return &doubt{}
	}
	return &doubt{err: err, reasons: dnc.ReasonsOf(dnc.Reason{Code: err.Code, List: s.name, Date: s.terms.Made})}
}

func (d *doubt) decide(n dnc.Number) dnc.Decision {
	d.met = true
	return dnc.Decision{Number: n, Verdict: dnc.Unknown, Reasons: d.reasons}
}

// blocks reports whether a result forbids the call. Grace is counted from the first moment at which
// it was that day anywhere.
func (s *Screening) blocks(since int32, now time.Time) bool {
	switch {
	case since == screenedNotListed:
		return false
	case since == screenedListed || s.terms.Grace == 0:
		return true
	}
	began := time.Unix(int64(since)*int64(day/time.Second), 0).Add(-aheadOfUTC)
	return !now.Before(began.Add(s.terms.Grace))
}

// stale is why a screening does not answer any more, or nil.
func (s *Screening) stale(now time.Time) *dnc.Error {
	age := now.Sub(s.terms.Made)
	switch {
	case age > s.terms.MaxAge:
		return &dnc.Error{Code: dnc.CodeListStale, List: s.name, Hint: "the screening was made more than " + days(s.terms.MaxAge) + " ago: have the numbers screened again"}
	case age < -clockSkew:
		return &dnc.Error{Code: dnc.CodeListStale, List: s.name, Hint: "the screening is from the future: the clock is wrong"}
	}
	return nil
}
