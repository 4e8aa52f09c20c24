package calltime

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed" // the data
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The data is written by tools/calltime, and is 35 KB in all.
var (
	//go:embed data/numbers.txt.gz
	numbersGz []byte
	//go:embed data/areacodes.txt
	areaCodesText []byte
	//go:embed data/zones.txt.gz
	zonesGz []byte
	//go:embed data/postal.txt.gz
	postalGz []byte
)

// dataBegins is when the zone data begins: what was before is cut off.
var dataBegins = time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC)

// zoneData is the compiled zones of one release of tzdata.
type zoneData struct {
	version  string
	released time.Time
	content  map[string][]byte // TZif by the name of the zone
}

// numberData says which zones and regions a number can be in.
type numberData struct {
	source   string
	prefixes map[uint64][]string // zones by the digits of a prefix: an area code, an exchange, elsewhere a calling code
	regions  map[uint64][]string // countries by calling code
	codes    [1000]areaInfo
	date     time.Time // of the report of area codes
}

// areaInfo is an area code of +1. known: people have numbers in it.
type areaInfo struct {
	known    bool
	regions  []string
	siblings []int
	zones    []string // of the code and all its exchanges
}

var embeddedZones = sync.OnceValues(func() (*zoneData, error) { return readZones(bytes.NewReader(zonesGz)) })

var embeddedNumbers = sync.OnceValues(func() (*numberData, error) {
	return readNumbers(bytes.NewReader(numbersGz), bytes.NewReader(areaCodesText))
})

var embeddedPostal = sync.OnceValues(func() (*postalData, error) { return readPostalData(bytes.NewReader(postalGz)) })

// readZones reads what "tools/calltime zones" writes.
func readZones(r io.Reader) (*zoneData, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("calltime: the zone data is not gzip: %w", err)
	}
	s := bufio.NewScanner(io.LimitReader(z, 8<<20))
	s.Buffer(nil, 1<<20)
	d := &zoneData{content: make(map[string][]byte)}
	if !s.Scan() {
		return nil, errors.New("calltime: the zone data is empty")
	}
	head := strings.Fields(s.Text())
	if len(head) != 4 {
		return nil, errors.New("calltime: the first line of the zone data is not \"# tzdata VERSION DATE\"")
	}
	d.version = head[2]
	if d.released, err = time.Parse(time.DateOnly, head[3]); err != nil {
		return nil, errors.New("calltime: the first line of the zone data has no date YYYY-MM-DD")
	}
	for s.Scan() {
		names := strings.Fields(s.Text())
		if !s.Scan() {
			return nil, errors.New("calltime: the zone data is cut off")
		}
		content, err := base64.StdEncoding.DecodeString(s.Text())
		if err != nil {
			return nil, fmt.Errorf("calltime: the data of zone %q is not base64", names)
		}
		for _, name := range names {
			d.content[name] = content
		}
	}
	return d, s.Err()
}

