package calltime

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc"
)

// place is a zone or a region that a call may be in, and what points to it.
type place struct{ name, why string }

// scope is everywhere a call may be.
type scope struct {
	zones, regions []place
	err            *dnc.Error // something points to a place that cannot be told
}

func (s *scope) zone(name, why string)   { s.zones = put(s.zones, name, why) }
func (s *scope) region(name, why string) { s.regions = put(s.regions, name, why) }

func put(list []place, name, why string) []place {
	if slices.ContainsFunc(list, func(p place) bool { return p.name == name }) {
		return list
	}
	return append(list, place{name, why})
}

func (s *scope) fail(format string, args ...any) {
	if s.err == nil {
		s.err = &dnc.Error{Code: dnc.CodeZoneUnknown, List: "zones", Hint: fmt.Sprintf(format, args...)}
	}
}

// presumed are states whose law presumes that a person lives where the area code is: their rows
// hold, whatever the contact's address says. Florida, Oklahoma and Washington: mondaq.com 1261822;
// Connecticut: Conn. Gen. Stat. 42-288(c).
// Maryland's law was written after Florida's; its presumption was not seen in the text.
var presumed = []string{"US-CT", "US-FL", "US-MD", "US-OK", "US-WA"}

// scopeOf collects everywhere a call may be. It is slow; answers are kept.
func (h *Hours) scopeOf(digits string, where dnc.Location) *scope {
	contact := &scope{}
	h.contact(contact, digits, where, "the contact's")
	var s scope
	h.number(&s, digits)
	h.contradiction(contact, &s)
	if h.trust&TrustAddress != 0 && contact.err == nil && (len(contact.zones) > 0 || len(contact.regions) > 0) {
		narrowed := *contact
		if len(contact.zones) == 0 {
			narrowed.zones = s.zones
		}
		for _, r := range s.regions {
			if contact.saysLessThan(r.name) || slices.Contains(presumed, r.name) {
				narrowed.region(r.name, r.why)
			}
		}
		s = narrowed
	} else {
		for _, z := range contact.zones {
			s.zone(z.name, z.why)
		}
		for _, r := range contact.regions {
			s.region(r.name, r.why)
		}
		if contact.err != nil {
			s.err = contact.err
		}
	}
	if len(s.zones) == 0 {
		h.nowhere(&s)
	}
	return &s
}

// contradiction fails where the contact is in another country than the number, and what is known of
// the contact does not tell both the clock and the law there: those of the number are not the
// person's.
func (h *Hours) contradiction(contact, number *scope) {
	if len(number.regions) == 0 {
		return
	}
	if len(contact.regions) == 0 {
		zones := number.names()
		if slices.ContainsFunc(number.regions, func(r place) bool { return countryOf(r.name) == "US" }) {
			zones = union(zones, h.unitedStates())
		}
		for _, z := range contact.zones {
			if !h.plausible(z.name, zones) {
				contact.fail("zone %q of a call is not one of the number's country: give the Location a Region too, "+
					"whose law is asked", z.name)
			}
		}
		return
	}
	for _, r := range contact.regions {
		abroad := !slices.ContainsFunc(number.regions, func(p place) bool { return countryOf(p.name) == r.name })
		if stateless(r.name) && abroad && len(contact.zones) == 0 {
			contact.fail("the number of a call is not one of %s, its Location's Region, and nothing tells the zone there: "+
				"give a state or province (Canada is \"CA\", California \"US-CA\")", r.name)
		}
	}
}

func (s *scope) names() []string {
	var out []string
	for _, z := range s.zones {
		out = append(out, z.name)
	}
	return out
}

// plausible reports whether a zone has, in each month of the year from now, the offset of one of some
// others. So "EST" is plausible in the United States.
func (h *Hours) plausible(zone string, others []string) bool {
	z := h.zone(zone)
	if z.err != nil {
		return true // that is an error by itself
	}
	for month := range 12 {
		at := h.clock().AddDate(0, month, 0)
		if !slices.ContainsFunc(others, func(o string) bool {
			other := h.zone(o)
			return other.err == nil && sameOffset(at, z.locs[0], other.locs[0])
		}) {
			return false
		}
	}
	return true
}

