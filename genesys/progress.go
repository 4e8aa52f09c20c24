package genesys

import (
	"context"
	"net/http"
)

// A Progress is how far a campaign has come.
type Progress struct {
	Contacts int64 // number of contacts on its contact list
	Called   int64 // number of contacts that were called
	Percent  int64 // 0 to 100

	// Skipped is the number of contacts that were not called, for each of the platform's reasons,
	// such as "ININ-OUTBOUND-ON-DO-NOT-CALL-LIST".
	Skipped map[string]int64
}

// Progress reads how far a campaign has come. Needs outbound:campaign:view.
func (c *CampaignClient) Progress(ctx context.Context, campaignID string) (*Progress, error) {
	if err := checkID("campaign id", campaignID); err != nil {
		return nil, err
	}
	var raw struct {
		Campaign reference        `json:"campaign"`
		Contacts int64            `json:"totalNumberOfContacts"`
		Called   int64            `json:"numberOfContactsCalled"`
		Percent  int64            `json:"percentage"`
		Skipped  map[string]int64 `json:"numberOfContactsSkipped"`
	}
	op := call{method: http.MethodGet, path: "/api/v2/outbound/campaigns/" + campaignID + "/progress", into: &raw}
	if err := c.do(ctx, op); err != nil {
		return nil, err
	}
	if !sameID(raw.Campaign.ID, campaignID) {
		return nil, &Error{
			Method: op.method, Path: op.path, Status: http.StatusOK,
			Message: "the reply is about another campaign", Err: ErrUnexpectedReply,
		}
	}
	return &Progress{raw.Contacts, raw.Called, raw.Percent, raw.Skipped}, nil
}

// BlockConversation puts the number of a conversation on the DNC list of its campaign. Use it
// during a call, when the person asks not to be called again. It may be repeated. Needs
// outbound:dnc:add.
func (c *CampaignClient) BlockConversation(ctx context.Context, conversationID string) error {
	if err := checkID("conversation id", conversationID); err != nil {
		return err
	}
	return c.do(ctx, call{
		method: http.MethodPost, path: "/api/v2/outbound/conversations/" + conversationID + "/dnc", repeatable: true,
	})
}
