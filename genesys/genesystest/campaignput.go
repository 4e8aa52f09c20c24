package genesystest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// putCampaign replaces the whole object, as the platform does: what is absent is gone.
func (p *Platform) putCampaign(q *request, c *campaign) reply {
	var o rawjson.Object
	if err := o.UnmarshalJSON(q.body); err != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := checkPut(&o); refused != nil {
		return *refused
	}
	var sent, stored int64
	o.Read("version", &sent)
	c.object.Read("version", &stored)
	if sent != stored {
		return fail(http.StatusConflict, "invalid.update.wrong.version", "The version "+strconv.FormatInt(sent, 10)+
			" does not match the current version "+strconv.FormatInt(stored, 10))
	}
	if c.status() == "stopping" || c.status() == "forced_stopping" {
		return fail(http.StatusConflict, "invalid.update.campaign.active",
			"A campaign that is stopping cannot be saved")
	}
	if refused := p.checkReferences(&o); refused != nil {
		return *refused
	}
	if o.Reference("contactList") != c.object.Reference("contactList") && c.running() {
		return fail(http.StatusConflict, "invalid.update.campaign.active",
			"The contact list of an active campaign cannot be changed")
	}
	if status := o.Text("campaignStatus"); status != c.status() {
		return p.switchByPut(c, &o, status)
	}
	for _, name := range []string{"id", "dateCreated", "errors", "selfUri"} {
		if v := c.object.Get(name); v != nil {
			o.Set(name, v)
		} else {
			o.Delete(name)
		}
	}
	for name := range campaignKinds {
		if null(o.Get(name)) {
			o.Delete(name) // null is absent
		}
	}
	if q.query.Get("useMaxCallsPerAgentDecimal") != "true" {
		o.Delete("maxCallsPerAgentDecimal") // not certain, and a client should not rely on the contrary
	}
	c.object = o
	c.touch()
	return ok(c.object.Bytes())
}

// checkPut refuses an object that is wrong in itself.
func checkPut(o *rawjson.Object) *reply {
	for _, name := range []string{"version", "campaignStatus"} {
		if v := o.Get(name); v == nil || null(v) {
			return refuse("invalid.property", "The property "+name+" is required")
		}
	}
	return checkCampaign(o)
}

// switchByPut is a PUT that changes the status: it may change nothing else.
func (p *Platform) switchByPut(c *campaign, o *rawjson.Object, status string) reply {
	from := c.status()
	allowed := status == "on" && slices.Contains([]string{"off", "complete", "invalid"}, from) ||
		status == "off" && from == "on"
	if !allowed || !sameCampaign(o, &c.object) {
		return fail(http.StatusBadRequest, "invalid.update.bad.status.transition",
			"Invalid transition from <"+strings.ToUpper(from)+"> to <"+strings.ToUpper(status)+">")
	}
	var got reply
	if status == "on" {
		got = p.startCampaign(nil, c)
	} else {
		got = p.stopCampaign(nil, c)
	}
	if got.status != http.StatusNoContent {
		return got
	}
	return ok(c.object.Bytes())
}

// sameCampaign compares what can be written, but for the status. Read-only properties may be
// absent; absent, null and [] are the same.
func sameCampaign(a, b *rawjson.Object) bool {
	canonical := func(o *rawjson.Object) string {
		all := map[string]any{}
		for _, name := range o.Names() {
			var v any
			if slices.Contains(
				[]string{"id", "version", "campaignStatus", "dateCreated", "dateModified", "errors", "selfUri"}, name,
			) || json.Unmarshal(o.Get(name), &v) != nil {
				continue
			}
			if v = plain(v); v != nil {
				all[name] = v
			}
		}
		return string(quoted(all))
	}
	return canonical(a) == canonical(b)
}

// plain is a value without what is null or empty inside; of a reference only the id counts.
func plain(v any) any {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		if id, ok := v["id"]; ok {
			return map[string]any{"id": id}
		}
		for name := range v {
			if v[name] = plain(v[name]); v[name] == nil {
				delete(v, name)
			}
		}
	}
	return v
}

func (p *Platform) checkReferences(o *rawjson.Object) *reply {
	l := p.contactList(o.Reference("contactList"))
	if l == nil {
		return refuse("contact.list.not.found", "The contact list was not found")
	}
	var columns []struct {
		Name string `json:"columnName"`
	}
	o.Read("phoneColumns", &columns)
	for _, c := range columns {
		if !slices.Contains(l.columns, c.Name) {
			return refuse("invalid.campaign.phone.columns", "The campaign phone columns are invalid.")
		}
	}
	var lists []ref
	o.Read("dncLists", &lists)
	for _, l := range lists {
		if p.dncList(l.ID) == nil {
			return refuse("dnc.list.not.found", "A do not call list could not be found.")
		}
	}
	for property, of := range map[string]struct {
		kind *kindOfEntity
		code string
	}{
		"callableTimeSet":    {callableTimeSets, "callable.time.set.not.found"},
		"ruleSets":           {ruleSets, "rule.set.not.found"},
		"contactListFilters": {contactListFilters, "contact.list.filter.not.found"},
	} {
		for _, id := range refersTo(o, property) {
			if p.entity(of.kind, id) == nil {
				return refuse(of.code, "An object that the property "+property+" names could not be found.")
			}
		}
	}
	return nil
}