// saysLessThan reports whether a contact's address leaves open that the person is in a region: it
// names no region, or the country alone.
func (s *scope) saysLessThan(region string) bool {
	return len(s.regions) == 0 || slices.ContainsFunc(s.regions, func(p place) bool { return p.name == countryOf(region) })
}

// contact adds what the caller knows.
func (h *Hours) contact(s *scope, digits string, where dnc.Location, whose string) {
	for _, z := range where.Zones {
		if _, ok := h.zones.content[z]; !ok {
			s.fail("a zone of the call is not in tzdata %s: give names as \"America/Chicago\"", h.zones.version)
			continue
		}
		s.zone(z, whose+" zone")
	}
	if r := regionOf(where); r != "" {
		s.region(r, whose+" region")
		zones, ok := h.zonesOf(r)
		if !ok {
			s.fail("the region of a call is not known: give ISO 3166 codes, as \"US-FL\" or \"FR\"; " +
				"if it is a part of a country other than the United States and Canada, give the country")
		}
		if len(where.Zones) == 0 || h.trust&TrustAddress == 0 || !h.agree(where.Zones, zones) {
			for _, z := range zones {
				s.zone(z, whose+" region "+r)
			}
		}
	}
	if where.Postal == "" || whose != "the contact's" {
		return
	}
	if h.postal != nil {
		if found, ok := h.postal(where.Postal); ok && (found.Region != "" || len(found.Zones) > 0) {
			h.contact(s, digits, found, "the postal code's")
			return
		}
	}
	h.postalCode(s, h.postalOf(digits, where))
}

// agree reports whether each of some zones has the clock of a zone of the region, in each month of
// the year from now. A region without zones of its own agrees with all.
func (h *Hours) agree(zones, region []string) bool {
	same := func(a, b string) bool {
		if h.zones.content[a] == nil || h.zones.content[b] == nil || a == b {
			return a == b
		}
		x, y := h.zone(a), h.zone(b)
		if x.err != nil || y.err != nil {
			return false
		}
		for month := range 12 {
			if !sameOffset(h.clock().AddDate(0, month, 0), x.locs[0], y.locs[0]) {
				return false
			}
		}
		return true
	}
	return len(region) == 0 || !slices.ContainsFunc(zones, func(z string) bool {
		return !slices.ContainsFunc(region, func(r string) bool { return same(z, r) })
	})
}

// stateless reports whether a region is a country that says nothing of the zone without a state.
func stateless(region string) bool { return region == "US" || region == "CA" }

var (
	isoPart = regexp.MustCompile(`^[A-Z0-9]{1,3}$`)
	// overseas are parts of France and the Netherlands, and of China, that have calling codes of their
	// own: they are not in the zones of the country's.
	overseas = regexp.MustCompile(`^(FR-(9[78].|[A-Z]{2})|NL-(AW|CW|SX|BQ.)|CN-(HK|MO|TW))$`)
)

// zonesOf are the zones of a region. A part of a country whose parts are not in the tables has all
// zones of the country.
func (h *Hours) zonesOf(region string) ([]string, bool) {
	if stateless(region) {
		return nil, true
	}
	if country, part, ok := strings.Cut(region, "-"); ok && !stateless(country) {
		if overseas.MatchString(region) || !isoPart.MatchString(part) {
			return nil, false
		}
		region = country
	}
	var out []string
	for i := range h.numbers.codes {
		if slices.Contains(h.numbers.codes[i].regions, region) {
			out = union(out, h.numbers.codes[i].zones)
		}
	}
	for code, regions := range h.numbers.regions {
		if code != 1 && slices.Contains(regions, region) {
			out = union(out, h.numbers.prefixes[code])
		}
	}
	return out, len(out) > 0
}

