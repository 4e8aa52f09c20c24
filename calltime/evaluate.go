package calltime

import (
	"fmt"
	"slices"
	"time"

	"github.com/dnc-go/dnc"
)

// ground is one thing that forbids a call.
type ground struct {
	reason dnc.Reason
	ending bool // it can end by itself
}

// finding is what holds at one instant, and until next.
type finding struct {
	blocks []ground
	errs   []*dnc.Error
	next   time.Time // the first instant at which something may be different
}

func (f *finding) open() bool { return len(f.blocks) == 0 && len(f.errs) == 0 }

func (f *finding) block(r dnc.Reason, ending bool) {
	for i := range f.blocks {
		if f.blocks[i].reason.List == r.List && f.blocks[i].reason.Code == r.Code {
			return
		}
	}
	f.blocks = append(f.blocks, ground{r, ending})
}

func (f *finding) fail(e *dnc.Error) {
	if e != nil && !slices.ContainsFunc(f.errs, func(x *dnc.Error) bool { return *x == *e }) {
		f.errs = append(f.errs, e)
	}
}

// change notes that something may be different from an instant on, in whole seconds: so are the
// instants that at is asked for. It must be after t, or opening would never get on.
func (f *finding) change(t, at time.Time) {
	if whole := at.Truncate(time.Second); whole.Before(at) {
		at = whole.Add(time.Second)
	}
	if at.After(t) && (f.next.IsZero() || at.Before(f.next)) {
		f.next = at
	}
}

// question is a call without its instant: everywhere it may be, and the rows that hold there.
type question struct {
	scope *scope
	zones []*clockZone
	rows  []*compiled
	cover []country // each needs a row that is in force
	errs  []*dnc.Error
}

// country is a country of a question, with the rows that cover it for the channel. Rows that are
// waived cover it too: what the country says of the call is known, and it leaves every hour open.
type country struct {
	name string
	rows []*compiled
}

// ask makes the question of a scope.
func (h *Hours) ask(s *scope, channel dnc.Channel, w Waiver) *question {
	q := &question{scope: s}
	if s.err != nil {
		q.errs = append(q.errs, s.err)
	}
	for _, z := range s.zones {
		zone := h.zone(z.name)
		if zone.err != nil {
			q.errs = append(q.errs, zone.err)
		}
		q.zones = append(q.zones, zone)
	}
	for _, row := range h.rules {
		if row.channels&(1<<channel) == 0 || row.waivedBy&w != 0 {
			continue
		}
		if slices.ContainsFunc(s.regions, func(p place) bool { return row.concerns(p.name) }) {
			q.rows = append(q.rows, row)
		}
	}
	q.cover = h.covering(s, channel)
	if len(s.regions) == 0 && s.err == nil {
		q.errs = append(q.errs, &dnc.Error{
			Code: dnc.CodeNotCovered, List: "hours",
			Hint: "the country of a number is not known: give the call a Location with a Region, such as \"US-FL\" or \"US\"",
		})
	}
	return q
}

// covering is the rows of the country of each region. A row of a state covers nobody else.
func (h *Hours) covering(s *scope, channel dnc.Channel) []country {
	var out []country
	for _, r := range s.regions {
		name := countryOf(r.name)
		if slices.ContainsFunc(out, func(c country) bool { return c.name == name }) {
			continue
		}
		c := country{name: name}
		for _, row := range h.rules {
			if row.channels&(1<<channel) != 0 && countryOf(row.Jurisdiction) == name && len(row.Jurisdiction) == 2 {
				c.rows = append(c.rows, row)
			}
		}
		out = append(out, c)
	}
	return out
}

