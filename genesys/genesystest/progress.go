package genesystest

import (
	"encoding/json"
	"maps"
	"net/http"
	"time"
)

// SetProgress sets how many contacts a campaign has called, and how many it has skipped for each
// reason. It does nothing if there is no such campaign.
func (p *Platform) SetProgress(campaignID string, called int, skipped map[string]int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.campaign(campaignID); c != nil {
		c.called, c.skipped = called, maps.Clone(skipped)
	}
}

func (p *Platform) contactsOf(c *campaign) int {
	if l := p.contactList(c.object.Reference("contactList")); l != nil {
		return len(l.order)
	}
	return 0
}

func (p *Platform) progress(c *campaign) map[string]any {
	total, percentage := p.contactsOf(c), 0
	if total > 0 {
		percentage = min(100*c.called/total, 100)
	}
	o := map[string]any{
		"campaign":    ref{c.object.Text("id")},
		"contactList": ref{c.object.Reference("contactList")}, "numberOfContactsCalled": c.called,
		"numberOfContactsMessaged": 0, "totalNumberOfContacts": total, "percentage": percentage,
	}
	if len(c.skipped) > 0 {
		o["numberOfContactsSkipped"] = c.skipped
	}
	return o
}

// manyProgresses are those of the campaigns that a request names.
func (p *Platform) manyProgresses(q *request) reply {
	var ids []string
	if !texts.is(q.body) || json.Unmarshal(q.body, &ids) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not an array of strings")
	}
	all := []any{}
	for _, id := range ids {
		if c := p.campaign(id); c != nil {
			all = append(all, p.progress(c))
		}
	}
	return ok(quoted(all))
}

// recycleEvery is how often a campaign may be recycled (code too.many.recycles).
const recycleEvery = 5 * time.Second

func (p *Platform) recycle(_ *request, c *campaign) reply {
	if !c.recycled.IsZero() && time.Since(c.recycled) < recycleEvery {
		return fail(http.StatusTooManyRequests, "too.many.recycles",
			"A campaign can only be recycled once every 5 seconds")
	}
	c.recycled, c.called, c.skipped = time.Now(), 0, nil
	return reply{status: http.StatusAccepted}
}

func (p *Platform) stats(_ *request, c *campaign) reply {
	return ok(quoted(map[string]any{
		"contactRate": map[string]any{"attempts": c.called, "connects": 0, "connectRatio": 0.0},
		"idleAgents":  0, "effectiveIdleAgents": 0.0,
		"adjustedCallsPerAgent": 0.0, "outstandingCalls": 0, "scheduledCalls": 0,
		"timeZoneRescheduledCalls": 0, "filteredOutContactsCount": 0,
		"rightPartyContactsCount": 0, "validAttempts": c.called,
	}))
}

// diagnostics are the lists and limits that apply.
func (p *Platform) diagnostics(_ *request, c *campaign) reply {
	refs := func(ids []string) []ref {
		all := []ref{}
		for _, id := range ids {
			all = append(all, ref{id})
		}
		return all
	}
	callable := map[string]any{
		"dncLists": refs(refersTo(&c.object, "dncLists")), "ruleSets": refs(refersTo(&c.object, "ruleSets")),
	}
	if id := c.object.Reference("callableTimeSet"); id != "" {
		callable["callableTimeSet"] = ref{id}
	}
	if l := p.contactList(c.object.Reference("contactList")); l != nil && l.object.Reference("attemptLimits") != "" {
		callable["attemptLimits"] = ref{l.object.Reference("attemptLimits")}
	}
	return ok(quoted(map[string]any{
		"callableContacts": callable, "numberOfContactsCalled": c.called,
		"totalNumberOfContacts": p.contactsOf(c), "filteredOutContactsCount": 0,
	}))
}

// SetWrapUp sets the id of the wrap-up code that an agent gave to the last call of the number in a
// contact's column. Exports of the contact list have it. It does nothing if there is no such list.
func (p *Platform) SetWrapUp(contactListID, contactID, column, code string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.contactList(contactListID); l != nil {
		if l.wrapUps == nil {
			l.wrapUps = map[[2]string]string{}
		}
		l.wrapUps[[2]string{contactID, column}] = code
	}
}
