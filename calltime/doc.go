// Package calltime answers whether a number may be called at this hour, where the person may be. It
// is a dnc.Rule, and is asked together with the lists:
//
//	hours, err := calltime.New()
//	...
//	rule := dnc.ProtectRule(dnc.All(dnc.RuleOf(lists), hours))
//	d, err := rule.Check(ctx, dnc.Call{Number: n, Location: dnc.Location{Region: "US-FL"}})
//	d.Until() // the next opening, where it is closed now
//
// The rows, holidays and tables of this package are data to be checked, not legal advice.
//
// # Where the person may be
//
// The zones of a number of +1 are those of its exchange, of its area code, and of the area codes
// that serve the same area (an overlay), with the zones of what the caller knows: zones, state and
// postal code. Each of them must be open. The states are found the same way, and the row of each
// holds in every zone. A number of another country has every zone of its calling code, for a mobile
// number may be anywhere there: give the call a Location, and use WithTrust(ContactAddress) where the
// address is right. A number whose zone is not known is Unknown, zone_unknown.
//
// Postal codes of the United States and Canada are known. Where the sources differ about a ZIP code,
// it has the zones of each; a code that none has gets all zones of its first three digits. A
// Canadian code has those of its first letter. WithPostal takes a table of other codes.
//
// # Zone data
//
// Package time has no version, and old data is wrong for Manitoba, Alberta, British Columbia and the
// Northwest Territories since 2026, with nobody warned. So this package has zones of its own: those
// of tzdata 2026f. The system's data is a second opinion. Where the two differ, both local times
// must be open, and the incident zone_data_differs says so. Data older than 400 days is list_stale.
//
// # What is not known is not open
//
// A country without a row is not_covered. A table of holidays that ended is list_stale, and so are
// overrides that were not read for a minute. While the clock is more than 30 seconds from that of the
// store, no call is allowed.
package calltime
