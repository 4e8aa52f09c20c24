package genesystest

import (
	"net/http"
	"slices"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

type dncList struct {
	object  rawjson.Object
	entries map[string]time.Time // what is blocked, to its expiry, zero for never
	exports []export
	upload  *upload
}

func (l *dncList) id() string     { return l.object.Text("id") }
func (l *dncList) source() string { return l.object.Text("dncSourceType") }
func (l *dncList) method() string { return l.object.Text("contactMethod") }

// shown is a list as a request sees it.
func (l *dncList) shown(q *request) rawjson.Object {
	o := l.object
	if q.query.Get("includeSize") == "true" {
		o.Set("size", quoted(len(l.entries)))
	}
	if status := l.upload.status(); status != nil && q.query.Get("includeImportStatus") == "true" {
		o.Set("importStatus", quoted(status))
	}
	return o
}

// dncRoutes are the operations on DNC lists and their entries.
var dncRoutes = []route{
	{http.MethodGet, "dnclists", "dncList:view", listDNC("/api/v2/outbound/dnclists", nil)},
	{http.MethodPost, "dnclists", "dncList:add", (*Platform).createDNCList},
	{
		http.MethodGet, "dnclists/divisionviews", "dncList:search",
		listDNC("/api/v2/outbound/dnclists/divisionviews", dncListView),
	},
	{
		http.MethodGet, "dnclists/divisionviews/*", "dncList:search",
		ofDNC(3, func(_ *Platform, q *request, l *dncList) reply { return ok(part(l.shown(q), dncListView)) }),
	},
	{http.MethodPost, "dnclists/uploads", "dncList:upload", (*Platform).startUpload},
	{
		http.MethodGet, "dnclists/*", "dncList:view",
		ofDNC(2, func(_ *Platform, q *request, l *dncList) reply { o := l.shown(q); return ok(o.Bytes()) }),
	},
	{http.MethodPut, "dnclists/*", "dncList:edit", ofDNC(2, (*Platform).putDNCList)},
	{http.MethodDelete, "dnclists/*", "dncList:delete", ofDNC(2, (*Platform).deleteDNCList)},
	{http.MethodGet, "dnclists/*/importstatus", "dncList:view", ofDNC(2, (*Platform).importStatus)},
	{http.MethodPost, "dnclists/*/export", "dnc:view dncList:view", ofDNC(2, (*Platform).exportDNCList)},
	{
		http.MethodGet, "dnclists/*/export", "dnc:view dncList:view",
		ofDNC(2, func(_ *Platform, q *request, l *dncList) reply { return q.exported(l.exports) }),
	},
	{http.MethodPatch, "dnclists/*/phonenumbers", "dnc:edit", ofDNC(2, phoneNumbers.patch)},
	{http.MethodPost, "dnclists/*/phonenumbers", "dnc:add", ofDNC(2, phoneNumbers.post)},
	{http.MethodDelete, "dnclists/*/phonenumbers", "dnc:delete", ofDNC(2, phoneNumbers.delete)},
	{http.MethodPatch, "dnclists/*/emailaddresses", "dnc:edit", ofDNC(2, emailAddresses.patch)},
	{http.MethodPost, "dnclists/*/emailaddresses", "dnc:add", ofDNC(2, emailAddresses.post)},
	{http.MethodDelete, "dnclists/*/emailaddresses", "dnc:delete", ofDNC(2, emailAddresses.delete)},
	{http.MethodPatch, "dnclists/*/whatsappnumbers", "dnc:edit", ofDNC(2, whatsAppNumbers.patch)},
	{http.MethodDelete, "dnclists/*/whatsappnumbers", "dnc:delete", ofDNC(2, whatsAppNumbers.delete)},
	{http.MethodPatch, "dnclists/*/customexclusioncolumns", "dnc:edit", ofDNC(2, customEntries.patch)},
	{http.MethodDelete, "dnclists/*/customexclusioncolumns", "dnc:delete", ofDNC(2, customEntries.delete)},
	{http.MethodPost, "conversations/*/dnc", "dnc:add", (*Platform).conversationDNC},
}

func ofDNC(at int, do func(*Platform, *request, *dncList) reply) func(*Platform, *request) reply {
	return func(p *Platform, q *request) reply {
		if l := p.dncList(q.id(at)); l != nil {
			return do(p, q, l)
		}
		return notFound
	}
}

func listDNC(self string, properties []string) func(*Platform, *request) reply {
	return func(p *Platform, q *request) reply {
		var items []rawjson.Object
		for _, l := range p.dncLists {
			source := q.query.Get("dncSourceType")
			if !q.named(l.object.Text("name")) || source != "" && source != l.source() ||
				!q.selects(&l.object, map[string]string{"id": "id", "divisionId": "division"}) {
				continue
			}
			o := l.shown(q)
			if properties != nil {
				o = view(o, properties)
			}
			items = append(items, o)
		}
		return q.page(items, self)
	}
}

// dncListView are the properties that those see who may only search for DNC lists.
var dncListView = []string{
	"id", "name", "division", "importStatus", "size", "dncSourceType", "contactMethod", "selfUri",
}

func (p *Platform) createDNCList(q *request) reply {
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := checkDNCList(&o); refused != nil {
		return *refused
	}
	if p.dncNameIsTaken(o.Text("name"), "") {
		return fail(http.StatusBadRequest, "duplicate.name", "The name already exists.")
	}
	return ok(p.addDNCList(o).object.Bytes())
}

func (p *Platform) dncNameIsTaken(name, self string) bool {
	return slices.ContainsFunc(p.dncLists,
		func(l *dncList) bool { return l.object.Text("name") == name && l.id() != self })
}

func (p *Platform) addDNCList(o rawjson.Object) *dncList {
	id := p.newID()
	p.own(&o, id, "/api/v2/outbound/dnclists/"+id)
	l := &dncList{object: o, entries: map[string]time.Time{}}
	p.dncLists = append(p.dncLists, l)
	return l
}

// putDNCList changes a list as a whole, but for its source.
func (p *Platform) putDNCList(q *request, l *dncList) reply {
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	refused := checkDNCList(&o)
	switch {
	case refused != nil:
	case o.Text("dncSourceType") != l.source():
		refused = refuse("invalid.update", "The source type cannot be changed.")
	case p.dncNameIsTaken(o.Text("name"), l.id()):
		refused = refuse("duplicate.name", "The name already exists.")
	default:
		o.Delete("size")
		o.Delete("importStatus")
		refused = replace(&l.object, &o)
	}
	if refused != nil {
		return *refused
	}
	return ok(l.object.Bytes())
}

func (p *Platform) deleteDNCList(_ *request, l *dncList) reply {
	if ofCampaigns("dncLists")(p, l.id()) {
		return fail(http.StatusBadRequest, "dnc.list.in.use", "The DNC list is used by a campaign")
	}
	p.dncLists = slices.DeleteFunc(p.dncLists, func(o *dncList) bool { return o == l })
	return ok(nil)
}

// conversationDNC puts the number of a conversation on the first list of its campaign. There are no
// conversations here.
func (p *Platform) conversationDNC(*request) reply { return noContent }
