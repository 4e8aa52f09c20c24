package preflight

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dnc-go/dnc/genesys"
)

// startGaps looks at what can switch the campaign on without a program: its schedule, campaign
// sequences and campaign rules.
func (p *Plan) startGaps(ctx context.Context) (gaps []Gap, err error) {
	sequences, known, err := p.sequenceGaps(ctx)
	if err != nil {
		return nil, err
	}
	gaps, err = p.ruleGaps(ctx, known)
	if err != nil {
		return nil, err
	}
	when, err := switchesOn(p.client.CampaignSchedule(ctx, p.campaignID))
	if err != nil {
		return nil, err
	}
	if when != "" {
		gaps = append(gaps, gapf(GapScheduleStarts, "its schedule may switch it on %s", when))
	}
	return append(gaps, sequences...), nil
}

// sequenceIDs are the sequences that there are, by their id in lower case, and whether they have
// the campaign.
type sequenceIDs map[string]bool

// mayHave reports whether one of the sequences has the campaign, or is none of those that were
// read.
func (s sequenceIDs) mayHave(ids []string) (has, known bool) {
	known = true
	for _, id := range ids {
		its, listed := s[strings.ToLower(id)]
		has, known = has || its, known && listed
	}
	return has, known
}

// sequenceGaps looks at the sequences that have the campaign. One that is off can be switched on by
// its schedule. A campaign rule that switches it on is a gap of the rule.
func (p *Plan) sequenceGaps(ctx context.Context) (gaps []Gap, known sequenceIDs, err error) {
	known = sequenceIDs{}
	for s, err := range p.client.CampaignSequences(ctx, genesys.CampaignSequenceQuery{}) {
		if err != nil {
			return nil, nil, err
		}
		has := s.Has(p.campaignID)
		known[strings.ToLower(s.ID)] = has
		switch {
		case !has:
		case s.On():
			gaps = append(gaps, gapf(GapSequencesStart, "the campaign sequence %s is not off and may start it", s.ID))
		default:
			when, err := switchesOn(p.client.SequenceSchedule(ctx, s.ID))
			if err != nil {
				return nil, nil, err
			}
			if when != "" {
				gaps = append(gaps, gapf(GapSequencesStart, "the schedule of the campaign sequence %s may switch it on %s, and the sequence may start the campaign",
					s.ID, when))
			}
		}
	}
	return gaps, known, nil
}

// switchesOn says when a schedule may still switch something on, "" if it cannot.
func switchesOn(schedule *genesys.Schedule, err error) (when string, _ error) {
	switch {
	case noSchedule(err):
		return "", nil
	case err != nil:
		return "", err
	case schedule.Endless:
		return "at any time: it has no end, or none that can be read", nil
	case schedule.Ends.After(time.Now()):
		return fmt.Sprintf("until %s", schedule.Ends.UTC().Format("2006-01-02 15:04Z")), nil
	}
	return "", nil
}

// noSchedule reports whether the platform said that there is no schedule. A 404 without the
// platform's code is that of a proxy, and says nothing.
func noSchedule(err error) bool {
	e, ok := errors.AsType[*genesys.Error](err)
	return ok && errors.Is(err, genesys.ErrNotFound) && e.Code != ""
}
