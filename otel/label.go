package dncotel

import (
	"regexp"
	"strings"
	"sync"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

const (
	other    = "other"
	maxLists = 100
)

var goodName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

// minNumber is how many digits the shortest phone number has.
const minNumber = 7

// safe reports whether a name can be no phone number.
func safe(name string) bool { return digits(name) < minNumber && goodName.MatchString(name) }

var errName = invalid("the name is not 1 to 64 of a-z, 0-9, _ and - with at most six digits")

func digits(s string) int {
	n := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// codes are the codes that are counted by themselves.
var codes = append([]string{
	dnc.CodeAllowed, dnc.CodeNotForbidden, dnc.CodeInvalidNumber, dnc.CodeOutsideHours, dnc.CodeHoliday,
	dnc.CodeEmergency, "blocked", "listed", "geo_blocked", other,
}, doubts...)

// doubts are the codes of numbers that could not be decided.
var doubts = []string{
	dnc.CodeListMissing, dnc.CodeListIncomplete, dnc.CodeListStale, dnc.CodeNotCovered, dnc.CodeNotListed,
	dnc.CodeGeoRuleInvalid, dnc.CodeStoreUnavailable, dnc.CodeStoreTimeout, dnc.CodeStoreMisconfigured,
	dnc.CodeCheckerFailed, dnc.CodeZoneUnknown, dnc.CodeCanceled,
}

var knownCode = func() map[string]bool {
	m := map[string]bool{}
	for _, c := range codes {
		m[c] = true
	}
	return m
}()

// codeOf is the code that a reason is counted by.
func codeOf(code string) string {
	switch {
	case knownCode[code]:
		return code
	case strings.HasPrefix(code, "dnc_"):
		return "listed"
	case strings.HasPrefix(code, "geo_blocked_"):
		return "geo_blocked"
	}
	return other
}

var events = map[string]bool{
	dnc.EventFallbackBlock: true, dnc.EventFallbackAllow: true, dnc.EventRecovered: true,
	dnc.EventBreakerOpen: true, dnc.EventBreakerClosed: true, dnc.EventMembersIgnored: true,
	dnc.EventGeoRuleInvalid: true, dnc.EventClientOptions: true, dnc.EventFollowFailed: true,
	calltime.EventZoneDataDiffers: true, calltime.EventZoneDataOld: true,
}

func eventOf(event string) string {
	if events[event] {
		return event
	}
	return other
}

// names bounds how many names there are.
type names struct {
	mu    sync.Mutex
	known map[string]bool
}

// label is the name itself if it is safe and one of the first maxLists. An empty name stays empty.
func (n *names) label(name string) string {
	if name == "" {
		return ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.known[name]:
		return name
	case len(n.known) >= maxLists || !safe(name):
		return other
	}
	if n.known == nil {
		n.known = map[string]bool{}
	}
	n.known[name] = true
	return name
}
