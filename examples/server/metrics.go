package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dnc-go/dnc"
)

// metrics counts for GET /metrics of -metrics. A nil metrics counts nothing. No label has anything
// of a request but what is known here: paths, verdicts, codes, events.
type metrics struct {
	mu        sync.Mutex
	requests  map[string]int // by labels, as are the others
	decisions map[string]int
	incidents map[string]int
}

func newMetrics() *metrics {
	return &metrics{requests: map[string]int{}, decisions: map[string]int{}, incidents: map[string]int{}}
}

// request counts an answer. path is one of the routes, or "(other)".
func (m *metrics) request(path string, status int) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[fmt.Sprintf(`path=%q,status="%d"`, path, status)]++
}

// report counts the decisions of an answer by verdict and strongest reason.
func (m *metrics) report(r dnc.Report) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range r.Decisions {
		m.decisions[fmt.Sprintf(`verdict=%q,code=%q`, c.Decision.Verdict.String(),
			knownCode(c.Decision.Reason().Code))]++
	}
}

// incident counts an incident of a list or of the calling hours.
func (m *metrics) incident(i dnc.Incident) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.incidents[fmt.Sprintf(`event=%q`, i.Event)]++
}

// knownCodes are the codes that can be a label: a Checker can make others, from data.
var knownCodes = []string{
	dnc.CodeAllowed, dnc.CodeNotForbidden, dnc.CodeInvalidNumber,
	dnc.CodeOutsideHours, dnc.CodeHoliday, dnc.CodeEmergency,
	dnc.CodeListMissing, dnc.CodeListIncomplete, dnc.CodeListStale, dnc.CodeNotCovered, dnc.CodeNotListed,
	dnc.CodeGeoRuleInvalid, dnc.CodeStoreUnavailable, dnc.CodeStoreTimeout, dnc.CodeStoreMisconfigured,
	dnc.CodeCheckerFailed, dnc.CodeZoneUnknown, dnc.CodeCanceled,
	"dnc_blacklist", "dnc_campaign", "dnc_optouts", "geo_blocked_high",
}

func knownCode(code string) string {
	if slices.Contains(knownCodes, code) {
		return code
	}
	return "other"
}

// showMetrics adds GET /metrics. Without -metrics there is no such path.
func (a *api) showMetrics(m *metrics) {
	if m != nil {
		a.metrics = m
		a.routes["/metrics"] = route{methods: "GET, HEAD", handle: a.scrape}
	}
}

// scrape answers in the text format 0.0.4 of Prometheus.
func (a *api) scrape(w http.ResponseWriter, _ *http.Request) (int, error) {
	var b strings.Builder
	a.metrics.mu.Lock()
	family(&b, "dnc_server_requests_total", "Answers by path and status.", a.metrics.requests)
	family(&b, "dnc_server_decisions_total", "Decisions of /validate by verdict and strongest reason.",
		a.metrics.decisions)
	family(&b, "dnc_server_incidents_total", "Incidents by event.", a.metrics.incidents)
	a.metrics.mu.Unlock()
	if a.optOuts != nil {
		b.WriteString("# HELP dnc_server_optouts_overdue Deliveries of opt-outs that missed a legal time limit.\n# TYPE dnc_server_optouts_overdue gauge\n")
		_, _ = fmt.Fprintf(&b, "dnc_server_optouts_overdue %d\n", len(a.optOuts.Overdue(time.Now())))
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(b.String()))
	return http.StatusOK, nil
}

func family(b *strings.Builder, name, help string, counts map[string]int) {
	_, _ = fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s counter\n", name, help, name)
	for _, labels := range slices.Sorted(maps.Keys(counts)) {
		_, _ = fmt.Fprintf(b, "%s{%s} %d\n", name, labels, counts[labels])
	}
}