// knows reports whether the tables have a region. Of a country without states they have the country
// alone: an override of a part of it holds in all of it.
func (h *Hours) knows(region string) bool {
	if _, ok := h.zonesOf(region); ok {
		return true
	}
	country, _, _ := strings.Cut(region, "-")
	_, ok := h.zonesOf(country)
	return ok && !stateless(country)
}

// regionOf is the region of a Location, in whatever case it is written.
func regionOf(where dnc.Location) string {
	return canonical(strings.ToUpper(strings.TrimSpace(where.Region)))
}

// canonical has the codes of ISO 3166-1 for territories that are parts of the United States here.
func canonical(region string) string {
	switch region {
	case "AS", "GU", "MP", "PR", "VI":
		return "US-" + region
	}
	return region
}

// number adds what the number tells. Outside of +1 that is its country, with every zone of it: a
// mobile number may be anywhere there, and no table of prefixes was found that is right.
func (h *Hours) number(s *scope, digits string) {
	if digits[0] == '1' && len(digits) == 11 {
		h.northAmerica(s, digits)
		return
	}
	for end := min(len(digits), 3); end > 0; end-- {
		regions, zones := h.numbers.regions[number(digits[:end])], h.numbers.prefixes[number(digits[:end])]
		for _, r := range regions {
			s.region(r, "calling code "+digits[:end])
		}
		for _, z := range zones {
			s.zone(z, "calling code "+digits[:end])
		}
		if len(regions)+len(zones) > 0 {
			return
		}
	}
}

func number(digits string) uint64 {
	n, _ := strconv.ParseUint(digits, 10, 64) // digits of a Number
	return n
}

// northAmerica adds the zones of the exchange, of the area code and of the codes that serve the same
// area, and their states.
func (h *Hours) northAmerica(s *scope, digits string) {
	code := int(number(digits[1:4])) //nolint:gosec // three digits
	info := &h.numbers.codes[code]
	if exchange := h.numbers.prefixes[number(digits[:7])]; exchange != nil {
		for _, z := range exchange {
			s.zone(z, "exchange "+digits[1:4]+"-"+digits[4:7])
		}
	}
	for _, r := range info.regions {
		s.region(r, "area code "+digits[1:4])
	}
	if h.trust&TrustExchange == 0 || len(s.zones) == 0 {
		for _, z := range info.zones {
			s.zone(z, "area code "+digits[1:4])
		}
		for _, sibling := range info.siblings {
			for _, z := range h.numbers.codes[sibling].zones {
				s.zone(z, fmt.Sprintf("area code %d, overlay of %d", sibling, code))
			}
		}
	}
	for _, sibling := range info.siblings {
		for _, r := range h.numbers.codes[sibling].regions {
			s.region(r, fmt.Sprintf("area code %d, overlay of %d", sibling, code))
		}
	}
}

// nowhere is a call whose zone is not known. A number of another country than those of
// WithUnknownZones is not in their zones.
func (h *Hours) nowhere(s *scope) {
	for _, r := range s.regions {
		if !slices.ContainsFunc(h.unknown, func(u string) bool { return countryOf(u) == countryOf(r.name) }) {
			s.fail("nothing tells the time zone of a number of %s: give the call a Location", r.name)
			return
		}
	}
	for _, r := range h.unknown {
		s.region(r, "WithUnknownZones")
		zones, _ := h.zonesOf(r)
		if r == "US" {
			zones = h.unitedStates()
		}
		for _, z := range zones {
			s.zone(z, "WithUnknownZones "+r)
		}
	}
	if len(s.zones) == 0 {
		s.fail("nothing tells the time zone of a number: give the call a Location, or use WithUnknownZones(\"US\")")
	}
}

// unitedStates are the zones of the states, the District of Columbia, Puerto Rico and the Virgin
// Islands, without the islands beyond Hawaii.
func (h *Hours) unitedStates() []string {
	var out []string
	for i := range h.numbers.codes {
		for _, r := range h.numbers.codes[i].regions {
			if strings.HasPrefix(r, "US-") && !slices.Contains([]string{"US-GU", "US-MP", "US-AS"}, r) {
				out = union(out, h.numbers.codes[i].zones)
			}
		}
	}
	return out
}
