package calltime

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// Hours is a dnc.Rule: may this number be called now? The call is blocked if it is too early or too
// late in any place where the person may be. Make an Hours with New, and ask it together with the
// lists:
//
//	dnc.ProtectRule(dnc.All(dnc.RuleOf(lists), hours))
//
// An Hours keeps each answer until it can change, so a check takes less than a microsecond and one
// allocation. It is safe for concurrent use. The zero Hours answers Unknown.
type Hours struct {
	config
	rules   []*compiled
	tables  map[string]*HolidayTable
	margin  int // seconds
	staleAt time.Time
	old     atomic.Bool // it was reported that the zone data is old

	reader *overrideReader // nil: there are no overrides
	loaded sync.Map        // of func() *clockZone, by name
	kept   atomic.Pointer[answers]
}

// answers are what was found for one state of the overrides.
type answers struct {
	content uint64
	mu      sync.RWMutex
	by      map[key]*answer
}

// key tells calls apart that can have different answers.
type key struct {
	digits  uint64 // of the prefix that tells the place
	zones   [3]string
	region  string
	postal  string // as it is written, for WithPostal
	set     uint16 // of the postal code, in the table of this package
	channel dnc.Channel
	waiver  Waiver
}

// answer holds from an instant to another.
type answer struct {
	from, to time.Time
	verdict  dnc.Verdict
	reasons  dnc.Reasons
	err      error
}

const maxAnswers = 20_000

var notForbidden = dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeNotForbidden, List: "hours"})

// New makes an Hours with the rows and data of this package. It dials nothing.
func New(opts ...Option) (*Hours, error) {
	zones, err := embeddedZones()
	if err != nil {
		return nil, err
	}
	numbers, err := embeddedNumbers()
	if err != nil {
		return nil, err
	}
	codes, err := embeddedPostal()
	if err != nil {
		return nil, err
	}
	h := &Hours{config: config{
		rows: Rows(), holidays: HolidayTables(), zones: zones, numbers: numbers, codes: codes, margin: time.Minute,
		clock:  time.Now,
		others: []func(string) (*time.Location, error){time.LoadLocation},
		warn:   180 * 24 * time.Hour, stale: 400 * 24 * time.Hour,
	}, tables: make(map[string]*HolidayTable)}
	for _, o := range opts {
		if o == nil {
			return nil, bad("an option is nil")
		}
		if err := o(&h.config); err != nil {
			return nil, err
		}
	}
	h.margin = int(h.config.margin / time.Second)
	h.staleAt = h.zones.released.Add(h.stale)
	for _, r := range h.rows {
		c, err := r.compile()
		if err != nil {
			return nil, err
		}
		h.rules = append(h.rules, c)
	}
	for i := range h.holidays {
		h.tables[h.holidays[i].Jurisdiction] = &h.holidays[i]
	}
	if h.overrides != nil {
		h.reader = &overrideReader{source: h.overrides, clock: h.clock, known: h.knows}
	}
	return h, nil
}

// Check answers for one call. If the call is blocked, Decision.Until is the time of the next
// opening, where that is known.
func (h *Hours) Check(ctx context.Context, call dnc.Call) (dnc.Decision, error) {
	if call.Number.IsZero() {
		return invalid, nil
	}
	if ctx.Err() != nil {
		return ended(ctx, call.Number)
	}
	a, err := h.decide(ctx, call)
	if err != nil && ctx.Err() != nil {
		return ended(ctx, call.Number)
	}
	if err != nil {
		return dnc.Decision{Number: call.Number, Verdict: dnc.Unknown, Reasons: reasonsOf(err)}, err
	}
	return dnc.Decision{Number: call.Number, Verdict: a.verdict, Reasons: a.reasons}, a.err
}

// CheckBatch answers for each call. The error joins the causes of Unknown, each cause once.
func (h *Hours) CheckBatch(ctx context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
	out := make([]dnc.Decision, len(calls))
	var errs []error
	seen := map[string]bool{}
	for i, call := range calls {
		d, err := h.Check(ctx, call)
		out[i] = d
		if err != nil && !seen[err.Error()] {
			seen[err.Error()] = true
			errs = append(errs, err)
		}
	}
	if len(errs) == 1 {
		return out, errs[0]
	}
	return out, errors.Join(errs...)
}

var invalid = dnc.Decision{Verdict: dnc.Block, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeInvalidNumber})}

func ended(ctx context.Context, n dnc.Number) (dnc.Decision, error) {
	f := redisconn.ContextFault(ctx)
	err := &dnc.Error{Code: f.Code(), List: "hours", Hint: f.Hint, Err: f.Err}
	return dnc.Decision{Number: n, Verdict: dnc.Unknown, Reasons: reasonsOf(err)}, err
}

func reasonsOf(errs ...*dnc.Error) dnc.Reasons {
	var out []dnc.Reason
	for _, e := range errs {
		out = append(out, dnc.Reason{Code: e.Code, List: e.List})
	}
	return dnc.ReasonsOf(out...)
}

