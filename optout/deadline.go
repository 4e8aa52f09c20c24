package optout

import (
	"slices"
	"time"
)

// A Deadline is a legal time limit for honouring an opt-out. Check it before you rely on it; it is
// not legal advice.
type Deadline struct {
	Region   string    // ISO 3166, such as "US" or "US-FL"
	Rule     string    // the rule in a few words
	Days     int       // how many days after the day of the request
	Business bool      // count only Monday to Friday, without federal holidays of the United States
	From     time.Time // it applies to requests from this day on; zero: to all before Until
	Until    time.Time // it applies to requests before this day; zero: no end is known
	Source   string
	Reviewed time.Time // the day on which the source was read
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

var reviewed = day(2026, time.November, 25)

// Deadlines returns the table of legal time limits. It does not have France's pause of 60 days
// after a refusal, because here an opt-out does not end.
func Deadlines() []Deadline {
	return []Deadline{
		{
			Region: "US", Days: 30, Until: day(2025, time.April, 11), Reviewed: reviewed,
			Rule:   "a company's own do-not-call list: at most 30 days",
			Source: "47 CFR 64.1200(d)(3) before 2025-04-11; seen in secondary sources only",
		},
		{
			Region: "US", Days: 10, Business: true, From: day(2025, time.April, 11), Reviewed: reviewed,
			Rule:   "revocation of consent and do-not-call requests: at most 10 business days",
			Source: "47 CFR 64.1200(a)(10) and (d)(3); 89 FR, document 2024-04587 of 2024-03-05, in force 2025-04-11",
		},
		{
			Region: "US-FL", Days: 15, From: day(2023, time.May, 25), Reviewed: reviewed,
			Rule:   "a text message more than 15 days after STOP can be sued for",
			Source: "Florida HB 761 (2023), Fla. Stat. 501.059(10)(c); the date it took effect seen in secondary sources only",
		},
		{
			Region: "CA", Days: 14, From: day(2014, time.June, 30), Reviewed: reviewed,
			Rule:   "internal do-not-call list: within 14 days",
			Source: "CRTC Unsolicited Telecommunications Rules, since 2014-06-30 (mondaq.com 318484, secondary)",
		},
	}
}

// InForce reports whether the time limit applies to a request that was made at a time.
func (d Deadline) InForce(at time.Time) bool {
	asked := civil(at)
	return !asked.Before(d.From) && (d.Until.IsZero() || asked.Before(d.Until))
}

// due is the time from which on a request is late: the end of the last day, in the time zone of at.
// Day 1 is the day after the request. A request of 2026-11-20 with a limit of 10 business days is
// late from 2026-12-08 00:00 on.
func (d Deadline) due(at time.Time) time.Time {
	last := d.LastDay(at)
	return time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, at.Location())
}

// LastDay is the last day on which a request is not late, as 00:00 UTC of that day.
func (d Deadline) LastDay(at time.Time) time.Time {
	t := civil(at)
	if !d.Business {
		return t.AddDate(0, 0, d.Days)
	}
	for left := d.Days; left > 0; {
		t = t.AddDate(0, 0, 1)
		if isBusinessDay(t) {
			left--
		}
	}
	return t
}

func civil(t time.Time) time.Time {
	y, m, d := t.Date()
	return day(y, m, d)
}

// firstDue is the row that a request misses first.
func firstDue(table []Deadline, at time.Time) (row Deadline, due time.Time, ok bool) {
	for _, d := range table {
		if !d.InForce(at) {
			continue
		}
		if t := d.due(at); !ok || t.Before(due) {
			row, due, ok = d, t, true
		}
	}
	return row, due, ok
}

// isBusinessDay reports whether a day is Monday to Friday and no federal holiday of the United
// States (5 U.S.C. 6103(a)). A holiday that falls on a weekend moves nothing here: whether the day
// on which federal offices close instead is a business day, no source says, and to count it is
// stricter.
func isBusinessDay(t time.Time) bool {
	if w := t.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	return !slices.Contains(federalHolidays(t.Year()), t)
}

func federalHolidays(year int) []time.Time {
	return []time.Time{
		day(year, time.January, 1),                                 // New Year's Day
		weekday(year, time.January, time.Monday, 3),                // Martin Luther King Jr.
		weekday(year, time.February, time.Monday, 3),               // Washington's Birthday
		weekday(year, time.June, time.Monday, 1).AddDate(0, 0, -7), // Memorial Day, the last Monday of May
		day(year, time.June, 19),                                   // Juneteenth
		day(year, time.July, 4),                                    // Independence Day
		weekday(year, time.September, time.Monday, 1),              // Labor Day
		weekday(year, time.October, time.Monday, 2),                // Columbus Day
		day(year, time.November, 11),                               // Veterans Day
		weekday(year, time.November, time.Thursday, 4),             // Thanksgiving
		day(year, time.December, 25),                               // Christmas
	}
}

// weekday is the n-th weekday of a month.
func weekday(year int, m time.Month, w time.Weekday, n int) time.Time {
	first := day(year, m, 1)
	return first.AddDate(0, 0, (int(w)-int(first.Weekday())+7)%7+7*(n-1))
}
