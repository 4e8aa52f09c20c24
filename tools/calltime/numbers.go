package main

import (
	"bytes"
	"fmt"
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
func numbers() ([]byte, error) {
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
		if err := t.country(strconv.Itoa(code)); err != nil {
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

// longest is the number of digits that the table of zones looks at.
const longest = 7

func (t *table) country(prefix string) error {
	zones, err := phonenumbers.GetTimezonesForPrefix(prefix)
	if err != nil {
		return err
	}
	if zones[0] != phonenumbers.UNKNOWN_TIMEZONE {
		t.row(prefix, zones)
	}
	return t.below(prefix, zones)
}

func (t *table) below(prefix string, parent []string) error {
	if len(prefix) == longest {
		return nil
	}
	for d := '0'; d <= '9'; d++ {
		p := prefix + string(d)
		zones, err := phonenumbers.GetTimezonesForPrefix(p)
		if err != nil {
			return err
		}
		if !slices.Equal(zones, parent) && zones[0] != phonenumbers.UNKNOWN_TIMEZONE {
			t.row(p, zones)
		}
		if err := t.below(p, zones); err != nil {
			return err
		}
	}
	return nil
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
