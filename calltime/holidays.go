package calltime

import (
	"fmt"
	"maps"
	"time"
)

// HolidayTable has the holidays of one jurisdiction, on which Row.Holidays are the hours of its
// rows. A day before From or after Through is list_stale, because its holidays are not known.
type HolidayTable struct {
	Jurisdiction string            // as in Row
	From         string            // the first day of the table, YYYY-MM-DD
	Through      string            // the last day of the table
	Days         map[string]string // the name of each holiday, by its day, YYYY-MM-DD
	Source       string            // the law or page that has the days; required
	Evidence     string            // P, S or U, as in Row
	Reviewed     string            // the day on which the source was read; required
}

func (h *HolidayTable) check() error {
	if !regionName.MatchString(h.Jurisdiction) || h.Source == "" {
		return fmt.Errorf("calltime: the holidays of %q need a jurisdiction, such as \"US-LA\", and a source", h.Jurisdiction)
	}
	days := []string{h.From, h.Through, h.Reviewed}
	for day := range h.Days {
		days = append(days, day)
	}
	for _, day := range days {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return fmt.Errorf("calltime: the holidays of %q: %q is not a day YYYY-MM-DD", h.Jurisdiction, day)
		}
	}
	if h.From > h.Through {
		return fmt.Errorf("calltime: the holidays of %q end before they begin", h.Jurisdiction)
	}
	return nil
}

// federal are the holidays of 5 U.S.C. 6103, on the day and on the day they are observed.
var federal = map[string]string{
	"2026-11-11": "Veterans Day", "2026-11-26": "Thanksgiving", "2026-12-25": "Christmas", "2027-01-01": "New Year",
	"2027-01-18": "Martin Luther King", "2027-02-15": "Washington's Birthday", "2027-05-31": "Memorial Day",
	"2027-06-18": "Juneteenth, observed", "2027-06-19": "Juneteenth", "2027-07-04": "Independence Day",
	"2027-07-05": "Independence Day, observed", "2027-09-06": "Labor Day", "2027-10-11": "Columbus Day",
	"2027-11-11": "Veterans Day", "2027-11-25": "Thanksgiving", "2027-12-24": "Christmas, observed",
	"2027-12-25": "Christmas",
}

// What states have beside the federal days. Where a source is missing, the day is on the list: the
// strictest reading.
var (
	alabama = map[string]string{
		"2027-02-09": "Mardi Gras", "2027-04-26": "Confederate Memorial Day", "2027-06-07": "Jefferson Davis' birthday",
	}
	louisiana = map[string]string{
		"2026-11-01": "All Saints' Day", "2026-11-03": "general election day", "2026-11-27": "day after Thanksgiving",
		"2027-01-08": "Battle of New Orleans", "2027-02-09": "Mardi Gras", "2027-03-26": "Good Friday",
		"2027-08-30": "Huey P. Long Day", "2027-11-01": "All Saints' Day",
	}
	mississippi = map[string]string{
		"2026-11-27": "day after Thanksgiving", "2027-02-09": "Mardi Gras", "2027-04-26": "Confederate Memorial Day",
	}
	nebraska     = map[string]string{"2026-11-27": "day after Thanksgiving", "2027-04-30": "Arbor Day"}
	pennsylvania = map[string]string{
		"2026-11-03": "Election Day", "2026-11-27": "day after Thanksgiving", "2027-03-26": "Good Friday",
		"2027-06-14": "Flag Day", "2027-11-02": "Election Day",
	}
	rhodeIsland = map[string]string{
		"2026-11-03": "Election Day", "2027-05-04": "Rhode Island Independence Day", "2027-08-09": "Victory Day",
	}
	utah = map[string]string{
		"2027-03-26": "Good Friday", "2027-06-21": "Juneteenth, observed", "2027-07-23": "Pioneer Day, observed",
		"2027-07-24": "Pioneer Day", "2027-11-02": "Election Day",
	}

	france = map[string]string{
		"2026-11-11": "Armistice", "2026-12-25": "Noel", "2026-12-26": "Saint-Etienne (Alsace-Moselle)",
		"2027-01-01": "jour de l'An",
		"2027-03-26": "vendredi saint (Alsace-Moselle)", "2027-03-29": "lundi de Paques", "2027-05-01": "fete du Travail",
		"2027-05-06": "Ascension", "2027-05-08": "Victoire 1945", "2027-05-17": "lundi de Pentecote",
		"2027-07-14": "fete nationale",
		"2027-08-15": "Assomption", "2027-11-01": "Toussaint", "2027-11-11": "Armistice",
	}
	australia = map[string]string{
		"2026-12-25": "Christmas", "2026-12-26": "Boxing Day", "2026-12-28": "Boxing Day, additional day",
		"2027-01-01": "New Year",
		"2027-01-26": "Australia Day", "2027-03-26": "Good Friday", "2027-03-27": "Easter Saturday",
		"2027-03-28": "Easter Sunday",
		"2027-03-29": "Easter Monday", "2027-04-25": "Anzac Day", "2027-04-26": "Anzac Day, additional day",
	}
)

// HolidayTables returns a copy of the holiday tables of this package, from 2026-11-01 to
// 2027-11-25. For a holiday that is declared later, use an Override.
func HolidayTables() []HolidayTable {
	var out []HolidayTable
	for _, t := range []struct {
		region   string
		sets     []map[string]string
		source   string
		evidence string
	}{
		{
			"US-AL",
			[]map[string]string{federal, alabama},
			"5 U.S.C. 6103; Ala. Code 1-3-8 (legalclarity.org, al.com 2019-06: Mardi Gras is of two counties)", "S",
		},
		{"US-LA", []map[string]string{federal, louisiana}, "5 U.S.C. 6103; La. R.S. 1:55 (legis.la.gov d=74097)", "P"},
		{
			"US-MS",
			[]map[string]string{federal, mississippi},
			"5 U.S.C. 6103; Miss. Code 3-3-7 (codes.findlaw.com, current 2023-01): Mardi Gras where a county declares it", "P",
		},
		{"US-NE", []map[string]string{federal, nebraska}, "Neb. Rev. Stat. 62-301 (nebraskalegislature.gov)", "P"},
		{
			"US-PA",
			[]map[string]string{federal, pennsylvania},
			"44 P.S. 11 (blr.com Holidays-in-Pennsylvania); the day after Thanksgiving by 37 Pa.B. 314", "S",
		},
		{
			"US-RI",
			[]map[string]string{federal, rhodeIsland},
			"R.I. Gen. Laws 25-1-1 (unicourt.github.io/cic-code-ri, release 71); dnc.dreamhosters.com May 2018", "P",
		},
		{
			"US-UT",
			[]map[string]string{federal, utah},
			"Utah Code 63G-1-301 as of 2026-05-06 (self-law.org); replaced on 2027-01-01 by a text that was not seen: " +
				"Election Day is of the bill HB 104", "U",
		},
		{"FR", []map[string]string{france}, "Code du travail L3133-1 (DILA, by maitredata.com), L3134-13", "P"},
		{"AU", []map[string]string{australia}, "fairwork.gov.au public holidays; the standard's own list was not seen", "U"},
	} {
		h := HolidayTable{
			Jurisdiction: t.region, From: "2026-11-01", Through: "2027-11-25", Days: map[string]string{},
			Source: t.source, Evidence: t.evidence, Reviewed: reviewed,
		}
		for _, set := range t.sets {
			maps.Copy(h.Days, set)
		}
		out = append(out, h)
	}
	return out
}
