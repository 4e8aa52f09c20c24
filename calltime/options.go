package calltime

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/dnc-go/dnc"
)

// Option configures New.
type Option func(c *config) error

type config struct {
	rows      []Row
	holidays  []HolidayTable
	zones     *zoneData
	numbers   *numberData
	codes     *postalData
	others    []func(zone string) (*time.Location, error)
	unknown   []string
	trust     Trust
	margin    time.Duration
	clock     func() time.Time
	warn      time.Duration
	stale     time.Duration
	overrides OverrideSource
	postal    func(string) (dnc.Location, bool)
	waiver    func(dnc.Call) Waiver
	hook      func(dnc.Incident)
	log       *slog.Logger
}

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{dnc.ErrOption}, args...)...)
}

// WithRows adds rows of your own. A row replaces the row with the same id.
func WithRows(rows ...Row) Option {
	return func(c *config) error {
		for _, r := range rows {
			if _, err := r.compile(); err != nil {
				return bad("%w", err)
			}
			c.rows = append(slices.DeleteFunc(c.rows, func(old Row) bool { return old.ID == r.ID }), r)
		}
		return nil
	}
}

// WithHolidays adds holiday tables. A table replaces the table of the same jurisdiction.
func WithHolidays(tables ...HolidayTable) Option {
	return func(c *config) error {
		for _, h := range tables {
			if err := h.check(); err != nil {
				return bad("%w", err)
			}
			same := func(old HolidayTable) bool { return old.Jurisdiction == h.Jurisdiction }
			h.Days = maps.Clone(h.Days)
			c.holidays = append(slices.DeleteFunc(c.holidays, same), h)
		}
		return nil
	}
}

// WithZoneData replaces the embedded zone data by a newer file, which the command "tools/calltime
// zones" of this repository makes.
func WithZoneData(r io.Reader) Option {
	return func(c *config) error {
		d, err := readZones(r)
		if err != nil {
			return bad("%w", err)
		}
		c.zones = d
		return nil
	}
}

// WithAreaCodes adds the area codes of a newer report: see ParseNPAReport. The embedded area codes
// stay.
func WithAreaCodes(codes AreaCodes) Option {
	return func(c *config) error {
		for _, a := range codes.Codes {
			for _, code := range append([]int{a.Code}, a.Siblings...) {
				if code < 200 || code > 999 {
					return bad("%d is not an area code", code)
				}
			}
		}
		c.numbers = c.numbers.clone()
		c.numbers.add(codes)
		return nil
	}
}

// WithZoneComparison sets with which other zone data the embedded data is compared. If the two have
// different offsets at the time of a call, both local times must be open. The default is
// time.LoadLocation: the data of the system, or otherwise Go's own copy. Without an argument only
// the embedded data counts.
func WithZoneComparison(load ...func(zone string) (*time.Location, error)) Option {
	return func(c *config) error {
		for _, f := range load {
			if f == nil {
				return bad("a function of WithZoneComparison is nil")
			}
		}
		c.others = load
		return nil
	}
}

// WithUnknownZones says where the person may be if the number has no known zone: a toll-free
// number, or an area code newer than the data. "US" means every zone of the fifty states, the
// District of Columbia, Puerto Rico and the Virgin Islands, with the federal rule. "US-FL" adds the
// zones and the rule of a state. By default the answer is Unknown, zone_unknown.
func WithUnknownZones(regions ...string) Option {
	return func(c *config) error {
		for _, r := range regions {
			if !regionName.MatchString(r) {
				return bad("WithUnknownZones: %q is not an ISO 3166 code, as \"US\" or \"US-FL\"", r)
			}
		}
		c.unknown = regions
		return nil
	}
}

// Trust says which source of a person's place is trusted alone. With the zero Trust, every zone and
// region from any source must be open.
type Trust uint8

// The values of Trust; combine them with |.
const (
	// If an exchange of +1 is in the table of numbers, ignore the zones of its area code and overlay.
	// For an exchange that is not in the table, nothing changes.
	TrustExchange Trust = 1 << iota
	// If the call has a Location, ignore the place of the number: Location's zones replace the
	// number's zones, and its state replaces the number's states. A Region that is only a country,
	// such as "US", replaces no state. The rows of Connecticut, Florida, Maryland, Oklahoma and
	// Washington stay, because their law presumes that a person lives where the area code is.
	TrustAddress
)

