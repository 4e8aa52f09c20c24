package genesystest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/dnc-go/dnc/internal/rawjson"
)

type contactList struct {
	id, name string
	columns  []string
	created  string
	order    []string
	contacts map[string]*rawjson.Object
	requeued map[string]int
	exports  []export
	jobs     []*job
}

func (l *contactList) phoneColumns() []string {
	var phones []string
	for _, c := range l.columns {
		if strings.Contains(strings.ToLower(c), "phone") {
			phones = append(phones, c)
		}
	}
	return phones
}

func (l *contactList) json(withSize bool) []byte {
	phones := []map[string]string{}
	for _, c := range l.phoneColumns() {
		phones = append(phones, map[string]string{"columnName": c, "type": "cell"})
	}
	o := map[string]any{
		"id": l.id, "name": l.name, "dateCreated": l.created, "dateModified": l.created, "version": 1,
		"columnNames": l.columns, "phoneColumns": phones, "selfUri": "/api/v2/outbound/contactlists/" + l.id,
	}
	if withSize {
		o["size"] = len(l.order)
	}
	return quoted(o)
}

func (p *Platform) contactOperation(q *request) reply {
	withSize := q.query.Get("includeSize") == "true"
	if q.is(http.MethodGet) {
		if refused := q.token.may("outbound:contactList:view"); refused != nil {
			return *refused
		}
		var items [][]byte
		for _, l := range p.lists {
			if q.named(l.name) {
				items = append(items, l.json(withSize))
			}
		}
		return q.page(items, "/api/v2/outbound/contactlists")
	}
	if len(q.path) < 3 {
		return fail(http.StatusMethodNotAllowed, "method.not.allowed", "HTTP 405 Method Not Allowed")
	}
	l := p.contactList(strings.ToLower(q.path[2]))
	for _, op := range []struct {
		method string
		rest   []string
		needs  []string
		do     func(*request, *contactList) reply
	}{
		{http.MethodGet, nil, []string{"outbound:contactList:view"}, func(_ *request, l *contactList) reply { return ok(l.json(withSize)) }},
		{http.MethodPost, []string{"contacts"}, []string{"outbound:contact:add"}, p.addContacts},
		{http.MethodPost, []string{"contacts", "search"}, []string{"outbound:contact:view"}, p.searchContacts},
		{http.MethodPost, []string{"contacts", "bulk"}, []string{"outbound:contact:view"}, p.readContacts},
		{http.MethodPost, []string{"contacts", "bulk", "update"}, []string{"outbound:contact:edit"}, p.updateContacts},
		{http.MethodPost, []string{"contacts", "bulk", "remove"}, []string{"outbound:contact:delete"}, p.removeContacts},
		{http.MethodGet, []string{"contacts", "bulk", "jobs"}, []string{"outbound:contactList:view"}, p.listJobs},
		{http.MethodGet, []string{"contacts", "bulk", "jobs", "*"}, []string{"outbound:contactList:view"}, p.getJob},
		{http.MethodGet, []string{"contacts", "*"}, []string{"outbound:contact:view"}, p.getContact},
		{http.MethodPut, []string{"contacts", "*"}, []string{"outbound:contact:edit"}, p.putContact},
		{http.MethodPost, []string{"export"}, []string{"outbound:contact:view", "outbound:contactList:view"}, p.exportContacts},
		{http.MethodGet, []string{"export"}, []string{"outbound:contact:view", "outbound:contactList:view"}, func(q *request, l *contactList) reply { return q.exported(l.exports) }},
	} {
		if q.is(op.method, append([]string{"*"}, op.rest...)...) {
			if refused := q.token.may(op.needs...); refused != nil {
				return *refused
			}
			if l == nil {
				return notFound
			}
			return op.do(q, l)
		}
	}
	return fail(http.StatusMethodNotAllowed, "method.not.allowed", "HTTP 405 Method Not Allowed")
}

func (p *Platform) addContacts(q *request, l *contactList) reply {
	var items []rawjson.Object
	if json.Unmarshal(q.body, &items) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not an array of contacts")
	}
	if len(items) > 1000 {
		return fail(http.StatusBadRequest, "too.many.contacts.added", "Only 1000 contacts can be added at once")
	}
	for i := range items {
		if refused := l.check(&items[i]); refused != nil {
			return *refused
		}
	}
	reset, requeue := q.query.Get("clearSystemData") == "true", q.query.Get("doNotQueue") == "false"
	out := []byte{'['}
	for i := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, p.addContact(l, &items[i], reset, requeue)...)
	}
	return ok(append(out, ']'))
}

