package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// source names the metadata; keep it in step with go.mod.
const source = "libphonenumber 9.0.32, in github.com/nyaruka/phonenumbers v1.8.1 of 2026-07-15"

// table collects rows of prefixes, and writes each zone and each set of zones once.
type table struct {
	zones, sets []string
	rows        bytes.Buffer
}

// numbers writes, one a line: "# source", "z zone", "s zone zone" (indexes), "p prefix set", and
// "r calling-code regions".
func numbers(zoneTab string) ([]byte, error) {
	f, err := os.Open(zoneTab) //nolint:gosec // a file of the caller's
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was read
	known, err := readZoneTab(f)
	if err != nil {
		return nil, err
	}
	var t table
	if err := t.northAmerica(); err != nil {
		return nil, err
	}
	regions, err := regions()
	if err != nil {
		return nil, err
	}
	var codes []int
	for code := range regions {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		if code == 1 {
			continue
		}
		if err := t.country(strconv.Itoa(code), regions[code], known); err != nil {
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
	for _, code := range codes {
		fmt.Fprintf(&b, "r %d %s\n", code, strings.Join(regions[code], " "))
	}
	return b.Bytes(), nil
}

// regions has the countries of each calling code. The code 001 is of no country.
func regions() (map[int][]string, error) {
	metadata, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil, err
	}
	out := map[int][]string{}
	for _, m := range metadata.GetMetadata() {
		if id := m.GetId(); id != "001" {
			code := int(m.GetCountryCode())
			out[code] = append(out[code], id)
			slices.Sort(out[code])
		}
	}
	return out, nil
}

// northAmerica writes the zones of each area code, and of each exchange that has others. An area
// code without a row of its own answers with all zones of +1: it is left out.
func (t *table) northAmerica() error {
	all, err := phonenumbers.GetTimezonesForPrefix("1")
	if err != nil {
		return err
	}
	for npa := 200; npa < 1000; npa++ {
		code := "1" + strconv.Itoa(npa)
		own, err := phonenumbers.GetTimezonesForPrefix(code)
		if err != nil {
			return err
		}
		if len(own) == len(all) {
			own = nil
		}
		if len(own) > 0 {
			t.row(code, own)
		}
		for nxx := 200; nxx < 1000; nxx++ {
			exchange := code + strconv.Itoa(nxx)
			zones, err := phonenumbers.GetTimezonesForPrefix(exchange)
			if err != nil {
				return err
			}
			if len(zones) != len(all) && !slices.Equal(zones, own) {
				t.row(exchange, zones)
			}
		}
	}
	return nil
}

// country writes one row for a calling code: every zone that libphonenumber has for a prefix of it,
// and every zone that tzdata has for its countries. The prefixes themselves are left out: mobile
// numbers of Australia are all in Sydney there, and those of Cairns too.
func (t *table) country(code string, countries []string, known map[string][]string) error {
	var zones []string
	if err := below(code, &zones); err != nil {
		return err
	}
	for _, country := range countries {
		for _, zone := range known[country] {
			zones = add(zones, zone)
		}
	}
	if len(zones) > 0 {
		t.row(code, slices.Sorted(slices.Values(zones)))
	}
	return nil
}

// longest is the number of digits that libphonenumber's table of zones looks at.
const longest = 7

func below(prefix string, zones *[]string) error {
	found, err := phonenumbers.GetTimezonesForPrefix(prefix)
	if err != nil {
		return err
	}
	for _, zone := range found {
		if zone != phonenumbers.UNKNOWN_TIMEZONE {
			*zones = add(*zones, zone)
		}
	}
	for d := '0'; d <= '9' && len(prefix) < longest; d++ {
		if err := below(prefix+string(d), zones); err != nil {
			return err
		}
	}
	return nil
}

// readZoneTab reads zone.tab of tzdata: the zones of each country.
func readZoneTab(r io.Reader) (map[string][]string, error) {
	out := map[string][]string{}
	s := bufio.NewScanner(r)
	for s.Scan() {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		f := strings.Split(s.Text(), "\t")
		if len(f) < 3 || len(f[0]) != 2 || f[2] == "" {
			return nil, fmt.Errorf("line %q of zone.tab is not a country, coordinates and a zone", s.Text())
		}
		out[f[0]] = add(out[f[0]], f[2])
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	if len(out) < 200 {
		return nil, fmt.Errorf("zone.tab has %d countries, and there are more than 200", len(out))
	}
	return out, nil
}

func (t *table) row(prefix string, zones []string) {
	indexes := make([]string, len(zones))
	for i, z := range zones {
		indexes[i] = strconv.Itoa(intern(&t.zones, z))
	}
	fmt.Fprintf(&t.rows, "p %s %d\n", prefix, intern(&t.sets, strings.Join(indexes, " ")))
}

func intern(list *[]string, s string) int {
	i := slices.Index(*list, s)
	if i < 0 {
		i = len(*list)
		*list = append(*list, s)
	}
	return i
}
