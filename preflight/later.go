package preflight

import (
	"slices"

	"github.com/dnc-go/dnc"
)

// timeCodes are the codes of reasons that end by themselves within hours or days. A DNC list or a
// mark would keep the number from being called for good.
var timeCodes = []string{"outside_hours", "holiday", "emergency", "attempt_limit"}

// later reports whether a number is blocked for now alone: each of its reasons ends by itself.
func later(d dnc.Decision) bool {
	if d.Verdict != dnc.Block || d.Reasons.Len() == 0 {
		return false
	}
	for r := range d.Reasons.All() {
		if !slices.Contains(timeCodes, r.Code) {
			return false
		}
	}
	return true
}
