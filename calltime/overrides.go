package calltime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/rawjson"
)

// Override blocks calls to a region for a time, because of a holiday at short notice or an
// emergency.
type Override struct {
	// ISO 3166-2 of a state, or ISO 3166-1 of a country, which includes its states. Louisiana is
	// "US-LA"; "LA" is Laos. With an unknown state, calls to its country are Unknown; with an unknown
	// country, all calls are.
	Region string    `json:"region"`
	Kind   string    `json:"kind"`           // OverrideHoliday or OverrideEmergency
	From   time.Time `json:"from"`           // RFC 3339
	Until  time.Time `json:"until,omitzero"` // zero: until the override is removed
	Source string    `json:"source"`         // the decree or page that says so; required
}

// Values of Override.Kind.
const (
	OverrideHoliday   = "holiday"
	OverrideEmergency = "emergency"
)

// Overrides is what an OverrideSource returns.
type Overrides struct {
	All []Override
	// The regions whose overrides could not be read: calls there are Unknown. "" means every
	// region.
	Unreadable []string
	// The time by the source's own clock; zero if it has none. If it differs from the clock of this
	// process by more than 30 seconds, no call is allowed.
	Now time.Time

	why map[string]string // by region: what is wrong with the first override that cannot be read
}

// OverrideSource reads all overrides at once. After an error none of them is known.
type OverrideSource interface {
	ReadOverrides(ctx context.Context) (Overrides, error)
}

// OverrideFunc makes an OverrideSource of a function.
type OverrideFunc func(ctx context.Context) (Overrides, error)

// ReadOverrides calls f.
func (f OverrideFunc) ReadOverrides(ctx context.Context) (Overrides, error) {
	if f == nil {
		return Overrides{}, errors.New("calltime: the OverrideFunc is nil")
	}
	return f(ctx)
}

// complete is the field that says that a hash or file is whole.
const complete = "!complete"

// OverrideFile reads a file with a JSON object. Each field is an Override by its id, such as
// "US-LA/2026-12-24". An id begins with the region: if an Override cannot be read, calls to this
// region are Unknown. A field "!complete", with any value, is required, because a file without it
// may be cut off. An id that occurs twice is an error.
func OverrideFile(path string) OverrideSource {
	return OverrideFunc(func(context.Context) (Overrides, error) {
		text, err := os.ReadFile(path) //nolint:gosec // a file of the caller's
		if err != nil {
			return Overrides{}, &dnc.Error{
				Code: dnc.CodeListMissing, List: overridesList, Hint: "the file of overrides cannot be read", Err: err,
			}
		}
		var object rawjson.Object
		if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &object); err != nil {
			return Overrides{}, &dnc.Error{
				Code: dnc.CodeListIncomplete, List: overridesList,
				Hint: "the file of overrides is not a JSON object, or has an id twice",
			}
		}
		fields := make(map[string]string)
		for _, id := range object.Names() {
			fields[id] = string(object.Get(id))
		}
		return parseOverrides(fields)
	})
}

const overridesList = "hours_overrides"

var idRegion = regexp.MustCompile(`^([A-Z]{2}(?:-[A-Z0-9]{1,3})?)(?:/|$)`)

// parseOverrides reads overrides by their ids.
func parseOverrides(fields map[string]string) (Overrides, error) {
	var out Overrides
	if _, ok := fields[complete]; !ok {
		return out, &dnc.Error{Code: dnc.CodeListIncomplete, List: overridesList, Hint: fmt.Sprintf(
			"the overrides have no field %q: write it last, also when there are none", complete)}
	}
	out.why = make(map[string]string)
	for _, id := range slices.Sorted(maps.Keys(fields)) {
		if id == complete {
			continue
		}
		named := ""
		if m := idRegion.FindStringSubmatch(id); m != nil {
			named = m[1]
		}
		o, problem := readOverride(fields[id])
		if problem == "" && named != "" && named != o.Region {
			problem = "its id begins with another region than \"region\""
		}
		if problem == "" {
			out.All = append(out.All, o)
			continue
		}
		problem = fmt.Sprintf("the override %.80q cannot be read: %s", id, problem)
		out.unreadable(named, problem)
		if regionName.MatchString(o.Region) && o.Region != named {
			out.unreadable(o.Region, problem)
		}
	}
	return out, nil
}

// unreadable notes that overrides of a region cannot be read, and why.
func (o *Overrides) unreadable(region, why string) {
	o.Unreadable = append(o.Unreadable, region)
	o.explain(region, why)
}

