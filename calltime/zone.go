package calltime

import (
	"fmt"
	"sync"
	"time"

	"github.com/dnc-go/dnc"
)

// canaries are zones for which old data is wrong at canaryTime: Manitoba, Alberta, British Columbia
// and the Northwest Territories stopped changing their clocks in 2026. Seconds east of UTC.
var canaries = map[string]int{
	"America/Winnipeg": -5 * 3600, "America/Rainy_River": -5 * 3600, "Canada/Central": -5 * 3600,
	"America/Edmonton": -6 * 3600, "America/Yellowknife": -6 * 3600, "Canada/Mountain": -6 * 3600,
	"America/Vancouver": -7 * 3600, "Canada/Pacific": -7 * 3600,
	"America/Inuvik":   -6 * 3600,
	"America/New_York": -5 * 3600,
}

// canaryTime is when they are looked at.
var canaryTime = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// clockZone is a time zone: its location by the data of this package, and by all other zone data.
type clockZone struct {
	name string
	locs []*time.Location
	err  *dnc.Error
}

// zone loads a zone at its first use, and keeps it.
func (h *Hours) zone(name string) *clockZone {
	v, ok := h.loaded.Load(name)
	if !ok {
		v, _ = h.loaded.LoadOrStore(name, sync.OnceValue(func() *clockZone { return h.load(name) }))
	}
	return v.(func() *clockZone)() //nolint:forcetypeassert // nothing else is stored
}

func (h *Hours) load(name string) *clockZone {
	z := &clockZone{name: name}
	fail := func(code, hint string, err error) *clockZone {
		z.err = &dnc.Error{Code: code, List: "zones", Hint: fmt.Sprintf("zone %q: %s", name, hint), Err: err}
		return z
	}
	content, ok := h.zones.content[name]
	if !ok {
		return fail(dnc.CodeListMissing, "it is not in the zone data: make the data anew with tools/calltime", nil)
	}
	own, err := time.LoadLocationFromTZData(name, content)
	if err != nil {
		return fail(dnc.CodeListMissing, "its data cannot be read: make the data anew with tools/calltime", err)
	}
	z.locs = []*time.Location{own}
	if right, ok := canaries[name]; ok {
		if _, offset := canaryTime.In(own).Zone(); offset != right {
			return fail(dnc.CodeListStale, fmt.Sprintf("at %s its offset is %d s, and %d s is right: get tzdata 2026f or newer",
				canaryTime.Format(time.RFC3339), offset, right), nil)
		}
	}
	for _, load := range h.others {
		if other, err := load(name); err == nil && other != nil {
			z.locs = append(z.locs, other)
		}
	}
	h.compare(z)
	return z
}

// compare reports a zone whose data differ in the year from now.
func (h *Hours) compare(z *clockZone) {
	for _, other := range z.locs[1:] {
		for day := range 366 {
			t := h.clock().AddDate(0, 0, day)
			_, a := t.In(z.locs[0]).Zone()
			if _, b := t.In(other).Zone(); a != b {
				h.report(dnc.Incident{Event: EventZoneDataDiffers, List: "zones", Err: fmt.Errorf(
					"zone %s: tzdata %s has the offset %d s on %s, the system or Go %d s: "+
						"both must be open until the system's tzdata is updated",
					z.name, h.zones.version, a, t.Format(time.DateOnly), b)})
				return
			}
		}
	}
}

// dataTrouble is why the zone data as a whole has no answer at an instant.
func (h *Hours) dataTrouble(t time.Time) *dnc.Error {
	switch {
	case t.Before(dataBegins):
		return &dnc.Error{
			Code: dnc.CodeListStale, List: "zones", Hint: "the zone data begins on " + dataBegins.Format(time.DateOnly),
		}
	case !t.Before(h.staleAt):
		return &dnc.Error{Code: dnc.CodeListStale, List: "zones", Hint: fmt.Sprintf(
			"tzdata %s was released on %s, too long before the call: update this library, or give WithZoneData newer data",
			h.zones.version, h.zones.released.Format(time.DateOnly))}
	}
	return nil
}
