package calltime

import "github.com/dnc-go/dnc"

// reviewed is the day the rows of this package were looked at last.
const reviewed = "2026-11-25"

// Sources of several rows.
const (
	dropCowboy = "dropcowboy.com/state-compliance (2025-11-01)"
	clickPoint = "blog.clickpointsoftware.com/telemarketing-calling-hours-by-state (2025-07)"
	dncCom     = "contactcentercompliance.mintlify.app geoscrub/legal-call-times"
)

// oneSource marks a row that only one source has.
const oneSource = "one source"

var consent = []string{WaivedByConsent}

// usRows are the United States: the federal rule, and the states whose hours are narrower. A state
// without a row has the federal hours. What is unverified is the strictest reading.
var usRows = []Row{
	everyDay("us/hours", "US", "8-21", "47 CFR 64.1200(c)(1), 16 CFR 310.4(c)", "P",
		"consent to other hours is arguable (petition of 2025-03 undecided): it waives nothing here"),
	noSunday("us-al/hours", "US-AL", "8-20", "dnc.com/holiday-alerts; "+dropCowboy, "S",
		"some read it as telephone utilities only"),
	everyDay("us-ca/hours", "US-CA", "9-21", dncCom, "S", oneSource),
	waived(everyDay("us-ct/hours", "US-CT", "9-20", dropCowboy+"; "+clickPoint, "S",
		"conflict: 9-20 and 9-21; the stricter"), WaivedByConsent),
	everyDay("us-fl/hours", "US-FL", "8-20", "Fla. Stat. 501.616(6); "+dropCowboy, "S", ""),
	onlyPrerecorded(everyDay("us-il/prerecorded", "US-IL", "9-21", clickPoint, "S", "prerecorded messages")),
	everyDay("us-ky/hours", "US-KY", "10-21", dropCowboy+"; "+clickPoint, "S", ""),
	noSunday("us-la/hours", "US-LA", "8-20", "General Order R-29617 V(A)(1); dnc.com/holiday-alerts", "S",
		"also for exempt calls; the governor makes holidays at short notice: use overrides"),
	everyDay("us-ma/hours", "US-MA", "8-20", dropCowboy, "S", ""),
	waived(everyDay("us-md/hours", "US-MD", "8-20", "wmar2news.com; dataguidance (2024-01-01)", "S", ""), WaivedByConsent),
	everyDay("us-mi/hours", "US-MI", "9-21", dropCowboy, "S", oneSource),
	everyDay("us-mn/hours", "US-MN", "9-21", dropCowboy, "S", oneSource),
	noSunday("us-ms/hours", "US-MS", "8-20", "dnc.dreamhosters.com restricted call dates (2019-01); "+dropCowboy, "S",
		"conflict: holidays 8-20 or banned, also whether a relationship of 6 months waives the ban: banned, "+
			"and waived by nothing"),
	onlyPrerecorded(Row{
		ID: "us-ne/prerecorded", Jurisdiction: "US-NE", Weekdays: "8-21", Saturday: "8-21", Sunday: "13-21",
		Holidays: "13-21", Source: clickPoint, Evidence: "S", Reviewed: reviewed, Note: "prerecorded messages",
	}),
	everyDay("us-nm/hours", "US-NM", "9-21", dropCowboy, "S", oneSource),
	everyDay("us-nv/hours", "US-NV", "9-20", dropCowboy, "S", oneSource),
	everyDay("us-ok/hours", "US-OK", "8-20", "15 OS 775C; "+dropCowboy, "S", ""),
	{
		ID: "us-pa/hours", Jurisdiction: "US-PA", Weekdays: "8-21", Saturday: "8-12", Sunday: "8-21",
		Source:   "73 P.S. 2245(a)(1) (govt.westlaw.com/pac: 8-21); mslawgroup.com: none on legal holidays; " + dropCowboy,
		Evidence: "S", Reviewed: "2026-11-26",
		Note: "Saturday after noon is a half holiday by 44 P.S. 11 (blr.com): closed, the strictest reading",
	},
	{
		ID: "us-ri/hours", Jurisdiction: "US-RI", Weekdays: "9-18", Saturday: "10-17", WaivedBy: consent,
		Source:   "R.I. Gen. Laws 5-61-2 \"hours of operation\" (instalawyer.io), 5-61-3.6 (webserver.rilin.state.ri.us)",
		Evidence: "P", Reviewed: "2026-11-26", Note: "Saturdays that are holidays are closed, the strictest reading",
	},
	{
		ID: "us-sd/hours", Jurisdiction: "US-SD", Weekdays: "9-21", Holidays: SameHours,
		Source: "SDCL 37-30-28 (legis.state.sd.us)", Evidence: "P", Reviewed: "2026-11-26",
		Note: "the text is about automated dialling, \"weekdays between 9 a.m. and 9 p.m.\": " +
			"all dialling is the strictest reading",
	},
	{
		ID: "us-tx/hours", Jurisdiction: "US-TX", Weekdays: "9-21", Saturday: "9-21", Sunday: "12-21", Holidays: SameHours,
		WaivedBy: []string{WaivedByConsent, WaivedByRelationship},
		Source:   "Tex. Bus. & Com. Code 301.051, SB 140; support.telnyx.com/12141904",
		Evidence: "S", Reviewed: reviewed, Note: "texts too since 2025-09-01",
	},
	waived(noSunday("us-ut/hours", "US-UT", "8-21",
		"Utah Code 13-25a-103(3) (codes.findlaw.com, current 2025-01)", "P", ""), WaivedByConsent),
	waived(everyDay("us-va/hours", "US-VA", "8-21", "mondaq.com 1738886 (SB 1339)", "S", ""), WaivedByConsent),
	everyDay("us-wa/hours", "US-WA", "8-20", "HB 1497 of 2022; VICIDIALforum t=41540", "S", ""),
	everyDay("us-wy/hours", "US-WY", "8-20", "dnc.dreamhosters.com restricted call dates", "U",
		"Wyo. Stat. 40-12-301 to 305 and the Attorney General's questions for businesses have no hours (2026-11-26), "+
			"stateregstoday.com has 8-21: 8-20 is the strictest reading of the neighbours"),
}

// everyDay is a row with the same hours on all days, holidays too.
func everyDay(id, region, hours, source, evidence, note string) Row {
	return Row{
		ID: id, Jurisdiction: region, Weekdays: hours, Saturday: hours, Sunday: hours, Holidays: SameHours,
		Source: source, Evidence: evidence, Reviewed: reviewed, Note: note,
	}
}

// noSunday is a row that is closed on Sundays and holidays.
func noSunday(id, region, hours, source, evidence, note string) Row {
	return Row{
		ID: id, Jurisdiction: region, Weekdays: hours, Saturday: hours,
		Source: source, Evidence: evidence, Reviewed: reviewed, Note: note,
	}
}

func waived(r Row, by ...string) Row {
	r.WaivedBy = by
	return r
}

func onlyPrerecorded(r Row) Row {
	r.Channels = []dnc.Channel{dnc.Prerecorded}
	return r
}
