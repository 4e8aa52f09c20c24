package genesystest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

type campaign struct {
	object rawjson.Object
	until  time.Time // when "stopping" ends
}

// maxRunning is how many campaigns may be on at once (help.mypurecloud.com/articles/start-pause-campaign).
const maxRunning = 50

func (c *campaign) status() string { return c.object.Text("campaignStatus") }

func (c *campaign) running() bool {
	return slices.Contains([]string{"on", "stopping", "forced_stopping"}, c.status())
}

func (c *campaign) setStatus(s string) {
	c.object.Set("campaignStatus", quoted(s))
	c.touch()
}

// touch makes a new version.
func (c *campaign) touch() {
	var version int64
	c.object.Read("version", &version)
	c.object.Set("version", quoted(version+1))
	c.object.Set("dateModified", quoted(now()))
}

// settle lets time pass: what was stopping is off, and jobs are done.
func (p *Platform) settle() {
	for _, l := range p.lists {
		l.settleJobs()
	}
	for _, c := range p.campaigns {
		if c.status() == "stopping" && !c.until.IsZero() && !time.Now().Before(c.until) {
			c.setStatus("off")
			c.until = time.Time{}
		}
	}
}

func (p *Platform) campaignOperation(q *request) reply {
	if q.is(http.MethodGet) {
		if refused := q.token.may("outbound:campaign:view"); refused != nil {
			return *refused
		}
		return p.listCampaigns(q)
	}
	if len(q.path) < 3 {
		return fail(http.StatusMethodNotAllowed, "method.not.allowed", "HTTP 405 Method Not Allowed")
	}
	c := p.campaign(strings.ToLower(q.path[2]))
	for _, op := range []struct {
		method string
		rest   []string
		needs  string
		do     func(*request, *campaign) reply
	}{
		{http.MethodGet, nil, "outbound:campaign:view", func(_ *request, c *campaign) reply { return ok(c.object.Bytes()) }},
		{http.MethodPut, nil, "outbound:campaign:edit", p.putCampaign},
		{http.MethodPatch, nil, "outbound:campaign:edit", p.patchCampaign},
		{http.MethodPost, []string{"start"}, "outbound:campaign:start", p.startCampaign},
		{http.MethodPost, []string{"stop"}, "outbound:campaign:stop", p.stopCampaign},
		{http.MethodGet, []string{"diagnostics"}, "outbound:campaignDiagnostic:view", p.diagnostics},
	} {
		if q.is(op.method, append([]string{"*"}, op.rest...)...) {
			if refused := q.token.may(op.needs); refused != nil {
				return *refused
			}
			if c == nil {
				return notFound
			}
			return op.do(q, c)
		}
	}
	return fail(http.StatusMethodNotAllowed, "method.not.allowed", "HTTP 405 Method Not Allowed")
}

func (p *Platform) listCampaigns(q *request) reply {
	var items [][]byte
	for _, c := range p.campaigns {
		var refs []ref
		c.object.Read("dncLists", &refs)
		id := q.query.Get("dncListIds")
		switch {
		case !q.named(c.object.Text("name")):
		case q.query.Get("contactListId") != "" && q.query.Get("contactListId") != c.object.Reference("contactList"):
		case id != "" && !slices.ContainsFunc(refs, func(r ref) bool { return r.ID == id }):
		case q.query.Has("id") && !slices.Contains(q.query["id"], c.object.Text("id")):
		default:
			items = append(items, c.object.Bytes())
		}
	}
	return q.page(items, "/api/v2/outbound/campaigns")
}

type ref struct {
	ID string `json:"id"`
}

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
		return fail(http.StatusConflict, "invalid.update.wrong.version", "The version "+strconv.FormatInt(sent, 10)+" does not match the current version "+strconv.FormatInt(stored, 10))
	}
	if c.status() == "stopping" || c.status() == "forced_stopping" {
		return fail(http.StatusConflict, "invalid.update.campaign.active", "A campaign that is stopping cannot be saved")
	}
	if refused := p.checkReferences(&o); refused != nil {
		return *refused
	}
	if o.Reference("contactList") != c.object.Reference("contactList") && c.running() {
		return fail(http.StatusConflict, "invalid.update.campaign.active", "The contact list of an active campaign cannot be changed")
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
	allowed := status == "on" && slices.Contains([]string{"off", "complete", "invalid"}, from) || status == "off" && from == "on"
	if !allowed || !o.Equal(&c.object, "campaignStatus", "dateModified") {
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
	return nil
}

// patchCampaign takes five fields, none of which is about DNC: all that are sent, or none.
func (p *Platform) patchCampaign(q *request, c *campaign) reply {
	var o rawjson.Object
	if err := o.UnmarshalJSON(q.body); err != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	for _, name := range o.Names() {
		if _, defined := campaignPatchKinds[name]; !defined {
			return fail(http.StatusBadRequest, "invalid.property", "The property "+name+" cannot be patched")
		}
	}
	if refused := campaignPatchKinds.check(&o); refused != nil {
		return *refused
	}
	for _, name := range o.Names() {
		if name == "maxCallsPerAgent" { // a decimal here, an integer in the campaign, which has another field for the decimal
			var most float64
			o.Read(name, &most)
			c.object.Set("maxCallsPerAgentDecimal", o.Get(name))
			c.object.Set(name, quoted(int32(most)))
			continue
		}
		c.object.Set(name, o.Get(name))
	}
	c.touch()
	return noContent
}

func (p *Platform) startCampaign(_ *request, c *campaign) reply {
	running := 0
	for _, other := range p.campaigns {
		if !other.running() {
			continue
		}
		running++
		if other != c && other.object.Reference("contactList") == c.object.Reference("contactList") {
			return fail(http.StatusConflict, "resources.in.use", "The contact list is in use by another running campaign")
		}
	}
	switch status := c.status(); {
	case !slices.Contains([]string{"off", "complete", "invalid", "forced_off"}, status):
		return fail(http.StatusBadRequest, "invalid.update.bad.status.transition", "Invalid transition from <"+strings.ToUpper(status)+"> to <ON>")
	case running >= maxRunning:
		return fail(http.StatusBadRequest, "max.running.campaigns.exceeded", "Too many campaigns are running")
	}
	c.setStatus("on")
	return noContent
}

func (p *Platform) stopCampaign(_ *request, c *campaign) reply {
	if c.status() != "on" {
		return fail(http.StatusBadRequest, "invalid.update.bad.status.transition", "Invalid transition from <"+strings.ToUpper(c.status())+"> to <OFF>")
	}
	c.setStatus("stopping")
	c.until = time.Now().Add(p.options.stopDelay)
	return noContent
}

func (p *Platform) diagnostics(_ *request, c *campaign) reply {
	var refs []ref
	c.object.Read("dncLists", &refs)
	if refs == nil {
		refs = []ref{}
	}
	contacts := 0
	if l := p.contactList(c.object.Reference("contactList")); l != nil {
		contacts = len(l.order)
	}
	return ok(quoted(map[string]any{
		"callableContacts":         map[string]any{"dncLists": refs, "ruleSets": []ref{}},
		"totalNumberOfContacts":    contacts,
		"filteredOutContactsCount": 0,
	}))
}
