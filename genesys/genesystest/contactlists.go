package genesystest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dnc-go/dnc/internal/rawjson"
)

type contactList struct {
	object   rawjson.Object
	columns  []string
	order    []string
	contacts map[string]*rawjson.Object
	requeued map[string]int
	wrapUps  map[[2]string]string // by contact and column
	exports  []export
	jobs     []*job
}

func (l *contactList) id() string { return l.object.Text("id") }

func (l *contactList) phoneColumns() (names []string) {
	var columns []struct {
		Name string `json:"columnName"`
	}
	l.object.Read("phoneColumns", &columns)
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}

// shown is a list as a request sees it.
func (l *contactList) shown(q *request) rawjson.Object {
	o := l.object
	if q.query.Get("includeSize") == "true" {
		o.Set("size", quoted(len(l.order)))
	}
	return o
}

// contactRoutes are the operations on contact lists and contacts.
var contactRoutes = []route{
	{http.MethodGet, "contactlists", "contactList:view", (*Platform).listContactLists},
	{http.MethodPost, "contactlists", "contactList:add", (*Platform).createContactList},
	{http.MethodDelete, "contactlists", "contactList:delete", (*Platform).deleteContactLists},
	{http.MethodGet, "contactlists/divisionviews", "contactList:search", (*Platform).viewContactLists},
	{http.MethodGet, "contactlists/divisionviews/*", "contactList:search", func(p *Platform, q *request) reply {
		if l := p.contactList(q.id(3)); l != nil {
			return ok(part(l.shown(q), contactListView))
		}
		return notFound
	}},
	{
		http.MethodGet, "contactlists/*", "contactList:view",
		ofList(func(_ *Platform, q *request, l *contactList) reply { o := l.shown(q); return ok(o.Bytes()) }),
	},
	{http.MethodPut, "contactlists/*", "contactList:edit", ofList((*Platform).putContactList)},
	{http.MethodDelete, "contactlists/*", "contactList:delete", ofList((*Platform).deleteContactList)},
	{
		http.MethodPost, "contactlists/*/clear", "contact:delete",
		ofList(func(_ *Platform, _ *request, l *contactList) reply {
			l.remove(slices.Clone(l.order))
			return noContent
		}),
	},
	{
		http.MethodGet, "contactlists/*/importstatus", "contactList:view",
		ofList(func(*Platform, *request, *contactList) reply { return notFound }),
	},
	{http.MethodPost, "contactlists/*/contacts", "contact:add", ofList((*Platform).addContacts)},
	{http.MethodDelete, "contactlists/*/contacts", "contact:delete", ofList((*Platform).deleteContacts)},
	{http.MethodPost, "contactlists/*/contacts/search", "contact:view", ofList((*Platform).searchContacts)},
	{http.MethodPost, "contactlists/*/contacts/bulk", "contact:view", ofList((*Platform).readContacts)},
	{http.MethodPost, "contactlists/*/contacts/bulk/update", "contact:edit", ofList((*Platform).updateContacts)},
	{http.MethodPost, "contactlists/*/contacts/bulk/remove", "contact:delete", ofList((*Platform).removeContacts)},
	{http.MethodGet, "contactlists/*/contacts/bulk/jobs", "contactList:view", ofList((*Platform).listJobs)},
	{http.MethodGet, "contactlists/*/contacts/bulk/jobs/*", "contactList:view", ofList((*Platform).getJob)},
	{http.MethodGet, "contactlists/*/contacts/{contact}", "contact:view", ofList((*Platform).getContact)},
	{http.MethodPut, "contactlists/*/contacts/{contact}", "contact:edit", ofList((*Platform).putContact)},
	{http.MethodDelete, "contactlists/*/contacts/{contact}", "contact:delete", ofList((*Platform).deleteContact)},
	{http.MethodPost, "contactlists/*/export", "contact:view contactList:view", ofList((*Platform).exportContacts)},
	{
		http.MethodGet, "contactlists/*/export", "contact:view contactList:view",
		ofList(func(_ *Platform, q *request, l *contactList) reply { return q.exported(l.exports) }),
	},
}

func ofList(do func(*Platform, *request, *contactList) reply) func(*Platform, *request) reply {
	return func(p *Platform, q *request) reply {
		if l := p.contactList(q.id(2)); l != nil {
			return do(p, q, l)
		}
		return notFound
	}
}

func (p *Platform) listContactLists(q *request) reply {
	if len(q.values("id")) > 100 {
		return fail(http.StatusBadRequest, "too.many.bulk.retrieves",
			"Only 100 contact lists can be retrieved by id at a time")
	}
	return q.page(p.selectContactLists(q), "/api/v2/outbound/contactlists")
}

