package genesys_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// A schedule ends when its last part can end at the latest. What cannot be read has no end.
func TestScheduleEnds(t *testing.T) {
	t.Parallel()
	const none, first = "", `"start":"2026-12-01T09:00:00","end":"2026-12-01T17:00:00"`
	intervals := func(items string) string { return `{"intervals":[` + items + `]}` }
	recurrence := func(members string) string { return `{"intervals":[],"recurrences":[{` + first + members + `}]}` }
	daily, numbered := `,"pattern":{"type":"Daily","interval":2}`, `,"range":{"type":"Numbered","numberOfOccurrences":3}`
	until := `,"range":{"type":"EndDate","end":"2026-12-31T17:00:00"}`
	alteration := func(kind, end string) string {
		return `,"alterations":[{"type":"` + kind + `","start":"2027-02-01T09:00:00","end":"` + end + `"}]`
	}
	for body, want := range map[string]struct {
		ends    string // without the 12 hours by which a zone may be behind
		endless bool
	}{
		intervals(``):                         {none, false},
		`{"intervals":[],"recurrences":[]}`:   {none, false},
		`{"intervals":[],"recurrences":null}`: {none, false},
		`{}`:                                  {none, true},
		`{"intervals":null}`:                  {none, true},
		`{"recurrences":[]}`:                  {none, true},

		intervals(`{"start":"2026-12-01T09:00:00.000Z","end":"2026-12-01T17:00:00.000Z"}`):       {"2026-12-01T17:00", false},
		intervals(`{"start":"2026-12-01T09:00:00","end":"2026-12-01T17:00:00.5"}`):               {"2026-12-01T17:00", false},
		intervals(`{"start":"2026-12-01T09:00","end":"2026-12-01T17:00"}`):                       {"2026-12-01T17:00", false},
		intervals(`{"start":"2026-12-01T09:00Z","end":"2026-12-01T17:00+01:00"}`):                {"2026-12-01T16:00", false},
		intervals(`{"start":"2026-12-01T09:00:00+0100","end":"2026-12-01T17:00:00.000-0500"}`):   {"2026-12-01T22:00", false},
		intervals(`{"start":"2026-12-03T09:00:00Z","end":"2026-12-01T17:00:00Z"}`):               {"2026-12-03T09:00", false},
		intervals(`{` + first + `},{"start":"2026-11-01T09:00:00","end":"2026-11-01T17:00:00"}`): {"2026-12-01T17:00", false},
		intervals(`{` + first + `},{"start":"2026-11-01T09:00:00"}`):                             {"2026-12-01T17:00", true},
		intervals(`{` + first + `},{"end":"2026-11-01T09:00:00"}`):                               {"2026-12-01T17:00", true},
		intervals(`{` + first + `},null`):                                                        {"2026-12-01T17:00", true},
		intervals(`{"start":"2026-12-01T09:00:00","end":"2026-12-01"}`):                          {none, true},
		intervals(`{"start":"","end":""}`):                                                       {none, true},

		recurrence(daily): {none, true},
		recurrence(daily + `,"range":{"type":"NoEnd"}`):                               {none, true},
		recurrence(daily + `,"range":{"type":"noEnd","end":"2026-12-31T17:00:00"}`):   {none, true},
		recurrence(daily + `,"range":{"type":"EndDate"}`):                             {none, true},
		recurrence(daily + until):                                                     {"2027-01-02T01:00", false}, // a day and an interval later
		recurrence(until):                                                             {"2027-01-02T01:00", false},
		recurrence(daily + `,"range":{"type":"EndDate","end":"2026-10-31T17:00:00"}`): {"2026-12-01T17:00", false},
		recurrence(daily + until + alteration("Inclusion", "2027-02-01T17:00:00")):    {"2027-02-01T17:00", false},
		recurrence(daily + until + alteration("Exclusion", "2027-02-01T17:00:00")):    {"2027-01-02T01:00", false},
		recurrence(daily + until + alteration("Inclusion", "")):                       {none, true},
		recurrence(daily + until + alteration("Move", "2027-02-01T17:00:00")):         {"2027-02-01T17:00", false},
		recurrence(daily + numbered):                                                  {"2026-12-09T17:00", false},
		recurrence(`,"pattern":{"type":"Weekly","interval":2}` + numbered):            {"2027-01-26T17:00", false},
		recurrence(`,"pattern":{"type":"Monthly","interval":1}` + numbered):           {none, true},
		recurrence(`,"pattern":{"type":"Daily","interval":0}` + numbered):             {none, true},
		recurrence(`,"pattern":{"type":"Weekly","interval":40000}` + numbered):        {none, true},
		recurrence(numbered): {none, true},
		recurrence(daily + `,"range":{"type":"Numbered"}`):                                        {none, true},
		recurrence(daily + `,"range":{"type":"Numbered","numberOfOccurrences":9000000000000000}`): {none, true},
		recurrence(daily + numbered + alteration("Exclusion", "2027-02-01T17:00:00")):             {none, true},
		recurrence(daily + numbered + alteration("Inclusion", "2027-02-01T17:00:00")):             {"2027-02-09T17:00", false},
		strings.Replace(recurrence(daily+until), `"start"`, `"begin"`, 1):                         {none, true},
		`{"intervals":[{` + first + `}],"recurrences":[null]}`:                                    {"2026-12-01T17:00", true},
	} {
		var s genesys.Schedule
		require.NoError(t, s.UnmarshalJSON([]byte(body)), body)
		assert.Equal(t, want.endless, s.Endless, body)
		if want.ends == none {
			if !want.endless {
				assert.Zero(t, s.Ends, body)
			}
			continue
		}
		ends, err := time.Parse("2006-01-02T15:04", want.ends)
		require.NoError(t, err)
		assert.Equal(t, ends.Add(12*time.Hour), s.Ends.Truncate(time.Second), body)
	}
	for _, body := range []string{`[]`, `{"intervals":{}}`, `{"intervals":[7]}`, `{"intervals":[{"start":7}]}`, `{"intervals":[],"recurrences":[{"range":"x"}]}`} {
		require.Error(t, new(genesys.Schedule).UnmarshalJSON([]byte(body)), body)
	}
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	sequence := b.keep("sequences", `{"name":"all","campaigns":[{"id":"`+b.campaign+`"}]}`)
	for of, test := range map[string]struct {
		id, permission string
		read           func(*genesys.CampaignClient, string) (*genesys.Schedule, error)
	}{
		"campaign": {b.campaign, "outbound:campaign:viewSchedule", func(c *genesys.CampaignClient, id string) (*genesys.Schedule, error) {
			return c.CampaignSchedule(t.Context(), id)
		}},
		"sequence": {sequence, "outbound:campaignSequenceSchedule:view", func(c *genesys.CampaignClient, id string) (*genesys.Schedule, error) {
			return c.SequenceSchedule(t.Context(), id)
		}},
	} {
		_, err := test.read(b.c, test.id)
		require.ErrorIs(t, err, genesys.ErrNotFound, "there is none")
		id := b.keep("schedules/"+of+"s", `{"intervals":[{"start":"2026-12-01T09:00:00.000Z","end":"2026-12-01T17:00:00.000Z"}],"`+of+`":{"id":"`+test.id+`"}}`)
		want := &genesys.Schedule{Ends: time.Date(2026, 12, 2, 5, 0, 0, 0, time.UTC)}
		require.NotEqual(t, test.id, id, "a schedule has an id of its own")
		for _, client := range []*genesys.CampaignClient{b.c, b.only(test.permission), b.only("outbound:schedule:view")} {
			s, err := test.read(client, strings.ToUpper(test.id))
			require.NoError(t, err)
			assert.Equal(t, want, s)
		}
		_, err = test.read(b.only("outbound:campaign:view"), test.id)
		require.ErrorIs(t, err, genesys.ErrForbidden)
		require.ErrorContains(t, err, test.permission)
		_, err = test.read(b.c, "x")
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
		require.ErrorContains(t, err, of+" id")
		for body, text := range map[string]string{
			`{"intervals":[]}`: "not the schedule of this " + of,
			`{"intervals":[],"` + of + `":{"id":"` + noID + `"}}`:                   "not the schedule of this " + of,
			`{"intervals":[],"id":"` + test.id + `","` + of + `":null}`:             "not the schedule of this " + of,
			`{"intervals":"x","` + of + `":{"id":"` + test.id + `"}}`:               "another type",
			`{"intervals":[],"intervals":[],"` + of + `":{"id":"` + test.id + `"}}`: "another shape",
			`[]`: "another shape",
			`{"code":"not.found","message":"x","` + of + `":{"id":"` + test.id + `"}}`: "has an error in it",
		} {
			b.p.AddFault(genesystest.Fault{Path: "/schedules/", Status: 200, Body: body, Times: 1})
			_, err := test.read(b.c, test.id)
			require.ErrorIs(t, err, genesys.ErrUnexpectedReply, body)
			require.ErrorContains(t, err, text, body)
		}
	}
}
