package genesys

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

// StartCampaign switches a campaign on. If its status does not allow that, the error wraps
// [ErrCampaignStatus]. If the reply is lost, the campaign's status is read; the request is not
// repeated.
//
// A campaign that is off goes on where it stopped. A campaign that is complete begins with its
// first contact again, and calls everybody once more: read its status before. A campaign that is
// invalid may be started, and becomes invalid again unless its cause was removed.
//
// Needs outbound:campaign:start, and outbound:campaign:view if a reply is lost.
func (c *CampaignClient) StartCampaign(ctx context.Context, id string) error {
	return c.switchTo(ctx, id, "start", StatusOn)
}

// StopCampaign switches a campaign off. It returns when the platform has accepted that. The
// campaign is then "stopping" for a while: see [CampaignClient.WaitStatus]. Needs
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

// WaitStatus waits until a campaign has one of the statuses, and returns it. It reads the campaign
// after 1 s, then less often, down to once in 10 s. It waits until ctx ends.
//
// The error wraps [ErrCampaignStatus] if the campaign becomes invalid, or if it ran and ends in a
// status that was not waited for. Needs outbound:campaign:view.
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
			return campaign, statusError(id, now, "it ran, and ended in a status that was not waited for")
		}
		moved = moved || !now.idle()
		if !pause(ctx, wait) {
			return campaign, ended(ctx, statusError(id, now, "it did not reach the status that was waited for"))
		}
	}
}

// A StatusError says that a campaign has a status that does not allow the call. It wraps
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