// readNumbers reads what "tools/calltime numbers" and "tools/calltime areacodes" write.
func readNumbers(numbers, codes io.Reader) (*numberData, error) {
	d := &numberData{prefixes: make(map[uint64][]string), regions: make(map[uint64][]string)}
	z, err := gzip.NewReader(numbers)
	if err != nil {
		return nil, err
	}
	var zones []string
	var sets [][]string
	s := bufio.NewScanner(z)
	for s.Scan() {
		f := strings.Fields(s.Text())
		switch f[0] {
		case "#":
			d.source = strings.TrimPrefix(s.Text(), "# ")
		case "z":
			zones = append(zones, f[1])
		case "s":
			var set []string
			for _, index := range f[1:] {
				i, err := strconv.Atoi(index)
				if err != nil || i >= len(zones) {
					return nil, fmt.Errorf("calltime: the table of numbers has no zone %q", index)
				}
				set = append(set, zones[i])
			}
			sets = append(sets, set)
		case "p":
			prefix, err := strconv.ParseUint(f[1], 10, 64)
			i, err2 := strconv.Atoi(f[2])
			if err != nil || err2 != nil || i >= len(sets) {
				return nil, fmt.Errorf("calltime: row %q of the table of numbers cannot be read", s.Text())
			}
			d.prefixes[prefix] = sets[i]
		case "r":
			code, err := strconv.ParseUint(f[1], 10, 64)
			if err != nil {
				return nil, err
			}
			d.regions[code] = f[2:]
		}
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	d.collectExchanges()
	return d, d.readAreaCodes(codes)
}

// collectExchanges gives each area code the zones of all its exchanges.
func (d *numberData) collectExchanges() {
	for prefix, zones := range d.prefixes {
		switch {
		case prefix > 1_000_000 && prefix < 2_000_000:
			prefix = prefix / 1000 % 1000
		case prefix >= 1_200 && prefix < 2_000:
			prefix -= 1000
		default:
			continue
		}
		c := &d.codes[prefix]
		c.known, c.zones = true, union(c.zones, zones)
	}
}

func (d *numberData) readAreaCodes(r io.Reader) error {
	s := bufio.NewScanner(r)
	var all AreaCodes
	for s.Scan() {
		if date, ok := strings.CutPrefix(s.Text(), "# NANPA npa_report.csv "); ok {
			all.Date, _ = time.Parse(time.DateOnly, date)
			continue
		}
		f := strings.Split(s.Text(), ",")
		if len(f) != 4 {
			return fmt.Errorf("calltime: line %q of the area codes has not four fields", s.Text())
		}
		code, err := strconv.Atoi(f[0])
		if err != nil {
			return err
		}
		a := AreaCode{Code: code, Regions: strings.Fields(f[1]), Offsets: f[3]}
		for sibling := range strings.FieldsSeq(f[2]) {
			n, err := strconv.Atoi(sibling)
			if err != nil {
				return err
			}
			a.Siblings = append(a.Siblings, n)
		}
		all.Codes = append(all.Codes, a)
	}
	d.add(all)
	return s.Err()
}

// letters are the zones that the report's letters mean in the United States. A code that has one of
// them has the letter's.
var letters = map[rune][]string{
	'E': {"America/New_York"}, 'C': {"America/Chicago"}, 'P': {"America/Los_Angeles"},
	'M': {"America/Denver", "America/Boise", "America/Phoenix"},
}

// add puts what a report knows beside what is there already, and drops nothing. In the United States
// a code also takes the zones of the report's letters: the table of numbers lacks some.
func (d *numberData) add(all AreaCodes) {
	if all.Date.After(d.date) {
		d.date = all.Date
	}
	for _, a := range all.Codes {
		c := &d.codes[a.Code]
		c.regions = union(c.regions, a.Regions)
		for _, s := range a.Siblings {
			if !slices.Contains(c.siblings, s) {
				c.siblings = append(slices.Clip(c.siblings), s)
			}
			if other := &d.codes[s]; !slices.Contains(other.siblings, a.Code) { // also where only one row says so
				other.siblings = append(slices.Clip(other.siblings), a.Code)
			}
		}
		c.known = true
		if len(c.regions) > 0 && strings.HasPrefix(c.regions[0], "US-") {
			c.addLetters(a.Offsets)
		}
	}
}

// addLetters adds the zones of letters that the zones of the code do not have. Nothing is added
// to a code that has no zone yet, if one of its letters is not known.
func (c *areaInfo) addLetters(offsets string) {
	var zones []string
	for _, letter := range offsets {
		family := letters[letter]
		if family == nil && len(c.zones) == 0 {
			return
		}
		if slices.ContainsFunc(family, func(z string) bool { return slices.Contains(c.zones, z) }) {
			continue
		}
		zones = append(zones, family[:min(1, len(family))]...)
		if letter == 'M' && slices.Contains(c.regions, "US-AZ") {
			zones = append(zones, "America/Phoenix")
		}
	}
	c.zones = union(c.zones, zones)
}

// clone is a copy that add may change.
func (d *numberData) clone() *numberData {
	c := *d
	return &c
}

// union is a sorted list of what is in a or b. It changes neither.
func union(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}
