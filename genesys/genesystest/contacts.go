package genesystest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/dnc-go/dnc/internal/rawjson"
)

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
	if json.Unmarshal(o.Get("data"), &data) != nil || data == nil || o.Text("contactListId") != l.id() {
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

func (p *Platform) deleteContact(q *request, l *contactList) reply {
	if l.contacts[q.path[4]] == nil {
		return notFound
	}
	l.remove(q.path[4:5])
	return ok(nil)
}

// maxDeleted is how many contacts can be deleted by their ids at once.
const maxDeleted = 250

func (p *Platform) deleteContacts(q *request, l *contactList) reply {
	ids := q.values("contactIds")
	switch {
	case len(ids) == 0:
		return fail(http.StatusBadRequest, "no.contacts.specified", "No contacts were specified")
	case len(ids) > maxDeleted:
		return fail(http.StatusBadRequest, "too.many.contacts.added", "Only 250 contacts can be deleted at once")
	}
	l.remove(ids)
	return ok(nil)
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
	var items []rawjson.Object
	for _, id := range l.order {
		var data map[string]string
		l.contacts[id].Read("data", &data)
		if s.selects(data) {
			items = append(items, *l.contacts[id])
		}
	}
	q.query.Set("pageNumber", string(quoted(s.Number)))
	q.query.Set("pageSize", string(quoted(s.Size)))
	return q.page(items, "/api/v2/outbound/contactlists/"+l.id()+"/contacts/search")
}

func (s *search) selects(data map[string]string) bool {
	if s.Criteria == nil {
		return true
	}
	return combine(s.Criteria.FilterType, len(s.Criteria.Clauses), func(i int) bool {
		clause := s.Criteria.Clauses[i]
		return combine(clause.FilterType, len(clause.Predicates),
			func(j int) bool { return clause.Predicates[j].selects(data) })
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