func (l *contactList) check(o *rawjson.Object) *reply {
	var data map[string]string
	if refused := contactKinds.check(o); refused != nil {
		return refused
	}
	if json.Unmarshal(o.Get("data"), &data) != nil || data == nil || o.Text("contactListId") != l.id {
		return refuse("invalid.property", "contactListId and data are required")
	}
	for name := range data {
		if !slices.Contains(l.columns, name) {
			return refuse("invalid.contact.columns", "The contact has columns that the list does not have")
		}
	}
	if len(data) != len(l.columns) {
		return refuse("invalid.contact.columns", "The contact lacks columns of the list")
	}
	if strings.ContainsFunc(o.Text("id"), func(r rune) bool { return !strings.ContainsRune(idChars, r) }) {
		return refuse("invalid.contact.id", "The custom contactId field is not valid. It cannot contain special characters.")
	}
	return nil
}

const idChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

func (p *Platform) addContact(l *contactList, o *rawjson.Object, reset, requeue bool) []byte {
	id := o.Text("id")
	old := l.contacts[id]
	switch {
	case id == "":
		id = strings.ReplaceAll(p.newID(), "-", "")
		o.Set("id", quoted(id))
		l.order = append(l.order, id)
	case old == nil:
		l.order = append(l.order, id)
	default:
		if requeue {
			if l.requeued == nil {
				l.requeued = map[string]int{}
			}
			l.requeued[id]++
		}
		for _, name := range []string{"callable", "phoneNumberStatus", "contactableStatus"} {
			if v := old.Get(name); v != nil && !reset && o.Get(name) == nil {
				o.Set(name, v)
			}
		}
	}
	if o.Get("callable") == nil {
		o.Set("callable", json.RawMessage("true"))
	}
	l.contacts[id] = o
	return o.Bytes()
}

func (p *Platform) getContact(q *request, l *contactList) reply {
	o := l.contacts[q.path[4]]
	if o == nil {
		return notFound
	}
	return ok(o.Bytes())
}

func (p *Platform) putContact(q *request, l *contactList) reply {
	id := q.path[4]
	if l.contacts[id] == nil {
		return notFound
	}
	o := new(rawjson.Object)
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := l.check(o); refused != nil {
		return *refused
	}
	o.Set("id", quoted(id))
	l.contacts[id] = o
	return ok(o.Bytes())
}

type predicate struct {
	Column   string `json:"column"`
	Type     string `json:"columnType"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
	Inverted bool   `json:"inverted"`
}

type search struct {
	Number   int `json:"pageNumber"`
	Size     int `json:"pageSize"`
	Criteria *struct {
		FilterType string `json:"filterType"`
		Clauses    []struct {
			FilterType string      `json:"filterType"`
			Predicates []predicate `json:"predicates"`
		} `json:"clauses"`
	} `json:"criteria"`
}

func (p *Platform) searchContacts(q *request, l *contactList) reply {
	var s search
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := searchKinds.check(&o); refused != nil {
		return *refused
	}
	if json.Unmarshal(q.body, &s) != nil || s.Number < 1 || s.Size < 1 || s.Size > 100 {
		return fail(http.StatusBadRequest, "invalid.property", "pageNumber and pageSize, at most 100, are required")
	}
	var items [][]byte
	for _, id := range l.order {
		var data map[string]string
		l.contacts[id].Read("data", &data)
		if s.selects(data) {
			items = append(items, l.contacts[id].Bytes())
		}
	}
	q.query.Set("pageNumber", string(quoted(s.Number)))
	q.query.Set("pageSize", string(quoted(s.Size)))
	return q.page(items, "/api/v2/outbound/contactlists/"+l.id+"/contacts/search")
}

func (s *search) selects(data map[string]string) bool {
	if s.Criteria == nil {
		return true
	}
	return combine(s.Criteria.FilterType, len(s.Criteria.Clauses), func(i int) bool {
		clause := s.Criteria.Clauses[i]
		return combine(clause.FilterType, len(clause.Predicates), func(j int) bool { return clause.Predicates[j].selects(data) })
	})
}

func combine(kind string, n int, is func(int) bool) bool {
	any, all := false, true
	for i := range n {
		yes := is(i)
		any, all = any || yes, all && yes
	}
	if kind == "OR" {
		return any
	}
	return all
}

func (p predicate) selects(data map[string]string) bool {
	value, yes := data[p.Column], false
	switch p.Operator {
	case "EQUALS":
		yes = value == p.Value
	case "BEGINS_WITH":
		yes = strings.HasPrefix(value, p.Value)
	case "ENDS_WITH":
		yes = strings.HasSuffix(value, p.Value)
	case "CONTAINS":
		yes = strings.Contains(value, p.Value)
	case "IN":
		yes = slices.Contains(strings.Split(p.Value, ","), value)
	}
	return yes != p.Inverted
}
