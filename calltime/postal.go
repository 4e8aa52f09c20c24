package calltime

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc"
)

// postalData says in which zones and regions a postal code of the United States or Canada can be.
// Sets are numbered from 1.
type postalData struct {
	source string
	sets   []postalSet
	rows   map[string]uint16 // the set by three digits or a letter, and by five digits where those have their own
}

type postalSet struct{ zones, regions []string }

// unknownPostal is the set of a code that is not in the table.
const unknownPostal = ^uint16(0)

// readPostalData reads what "tools/calltime postal" writes.
func readPostalData(r io.Reader) (*postalData, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	d := &postalData{rows: make(map[string]uint16)}
	var zones []string
	s := bufio.NewScanner(z)
	for s.Scan() {
		kind, rest, _ := strings.Cut(s.Text(), " ")
		switch kind {
		case "#":
			d.source = rest
		case "z":
			zones = append(zones, rest)
		case "s":
			err = d.readSet(rest, zones)
		case "p":
			err = d.readRow(strings.Fields(rest))
		}
		if err != nil {
			return nil, fmt.Errorf("calltime: row %q of the table of postal codes cannot be read: %w", s.Text(), err)
		}
	}
	return d, s.Err()
}

func (d *postalData) readSet(text string, zones []string) error {
	indexes, regions, _ := strings.Cut(text, " / ")
	set := postalSet{regions: strings.Fields(regions)}
	for index := range strings.FieldsSeq(indexes) {
		i, err := strconv.ParseUint(index, 10, 16)
		if err != nil || i >= uint64(len(zones)) {
			return fmt.Errorf("there is no zone %q", index)
		}
		set.zones = append(set.zones, zones[i])
	}
	if len(set.zones) == 0 || len(set.regions) == 0 {
		return fmt.Errorf("a set needs zones and regions")
	}
	d.sets = append(d.sets, set)
	return nil
}

// readRow reads "324 5 0:0105 7:56": the set of the prefix, and the last digits of the codes that have
// another one.
func (d *postalData) readRow(f []string) error {
	if len(f) < 2 {
		return fmt.Errorf("a prefix needs a set")
	}
	for i, field := range f[1:] {
		index, codes, has := strings.Cut(field, ":")
		set, err := strconv.ParseUint(index, 10, 15)
		if err != nil || set >= uint64(len(d.sets)) || has != (i > 0) || len(codes)%2 != 0 {
			return fmt.Errorf("%q is not a set with codes", field)
		}
		if !has {
			d.rows[f[0]] = uint16(set) + 1
		}
		for at := 0; at < len(codes); at += 2 {
			d.rows[f[0]+codes[at:at+2]] = uint16(set) + 1
		}
	}
	return nil
}

// postalKey is the form in which a code is in the table: five digits of a ZIP code, or the letter of
// a Canadian one. nil is neither. It reads "32401", "32401-1234", "324011234", "K1A 0B1" and "k1a". The
// key is in buf, so that nothing is allocated.
func postalKey(text string, buf *[9]byte) []byte {
	n := 0
	for _, c := range []byte(strings.TrimSpace(text)) {
		switch {
		case (c == ' ' || c == '-') && (n == 3 || n == 5): // once: the length is checked by the digits
			continue
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case (c < '0' || c > '9') && (c < 'A' || c > 'Z'):
			return nil
		}
		if n == len(buf) {
			return nil
		}
		buf[n] = c
		n++
	}
	digit := func(i int) bool { return buf[i] <= '9' }
	switch n {
	case 5, 9:
		for i := range n {
			if !digit(i) {
				return nil
			}
		}
		return buf[:5]
	case 3, 6:
		for i := range n {
			if digit(i) != (i%2 == 1) || strings.IndexByte("DFIOQU", buf[i]) >= 0 {
				return nil
			}
		}
		return buf[:1]
	}
	return nil
}

// postalOf is the set of a call's postal code: 0 without a code. A code of five digits is a ZIP code
// only in the United States: many countries have codes of five digits.
func (h *Hours) postalOf(digits string, where dnc.Location) uint16 {
	if where.Postal == "" {
		return 0
	}
	var buf [9]byte
	key := postalKey(where.Postal, &buf)
	if key == nil || !h.mayBeIn(digits, regionOf(where), key[0] >= 'A') {
		return unknownPostal
	}
	if set := h.codes.rows[string(key)]; set != 0 {
		return set
	}
	if len(key) == 5 {
		if set := h.codes.rows[string(key[:3])]; set != 0 {
			return set
		}
	}
	return unknownPostal
}

// mayBeIn reports whether a call can be to the country of a code: Canada or the United States. The
// region of the contact says so. Without one a number of +1 does, unless its area code is abroad.
func (h *Hours) mayBeIn(digits, region string, canada bool) bool {
	if region != "" {
		country, _, _ := strings.Cut(region, "-")
		return country == "CA" && canada || country == "US" && !canada
	}
	if digits[0] != '1' || len(digits) != 11 {
		return false
	}
	regions := h.numbers.codes[number(digits[1:4])].regions
	return len(regions) == 0 || slices.ContainsFunc(regions, func(r string) bool {
		return strings.HasPrefix(r, "US-") || strings.HasPrefix(r, "CA-")
	})
}

// postalCode adds what the table knows of a code. The zones are those of the code, not all of its
// states.
func (h *Hours) postalCode(s *scope, set uint16) {
	if set == unknownPostal {
		s.fail("the postal code of a call tells no zone: give five digits of a ZIP code or a Canadian code, " +
			"with a Region where the number is not of +1; give WithPostal a table of others, or leave the code out")
		return
	}
	place := h.codes.sets[set-1]
	for _, z := range place.zones {
		s.zone(z, "the contact's postal code")
	}
	for _, r := range place.regions {
		s.region(r, "the contact's postal code")
	}
}
