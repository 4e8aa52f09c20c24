package genesystest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

type campaign struct {
	object   rawjson.Object
	until    time.Time // when "stopping" ends
	called   int
	skipped  map[string]int
	recycled time.Time
}

// maxRunning is how many campaigns may be on at once
// (help.mypurecloud.com/articles/start-pause-campaign).
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
	for _, l := range p.dncLists {
		l.upload.settle()
	}
	for _, c := range p.campaigns {
		if c.status() == "stopping" && !c.until.IsZero() && !time.Now().Before(c.until) {
			c.setStatus("off")
			c.until = time.Time{}
		}
	}
}

// campaignRoutes are the operations on campaigns.
var campaignRoutes = []route{
	{http.MethodGet, "campaigns", "campaign:view", (*Platform).listCampaigns},
	{http.MethodPost, "campaigns", "campaign:add", (*Platform).createCampaign},
	{http.MethodPost, "campaigns/progress", "campaign:view", (*Platform).manyProgresses},
	{http.MethodGet, "campaigns/divisionviews", "campaign:search", (*Platform).viewCampaigns},
	{http.MethodGet, "campaigns/divisionviews/*", "campaign:search", func(p *Platform, q *request) reply {
		if c := p.campaign(q.id(3)); c != nil {
			return ok(part(c.object, campaignView))
		}
		return notFound
	}},
	{
		http.MethodGet, "campaigns/*", "campaign:view",
		ofCampaign(func(_ *Platform, _ *request, c *campaign) reply { return ok(c.object.Bytes()) }),
	},
	{http.MethodPut, "campaigns/*", "campaign:edit", ofCampaign((*Platform).putCampaign)},
	{http.MethodPatch, "campaigns/*", "campaign:edit", ofCampaign((*Platform).patchCampaign)},
	{http.MethodDelete, "campaigns/*", "campaign:delete", ofCampaign((*Platform).deleteCampaign)},
	{http.MethodPost, "campaigns/*/start", "campaign:start", ofCampaign((*Platform).startCampaign)},
	{http.MethodPost, "campaigns/*/stop", "campaign:stop", ofCampaign((*Platform).stopCampaign)},
	{http.MethodGet, "campaigns/*/diagnostics", "campaign:view", ofCampaign((*Platform).diagnostics)},
	{
		http.MethodGet, "campaigns/*/progress", "campaign:view",
		ofCampaign(func(p *Platform, _ *request, c *campaign) reply { return ok(quoted(p.progress(c))) }),
	},
	{http.MethodDelete, "campaigns/*/progress", "campaign:edit|campaign:recycle", ofCampaign((*Platform).recycle)},
	{http.MethodGet, "campaigns/*/stats", "campaign:view", ofCampaign((*Platform).stats)},
}

func ofCampaign(do func(*Platform, *request, *campaign) reply) func(*Platform, *request) reply {
	return func(p *Platform, q *request) reply {
		if c := p.campaign(q.id(2)); c != nil {
			return do(p, q, c)
		}
		return notFound
	}
}

func (p *Platform) listCampaigns(q *request) reply {
	if len(q.values("id")) > 100 {
		return fail(http.StatusBadRequest, "too.many.bulk.retrieves",
			"Only 100 campaigns can be retrieved by id at a time")
	}
	return q.page(p.selectCampaigns(q), "/api/v2/outbound/campaigns")
}

func (p *Platform) selectCampaigns(q *request) (items []rawjson.Object) {
	for _, c := range p.campaigns {
		if q.named(c.object.Text("name")) && q.selects(&c.object, campaignFilters) {
			items = append(items, c.object)
		}
	}
	return items
}

// campaignView are the properties that those see who may only search for campaigns.
var campaignView = []string{"id", "name", "division", "selfUri"}