func (o *Overrides) explain(region, why string) {
	if o.why == nil {
		o.why = make(map[string]string)
	}
	if o.why[region] == "" {
		o.why[region] = why
	}
}

var overrideFields = []string{"region", "kind", "from", "until", "source"}

// readOverride reads the JSON of one override, and says why it cannot have only one meaning. A name
// that occurs twice, also in other letters, can have two.
func readOverride(value string) (o Override, problem string) {
	var object rawjson.Object
	if json.Unmarshal([]byte(value), &object) != nil {
		problem = "it is not a JSON object, or has a field twice"
	}
	for _, name := range object.Names() {
		if !slices.Contains(overrideFields, name) {
			problem = fmt.Sprintf("it has the field %.40q, and there are only region, kind, from, until and source", name)
		}
	}
	if json.Unmarshal([]byte(value), &o) != nil && problem == "" {
		problem = `"from" and "until" are RFC 3339, such as "2026-12-24T06:00:00Z", and the others are texts`
	}
	if problem == "" {
		problem = o.problem()
	}
	return o, problem
}

// problem is why an override means nothing; "" if it means something.
func (o Override) problem() string {
	switch {
	case !regionName.MatchString(o.Region):
		return `"region" is not an ISO 3166 code, such as "US-LA" or "FR"`
	case o.Kind != OverrideHoliday && o.Kind != OverrideEmergency:
		return `"kind" is not "holiday" or "emergency"`
	case o.From.IsZero():
		return `"from" is missing`
	case o.Source == "":
		return `"source" is missing`
	case !o.Until.IsZero() && !o.Until.After(o.From):
		return `"until" is not after "from"`
	}
	return ""
}

// within reports whether one of two regions is in the other, or they are the same.
func within(a, b string) bool {
	return a == b || len(a) == 2 && countryOf(b) == a || len(b) == 2 && countryOf(a) == b
}

// overrideState is what was read last. It does not change.
type overrideState struct {
	Overrides
	read    time.Time
	err     *dnc.Error
	content uint64 // changes with the overrides, from 1
}

// apply adds what overrides say of a scope at an instant.
func (s *overrideState) apply(f *finding, where *scope, t time.Time) {
	if s == nil {
		return
	}
	for _, region := range s.Unreadable {
		if region == "" || slices.ContainsFunc(where.regions, func(p place) bool { return within(region, p.name) }) {
			hint := s.why[region]
			if hint == "" {
				hint = "an override of the region cannot be read"
			}
			f.fail(&dnc.Error{Code: dnc.CodeListIncomplete, List: overridesList, Hint: hint})
		}
	}
	for _, o := range s.All {
		if !slices.ContainsFunc(where.regions, func(p place) bool { return within(o.Region, p.name) }) {
			continue
		}
		from := o.From.Truncate(time.Second) // a second too early rather than too late
		f.change(t, from)
		if !o.Until.IsZero() {
			f.change(t, o.Until)
		}
		if t.Before(from) || !o.Until.IsZero() && !t.Before(o.Until) {
			continue
		}
		code := dnc.CodeHoliday
		if o.Kind == OverrideEmergency {
			code = dnc.CodeEmergency
		}
		list := overridesList + "/" + strings.ToLower(o.Region)
		f.block(dnc.Reason{Code: code, List: list, Date: o.From}, !o.Until.IsZero())
	}
}

const (
	overridesEvery = 5 * time.Second
	overridesStale = 60 * time.Second
	clocksApart    = 30 * time.Second
)

// overrideReader reads a source within checks, at most every five seconds.
type overrideReader struct {
	source OverrideSource
	clock  func() time.Time
	known  func(region string) bool
	mu     sync.Mutex
	tried  atomic.Pointer[time.Time] // the last attempt
	last   atomic.Pointer[overrideState]
}

// state is what holds now. One caller reads; others go on with what was read before, while that is
// not stale.
func (r *overrideReader) state(ctx context.Context, now time.Time) (*overrideState, *dnc.Error) {
	if r == nil {
		return nil, nil
	}
	if tried := r.tried.Load(); tried == nil || apart(now, *tried) >= overridesEvery {
		if s := r.last.Load(); s == nil || s.stale(now) {
			r.mu.Lock()
			r.refresh(ctx, now)
			r.mu.Unlock()
		} else if r.mu.TryLock() {
			r.refresh(ctx, now)
			r.mu.Unlock()
		}
	}
	s := r.last.Load()
	switch {
	case s == nil || s.read.IsZero() && s.err == nil:
		return nil, &dnc.Error{Code: dnc.CodeStoreUnavailable, List: overridesList, Hint: "the overrides were not read yet"}
	case s.err != nil && (s.read.IsZero() || !s.err.Retryable()):
		return nil, s.err
	case s.stale(now):
		return nil, &dnc.Error{
			Code: dnc.CodeListStale, List: overridesList,
			Hint: "the overrides were last read more than a minute ago", Err: asError(s.err),
		}
	}
	return s, nil
}

