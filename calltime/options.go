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
	holidays  []Holidays
	zones     *zoneData
	numbers   *numberData
	codes     *postalData
	opinions  []func(zone string) (*time.Location, error)
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

// WithRows adds rows of your own. A row with the id of one that is there replaces it.
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

// WithHolidays replaces the holidays of jurisdictions.
func WithHolidays(tables ...Holidays) Option {
	return func(c *config) error {
		for _, h := range tables {
			if err := h.check(); err != nil {
				return bad("%w", err)
			}
			same := func(old Holidays) bool { return old.Jurisdiction == h.Jurisdiction }
			h.Days = maps.Clone(h.Days)
			c.holidays = append(slices.DeleteFunc(c.holidays, same), h)
		}
		return nil
	}
}

// WithZoneData replaces the embedded zones by a newer file of "tools/calltime zones".
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

// WithAreaCodes adds what a newer report of area codes knows: see ParseNPAReport. Nothing is dropped
// from what is embedded.
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

// WithSecondOpinions sets who else is asked for a zone's data. Where another opinion has another
// offset at the instant of a call, both local times must be open. The default is time.LoadLocation:
// the data of the system, else Go's own copy. With no argument only the embedded data counts.
func WithSecondOpinions(load ...func(zone string) (*time.Location, error)) Option {
	return func(c *config) error {
		for _, f := range load {
			if f == nil {
				return bad("a function of WithSecondOpinions is nil")
			}
		}
		c.opinions = load
		return nil
	}
}

// WithUnknownZones says where numbers of no known zone may be: toll-free numbers, and area codes
// newer than the data. "US" is every zone of the fifty states, the District of Columbia, Puerto Rico
// and the Virgin Islands, with the federal rule; "US-FL" adds a state's zones and its rule. By
// default such a number is zone_unknown.
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

// Trust says which knowledge replaces other knowledge. The zero Trust replaces none: every zone and
// region that anything points to must be open.
type Trust uint8

// What can be trusted.
const (
	// Where an exchange of +1 is in the table of numbers, its zones replace those of its area code and
	// of the overlay. An exchange that is not there proves nothing.
	ExchangeOnly Trust = 1 << iota
	// The contact's Location replaces what the number says: its zones replace the number's zones, and
	// its state the number's states. A country alone, as "US", replaces no state. Florida, Maryland,
	// Oklahoma and Washington presume residence by the area code: their rows stay.
	ContactAddress
)

// WithTrust narrows what is asked. It can allow calls that would be closed without it.
func WithTrust(t Trust) Option {
	return func(c *config) error {
		if t > ExchangeOnly|ContactAddress {
			return bad("there is no Trust %d", t)
		}
		c.trust = t
		return nil
	}
}

// WithMargin closes so long before the end of each interval, since ringing takes time. It is one
// minute by default, and at most one hour.
func WithMargin(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 || d > time.Hour || d%time.Second != 0 {
			return bad("WithMargin(%v): give whole seconds, from 0 to one hour", d)
		}
		c.margin = d
		return nil
	}
}

// WithClock replaces time.Now, for calls without a Time and for the ages of data.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return bad("the clock is nil")
		}
		c.clock = now
		return nil
	}
}

// WithZoneAge sets after how long the zone data is reported as old, and after how long its answers
// are Unknown, list_stale. Both are counted from the release of the data. The defaults are 180 and
// 400 days.
func WithZoneAge(warn, stale time.Duration) Option {
	return func(c *config) error {
		if warn <= 0 || stale < warn {
			return bad("WithZoneAge(%v, %v): both must be positive, and the second not shorter", warn, stale)
		}
		c.warn, c.stale = warn, stale
		return nil
	}
}

// WithOverrides reads holidays at short notice and emergencies, at most every five seconds. Until
// they were read once, and when they were not read for 60 seconds, no call is allowed: each is
// Unknown, or Block where it is closed anyway.
func WithOverrides(s OverrideSource) Option {
	return func(c *config) error {
		if f, ok := s.(OverrideFunc); s == nil || ok && f == nil {
			return bad("the source of overrides is nil")
		}
		c.overrides = s
		return nil
	}
}

// WithPostal looks up postal codes in a table of yours. What find returns holds in the place of what
// this package knows of the code. Where it returns false, or a Location without zones and region, the
// table of this package is asked: it has ZIP codes and the codes of Canada. A code that nobody knows is
// zone_unknown.
func WithPostal(find func(postal string) (where dnc.Location, ok bool)) Option {
	return func(c *config) error {
		if find == nil {
			return bad("the function of WithPostal is nil")
		}
		c.postal = find
		return nil
	}
}

// Waiver is what lifts rows for one call.
type Waiver uint8

// The waivers.
const (
	HasConsent      Waiver = 1 << iota // lifts rows with Consent
	HasRelationship                    // lifts rows with Relationship
)

var waiverNames = []string{Consent, Relationship}

// WithWaiver says what the caller can prove of a call. By default nothing lifts any row. Where
// every row of a country is lifted, no hours are left: with HasConsent a call to France or Australia
// may be made at night. The federal row of the United States is lifted by nothing.
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

// WithIncidents calls hook with each incident, beside the log. nil is refused.
func WithIncidents(hook func(dnc.Incident)) Option {
	return func(c *config) error {
		if hook == nil {
			return bad("WithIncidents(nil): leave it out to have no hook")
		}
		c.hook = hook
		return nil
	}
}

// The events of incidents.
const (
	EventZoneDataDiffers = "zone_data_differs" // the system's zone data has another offset, once for each zone
	EventZoneDataOld     = "zone_data_old"     // the zone data is older than WithZoneAge's first argument, once
)

func (c *config) report(i dnc.Incident) {
	l := c.log
	if l == nil {
		l = slog.Default()
	}
	l.LogAttrs(context.Background(), slog.LevelWarn, "calltime: "+i.Event, slog.String("list", i.List), slog.Any("error", i.Err))
	if c.hook != nil {
		c.hook(i)
	}
}