func (p *Platform) viewCampaigns(q *request) reply {
	items := p.selectCampaigns(q)
	for i := range items {
		items[i] = view(items[i], campaignView)
	}
	return q.page(items, "/api/v2/outbound/campaigns/divisionviews")
}

// campaignFilters are the parameters that select campaigns, and the properties that they are about.
var campaignFilters = map[string]string{
	"id": "id", "contactListId": "contactList", "dncListIds": "dncLists",
	"distributionQueueId": "queue", "edgeGroupId": "edgeGroup",
	"callAnalysisResponseSetId": "callAnalysisResponseSet", "divisionId": "division",
}

// selects reports whether an object has, for each parameter that is given, one of its values.
func (q *request) selects(o *rawjson.Object, filters map[string]string) bool {
	for parameter, property := range filters {
		if !q.query.Has(parameter) {
			continue
		}
		has := refersTo(o, property)
		if property == "id" {
			has = []string{o.Text("id")}
		}
		if !slices.ContainsFunc(q.values(parameter), func(v string) bool { return slices.Contains(has, v) }) {
			return false
		}
	}
	return true
}

func (p *Platform) createCampaign(q *request) reply {
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	refused := checkCampaign(&o)
	if refused == nil {
		refused = p.checkReferences(&o)
	}
	if refused != nil {
		return *refused
	}
	if status := o.Text("campaignStatus"); status != "" && status != "off" {
		return fail(http.StatusBadRequest, "invalid.create", "A campaign must be created off")
	}
	if p.nameIsTaken(o.Text("name"), "") {
		return fail(http.StatusBadRequest, "duplicate.name", "The name already exists.")
	}
	id := p.newID()
	p.own(&o, id, "/api/v2/outbound/campaigns/"+id)
	o.Set("campaignStatus", quoted("off"))
	p.campaigns = append(p.campaigns, &campaign{object: o})
	return ok(o.Bytes())
}

func (p *Platform) nameIsTaken(name, self string) bool {
	return slices.ContainsFunc(p.campaigns,
		func(c *campaign) bool { return c.object.Text("name") == name && c.object.Text("id") != self })
}

func (p *Platform) deleteCampaign(_ *request, c *campaign) reply {
	if c.running() {
		return fail(http.StatusBadRequest, "campaign.in.use", "The campaign is in use.")
	}
	for _, o := range p.entities[sequences] {
		if slices.Contains(refersTo(o, "campaigns"), c.object.Text("id")) {
			return fail(http.StatusBadRequest, "referential.integrity.error", "Could not delete the resource because it is referenced by another entity.")
		}
	}
	p.campaigns = slices.DeleteFunc(p.campaigns, func(other *campaign) bool { return other == c })
	return ok(c.object.Bytes())
}

type ref struct {
	ID string `json:"id"`
}

// patchCampaign takes five fields, none about DNC: all that are sent, or none.
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
		// a decimal here, an integer in the campaign, which has another field for the decimal
		if name == "maxCallsPerAgent" {
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
			return fail(http.StatusConflict, "resources.in.use",
				"The contact list is in use by another running campaign")
		}
	}
	switch status := c.status(); {
	case !slices.Contains([]string{"off", "complete", "invalid", "forced_off"}, status):
		return fail(http.StatusBadRequest, "invalid.update.bad.status.transition",
			"Invalid transition from <"+strings.ToUpper(status)+"> to <ON>")
	case running >= maxRunning:
		return fail(http.StatusBadRequest, "max.running.campaigns.exceeded", "Too many campaigns are running")
	}
	c.setStatus("on")
	return noContent
}

func (p *Platform) stopCampaign(_ *request, c *campaign) reply {
	if c.status() != "on" {
		return fail(http.StatusBadRequest, "invalid.update.bad.status.transition",
			"Invalid transition from <"+strings.ToUpper(c.status())+"> to <OFF>")
	}
	c.setStatus("stopping")
	c.until = time.Now().Add(p.options.stopDelay)
	return noContent
}