// at answers a question at an instant.
func (h *Hours) at(q *question, t time.Time, o *overrideState) *finding {
	t = t.Truncate(time.Second)
	f := &finding{}
	for _, e := range q.errs {
		f.fail(e)
	}
	if e := h.dataTrouble(t); e != nil {
		f.fail(e)
	}
	f.change(t, dataBegins)
	f.change(t, h.staleAt)
	o.apply(f, q.scope, t)
	for _, z := range q.zones {
		for i, loc := range z.locs {
			if i > 0 && sameOffset(t, loc, z.locs[0]) {
				_, end := t.In(loc).ZoneBounds()
				f.change(t, end)
				continue
			}
			h.local(f, q, t.In(loc))
		}
	}
	if f.next.IsZero() { // no zone is known
		f.next = t.Add(time.Hour)
	}
	return f
}

func sameOffset(t time.Time, a, b *time.Location) bool {
	_, x := t.In(a).Zone()
	_, y := t.In(b).Zone()
	return x == y
}

// local asks all rows at a local time. It compares seconds of the local day, and makes no instant
// of a local time: on days when clocks change there may be none, or two.
func (h *Hours) local(f *finding, q *question, t time.Time) {
	hour, minute, sec := t.Clock()
	s := hour*3600 + minute*60 + sec
	day := t.Format(time.DateOnly)
	later := func(second int) {
		if second > s {
			f.change(t, t.Add(time.Duration(second-s)*time.Second))
		}
	}
	later(86400)
	if _, end := t.ZoneBounds(); !end.IsZero() {
		f.change(t, end)
	}
	for _, c := range q.cover {
		if !slices.ContainsFunc(c.rows, func(row *compiled) bool { return row.inForce(day) }) {
			f.fail(&dnc.Error{Code: dnc.CodeNotCovered, List: "hours", Hint: fmt.Sprintf(
				"no row of the country %q is in force on that day for the call's channel: add one with WithRows", c.name)})
		}
	}
	for _, row := range q.rows {
		if !row.inForce(day) {
			continue
		}
		spans, code := row.days[t.Weekday()], dnc.CodeOutsideHours
		if row.asks {
			is, e := h.holiday(row.Jurisdiction, day)
			f.fail(e)
			if is {
				spans, code = row.holidays, dnc.CodeHoliday
			}
		}
		open := false
		for _, span := range spans {
			end := span.close - h.margin
			if span.close == 86400 && row.past[t.Weekday()] {
				end = span.close
			}
			later(span.open)
			later(end)
			open = open || span.open <= s && s < end
		}
		if !open {
			f.block(row.reason(code), true)
		}
	}
}

func (c *compiled) reason(code string) dnc.Reason {
	return dnc.Reason{Code: code, List: c.ID, Version: c.From, Date: c.reviewed}
}

// holiday reports whether a day is a holiday, or why it cannot be told.
func (h *Hours) holiday(jurisdiction, day string) (bool, *dnc.Error) {
	table := h.tables[jurisdiction]
	switch {
	case table == nil:
		return false, &dnc.Error{Code: dnc.CodeListMissing, List: "holidays", Hint: fmt.Sprintf(
			"there is no table of holidays for %q: add one with WithHolidays", jurisdiction)}
	case day < table.From || day > table.Through:
		return false, &dnc.Error{Code: dnc.CodeListStale, List: "holidays", Hint: fmt.Sprintf(
			"the holidays of %q are known from %s to %s: update this library, or use WithHolidays",
			jurisdiction, table.From, table.Through)}
	}
	_, is := table.Days[day] // also a day without a name
	return is, nil
}

// horizon is how far ahead the next opening is looked for.
const horizon = 30 * 24 * time.Hour

// opening is the first instant from t on at which a question is open. It walks from one change to
// the next and asks again at each. Zero: none within 30 days, or something unknown is before it.
func (h *Hours) opening(q *question, t time.Time, o *overrideState) time.Time {
	for at := t; at.Sub(t) < horizon; {
		f := h.at(q, at, o)
		if f.open() {
			return at
		}
		if len(f.blocks) == 0 || slices.ContainsFunc(f.blocks, func(g ground) bool { return !g.ending }) {
			return time.Time{}
		}
		at = f.next
	}
	return time.Time{}
}
