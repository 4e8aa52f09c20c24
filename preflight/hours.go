package preflight

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

// WithHours has [Plan.AssertProtected] compare the campaign's callable time set with a rule of
// calling hours, such as one of package calltime. Give a rule of hours alone, without lists. Give
// it a margin of 0: a margin closes before the law does, so every set that ends with the law would
// be a gap. template has what all calls have in common, such as the channel and the purpose. The
// comparison covers 7 days from the template's Time; zero means from now.
//
// The contact list is exported once more. For each time zone and area code, one number is asked: at
// the first and the last minute of each slot, and every 5 minutes in between.
//
// Three things are not seen: what is special to one exchange of an area code, to a region or to a
// postal code; and holidays after the 7 days.
//
// The rule is not saved with a plan. Give it to [ReadPlan] too: without it, a plan that was made with
// hours has [GapHoursUnknown]. By default nothing is compared.
func WithHours(rule dnc.Rule, template dnc.Call) HoursOption { return hoursOption{rule, template} }

// hourGaps compares the callable time set that is in force with the hours.
func (p *Plan) hourGaps(ctx context.Context, setID string, list *genesys.ContactList) ([]Gap, error) {
	switch {
	case !p.config.askHours:
		return nil, nil
	case p.config.hours == nil:
		return []Gap{{GapHoursUnknown, "the plan was read from a file, which keeps no rule of hours: give ReadPlan the same WithHours"}}, nil
	}
	set, err := p.client.CallableTimeSet(ctx, setID)
	if errors.Is(err, genesys.ErrNotFound) {
		return []Gap{{GapHoursUnknown, "the callable time set cannot be found"}}, nil
	}
	if err != nil {
		return nil, err
	}
	samples, gaps, err := p.samples(ctx, list)
	if err != nil {
		return nil, err
	}
	for _, zone := range slices.Sorted(maps.Keys(samples)) {
		found, err := p.zoneGaps(ctx, zone, sampled(samples[zone]), set)
		if err != nil {
			return nil, err
		}
		gaps = append(gaps, found...)
	}
	return gaps, nil
}

// samples exports the contacts and keeps a number of each zone and area code.
func (p *Plan) samples(
	ctx context.Context, list *genesys.ContactList,
) (by map[string]map[string]dnc.Number, gaps []Gap, err error) {
	by = map[string]map[string]dnc.Number{}
	without, unread := 0, 0
	now, err := p.export(ctx, func(contact genesys.ExportedContact) {
		for _, column := range p.columns {
			text, _ := contact.Value(column)
			n, err := p.config.parse(text)
			if err != nil {
				if text != "" {
					unread++
				}
				continue
			}
			zone, _ := contact.Value(list.TimeZoneColumns[column])
			if by[zone] == nil {
				if _, err := time.LoadLocation(zone); zone == "" || zone == "Local" || err != nil {
					without++
					continue
				}
				by[zone] = map[string]dnc.Number{}
			}
			by[zone][n.E164()[:min(5, len(n.E164()))]] = n
		}
	})
	if err == nil && now != p.contents {
		gaps = append(gaps, gapf(GapContactsChanged,
			"the contact list has changed: the count of contacts was %d and is %d, or a contact has another number", p.contents.contacts, now.contacts))
	}
	if without > 0 {
		gaps = append(gaps, gapf(GapHoursUnknown,
			"numbers without a known time zone: %d; set the time zone column of each phone column", without))
	}
	if unread > 0 && len(by) == 0 {
		gaps = append(gaps, gapf(GapHoursUnknown, "no number can be read (numbers: %d): use WithParse", unread))
	}
	return by, gaps, err
}

// sampled are the numbers in the order of their area codes.
func sampled(by map[string]dnc.Number) []dnc.Number {
	numbers := make([]dnc.Number, 0, len(by))
	for _, area := range slices.Sorted(maps.Keys(by)) {
		numbers = append(numbers, by[area])
	}
	return numbers
}

