package genesys

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// A Schedule says when the platform switches a campaign, or a campaign sequence, on and off. It does
// so without a program.
type Schedule struct {
	// Ends is when the last of its intervals and recurrences is over, or later: where the platform's
	// texts leave doubt, it is the latest time that they can mean. The zero Time means that there is
	// none.
	Ends time.Time

	// Endless is true if a part of it has no end, or none that can be read. Ends is that of the
	// other parts then.
	Endless bool
}

// UnmarshalJSON reads the platform's object.
func (s *Schedule) UnmarshalJSON(data []byte) error {
	var raw struct {
		Intervals   []interval   `json:"intervals"` // required: without it nobody knows
		Recurrences []recurrence `json:"recurrences"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*s = Schedule{Endless: raw.Intervals == nil}
	for _, i := range raw.Intervals {
		s.add(i.over())
	}
	for _, r := range raw.Recurrences {
		s.add(r.over())
	}
	return nil
}

func (s *Schedule) add(over time.Time, known bool) {
	s.Endless = s.Endless || !known
	if known && over.After(s.Ends) {
		s.Ends = over
	}
}

// zoneDoubt is how much later than its reading as UTC a time can be: the definition has times that
// end in "Z", beside a time zone for them, and no zone is more than 12 hours behind UTC.
const zoneDoubt = 12 * time.Hour

// interval is a time at which the campaign runs.
type interval struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// over is when an interval is over at the latest. A start after the end counts, too.
func (i interval) over() (at time.Time, known bool) {
	start, started := moment(i.Start)
	end, ended := moment(i.End)
	if end.Before(start) {
		end = start
	}
	return end.Add(zoneDoubt), started && ended
}

// moment reads a time of ISO 8601, as UTC if it has no zone. A fraction of seconds is read, too.
func moment(text string) (at time.Time, known bool) {
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// recurrence repeats its first interval.
type recurrence struct {
	interval
	Pattern struct {
		Type     string `json:"type"`
		Interval int64  `json:"interval"` // in days or weeks
	} `json:"pattern"`
	Range struct {
		Type  string `json:"type"`
		End   string `json:"end"`
		Times int64  `json:"numberOfOccurrences"`
	} `json:"range"`
	Alterations []struct {
		interval
		Type string `json:"type"`
	} `json:"alterations"`
}

// mostDays is the longest time that a counted recurrence is followed, about a century.
const mostDays = 36_500

// over is when a recurrence is over at the latest. What is excluded of it is not looked at.
func (r recurrence) over() (at time.Time, known bool) {
	at, known = r.interval.over()
	later := func(t time.Time, ok bool) {
		known = known && ok
		if t.After(at) {
			at = t
		}
	}
	excludes := false
	for _, a := range r.Alterations {
		if a.Type == "Exclusion" {
			excludes = true
			continue
		}
		later(a.over())
	}
	switch r.Range.Type {
	case "EndDate":
		// Whether the end is that of the last interval, or a date on which that begins, is not said.
		start, _ := moment(r.Start)
		end, ok := moment(r.Range.End)
		first, _ := moment(r.End)
		later(end.Add(zoneDoubt+24*time.Hour+max(first.Sub(start), 0)), ok)
	case "Numbered":
		unit, ok := map[string]int64{"Daily": 1, "Weekly": 7}[r.Pattern.Type]
		every, times := r.Pattern.Interval, r.Range.Times
		// An excluded time may be made up for at the end.
		ok = ok && !excludes && every > 0 && every <= mostDays && times > 0 && times <= mostDays &&
			unit*every*(times+1) <= mostDays
		if ok {
			later(at.Add(time.Duration(unit*every*(times+1))*24*time.Hour), ok)
		}
		known = known && ok
	default:
		known = false
	}
	return at, known
}

// CampaignSchedule reads the schedule of a campaign. The error wraps [ErrNotFound] if the campaign
// has none. Needs outbound:schedule:view or outbound:campaign:viewSchedule.
func (c *CampaignClient) CampaignSchedule(ctx context.Context, campaignID string) (*Schedule, error) {
	return c.schedule(ctx, "campaign", "/api/v2/outbound/schedules/campaigns", campaignID)
}

// SequenceSchedule reads the schedule of a campaign sequence. The error wraps [ErrNotFound] if the
// sequence has none. Needs outbound:schedule:view or outbound:campaignSequenceSchedule:view.
func (c *CampaignClient) SequenceSchedule(ctx context.Context, sequenceID string) (*Schedule, error) {
	return c.schedule(ctx, "sequence", "/api/v2/outbound/schedules/sequences", sequenceID)
}

// schedule reads a schedule, and refuses that of another object. It has an id of its own.
func (c *CampaignClient) schedule(ctx context.Context, of, path, id string) (*Schedule, error) {
	if err := checkID(of+" id", id); err != nil {
		return nil, err
	}
	o := new(rawjson.Object)
	op := call{method: http.MethodGet, path: path + "/" + id, into: o}
	if err := c.do(ctx, op); err != nil {
		return nil, err
	}
	odd := func(text string) error {
		return &Error{Method: op.method, Path: op.path, Status: http.StatusOK, Message: text, Err: ErrUnexpectedReply}
	}
	if !sameID(o.Reference(of), id) {
		return nil, odd("the reply is not the schedule of this " + of)
	}
	s := new(Schedule)
	if json.Unmarshal(o.Bytes(), s) != nil {
		return nil, odd("a property is of another type")
	}
	return s, nil
}
