package genesystest

import (
	"net/http"
	"strings"
)

// route is an operation of the API: its path below /api/v2/outbound, where "*" is one segment, and
// the permissions that it needs.
type route struct {
	method, path string
	needs        string // permissions without "outbound:", with blanks between; "a|b" is any of two
	do           func(*Platform, *request) reply
}

// routes are all operations. Of two that match the first one counts.
var routes []route

func init() { //nolint:gochecknoinits // The operations refer to the table.
	routes = append(routes, campaignRoutes...)
	routes = append(routes, dncRoutes...)
	routes = append(routes, contactRoutes...)
	for _, k := range kindsOfEntity() {
		routes = append(routes, k.routes()...)
	}
	for _, k := range []*kindOfSchedule{campaignSchedules, sequenceSchedules} {
		routes = append(routes, k.routes()...)
	}
}

// route finds an operation and does it.
func (p *Platform) route(q *request) reply {
	for _, r := range routes {
		if r.method != q.method || q.path[0] != "outbound" || !matchesPath(r.path, q.path[1:]) {
			continue
		}
		if refused := q.token.may(r.needs); refused != nil {
			return *refused
		}
		if refused := checkIDs(r.path, q.path[1:]); refused != nil {
			return *refused
		}
		return r.do(p, q)
	}
	return fail(http.StatusNotImplemented, "not.implemented",
		"genesystest does not have this operation: "+q.method+" /api/v2/"+strings.Join(q.path, "/"))
}

func matchesPath(pattern string, path []string) bool {
	segments := strings.Split(pattern, "/")
	if len(segments) != len(path) {
		return false
	}
	for i, s := range segments {
		if s != path[i] && s != "*" && s != "{contact}" {
			return false
		}
	}
	return true
}

// checkIDs refuses an id that is no UUID. Those of contacts may be the customer's own.
func checkIDs(pattern string, path []string) *reply {
	for i, s := range strings.Split(pattern, "/") {
		if s == "*" && !isUUID(path[i]) {
			return refuse("bad.request", "The id is not a UUID")
		}
	}
	return nil
}

// id is a segment of the path below the collection's name, in the spelling of ids.
func (q *request) id(i int) string { return strings.ToLower(q.path[i]) }
