package main

import (
	"fmt"
	"slices"
)

// province is one of Canada, with its zones by the comments of tzdata's zone.tab.
type province struct {
	code  string
	zones []string
}

var provinces = map[string]province{
	"Alberta": {"CA-AB", []string{"America/Edmonton"}},
	"British Columbia": {"CA-BC", []string{
		"America/Vancouver", "America/Edmonton", "America/Creston", "America/Dawson_Creek", "America/Fort_Nelson",
	}},
	"Manitoba":      {"CA-MB", []string{"America/Winnipeg"}},
	"New Brunswick": {"CA-NB", []string{"America/Moncton"}},
	// The islands of Quebec in the Gulf have Halifax's time.
	"Newfoundland and Labrador": {"CA-NL", []string{"America/St_Johns", "America/Goose_Bay", "America/Blanc-Sablon"}},
	"Nova Scotia":               {"CA-NS", []string{"America/Halifax", "America/Glace_Bay"}},
	"Northwest Territory":       {"CA-NT", []string{"America/Edmonton", "America/Inuvik"}},
	"Nunavut Territory": {"CA-NU", []string{
		"America/Iqaluit", "America/Rankin_Inlet", "America/Resolute", "America/Cambridge_Bay", "America/Atikokan",
	}},
	"Ontario":              {"CA-ON", []string{"America/Toronto", "America/Winnipeg", "America/Atikokan"}},
	"Prince Edward Island": {"CA-PE", []string{"America/Halifax"}},
	"Quebec":               {"CA-QC", []string{"America/Toronto", "America/Halifax", "America/Blanc-Sablon"}},
	"Saskatchewan":         {"CA-SK", []string{"America/Regina", "America/Swift_Current", "America/Edmonton"}},
	"Yukon":                {"CA-YT", []string{"America/Whitehorse", "America/Dawson"}},
}

// canada writes the row of a letter: its provinces, and all their zones. Where tz-lookup knows all
// codes of a letter of Ontario or Quebec in Toronto's zone, that is enough.
func (t *postalTable) canada(group []postalCode) error {
	letter := group[0].code[:1]
	var zones, regions []string
	for _, c := range group {
		p, ok := provinces[c.states[0]]
		if !ok {
			continue // the name of a place
		}
		regions = add(regions, p.code)
		for _, z := range p.zones {
			zones = add(zones, z)
		}
	}
	if len(regions) == 0 {
		return fmt.Errorf("no code of the letter %s names a province", letter)
	}
	toronto := slices.Contains(zones, "America/Toronto")
	for _, c := range group {
		for _, z := range c.zones[3] {
			toronto = toronto && (!slices.Contains(zones, z) || z == "America/Toronto")
		}
	}
	if toronto {
		zones = []string{"America/Toronto"}
	}
	fmt.Fprintf(&t.rows, "p %s %d\n", letter, t.set(zones, regions))
	return nil
}