// decide finds the answer for a call, or why there is none. Without overrides a call can still be
// known to be closed: it stays closed also where a fallback allows what could not be checked.
func (h *Hours) decide(ctx context.Context, call dnc.Call) (*answer, *dnc.Error) {
	if h.numbers == nil {
		return nil, &dnc.Error{Code: dnc.CodeCheckerFailed, List: "hours", Hint: "this Hours was not made by New"}
	}
	if call.Channel > dnc.Text {
		return nil, &dnc.Error{Code: dnc.CodeCheckerFailed, List: "hours", Hint: "the call has a channel that does not exist"}
	}
	now := h.clock()
	h.noteAge(now) //nolint:contextcheck // an incident of the data is no part of the call
	state, trouble := h.reader.state(ctx, now)
	t := call.Time
	if t.IsZero() {
		if t = now; h.reader != nil {
			t = h.clock() // reading takes time
		}
	}
	a := h.answer(call, t, state) //nolint:contextcheck // it asks nobody
	if trouble != nil && a.verdict != dnc.Block {
		return nil, trouble
	}
	return a, nil
}

// answer is the answer for a call at an instant: a kept one, if there is one that still holds.
func (h *Hours) answer(call dnc.Call, t time.Time, state *overrideState) *answer {
	var w Waiver
	if h.waiver != nil {
		w = h.waiver(call)
	}
	digits := call.Number.E164()[1:]
	where := call.Location
	if len(where.Zones) > len(key{}.zones) || slices.Contains(where.Zones, "") { // the key cannot hold them
		return h.find(digits, call, w, t, state)
	}
	k := key{
		digits: h.placeOf(digits), region: where.Region, set: h.postalOf(digits, where),
		channel: call.Channel, waiver: w,
	}
	if h.postal != nil {
		k.postal = where.Postal
	}
	copy(k.zones[:], where.Zones)
	kept := h.answersOf(state)
	kept.mu.RLock()
	a := kept.by[k]
	kept.mu.RUnlock()
	if a != nil && !t.Before(a.from) && t.Before(a.to) {
		return a
	}
	a = h.find(digits, call, w, t, state)
	kept.mu.Lock()
	if len(kept.by) >= maxAnswers {
		clear(kept.by)
	}
	kept.by[k] = a
	kept.mu.Unlock()
	return a
}

// placeOf is the part of a number that tells the place: the exchange if the table has it, otherwise
// the area code, and outside of +1 at most the calling code. There are a few thousand of them, so the
// kept answers are of use also for a campaign in the whole country.
func (h *Hours) placeOf(digits string) uint64 {
	if digits[0] != '1' || len(digits) != 11 {
		return number(digits[:min(3, len(digits))])
	}
	exchange := number(digits[:7])
	if h.numbers.prefixes[exchange] != nil {
		return exchange
	}
	return exchange / 1000
}

// answersOf are the kept answers of a state of the overrides: none, if it is a new one.
func (h *Hours) answersOf(state *overrideState) *answers {
	var content uint64
	if state != nil {
		content = state.content
	}
	kept := h.kept.Load()
	if kept == nil || kept.content != content {
		kept = &answers{content: content, by: make(map[key]*answer)}
		h.kept.Store(kept)
	}
	return kept
}

// find works out an answer.
func (h *Hours) find(digits string, call dnc.Call, w Waiver, t time.Time, state *overrideState) *answer {
	q := h.ask(h.scopeOf(digits, call.Location), call.Channel, w)
	f := h.at(q, t, state)
	a := &answer{from: t.Truncate(time.Second), to: f.next, verdict: dnc.Allow, reasons: notForbidden}
	if f.open() {
		return a
	}
	var reasons []dnc.Reason
	if len(f.blocks) > 0 {
		until := h.opening(q, t, state)
		for _, g := range f.blocks {
			g.reason.Until = until
			reasons = append(reasons, g.reason)
		}
		a.verdict = dnc.Block
	} else {
		a.verdict = dnc.Unknown
	}
	var errs []error
	for _, e := range f.errs {
		reasons = append(reasons, dnc.Reason{Code: e.Code, List: e.List})
		errs = append(errs, e)
	}
	a.reasons = dnc.ReasonsOf(reasons...)
	if a.verdict == dnc.Unknown {
		if a.err = errs[0]; len(errs) > 1 {
			a.err = errors.Join(errs...)
		}
	}
	return a
}

func (h *Hours) noteAge(now time.Time) {
	if !h.old.Load() && now.Sub(h.zones.released) >= h.warn && h.old.CompareAndSwap(false, true) {
		h.report(dnc.Incident{Event: EventZoneDataOld, List: "zones", Err: errors.New(
			"tzdata " + h.zones.version + " was released on " + h.zones.released.Format(time.DateOnly) +
				": update this library")})
	}
}

// Next is the earliest time at which the call may be made: the call's own time, or a later one. The
// error says why there is no answer.
func (h *Hours) Next(call dnc.Call) (time.Time, error) {
	if call.Time.IsZero() && h.clock != nil {
		call.Time = h.clock()
	}
	d, err := h.Check(context.Background(), call)
	if err != nil {
		return time.Time{}, err
	}
	if d.Callable() {
		return call.Time, nil
	}
	if until := d.Until(); !until.IsZero() {
		return until, nil
	}
	return time.Time{}, &dnc.Error{Code: dnc.CodeNotCovered, List: "hours", Hint: "no opening is known within 30 days"}
}
