package genesystest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// kindOfEntity is a kind of object that is only kept: it can be made, read, changed, deleted and
// attached to others.
type kindOfEntity struct {
	path, family string // of its collection, and of its permissions
	properties   kinds
	required     []string
	check        func(*Platform, *rawjson.Object) *reply // what else is wrong with it; nil: nothing
	inUse        func(*Platform, string) bool
	ownProperty  map[string]any // what the platform sets in a new one that lacks it
}

// kindsOfEntity are all of them.
func kindsOfEntity() []*kindOfEntity {
	return []*kindOfEntity{attemptLimits, callableTimeSets, ruleSets, campaignRules, contactListFilters, sequences}
}

// AddObject stores an object of a collection that this package does not look into: "attemptlimits",
// "callabletimesets", "rulesets", "campaignrules", "contactlistfilters", "sequences",
// "schedules/campaigns" or "schedules/sequences". The object is JSON and is not checked. A schedule
// takes the place of the one that its campaign or sequence had.
func (p *Platform) AddObject(collection, object string) (id string, err error) {
	var o rawjson.Object
	if err := o.UnmarshalJSON([]byte(object)); err != nil {
		return "", fmt.Errorf("genesystest: AddObject: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, k := range kindsOfEntity() {
		if k.path == collection {
			p.keep(k, &o)
			return o.Text("id"), nil
		}
	}
	for _, k := range []*kindOfSchedule{campaignSchedules, sequenceSchedules} {
		if k.path == collection {
			p.schedule(k, o.Reference(k.of), &o)
			return o.Text("id"), nil
		}
	}
	return "", fmt.Errorf("genesystest: AddObject: there is no collection %q", collection)
}

func (k *kindOfEntity) routes() []route {
	one := k.path + "/*"
	return []route{
		{http.MethodGet, k.path, k.family + ":view", k.list},
		{http.MethodPost, k.path, k.family + ":add", k.create},
		{
			http.MethodGet, one, k.family + ":view",
			k.found(func(_ *Platform, _ *request, o *rawjson.Object) reply { return ok(o.Bytes()) }),
		},
		{http.MethodPut, one, k.family + ":edit", k.found(k.put)},
		{http.MethodDelete, one, k.family + ":delete", k.found(k.delete)},
	}
}

func (k *kindOfEntity) found(do func(*Platform, *request, *rawjson.Object) reply) func(*Platform, *request) reply {
	return func(p *Platform, q *request) reply {
		if o := p.entity(k, q.id(2)); o != nil {
			return do(p, q, o)
		}
		return notFound
	}
}

func (p *Platform) entity(k *kindOfEntity, id string) *rawjson.Object {
	for _, o := range p.entities[k] {
		if o.Text("id") == id {
			return o
		}
	}
	return nil
}

func (k *kindOfEntity) list(p *Platform, q *request) reply {
	var items []rawjson.Object
	for _, o := range p.entities[k] {
		if q.named(o.Text("name")) {
			items = append(items, *o)
		}
	}
	return q.page(items, "/api/v2/outbound/"+k.path)
}

// read is the object of a request, if it is one of this kind.
func (k *kindOfEntity) read(p *Platform, q *request, self string) (*rawjson.Object, *reply) {
	o := new(rawjson.Object)
	if o.UnmarshalJSON(q.body) != nil {
		return nil, refuse("bad.request", "The request body is not a JSON object")
	}
	if refused := k.properties.check(o); refused != nil {
		return nil, refused
	}
	for _, name := range k.required {
		if v := o.Get(name); v == nil || null(v) {
			return nil, refuse("invalid.property", "The property "+name+" is required")
		}
	}
	switch name := o.Text("name"); {
	case name == "":
		return nil, refuse("name.cannot.be.blank", "A name must be provided.")
	case len([]rune(name)) > 64:
		return nil, refuse("name.length.exceeded", "The name length exceeds the limit of 64 characters.")
	case slices.ContainsFunc(p.entities[k],
		func(other *rawjson.Object) bool { return other.Text("name") == name && other.Text("id") != self }):
		return nil, refuse("duplicate.name", "The name already exists.")
	}
	if k.check != nil {
		return o, k.check(p, o)
	}
	return o, nil
}

func (k *kindOfEntity) create(p *Platform, q *request) reply {
	o, refused := k.read(p, q, "")
	if refused != nil {
		return *refused
	}
	for _, name := range slices.Sorted(maps.Keys(k.ownProperty)) {
		if o.Get(name) == nil {
			o.Set(name, quoted(k.ownProperty[name]))
		}
	}
	p.keep(k, o)
	return ok(o.Bytes())
}

// keep gives an object what is the platform's own, and keeps it.
func (p *Platform) keep(k *kindOfEntity, o *rawjson.Object) {
	id := p.newID()
	p.own(o, id, "/api/v2/outbound/"+k.path+"/"+id)
	if p.entities == nil {
		p.entities = map[*kindOfEntity][]*rawjson.Object{}
	}
	p.entities[k] = append(p.entities[k], o)
}

// own sets the properties of a new object that are the platform's own.
func (p *Platform) own(o *rawjson.Object, id, self string) {
	o.Set("id", quoted(id))
	o.Set("version", quoted(1))
	o.Set("dateCreated", quoted(now()))
	o.Set("dateModified", quoted(now()))
	o.Set("selfUri", quoted(self))
}

// replace puts a new object in the place of another, which keeps what is the platform's own, or
// refuses it for its version.
func replace(old, next *rawjson.Object) *reply {
	var sent, stored int64
	next.Read("version", &sent)
	old.Read("version", &stored)
	if sent != stored {
		got := fail(http.StatusConflict, "invalid.update.wrong.version",
			"The version "+strconv.FormatInt(sent, 10)+" does not match the current version "+
				strconv.FormatInt(stored, 10))
		return &got
	}
	for _, name := range []string{"id", "dateCreated", "selfUri"} {
		next.Set(name, old.Get(name))
	}
	next.Set("version", quoted(stored+1))
	next.Set("dateModified", quoted(now()))
	*old = *next
	return nil
}

func (k *kindOfEntity) put(p *Platform, q *request, old *rawjson.Object) reply {
	next, refused := k.read(p, q, old.Text("id"))
	if refused == nil {
		refused = replace(old, next)
	}
	if refused != nil {
		return *refused
	}
	return ok(old.Bytes())
}

func (k *kindOfEntity) delete(p *Platform, _ *request, o *rawjson.Object) reply {
	if k.inUse(p, o.Text("id")) {
		return fail(http.StatusBadRequest, "referential.integrity.error", "Could not delete the resource because it is referenced by another entity.")
	}
	p.entities[k] = slices.DeleteFunc(p.entities[k], func(other *rawjson.Object) bool { return other == o })
	return ok(nil)
}

// ofCampaigns reports whether a campaign refers to an id in a property.
func ofCampaigns(property string) func(*Platform, string) bool {
	return func(p *Platform, id string) bool {
		return slices.ContainsFunc(p.campaigns,
			func(c *campaign) bool { return slices.Contains(refersTo(&c.object, property), id) })
	}
}

// refersTo are the ids in a property that is a reference or an array of references.
func refersTo(o *rawjson.Object, property string) (ids []string) {
	if id := o.Reference(property); id != "" {
		return []string{id}
	}
	var refs []ref
	o.Read(property, &refs)
	for _, r := range refs {
		ids = append(ids, r.ID)
	}
	return ids
}

// The kinds of objects that are only kept.
var (
	attemptLimits = &kindOfEntity{
		path: "attemptlimits", family: "attemptLimits",
		properties: kinds{
			"id": text, "name": text, "version": integer, "maxAttemptsPerContact": integer,
			"maxAttemptsPerNumber": integer, "timeZoneId": text,
			"resetPeriod":   text,
			"recallEntries": mapOf(objectOf(kinds{"nbrAttempts": integer, "minutesBetweenAttempts": integer})),
		},
		check: checkAttemptLimits,
		inUse: func(p *Platform, id string) bool {
			return slices.ContainsFunc(p.lists,
				func(l *contactList) bool { return l.object.Reference("attemptLimits") == id })
		},
	}
	callableTimeSets = &kindOfEntity{
		path: "callabletimesets", family: "callableTimeSet", required: []string{"callableTimes"},
		properties: kinds{
			"id": text, "name": text, "version": integer,
			"callableTimes": arrayOf("an array of callable times", objectOf(kinds{
				"timeZoneId": text, "timeSlots": arrayOf("an array of slots",
					objectOf(kinds{"startTime": text, "stopTime": text, "day": integer})),
			})),
		},
		inUse: ofCampaigns("callableTimeSet"),
	}
	ruleSets = &kindOfEntity{
		path: "rulesets", family: "ruleSet", required: []string{"rules"},
		properties: kinds{
			"id": text, "name": text, "version": integer, "contactList": reference, "queue": reference,
			"rules": arrayOf("an array of rules",
				objectOf(kinds{"name": text, "category": oneOf("DIALER_PRECALL", "DIALER_WRAPUP"), "order": integer})),
		},
		inUse: ofCampaigns("ruleSets"),
	}
	campaignRules = &kindOfEntity{
		path: "campaignrules", family: "campaignRule",
		properties: kinds{"id": text, "name": text, "version": integer, "enabled": flag},
		inUse:      func(*Platform, string) bool { return false },
	}
	contactListFilters = &kindOfEntity{
		path: "contactlistfilters", family: "contactListFilter",
		properties: kinds{
			"id": text, "name": text, "version": integer, "contactList": reference, "filterType": oneOf("AND", "OR"),
		},
		inUse: ofCampaigns("contactListFilters"),
	}
)

// The greatest limits of attempts (codes exceeded.max.attempts.per.contact and per.number).
const maxAttempts = 100

func checkAttemptLimits(_ *Platform, o *rawjson.Object) *reply {
	var limits struct{ Contact, Number float64 }
	o.Read("maxAttemptsPerContact", &limits.Contact)
	o.Read("maxAttemptsPerNumber", &limits.Number)
	switch {
	case limits.Contact < 0 || limits.Number < 0 || limits.Contact == 0 && limits.Number == 0:
		return refuse("incorrect.max.value", "Max values must be > 0 and one of them must be defined")
	case limits.Contact > maxAttempts:
		return refuse("exceeded.max.attempts.per.contact", "The maximum attempts per contact limit is 100.")
	case limits.Number > maxAttempts:
		return refuse("exceeded.max.attempts.per.number", "The maximum attempts per number limit is 100.")
	}
	return nil
}

// view is an object with some of its properties.
func view(o rawjson.Object, properties []string) (some rawjson.Object) {
	for _, name := range properties {
		if v := o.Get(name); v != nil {
			some.Set(name, v)
		}
	}
	return some
}

func part(o rawjson.Object, properties []string) []byte {
	some := view(o, properties)
	return some.Bytes()
}