// WithTrust sets which source of the person's place is trusted alone. It can allow calls that are
// blocked without it.
func WithTrust(t Trust) Option {
	return func(c *config) error {
		if t > TrustExchange|TrustAddress {
			return bad("there is no Trust %d", t)
		}
		c.trust = t
		return nil
	}
}

// WithMargin sets how long before the end of each interval calls end, because ringing takes time.
// At a midnight at which the hours go on, nothing ends. The default is one minute, the maximum one
// hour.
func WithMargin(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 || d > time.Hour || d%time.Second != 0 {
			return bad("WithMargin(%v): give whole seconds, from 0 to one hour", d)
		}
		c.margin = d
		return nil
	}
}

// WithClock sets the clock for calls without a Time and for the age of data. The default is
// time.Now.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return bad("the clock is nil")
		}
		c.clock = now
		return nil
	}
}

// WithZoneAge sets after what age of the zone data the incident zone_data_old is reported (default
// 180 days), and after what age every answer is Unknown, list_stale (default 400 days). The age
// counts from the release of the data.
func WithZoneAge(warn, stale time.Duration) Option {
	return func(c *config) error {
		if warn <= 0 || stale < warn {
			return bad("WithZoneAge(%v, %v): both must be positive, and the second not shorter", warn, stale)
		}
		c.warn, c.stale = warn, stale
		return nil
	}
}

// WithOverrides reads holidays at short notice and emergencies from s. A check reads them again
// when the last reading is five seconds old. Before the first reading, and when they could not be
// read for 60 seconds, no call is allowed: a call that the hours block stays blocked, and any other
// is Unknown.
func WithOverrides(s OverrideSource) Option {
	return func(c *config) error {
		if f, ok := s.(OverrideFunc); s == nil || ok && f == nil {
			return bad("the source of overrides is nil")
		}
		c.overrides = s
		return nil
	}
}

// WithPostal looks up postal codes in a table of yours first. If find returns false, or a Location
// without zones and region, the table of this package is used, which has the codes of the United
// States and Canada. With a code that neither has, the answer is Unknown, zone_unknown.
func WithPostal(find func(postal string) (where dnc.Location, ok bool)) Option {
	return func(c *config) error {
		if find == nil {
			return bad("the function of WithPostal is nil")
		}
		c.postal = find
		return nil
	}
}

// Waiver says what lifts rows for one call.
type Waiver uint8

// The values of Waiver; combine them with |.
const (
	HasConsent      Waiver = 1 << iota // lifts rows that are WaivedByConsent
	HasRelationship                    // lifts rows that are WaivedByRelationship
)

var waiverNames = []string{WaivedByConsent, WaivedByRelationship}

// WithWaiver says what you can prove for a call, such as consent. By default no row is lifted. If
// every row of a country is lifted, every hour is open: with HasConsent a call to France or
// Australia is allowed at night. Nothing lifts the federal row of the United States.
func WithWaiver(of func(dnc.Call) Waiver) Option {
	return func(c *config) error {
		if of == nil {
			return bad("the function of WithWaiver is nil")
		}
		c.waiver = of
		return nil
	}
}

// WithLogger sets where incidents are logged; nil is slog.Default().
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		c.log = l
		return nil
	}
}

// WithIncidents calls hook with each incident, which is also logged. A nil hook is refused.
func WithIncidents(hook func(dnc.Incident)) Option {
	return func(c *config) error {
		if hook == nil {
			return bad("WithIncidents(nil): leave it out to have no hook")
		}
		c.hook = hook
		return nil
	}
}

// Values of dnc.Incident.Event.
const (
	// The system's zone data has another offset; reported once for each zone.
	EventZoneDataDiffers = "zone_data_differs"
	// The zone data is older than the first argument of WithZoneAge; reported once.
	EventZoneDataOld = "zone_data_old"
)

func (c *config) report(i dnc.Incident) {
	l := c.log
	if l == nil {
		l = slog.Default()
	}
	l.LogAttrs(context.Background(), slog.LevelWarn, "calltime: "+i.Event,
		slog.String("list", i.List), slog.Any("error", i.Err))
	if c.hook != nil {
		c.hook(i)
	}
}
