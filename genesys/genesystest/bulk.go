package genesystest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// job changes or removes contacts. It takes effect all at once, when it is done.
type job struct {
	id, kind string
	contacts []string
	done     time.Time
	do       func()
	settled  bool
}

// The bounds of bulk operations: how many contacts can be read at once (code
// too.many.contacts.requested), and how many jobs are shown.
const (
	maxBulkRead = 50
	shownJobs   = 10
)

// settleJobs has jobs take effect whose time is over.
func (l *contactList) settleJobs() {
	for _, j := range l.jobs {
		if !j.settled && !time.Now().Before(j.done) {
			j.settled = true
			j.do()
		}
	}
}

func (j *job) json(list string) map[string]any {
	o := map[string]any{
		"id": j.id, "type": j.kind, "state": "InProgress",
		"totalRecords": len(j.contacts), "completedRecords": 0, "percentComplete": 0,
		"selfUri": "/api/v2/outbound/contactlists/" + list + "/contacts/bulk/jobs/" + j.id,
	}
	if j.settled {
		o["state"], o["completedRecords"], o["percentComplete"] = "Complete", len(j.contacts), 100
	}
	return o
}

// start begins a job. It is accepted, and its state is to be asked for.
func (p *Platform) start(l *contactList, kind string, contacts []string, do func()) reply {
	j := &job{id: p.newID(), kind: kind, contacts: contacts, done: time.Now().Add(p.options.jobDelay), do: do}
	l.jobs = append(l.jobs, j)
	return reply{status: http.StatusAccepted, body: quoted(j.json(l.id()))}
}

func (p *Platform) readContacts(q *request, l *contactList) reply {
	var ids []string
	if !texts.is(q.body) || json.Unmarshal(q.body, &ids) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not an array of strings")
	}
	if len(ids) > maxBulkRead {
		return fail(http.StatusBadRequest, "too.many.contacts.requested",
			"Only 50 contacts can be retrieved at a time.")
	}
	found := []json.RawMessage{}
	for _, id := range ids {
		if o := l.contacts[id]; o != nil {
			found = append(found, o.Bytes())
		}
	}
	return ok(quoted(found))
}

// selected are the contacts that a bulk operation is about.
func (l *contactList) selected(o *rawjson.Object) []string {
	var ids []string
	if o.Read("contactIds", &ids); ids != nil {
		return slices.DeleteFunc(ids, func(id string) bool { return l.contacts[id] == nil })
	}
	s := search{}
	o.Read("criteria", &s.Criteria)
	for _, id := range l.order {
		var data map[string]string
		l.contacts[id].Read("data", &data)
		if s.selects(data) {
			ids = append(ids, id)
		}
	}
	return ids
}

// updateContacts patches contacts: each member of the patch replaces the contact's; of data, each
// column does. It is not certain that the platform does the same.
func (p *Platform) updateContacts(q *request, l *contactList) reply {
	var o, patch rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := bulkKinds.check(&o); refused != nil {
		return *refused
	}
	if o.Get("contact") == nil || patch.UnmarshalJSON(o.Get("contact")) != nil {
		return fail(http.StatusBadRequest, "invalid.property", "The property contact is required")
	}
	if refused := contactKinds.check(&patch); refused != nil {
		return *refused
	}
	if patch.Text("contactListId") != l.id() || patch.Get("data") == nil {
		return fail(http.StatusBadRequest, "invalid.property", "contactListId and data are required")
	}
	if o.Get("contactIds") == nil && o.Get("criteria") == nil {
		return fail(http.StatusBadRequest, "invalid.property",
			"contactIds, criteria or contactListFilterId is required")
	}
	var columns map[string]json.RawMessage
	patch.Read("data", &columns)
	for name := range columns {
		if !slices.Contains(l.columns, name) {
			return fail(http.StatusBadRequest, "invalid.contact.columns",
				"The contact has columns that the list does not have")
		}
	}
	contacts := l.selected(&o)
	return p.start(l, "BulkEdit", contacts, func() {
		for _, id := range contacts {
			if c := l.contacts[id]; c != nil {
				l.contacts[id] = patched(c, &patch)
			}
		}
	})
}

func patched(c, patch *rawjson.Object) *rawjson.Object {
	next := *c
	for _, name := range []string{"callable", "phoneNumberStatus", "contactableStatus"} {
		if v := patch.Get(name); v != nil && !null(v) {
			next.Set(name, v)
		}
	}
	data, change := at(&next, "data"), at(patch, "data")
	for _, column := range change.Names() {
		data.Set(column, change.Get(column))
	}
	next.Set("data", data.Bytes())
	return &next
}

func (p *Platform) removeContacts(q *request, l *contactList) reply {
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := bulkKinds.check(&o); refused != nil {
		return *refused
	}
	if o.Get("criteria") == nil {
		return fail(http.StatusBadRequest, "invalid.property", "criteria or contactListFilterId is required")
	}
	contacts := l.selected(&o)
	return p.start(l, "BulkDelete", contacts, func() { l.remove(contacts) })
}

// remove takes contacts off the list.
func (l *contactList) remove(ids []string) {
	for _, id := range ids {
		delete(l.contacts, id)
	}
	l.order = slices.DeleteFunc(l.order, func(id string) bool { return l.contacts[id] == nil })
}

func (p *Platform) listJobs(_ *request, l *contactList) reply {
	jobs := []map[string]any{}
	for _, j := range slices.Backward(l.jobs) {
		if len(jobs) < shownJobs {
			jobs = append(jobs, j.json(l.id()))
		}
	}
	return ok(quoted(map[string]any{
		"total": len(jobs), "entities": jobs,
		"selfUri": "/api/v2/outbound/contactlists/" + l.id() + "/contacts/bulk/jobs",
	}))
}

func (p *Platform) getJob(q *request, l *contactList) reply {
	for _, j := range l.jobs {
		if j.id == q.path[6] {
			return ok(quoted(j.json(l.id())))
		}
	}
	return notFound
}
