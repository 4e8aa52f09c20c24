package calltime

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// AreaCode describes one area code of +1.
type AreaCode struct {
	Code     int      // 200 to 999
	Regions  []string // ISO 3166-2 codes of its states or provinces, such as "US-KY"; for other countries ISO 3166-1, such as "JM"
	Siblings []int    // the other area codes of the same area (its overlay complex)
	Offsets  string   // the report's TIME_ZONE, if it has only the letters E, C, M, P, A and N; otherwise ""
}

// AreaCodes has the area codes of a report, and the report's date.
type AreaCodes struct {
	Codes []AreaCode
	Date  time.Time // the date of the report
}

// ParseNPAReport reads npa_report.csv of the North American Numbering Plan Administrator
// (nanpa.com/nanp1/npa_report.csv, public, updated daily). Its first line is "File
// Date,MM/DD/YYYY", and its second line the header. Area codes that belong to no area, such as
// toll-free codes, are left out. ParseNPAReport refuses a report that lacks a column, or that has a
// place whose ISO code this package does not know.
func ParseNPAReport(r io.Reader) (AreaCodes, error) {
	var out AreaCodes
	c := csv.NewReader(r)
	c.FieldsPerRecord, c.LazyQuotes = -1, true
	first, err := c.Read()
	if err != nil || len(first) < 2 {
		return out, errors.New("calltime: the first line of the report is not \"File Date,MM/DD/YYYY\"")
	}
	if out.Date, err = time.Parse("01/02/2006", strings.TrimSpace(first[1])); err != nil {
		return out, errors.New("calltime: the first line of the report has no date MM/DD/YYYY")
	}
	header, err := c.Read()
	if err != nil {
		return out, errors.New("calltime: the report has no header")
	}
	var at [7]int
	for i, name := range [...]string{"NPA_ID", "USE", "ASSIGNED", "LOCATION", "OVERLAY_COMPLEX", "TIME_ZONE", "COUNTRY"} {
		if at[i] = slices.Index(header, name); at[i] < 0 {
			return out, fmt.Errorf("calltime: the report has no column %q", name)
		}
	}
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(row) < len(header) {
			return out, fmt.Errorf("calltime: the report is cut off or broken after %d area codes", len(out.Codes))
		}
		field := func(i int) string { return strings.TrimSpace(row[at[i]]) }
		if field(1) != "G" || field(2) != "Yes" || field(3) == "NANP AREA" || field(3) == "" {
			continue
		}
		code, err := areaCode(field(0), field(3), field(4), field(5))
		if err != nil {
			return out, err
		}
		out.Codes = append(out.Codes, code)
	}
	if len(out.Codes) < 300 {
		return out, fmt.Errorf("calltime: the report has %d assigned area codes, and there are more than 400", len(out.Codes))
	}
	return out, nil
}

func areaCode(code, place, siblings, zone string) (AreaCode, error) {
	n, err := strconv.Atoi(code)
	if err != nil || n < 200 || n > 999 {
		return AreaCode{}, fmt.Errorf("calltime: %q is not an area code", code)
	}
	a := AreaCode{Code: n, Regions: places[place]}
	if a.Regions == nil && len(place) == 2 {
		a.Regions = []string{"US-" + place}
	}
	if a.Regions == nil {
		return a, fmt.Errorf("calltime: area code %d: no ISO code is known for the place %q", n, place)
	}
	separator := func(r rune) bool { return r == '/' || r == ',' || r == ' ' }
	for s := range strings.FieldsFuncSeq(siblings, separator) {
		sibling, err := strconv.Atoi(s)
		if err != nil || sibling < 200 || sibling > 999 {
			return a, fmt.Errorf("calltime: area code %d: %q in OVERLAY_COMPLEX is not an area code", n, s)
		}
		if sibling != n {
			a.Siblings = append(a.Siblings, sibling)
		}
	}
	if strings.Trim(zone, "ANECMP") == "" {
		a.Offsets = zone
	}
	return a, nil
}

// places has the ISO codes of the report's LOCATION, where it is not the two letters of a state.
var places = map[string][]string{
	"CNMI": {"US-MP"}, "ALBERTA": {"CA-AB"}, "BRITISH COLUMBIA": {"CA-BC"}, "MANITOBA": {"CA-MB"},
	"NEW BRUNSWICK": {"CA-NB"}, "NEWFOUNDLAND AND LABRADOR": {"CA-NL"}, "ONTARIO": {"CA-ON"},
	"QUEBEC": {"CA-QC"}, "SASKATCHEWAN": {"CA-SK"},
	"NORTHWEST TERRITORIES -YUKON - NUNAVUT": {"CA-NT", "CA-NU", "CA-YT"},
	"NOVA SCOTIA - PRINCE EDWARD ISLAND":     {"CA-NS", "CA-PE"},
	"ANGUILLA":                               {"AI"}, "ANTIGUA/BARBUDA": {"AG"}, "BAHAMAS": {"BS"},
	"BARBADOS": {"BB"}, "BERMUDA": {"BM"},
	"BRITISH VIRGIN ISLANDS": {"VG"}, "CAYMAN ISLANDS": {"KY"}, "DOMINICA": {"DM"}, "DOMINICAN REPUBLIC": {"DO"},
	"GRENADA": {"GD"}, "JAMAICA": {"JM"}, "MONTSERRAT": {"MS"}, "SINT MAARTEN": {"SX"}, "ST. KITTS & NEVIS": {"KN"},
	"ST. LUCIA": {"LC"}, "ST. VINCENT & GRENADINES": {"VC"}, "TRINIDAD & TOBAGO": {"TT"}, "TURKS & CAICOS ISLANDS": {"TC"},
}
