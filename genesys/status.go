package genesys

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

// StartCampaign switches a campaign on. Needs outbound:campaign:start, and outbound:campaign:view
// where a reply is lost: then the status is read, and the call is not repeated. An error that wraps
// [ErrCampaignStatus] says that it cannot be started now.
//
// A campaign that is off goes on where it was. One that is complete begins with its first contact
// again and calls everybody once more: look at its status before. One that is invalid may be
// started too, and is invalid again if its cause was not removed.
func (c *CampaignClient) StartCampaign(ctx context.Context, id string) error {
	return c.switchTo(ctx, id, "start", StatusOn)
}

// StopCampaign switches a campaign off. It returns when the platform has accepted that: the
// campaign is "stopping" for a while, see [CampaignClient.WaitStatus]. Needs
// outbound:campaign:stop.
func (c *CampaignClient) StopCampaign(ctx context.Context, id string) error {
	return c.switchTo(ctx, id, "stop", StatusStopping, StatusOff, StatusForcedStopping, StatusForcedOff)
}

func (c *CampaignClient) switchTo(ctx context.Context, id, verb string, done ...Status) error {
	if err := checkID("campaign id", id); err != nil {
		return err
	}
	err := c.do(ctx, call{method: http.MethodPost, path: "/api/v2/outbound/campaigns/" + id + "/" + verb})
	if e, ok := errors.AsType[*Error](err); ok && e.Uncertain {
		if now, readErr := c.Campaign(ctx, id); readErr == nil && slices.Contains(done, now.Status()) {
			return nil
		}
	}
	return err
}

// The waits between two looks of WaitStatus. Switching off takes from seconds to minutes.
const (
	firstPoll = time.Second
	lastPoll  = 10 * time.Second
)

// WaitStatus waits until a campaign is in one of the statuses, and returns it. It looks after 1 s,
// then less and less often, down to every 10 s; the context bounds it. A campaign that becomes
// invalid, or was seen in another status and is off again, when that was not waited for, is an
// error that wraps [ErrCampaignStatus]. Needs outbound:campaign:view.
func (c *CampaignClient) WaitStatus(ctx context.Context, id string, statuses ...Status) (*Campaign, error) {
	if len(statuses) == 0 {
		return nil, invalid("no status to wait for")
	}
	moved := false // it was seen on, or on its way
	for wait := firstPoll; ; wait = min(wait*2, lastPoll) {
		campaign, err := c.Campaign(ctx, id)
		if err != nil {
			return nil, err
		}
		now := campaign.Status()
		if slices.Contains(statuses, now) {
			return campaign, nil
		}
		if now == StatusInvalid {
			return campaign, statusError(id, now, "open it in the platform's user interface, which says what is wrong with it")
		}
		if moved && now.idle() {
			return campaign, statusError(id, now, "it was not, and has ended in another status than was waited for")
		}
		moved = moved || !now.idle()
		if !pause(ctx, wait) {
			return campaign, ended(ctx, statusError(id, now, "it was waited for in vain"))
		}
	}
}

// A StatusError is a campaign whose status does not allow what was asked for. It wraps
// [ErrCampaignStatus].
type StatusError struct {
	CampaignID string
	Status     Status
	hint       string
}

func statusError(id string, s Status, hint string) *StatusError {
	return &StatusError{CampaignID: id, Status: s, hint: hint}
}

// Error names the campaign, its status and what is to be done.
func (e *StatusError) Error() string {
	text := "genesys: campaign " + e.CampaignID + " is " + clean(string(e.Status), 32)
	if e.hint != "" {
		text += ": " + e.hint
	}
	return text
}

// Is finds ErrCampaignStatus.
func (e *StatusError) Is(target error) bool { return target == ErrCampaignStatus }
