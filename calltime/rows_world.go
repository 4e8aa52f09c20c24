package calltime

import "slices"

// worldRows are other countries. A country without a row is not covered: Unknown.
var worldRows = []Row{
	{
		ID: "ca/hours", Jurisdiction: "CA", Weekdays: "9-21:30", Saturday: "10-18", Sunday: "10-18", Holidays: SameHours,
		Source: "CRTC Unsolicited Telecommunications Rules; vicifast.com/blog/canada", Evidence: "S", Reviewed: reviewed,
	},
	{
		ID: "au/hours", Jurisdiction: "AU", Weekdays: "9-20", Saturday: "9-17", WaivedBy: consent,
		Source: "Telemarketing and Research Calls Industry Standard (donotcall.gov.au/industry-standards); " +
			"commerce.wa.gov.au",
		Evidence: "P", Reviewed: reviewed, Note: "telemarketing; the hours of research calls differ",
	},
	{
		ID: "fr/hours", Jurisdiction: "FR", Weekdays: "10-13 14-20", WaivedBy: consent,
		Source: "decret 2022-1313 (nextinpact.com/lebrief/1190; tf1info.fr 2249054)", Evidence: "S", Reviewed: reviewed,
		Note: "since 2026-08 only with prior consent: this row is about hours alone",
	},
	{
		ID: "gb/hours", Jurisdiction: "GB", Weekdays: "0-24", Saturday: "0-24", Sunday: "0-24", Holidays: SameHours,
		Source: "PECR regulation 21 (caps-ltd.co.uk ?p=5789)", Evidence: "P", Reviewed: reviewed,
		Note: "no hours by statute; also Guernsey, Jersey and the Isle of Man, which share the calling code",
	},
}

// Rows are the rows that this package has, in a copy: data with sources, to be checked, and no
// advice.
func Rows() []Row {
	rows := slices.Concat(usRows, worldRows)
	for i := range rows {
		rows[i].Channels, rows[i].WaivedBy = slices.Clone(rows[i].Channels), slices.Clone(rows[i].WaivedBy)
	}
	return rows
}
