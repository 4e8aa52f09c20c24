package dnc

import (
	"regexp"
	"strings"
	"time"
)

// The values of Reason.Code. There are two more kinds. A listed number has "dnc_" and the list's
// name, such as "dnc_blacklist". A number that a geo rule forbids has "geo_blocked_" and the rule's
// risk level, such as "geo_blocked_high". Codes have lower-case letters, digits and "_", and never
// change.
const (
	CodeAllowed       = "allowed"        // Allow: every list was asked, and none has the number
	CodeNotForbidden  = "not_forbidden"  // Allow by a Rule that is not a list: it found nothing against the call
	CodeInvalidNumber = "invalid_number" // Block: the zero Number, or an input that is not a number

	// Codes of a Block by calling hours. Reason.Until says when it ends, where that is known.
	CodeOutsideHours = "outside_hours" // it is too early or too late where the person is
	CodeHoliday      = "holiday"       // no calls today where the person is
	CodeEmergency    = "emergency"     // no calls where the person is, while an emergency lasts

	// Codes of Unknown.
	CodeListMissing        = "list_missing"        // the list does not exist or is empty
	CodeListIncomplete     = "list_incomplete"     // the list is smaller than it must be, or has no completeness marker
	CodeListStale          = "list_stale"          // the list, or the copy of it, is older than allowed
	CodeNotCovered         = "not_covered"         // no list covers this country or area
	CodeNotListed          = "not_listed"          // only lists that never allow (BlockOnly) answered, and none has the number
	CodeGeoRuleInvalid     = "geo_rule_invalid"    // the geo rule for this number cannot be read
	CodeStoreUnavailable   = "store_unavailable"   // the store could not be reached, or refuses to answer now
	CodeStoreTimeout       = "store_timeout"       // the store did not answer in time
	CodeStoreMisconfigured = "store_misconfigured" // the store has the wrong type, permissions, topology or spelling
	CodeCheckerFailed      = "checker_failed"      // a Checker broke its contract, panicked or is nil
	CodeZoneUnknown        = "zone_unknown"        // the time zone of the called person is not known
	CodeCanceled           = "canceled"            // the caller canceled the check before there was an answer
)

// Reason is one cause of a Decision.
type Reason struct {
	Code    string    `json:"code"`              // one of the codes of this package, or a Checker's own
	List    string    `json:"list,omitempty"`    // the list that decided
	Version string    `json:"version,omitempty"` // the list's version, of lists that have one
	Date    time.Time `json:"date,omitzero"`     // when the list's data was obtained, where that is known
	// When this reason ends by itself, as hours do at the next opening. Zero: no end is known.
	Until time.Time `json:"until,omitzero"`
}

// String is the code, and the list, its version and date, and the end where there are any.
func (r Reason) String() string {
	s := r.Code
	if r.List != "" {
		s += " list=" + r.List
	}
	if r.Version != "" {
		s += " version=" + r.Version
	}
	if !r.Date.IsZero() {
		s += " date=" + r.Date.UTC().Format(time.DateOnly)
	}
	if !r.Until.IsZero() {
		s += " until=" + r.Until.UTC().Format(time.RFC3339)
	}
	return s
}

// verdict is what a reason says by itself: the codes of Unknown and Allow are known, every other
// code forbids.
func (r Reason) verdict() Verdict {
	if r.Code == CodeAllowed || r.Code == CodeNotForbidden {
		return Allow
	}
	if unknownCode(r.Code) {
		return Unknown
	}
	return Block
}

func unknownCode(code string) bool {
	switch code {
	case CodeListMissing, CodeListIncomplete, CodeListStale, CodeNotCovered, CodeNotListed, CodeGeoRuleInvalid, CodeStoreUnavailable,
		CodeStoreTimeout, CodeStoreMisconfigured, CodeCheckerFailed, CodeZoneUnknown, CodeCanceled:
		return true
	}
	return false
}

// forbids reports whether a code is one of this package's codes of Block.
func forbids(code string) bool {
	switch code {
	case CodeInvalidNumber, CodeOutsideHours, CodeHoliday, CodeEmergency:
		return true
	}
	return strings.HasPrefix(code, "dnc_") || strings.HasPrefix(code, "geo_blocked_")
}

// Shared by every decision that has no more to say.
var (
	reasonsInvalid      = ReasonsOf(Reason{Code: CodeInvalidNumber})
	reasonsAllowed      = ReasonsOf(Reason{Code: CodeAllowed})
	reasonsNotForbidden = ReasonsOf(Reason{Code: CodeNotForbidden})
	reasonsFailed       = ReasonsOf(Reason{Code: CodeCheckerFailed})
	reasonsBlocked      = ReasonsOf(Reason{Code: "blocked"}) // of a Checker that blocked and gave no reason
	reasonsNowhere      = ReasonsOf(Reason{Code: CodeNotCovered})
)

var listName = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)

// riskCode turns the risk level of a geo rule, which people type, into a code.
func riskCode(level string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(strings.TrimSpace(level)) {
		if b.Len() == 64 {
			break
		}
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			b.WriteRune(c)
		} else {
			b.WriteByte('_')
		}
	}
	if b.Len() == 0 {
		return "geo_blocked_unspecified"
	}
	return "geo_blocked_" + b.String()
}
