package preflight

import (
	"context"
	"errors"
	"fmt"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

// scrubbed is what one pass over the contacts found.
type scrubbed struct {
	counts     Counts
	reasons    []ReasonCount
	lists      []ListUsed
	areas      []areaCount
	grounds    []dnc.Reason // what findings refer to
	findings   []finding
	unmarkable []string // contact ids
	contents   contents
}

// finding is a number that is not allowed, or a cell that holds no number.
type finding struct {
	contactID string
	column    int        // of Plan.columns
	number    dnc.Number // zero: the cell holds no number
	ground    int        // of scrubbed.grounds
	unknown   bool       // without a full answer
	later     bool       // blocked only for now: nothing is written for it
	mark      markState
	listed    bool // the campaign's own DNC list had the number before the plan
}

type markState uint8

const (
	markNone   markState = iota // the DNC list is enough
	markToMake                  // the number must be marked uncallable
	markThere                   // it was marked when the plan was made
)

// maxReads bounds how often a contact list is read anew because it changes while it is read.
const maxReads = 3

// read decides on every number. It believes an export only when the next one is equal to it: an
// export that another tool has asked for before can be older than the question, and what has
// changed since would never be checked.
func (p *Plan) read(ctx context.Context, checker dnc.Checker) error {
	for range maxReads {
		found, err := p.scrub(ctx, checker)
		if err != nil {
			return err
		}
		again, err := p.export(ctx, nil)
		if err != nil {
			return err
		}
		if again == found.contents {
			p.scrubbed = found
			return nil
		}
	}
	return fmt.Errorf("%w: the contact list keeps changing: %d exports in a row differ; stop uploads, then plan again",
		ErrChanged, 2*maxReads)
}

// scrub exports the contacts once and decides on every number.
func (p *Plan) scrub(ctx context.Context, checker dnc.Checker) (scrubbed, error) {
	var s scrubbed
	t := newTally()
	grounds := map[dnc.Reason]int{}
	parse := func(c cell) (dnc.Number, error) { return p.config.parse(c.text) }
	for checked, err := range dnc.Stream(ctx, checker, p.cells(ctx, &s), parse) {
		if err != nil {
			if e := ctx.Err(); e != nil && !errors.Is(err, e) { // Stream gives the cause alone
				err = fmt.Errorf("%w: %w", e, err)
			}
			return s, err
		}
		d := checked.Decision
		allowed := s.count(d)
		t.add(d, allowed)
		if allowed || doubtful(d) && !p.config.blockUnknown {
			continue
		}
		reason := d.Reason()
		ground, ok := grounds[reason]
		if !ok {
			ground = len(s.grounds)
			grounds[reason] = ground
			s.grounds = append(s.grounds, reason)
		}
		f := checked.Input.finding(d.Number)
		f.ground, f.unknown = ground, doubtful(d) && !d.Number.IsZero()
		if f.later = !f.unknown && later(d); f.later {
			f.mark = markNone
		}
		s.findings = append(s.findings, f)
		if f.mark == markToMake && genesys.CheckContactID(f.contactID) != nil {
			s.unmarkable = append(s.unmarkable, f.contactID)
		}
	}
	t.settle()
	s.reasons, s.lists, s.areas = t.reasonCounts(), t.listStates(), t.areaCounts()
	if s.counts.Unknown > 0 && !p.config.blockUnknown {
		return s, undecided(s.reasons, "there is no full answer for %d of %d numbers (reasons seen: %q); remove the cause and plan again, or block them with BlockUnknown",
			s.counts.Unknown, s.counts.Numbers())
	}
	return s, nil
}

// count puts a decision into one of five counts. A fallback is no answer, also one that allows.
func (s *scrubbed) count(d dnc.Decision) (allowed bool) {
	switch {
	case d.Number.IsZero():
		s.counts.Invalid++
	case doubtful(d):
		s.counts.Unknown++
	case d.Callable():
		s.counts.Allowed++
		return true
	case later(d):
		s.counts.BlockedForNow++
	default:
		s.counts.Blocked++
	}
	return false
}

// undecided names the reasons that were seen, as the last argument of format, and wraps the errors
// that their codes stand for.
func undecided(reasons []ReasonCount, format string, args ...any) error {
	var codes []string
	errs := []error{ErrUndecided}
	for _, r := range reasons {
		reason := dnc.Reason{Code: r.Code, List: r.List}
		codes = append(codes, reason.String())
		if unknownReason(reason) {
			errs = append(errs, &dnc.Error{Code: r.Code, List: r.List})
		}
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, append(args, codes)...), errors.Join(errs...))
}

// blocked are the numbers that go into the DNC list, each once.
func (s *scrubbed) blocked() []string {
	seen := make(map[dnc.Number]struct{}, len(s.findings))
	var numbers []string
	for _, f := range s.findings {
		if _, twice := seen[f.number]; !twice && !f.later && !f.number.IsZero() {
			seen[f.number] = struct{}{}
			numbers = append(numbers, f.number.E164())
		}
	}
	return numbers
}

// toMark are the findings whose number must be marked uncallable.
func (s *scrubbed) toMark() []finding {
	var out []finding
	for _, f := range s.findings {
		if f.mark == markToMake {
			out = append(out, f)
		}
	}
	return out
}