func (p *Platform) selectContactLists(q *request) (items []rawjson.Object) {
	for _, l := range p.lists {
		if q.named(l.object.Text("name")) &&
			q.selects(&l.object, map[string]string{"id": "id", "divisionId": "division"}) {
			items = append(items, l.shown(q))
		}
	}
	return items
}

// contactListView are the properties that those see who may only search for contact lists.
var contactListView = []string{
	"id", "name", "division", "columnNames", "phoneColumns", "importStatus", "size", "selfUri",
}

func (p *Platform) viewContactLists(q *request) reply {
	items := p.selectContactLists(q)
	for i := range items {
		items[i] = view(items[i], contactListView)
	}
	return q.page(items, "/api/v2/outbound/contactlists/divisionviews")
}

// checkContactList refuses a list that is wrong in itself, or whose name is taken by another.
func (p *Platform) checkContactList(o *rawjson.Object, self string) *reply {
	if refused := contactListKinds.check(o); refused != nil {
		return refused
	}
	var columns []string
	o.Read("columnNames", &columns)
	phones := (&contactList{object: *o}).phoneColumns()
	slices.Sort(columns)
	switch name := o.Text("name"); {
	case name == "":
		return refuse("name.cannot.be.blank", "A name must be provided.")
	case len([]rune(name)) > 64:
		return refuse("name.length.exceeded", "The name length exceeds the limit of 64 characters.")
	case slices.ContainsFunc(p.lists,
		func(l *contactList) bool { return l.object.Text("name") == name && l.id() != self }):
		return refuse("duplicate.name", "The name already exists.")
	case len(columns) == 0:
		return refuse("no.contact.columns.defined", "There are no contact columns defined.")
	case len(slices.Compact(slices.Clone(columns))) != len(columns):
		return refuse("not.unique.contact.columns", "Contact Columns contains duplicate values.")
	case len(phones) == 0:
		return refuse("no.phone.columns", "There are no phone columns.")
	case slices.ContainsFunc(phones, func(c string) bool { return !slices.Contains(columns, c) }):
		return refuse("invalid.contact.phone.column", "The contact phone columns are invalid.")
	}
	if id := o.Reference("attemptLimits"); id != "" && p.entity(attemptLimits, id) == nil {
		return refuse("attempt.limits.not.found", "The attempt limits could not be found.")
	}
	return nil
}

func (p *Platform) createContactList(q *request) reply {
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := p.checkContactList(&o, ""); refused != nil {
		return *refused
	}
	return ok(p.addList(o).object.Bytes())
}

func (p *Platform) addList(o rawjson.Object) *contactList {
	id := p.newID()
	p.own(&o, id, "/api/v2/outbound/contactlists/"+id)
	l := &contactList{object: o, contacts: map[string]*rawjson.Object{}}
	o.Read("columnNames", &l.columns)
	p.lists = append(p.lists, l)
	return l
}

// putContactList changes a list as a whole, but for its columns.
func (p *Platform) putContactList(q *request, l *contactList) reply {
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	refused := p.checkContactList(&o, l.id())
	var columns []string
	o.Read("columnNames", &columns)
	switch {
	case refused != nil:
	case !slices.Equal(columns, l.columns):
		refused = refuse("cannot.update.contact.column.names", "The contact column names can not be updated.")
	case !slices.Equal((&contactList{object: o}).phoneColumns(), l.phoneColumns()):
		refused = refuse("cannot.update.phone.columns", "The phone columns can not be updated.")
	default:
		o.Delete("size")
		refused = replace(&l.object, &o)
	}
	if refused != nil {
		return *refused
	}
	return ok(l.object.Bytes())
}

func (p *Platform) listInUse(id string) bool {
	return ofCampaigns("contactList")(p, id)
}

func (p *Platform) deleteContactList(_ *request, l *contactList) reply {
	if p.listInUse(l.id()) {
		return fail(http.StatusBadRequest, "contact.list.in.use", "The contact list is in use.")
	}
	p.lists = slices.DeleteFunc(p.lists, func(other *contactList) bool { return other == l })
	return ok(nil)
}

func (p *Platform) deleteContactLists(q *request) reply {
	ids := q.values("id")
	if slices.ContainsFunc(ids, p.listInUse) {
		return fail(http.StatusConflict, "bulk.delete.conflict",
			"Not all the requested contact lists could be deleted.")
	}
	p.lists = slices.DeleteFunc(p.lists, func(l *contactList) bool { return slices.Contains(ids, l.id()) })
	return noContent
}

// phoneColumnsOf are the columns whose name says that they hold phone numbers.
func phoneColumnsOf(columns []string) []map[string]string {
	phones := []map[string]string{}
	for _, c := range columns {
		if strings.Contains(strings.ToLower(c), "phone") {
			phones = append(phones, map[string]string{"columnName": c, "type": "cell"})
		}
	}
	return phones
}