func asError(e *dnc.Error) error {
	if e == nil {
		return nil
	}
	return e
}

func (s *overrideState) stale(now time.Time) bool { return apart(now, s.read) >= overridesStale }

// apart is the time between two instants by the monotonic clock or by the wall clock, whichever is
// longer. The first stands still while a computer sleeps, the second can be set.
func apart(a, b time.Time) time.Duration {
	return max(a.Sub(b).Abs(), a.Round(0).Sub(b.Round(0)).Abs())
}

func (r *overrideReader) refresh(ctx context.Context, now time.Time) {
	if tried := r.tried.Load(); tried != nil && apart(now, *tried) < overridesEvery {
		return // another caller has just done it
	}
	before := r.last.Load()
	next := r.ask(ctx)
	if ctx.Err() != nil && next.err != nil {
		return // the caller gave up, so the source may be all right
	}
	r.tried.Store(&now)
	if next.err != nil && before != nil {
		next.Overrides, next.read = before.Overrides, before.read
	}
	if before != nil {
		next.content = before.content
	}
	if before == nil || !before.same(next) {
		next.content++
	}
	r.last.Store(next)
}

func (s *overrideState) same(o *overrideState) bool {
	return slices.Equal(s.All, o.All) && slices.Equal(s.Unreadable, o.Unreadable) && maps.Equal(s.why, o.why)
}

// ask reads the source, and compares the clocks.
func (r *overrideReader) ask(ctx context.Context) (s *overrideState) {
	s = &overrideState{}
	defer func() {
		if recover() != nil {
			s = &overrideState{err: &dnc.Error{
				Code: dnc.CodeCheckerFailed, List: overridesList, Hint: "the source of overrides panicked",
			}}
		}
	}()
	begin := r.clock()
	read, err := r.source.ReadOverrides(ctx)
	end := r.clock()
	if err != nil {
		s.err = &dnc.Error{
			Code: dnc.CodeStoreUnavailable, List: overridesList, Hint: "the overrides cannot be read", Err: err,
		}
		if e, ok := err.(*dnc.Error); ok { //nolint:errorlint // the source's own answer, not what it wraps
			s.err = e
		}
		return s
	}
	s.Overrides, s.read = sorted(read), end
	for _, o := range s.All {
		if problem := o.problem(); problem != "" {
			s.unreadable(o.Region, fmt.Sprintf("an override of %.20q is wrong: %s", o.Region, problem))
		} else if !r.known(o.Region) {
			s.unreadable(countryOf(o.Region), fmt.Sprintf("an override is of the region %q, which is not known", o.Region))
		}
	}
	for i, region := range s.Unreadable {
		if !regionName.MatchString(region) || !r.known(countryOf(region)) {
			s.Unreadable[i] = "" // nobody knows where it is: it can be anywhere
			s.explain("", s.why[region])
		}
	}
	if !read.Now.IsZero() && (read.Now.Before(begin.Add(-clocksApart)) || read.Now.After(end.Add(clocksApart))) {
		s.err = &dnc.Error{Code: dnc.CodeStoreMisconfigured, List: "clock", Hint: fmt.Sprintf(
			"the clock of this process is %v from the store's: set both by NTP", read.Now.Sub(end).Round(time.Second))}
	}
	return s
}

// sorted makes two answers with the same content equal. Times are in UTC for that: each read of
// another offset makes a time.Location of its own.
func sorted(o Overrides) Overrides {
	o.All, o.Unreadable, o.why = slices.Clone(o.All), slices.Clone(o.Unreadable), maps.Clone(o.why)
	for i := range o.All {
		o.All[i].Region = canonical(o.All[i].Region)
		o.All[i].From, o.All[i].Until = o.All[i].From.Round(0).UTC(), o.All[i].Until.Round(0).UTC()
	}
	text := func(o Override) string { return o.Region + o.Kind + o.From.String() + o.Until.String() + o.Source }
	slices.SortFunc(o.All, func(a, b Override) int { return strings.Compare(text(a), text(b)) })
	slices.Sort(o.Unreadable)
	o.Unreadable = slices.Compact(o.Unreadable)
	return o
}
