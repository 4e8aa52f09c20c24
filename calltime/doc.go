// Package calltime answers whether a number may be called now, by the law of the place where the
// person may be. Hours is a dnc.Rule. Ask it together with the lists:
//
//	hours, err := calltime.New()
//	...
//	rule := dnc.ProtectRule(dnc.All(dnc.RuleOf(lists), hours))
//	d, err := rule.Check(ctx, dnc.Call{Number: n, Location: dnc.Location{Region: "US-FL"}})
//	d.Until() // the next opening, where it is closed now
//
// Check the rows, holidays and tables of this package before you rely on them. They are not legal
// advice.
//
// # Where the person may be
//
// A person can be in several time zones and states. For a number of +1 they come from its exchange,
// its area code, the area codes of the same area (an overlay), and the dnc.Location of the call:
// zones, state and postal code. The call is allowed only if the rows of every such state are open
// in every such zone. A number of another country has every zone of its calling code, because a
// mobile number can be anywhere there: give the call a Location, and use WithTrust(TrustAddress) if
// the address is right. If no zone is known, the answer is Unknown, zone_unknown. The answer is the
// same if the Location is in another country than the number, unless it names both the country and
// a zone there.
//
// The package has the postal codes of the United States and Canada. If its sources differ about a
// ZIP code, the code has the zones of all sources. A ZIP code that is in no source has all zones of
// its first three digits. A Canadian code has the zones of its first letter. WithPostal adds a
// table of other codes.
//
// # Zone data
//
// The zone data of a system has no version that package time shows. Data from before 2026 is wrong
// for Manitoba, Alberta, British Columbia and the Northwest Territories. So this package has zone
// data of its own, tzdata 2026f, and compares it with the system's. If the two differ, both local
// times must be open, and the incident zone_data_differs says so. With data older than 400 days
// every answer is Unknown, list_stale.
//
// # What is not known does not allow a call
//
// In a country without a row the answer is not_covered. The row of the United Kingdom is open at
// every hour, because no statute sets hours there: set your own with WithRows. On a day after the
// end of a holiday table it is list_stale, and so it is when overrides could not be read for a
// minute. While this process's clock differs from that of the overrides' store by more than 30
// seconds, no call is allowed.
package calltime
