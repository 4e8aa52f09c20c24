package genesystest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// Sequences and schedules are not in the definition of the contract module. What is here follows
// the models and operations of the vendor's own clients (docs/decisions.md).
var sequences = &kindOfEntity{
	path: "sequences", family: "campaignSequence", required: []string{"campaigns"},
	properties: kinds{
		"id": text, "name": text, "version": integer, "campaigns": references, "currentCampaign": integer,
		"status": oneOf("on", "off", "complete"), "stopMessage": text, "repeat": flag,
	},
	ownProperty: map[string]any{"status": "off", "currentCampaign": 0, "repeat": false},
	check: func(p *Platform, o *rawjson.Object) *reply {
		for _, id := range refersTo(o, "campaigns") {
			if p.campaign(id) == nil {
				return refuse("bad.request", "The sequence names a campaign that does not exist")
			}
		}
		return nil
	},
	inUse: func(*Platform, string) bool { return false },
}

// kindOfSchedule is a kind of schedule. What it is for has one of them at most, so that its id is
// in the path.
type kindOfSchedule struct {
	path, of string // of its collection, and the property that names what it is for
	exists   func(*Platform, string) bool
}

var (
	campaignSchedules = &kindOfSchedule{
		path: "schedules/campaigns", of: "campaign",
		exists: func(p *Platform, id string) bool { return p.campaign(id) != nil },
	}
	sequenceSchedules = &kindOfSchedule{
		path: "schedules/sequences", of: "sequence",
		exists: func(p *Platform, id string) bool { return p.entity(sequences, id) != nil },
	}
)

// needs are the permissions of an operation: those of all schedules, or those of this kind.
func (k *kindOfSchedule) needs(do string) string {
	if k == campaignSchedules {
		return "schedule:" + do + "|campaign:" + do + "Schedule"
	}
	return "schedule:" + do + "|campaignSequenceSchedule:" + do
}

func (k *kindOfSchedule) routes() []route {
	one := k.path + "/*"
	return []route{
		{http.MethodGet, k.path, k.needs("view"), k.list},
		{http.MethodGet, one, k.needs("view"), func(p *Platform, q *request) reply {
			if o := p.scheduleOf(k, q.id(3)); o != nil {
				return ok(o.Bytes())
			}
			return notFound
		}},
		{http.MethodPut, one, k.needs("edit"), k.put},
		{http.MethodDelete, one, k.needs("delete"), func(p *Platform, q *request) reply {
			if p.scheduleOf(k, q.id(3)) == nil {
				return notFound
			}
			p.unschedule(k, q.id(3))
			return ok(nil)
		}},
	}
}

// list is all schedules of the kind, in one array.
func (k *kindOfSchedule) list(p *Platform, _ *request) reply {
	all := []json.RawMessage{}
	for _, o := range p.schedules[k] {
		if k.exists(p, o.Reference(k.of)) {
			all = append(all, o.Bytes())
		}
	}
	return ok(quoted(all))
}

func (k *kindOfSchedule) put(p *Platform, q *request) reply {
	next := new(rawjson.Object)
	if next.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := k.check(p, q.id(3), next); refused != nil {
		return *refused
	}
	old := p.scheduleOf(k, q.id(3))
	if old == nil {
		p.schedule(k, q.id(3), next)
		return ok(next.Bytes())
	}
	if refused := replace(old, next); refused != nil {
		return *refused
	}
	return ok(old.Bytes())
}

func (k *kindOfSchedule) check(p *Platform, id string, o *rawjson.Object) *reply {
	if !k.exists(p, id) {
		return &notFound
	}
	if refused := scheduleKinds.check(o); refused != nil {
		return refused
	}
	for _, name := range []string{"intervals", k.of} {
		if v := o.Get(name); v == nil || null(v) {
			return refuse("invalid.property", "The property "+name+" is required")
		}
	}
	if o.Reference(k.of) != id {
		return refuse("bad.request", "The "+k.of+" is not that of the path")
	}
	return nil
}

// scheduleOf is the schedule of a campaign or sequence that still exists.
func (p *Platform) scheduleOf(k *kindOfSchedule, id string) *rawjson.Object {
	for _, o := range p.schedules[k] {
		if o.Reference(k.of) == id && k.exists(p, id) {
			return o
		}
	}
	return nil
}

func (p *Platform) unschedule(k *kindOfSchedule, id string) {
	p.schedules[k] = slices.DeleteFunc(p.schedules[k], func(o *rawjson.Object) bool { return o.Reference(k.of) == id })
}

// schedule keeps a new schedule in the place of an older one.
func (p *Platform) schedule(k *kindOfSchedule, id string, o *rawjson.Object) {
	p.own(o, p.newID(), "/api/v2/outbound/"+k.path+"/"+id)
	if p.schedules == nil {
		p.schedules = map[*kindOfSchedule][]*rawjson.Object{}
	}
	p.unschedule(k, id)
	p.schedules[k] = append(p.schedules[k], o)
}

// moment is a date and time of ISO 8601, with or without a fraction and a zone.
var moment = kind{"a date and time", func(raw json.RawMessage) bool {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return false
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} { // a fraction is read, too
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}}

// span has both its ends; those of recurrences have more.
func span(more kinds) kind {
	all := kinds{"start": moment, "end": moment}
	maps.Copy(all, more)
	return kind{"an object with a start and an end", func(raw json.RawMessage) bool {
		var o rawjson.Object
		return o.UnmarshalJSON(raw) == nil && all.check(&o) == nil && o.Text("start") != "" && o.Text("end") != "" &&
			(more == nil || needed(&o))
	}}
}

// needed reports whether a recurrence has what its pattern and its range need.
func needed(o *rawjson.Object) bool {
	var pattern struct {
		Type     string   `json:"type"`
		Interval int      `json:"interval"`
		Days     []string `json:"daysOfWeek"`
	}
	var within struct {
		Type  string `json:"type"`
		End   string `json:"end"`
		Times int    `json:"numberOfOccurrences"`
	}
	o.Read("pattern", &pattern)
	o.Read("range", &within)
	return pattern.Interval > 0 && pattern.Type != "" && (pattern.Type != "Weekly" || len(pattern.Days) > 0) &&
		within.Type != "" && (within.Type != "EndDate" || within.End != "") && (within.Type != "Numbered" || within.Times > 0)
}

var (
	days          = arrayOf("an array of days", oneOf("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
	scheduleKinds = kinds{
		"id": text, "name": text, "version": integer, "timeZone": text, "campaign": reference, "sequence": reference,
		"intervals": arrayOf("an array of intervals", span(nil)),
		"recurrences": arrayOf("an array of recurrences", span(kinds{
			"id": text, "timeZone": text,
			"pattern":     objectOf(kinds{"type": oneOf("Daily", "Weekly"), "interval": integer, "daysOfWeek": days}),
			"range":       objectOf(kinds{"type": oneOf("NoEnd", "EndDate", "Numbered"), "end": moment, "numberOfOccurrences": integer}),
			"alterations": arrayOf("an array of alterations", objectOf(kinds{"type": oneOf("Exclusion", "Inclusion"), "start": moment, "end": moment})),
		})),
	}
)