// zoneGaps asks the hours about the slots of one zone.
func (p *Plan) zoneGaps(
	ctx context.Context, zone string, numbers []dnc.Number, set *genesys.CallableTimeSet,
) (gaps []Gap, err error) {
	loc, err := time.LoadLocation(zone) // samples has only zones that can be loaded
	if err != nil {
		return nil, fmt.Errorf("preflight: the time zone of contacts cannot be loaded again: %w", err)
	}
	has := false
	for _, times := range set.Times {
		if !strings.EqualFold(times.TimeZone, zone) {
			continue
		}
		has = true
		for _, slot := range times.Slots {
			at, ok := p.instants(slot, loc)
			if !ok {
				gaps = append(gaps, gapf(GapHoursUnknown, "%s: a time slot from %q to %q on day %d cannot be read",
					zone, slot.Start, slot.Stop, slot.Day))
				continue
			}
			found, err := p.slotGaps(ctx, zone, numbers, at)
			if err != nil {
				return nil, err
			}
			gaps = append(gaps, found...)
		}
	}
	if !has {
		gaps = append(gaps,
			gapf(GapHoursUnknown, "contacts are in %s, for which the callable time set has no times", zone))
	}
	return gaps, nil
}

// slotGaps asks about one slot, and names the first instant that the hours forbid.
func (p *Plan) slotGaps(ctx context.Context, zone string, numbers []dnc.Number, at []time.Time) ([]Gap, error) {
	var wider, unknown string
	for _, t := range at {
		calls := make([]dnc.Call, len(numbers))
		for i, n := range numbers {
			calls[i] = p.config.hoursOf
			calls[i].Number, calls[i].Time = n, t
			calls[i].Location.Zones = append(slices.Clone(calls[i].Location.Zones), zone)
		}
		ds, _ := p.config.hours.CheckBatch(ctx, calls) // an error is in the decisions too
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		when := zone + ", " + t.Format("Monday 2006-01-02 15:04")
		if len(ds) != len(calls) && unknown == "" {
			unknown = when + ": the rule did not answer for every call"
		}
		for _, d := range ds {
			switch {
			case d.Undecided() && unknown == "":
				unknown = fmt.Sprintf("%s: the hours are not known: %s", when, d.Reason().Code)
			case !d.Undecided() && !d.Callable() && wider == "":
				wider = fmt.Sprintf("%s: the callable times are open, the hours are not: %s %s",
					when, d.Reason().Code, d.Reason().List)
			}
		}
	}
	var gaps []Gap
	if wider != "" {
		gaps = append(gaps, Gap{GapCallableTimesWider, wider})
	}
	if unknown != "" {
		gaps = append(gaps, Gap{GapHoursUnknown, unknown})
	}
	return gaps, nil
}

// instants are the times of a slot in the next 7 days. It walks over instants and compares local
// clocks: on days when clocks change a local time may come twice, or not at all.
func (p *Plan) instants(slot genesys.TimeSlot, loc *time.Location) (at []time.Time, ok bool) {
	start, _, ok1 := minuteOf(slot.Start)
	_, stop, ok2 := minuteOf(slot.Stop)
	if !ok1 || !ok2 || stop <= start || slot.Day < 1 || slot.Day > 7 {
		return nil, false
	}
	begin := p.config.hoursOf.Time
	if begin.IsZero() {
		begin = time.Now()
	}
	begin = begin.Truncate(time.Minute)
	for m := range 7 * 24 * 60 {
		t := begin.Add(time.Duration(m) * time.Minute).In(loc)
		now := t.Hour()*60 + t.Minute()
		if t.Weekday() == time.Weekday(slot.Day%7) && now >= start && now < stop &&
			(now%5 == 0 || now == start || now == stop-1) {
			at = append(at, t)
		}
	}
	return at, true
}

// minuteOf is the minute of the day that "08:00:00" is in, and the first one that begins then or
// later: a slot holds the whole of a minute that it holds a part of.
func minuteOf(s string) (in, from int, ok bool) {
	if s == "24:00:00" || s == "24:00" {
		return 24 * 60, 24 * 60, true
	}
	t, err := time.Parse("15:04:05", s)
	if err != nil {
		if t, err = time.Parse("15:04", s); err != nil {
			return 0, 0, false
		}
	}
	in = t.Hour()*60 + t.Minute()
	if from = in; t.Second() > 0 || t.Nanosecond() > 0 {
		from++
	}
	return in, from, true
}
