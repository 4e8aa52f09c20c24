package genesystest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

type dncList struct {
	id, name, source, method string
	version                  int
	created                  string
	entries                  map[string]time.Time // number to expiry, zero for never
	exports                  []export
}

func (l *dncList) json(withSize bool) []byte {
	o := map[string]any{
		"id": l.id, "name": l.name, "dateCreated": l.created, "dateModified": l.created, "version": l.version,
		"dncSourceType": l.source, "selfUri": "/api/v2/outbound/dnclists/" + l.id,
	}
	if l.method != "" {
		o["contactMethod"] = l.method
	}
	if withSize {
		o["size"] = len(l.entries)
	}
	return quoted(o)
}

func (p *Platform) dncOperation(q *request) reply {
	withSize := q.query.Get("includeSize") == "true"
	switch {
	case q.is(http.MethodGet):
		if refused := q.token.may("outbound:dncList:view"); refused != nil {
			return *refused
		}
		var items [][]byte
		for _, l := range p.dncLists {
			if source := q.query.Get("dncSourceType"); q.named(l.name) && (source == "" || source == l.source) {
				items = append(items, l.json(withSize))
			}
		}
		return q.page(items, "/api/v2/outbound/dnclists")
	case q.is(http.MethodPost):
		if refused := q.token.may("outbound:dncList:add"); refused != nil {
			return *refused
		}
		return p.createDNCList(q)
	case len(q.path) < 3:
		return fail(http.StatusMethodNotAllowed, "method.not.allowed", "HTTP 405 Method Not Allowed")
	}
	l := p.dncList(strings.ToLower(q.path[2]))
	for _, op := range []struct {
		method string
		rest   []string
		needs  []string
		do     func(*request, *dncList) reply
	}{
		{http.MethodGet, nil, []string{"outbound:dncList:view"}, func(_ *request, l *dncList) reply { return ok(l.json(withSize)) }},
		{http.MethodDelete, nil, []string{"outbound:dncList:delete"}, p.deleteDNCList},
		{http.MethodPatch, []string{"phonenumbers"}, []string{"outbound:dnc:edit"}, p.patchNumbers},
		{http.MethodPost, []string{"phonenumbers"}, []string{"outbound:dnc:add"}, p.postNumbers},
		{http.MethodDelete, []string{"phonenumbers"}, []string{"outbound:dnc:delete"}, p.deleteNumbers},
		{http.MethodPost, []string{"export"}, []string{"outbound:dnc:view", "outbound:dncList:view"}, p.exportDNCList},
		{http.MethodGet, []string{"export"}, []string{"outbound:dnc:view", "outbound:dncList:view"}, func(q *request, l *dncList) reply { return q.exported(l.exports) }},
	} {
		if q.is(op.method, append([]string{"*"}, op.rest...)...) {
			if refused := q.token.may(op.needs...); refused != nil {
				return *refused
			}
			if l == nil {
				return notFound
			}
			if len(op.rest) > 0 && l.source != "rds" {
				return fail(http.StatusBadRequest, "dnc.source.operation.not.supported", "The operation is not supported for this DNC source")
			}
			return op.do(q, l)
		}
	}
	return fail(http.StatusMethodNotAllowed, "method.not.allowed", "HTTP 405 Method Not Allowed")
}

func (p *Platform) createDNCList(q *request) reply {
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := checkDNCList(&o); refused != nil {
		return *refused
	}
	if slices.ContainsFunc(p.dncLists, func(l *dncList) bool { return l.name == o.Text("name") }) {
		return fail(http.StatusBadRequest, "duplicate.name", "The name already exists.")
	}
	l := &dncList{
		id: p.newID(), name: o.Text("name"), source: o.Text("dncSourceType"), method: o.Text("contactMethod"), version: 1, created: now(),
		entries: map[string]time.Time{},
	}
	p.dncLists = append(p.dncLists, l)
	return ok(l.json(false))
}

