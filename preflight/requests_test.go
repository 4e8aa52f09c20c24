package preflight_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/preflight"
)

var anyID = regexp.MustCompile(`/[0-9a-f]{8}-[0-9a-f-]{27}`)

// requests are those since a moment, with the ids left out.
func (b *bed) requests(since int) (out []string) {
	for _, e := range b.p.Requests()[since:] {
		out = append(out, e.Method+" "+anyID.ReplaceAllString(e.Path, "/*"))
	}
	return out
}

// The requests that package preflight's documentation names, and no others.
func TestFewestRequests(t *testing.T) {
	b := newBed(t, "+14155550142", "+14155550100", "+14155550143", "")
	step := func(do func() error) (out []string) {
		since := len(b.p.Requests())
		require.NoError(t, do())
		got := b.requests(since)
		for i, r := range got { // an export is looked for until it is ready
			if i == 0 || r != got[i-1] || !strings.HasSuffix(r, "/export") {
				out = append(out, strings.ReplaceAll(r, "/api/v2/outbound", ""))
			}
		}
		return out
	}
	export := func(what string) []string {
		return []string{"GET " + what + "/*/export", "POST " + what + "/*/export", "GET " + what + "/*/export", "GET /api/v2/downloads/*", "GET /signed/*"}
	}
	campaign, list, lists := []string{"GET /campaigns/*"}, []string{"GET /contactlists/*"}, []string{"GET /dnclists"}
	contacts, entries, size := export("/contactlists"), export("/dnclists"), []string{"GET /dnclists/*"}

	var plan *preflight.Plan
	newPlan := func() (err error) {
		plan, err = preflight.NewPlan(t.Context(), b.checker, b.c, b.campaign)
		return err
	}
	apply := func() error {
		_, err := plan.Apply(t.Context())
		return err
	}
	assert.Equal(t, slices.Concat(campaign, list, contacts, contacts, campaign, lists), step(newPlan))
	assert.Equal(t, slices.Concat(campaign, list, campaign, lists, []string{"POST /dnclists"}, lists, []string{"PATCH /dnclists/*/phonenumbers"},
		campaign, []string{"PUT /campaigns/*"}, size, campaign, contacts, contacts, size, campaign), step(apply))
	assert.Equal(t, slices.Concat(campaign, list, contacts, contacts, campaign, lists, entries, size), step(newPlan))
	assert.Equal(t, slices.Concat(campaign, list, campaign, lists, entries, contacts, contacts, size, campaign), step(apply), "nothing is written")

	verify := func() error {
		return plan.AssertProtected(t.Context(), preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes)
	}
	inForce := []string{"GET /campaigns/*/diagnostics"}
	sequences, rules, schedule := []string{"GET /sequences"}, []string{"GET /campaignrules"}, []string{"GET /schedules/campaigns/*"}
	assert.Equal(t, slices.Concat(contacts, contacts, lists, size, entries, campaign, sequences, rules, schedule, inForce, list, size, campaign), step(verify))
	b.sequence("off", "")
	b.object("sequences", `{"name":"other","status":"off","campaigns":[{"id":%q}]}`, noID)
	assert.Contains(t, strings.Join(step(verify), " "), "GET /sequences GET /schedules/sequences/* GET /campaignrules GET /schedules/campaigns/*", "one more, for the sequence that has the campaign")

	b = newBed(t, "+14155550100", "")
	plan = b.plan()
	assert.Equal(t, slices.Concat(contacts, contacts, campaign, sequences, rules, schedule, inForce, list, campaign), step(verify))
}
