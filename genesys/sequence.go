package genesys

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"strings"
)

// A CampaignSequence runs campaigns one after the other. While it is on, the platform starts the
// next campaign when one is complete, without a program.
type CampaignSequence struct {
	ID, Name string

	// CampaignIDs are its campaigns in their order. One that the platform does not name is "".
	CampaignIDs []string

	Status string // "on", "off" or "complete"
	Repeat bool   // it begins again after the last campaign
}

// UnmarshalJSON reads the platform's object.
func (s *CampaignSequence) UnmarshalJSON(data []byte) error {
	var raw struct {
		ID        string      `json:"id"`
		Name      string      `json:"name"`
		Campaigns []reference `json:"campaigns"`
		Status    string      `json:"status"`
		Repeat    bool        `json:"repeat"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*s = CampaignSequence{raw.ID, raw.Name, ids(raw.Campaigns), raw.Status, raw.Repeat}
	if raw.Campaigns == nil {
		s.CampaignIDs = []string{""} // a sequence that does not say which it has may have any
	}
	return nil
}

// Has reports whether a campaign is one of the sequence. It is true if a campaign of the sequence is
// not named.
func (s *CampaignSequence) Has(campaignID string) bool {
	return containsID(s.CampaignIDs, campaignID) || containsID(s.CampaignIDs, "")
}

// On reports whether the sequence runs, or may go on by itself. It is true for a status that this
// library does not know.
func (s *CampaignSequence) On() bool {
	complete := strings.EqualFold(s.Status, "complete") && !s.Repeat
	return !complete && !strings.EqualFold(s.Status, "off")
}

// CampaignSequenceQuery selects campaign sequences. The zero value selects all.
type CampaignSequenceQuery struct {
	Name string // the exact name
}

// CampaignSequences reads the campaign sequences that a query selects. It reads the next page when
// the loop reaches it. An error ends the sequence. Needs outbound:campaignSequence:view.
func (c *CampaignClient) CampaignSequences(
	ctx context.Context, q CampaignSequenceQuery,
) iter.Seq2[CampaignSequence, error] {
	return named(ctx, c, "/api/v2/outbound/sequences", url.Values{}, q.Name,
		func(s *CampaignSequence) (id, name string) { return s.ID, s.Name })
}