func (p *Platform) deleteDNCList(_ *request, l *dncList) reply {
	for _, c := range p.campaigns {
		var refs []ref
		c.object.Read("dncLists", &refs)
		if slices.ContainsFunc(refs, func(r ref) bool { return r.ID == l.id }) {
			return fail(http.StatusBadRequest, "dnc.list.in.use", "The DNC list is used by a campaign")
		}
	}
	p.dncLists = slices.DeleteFunc(p.dncLists, func(o *dncList) bool { return o == l })
	return ok(nil)
}

func (p *Platform) patchNumbers(q *request, l *dncList) reply {
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := dncPatchKinds.check(&o); refused != nil {
		return *refused
	}
	var numbers []string
	o.Read("phoneNumbers", &numbers)
	switch o.Text("action") {
	case "Add":
		return p.addNumbers(l, numbers, o.Text("expirationDateTime"))
	case "Remove":
		if refused := p.checkNumbers(l, numbers); refused != nil {
			return *refused
		}
		for _, n := range numbers {
			delete(l.entries, n)
		}
		return noContent
	}
	return fail(http.StatusBadRequest, "invalid.property", "The property action is Add or Remove")
}

// postNumbers takes a bare array, and the expiry from the query.
func (p *Platform) postNumbers(q *request, l *dncList) reply {
	var numbers []string
	if !texts.is(q.body) || json.Unmarshal(q.body, &numbers) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not an array of strings")
	}
	return p.addNumbers(l, numbers, q.query.Get("expirationDateTime"))
}

// The form of an expiry: minutes, UTC, at most 180 days ahead.
const (
	expiryLayout = "2006-01-02T15:04Z"
	maxExpiry    = 180 * 24 * time.Hour
)

// addNumbers adds all of them or none.
func (p *Platform) addNumbers(l *dncList, numbers []string, expires string) reply {
	var at time.Time
	if expires != "" {
		var err error
		at, err = time.Parse(expiryLayout, expires)
		if err != nil || !at.After(time.Now()) || time.Until(at) > maxExpiry {
			return fail(http.StatusBadRequest, "invalid.date.value", "The expiration date is not valid")
		}
	}
	if refused := p.checkNumbers(l, numbers); refused != nil {
		return *refused
	}
	fresh := map[string]struct{}{}
	for _, n := range numbers {
		if _, there := l.entries[n]; !there {
			fresh[n] = struct{}{}
		}
	}
	if len(l.entries)+len(fresh) > p.options.listLimit {
		return failWith(http.StatusBadRequest, "dnc.records.per.list.limit.exceeded", "The limit of records per DNC list would be exceeded",
			map[string]any{"limit": map[string]any{"key": "dnc.records.per.list", "namespace": "outbound", "value": p.options.listLimit}})
	}
	for _, n := range numbers {
		l.entries[n] = at
	}
	return noContent
}

func (p *Platform) checkNumbers(l *dncList, numbers []string) *reply {
	var got reply
	switch {
	case l.method != "Phone" && l.method != "Any":
		got = fail(http.StatusBadRequest, "invalid.contact.method", "The DNC list does not take phone numbers")
	case len(numbers) == 0:
		got = fail(http.StatusBadRequest, "invalid.property", "The property phoneNumbers is required")
	case len(numbers) > p.options.chunk:
		got = fail(http.StatusRequestEntityTooLarge, "request.entity.too.large", "The request is over the size limit")
	case slices.ContainsFunc(numbers, func(n string) bool { return !e164(n) }):
		got = fail(http.StatusBadRequest, "invalid.phone.number", "A phone number is not valid")
	default:
		return nil
	}
	return &got
}

func e164(s string) bool {
	digits, plus := strings.CutPrefix(s, "+")
	return plus && len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

// deleteNumbers empties the list unless it is told expiredOnly=true.
func (p *Platform) deleteNumbers(q *request, l *dncList) reply {
	if q.query.Get("expiredOnly") != "true" {
		clear(l.entries)
		return noContent
	}
	for n, expires := range l.entries {
		if !expires.IsZero() && !expires.After(time.Now()) {
			delete(l.entries, n)
		}
	}
	return noContent
}
