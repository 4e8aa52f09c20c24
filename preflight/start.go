package preflight

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dnc-go/dnc/genesys"
)

// mayStart refuses to begin again with the first contact unless that is wanted.
func (p *Plan) mayStart(campaign *genesys.Campaign) error {
	if p.config.start && !p.config.redial && campaign.Status() == genesys.StatusComplete {
		return fmt.Errorf("preflight: every contact was dialled, and a start dials them all again: allow that with RedialWhenComplete: %w",
			status(campaign))
	}
	return nil
}

func status(campaign *genesys.Campaign) *genesys.StatusError {
	return &genesys.StatusError{CampaignID: campaign.ID(), Status: campaign.Status()}
}

// start switches the campaign on if nothing is missing. To take numbers off a list takes minutes, so
// everything is looked at once more after that.
func (p *Plan) start(ctx context.Context, r *Result) error {
	before, err := p.protected(ctx, r)
	if err != nil {
		return err
	}
	if len(p.unblocks) > 0 {
		if err := p.unblock(ctx, r); err != nil {
			return err
		}
		if before, err = p.protected(ctx, r); err != nil {
			return err
		}
	}
	if before.Status() == genesys.StatusOn {
		return nil
	}
	if err := p.mayStart(before); err != nil {
		return err
	}
	if err := p.client.StartCampaign(ctx, p.campaignID); err != nil {
		return err
	}
	after, err := p.started(ctx, before)
	if after != nil {
		r.Applied.After = after
	}
	r.Started = err == nil
	if err == nil {
		err = p.stillSame(ctx, r)
	}
	return err
}

// protected is the campaign as it is before its start, or an error that names what it lacks.
func (p *Plan) protected(ctx context.Context, r *Result) (*genesys.Campaign, error) {
	campaign, gaps, err := p.gaps(ctx)
	if campaign != nil {
		r.Applied.After = campaign
	}
	if err != nil {
		return nil, err
	}
	return campaign, p.unprotected(gaps, p.config.accept)
}

// stillSame stops the campaign again if somebody has changed it at the very moment of its start, so
// that it dials what was not checked.
func (p *Plan) stillSame(ctx context.Context, r *Result) error {
	gaps := slices.Concat(p.campaignGaps(r.Applied.After), p.attachedGaps(r.Applied.After, r.Applied.DNCListID))
	if len(gaps) == 0 {
		return nil
	}
	err := changed(gaps)
	if stopErr := p.client.StopCampaign(ctx, p.campaignID); stopErr != nil {
		return fmt.Errorf("preflight: the campaign was changed while it was started, and DIALS: stop it: %w: %w", err, stopErr)
	}
	r.Started = false
	return fmt.Errorf("preflight: the campaign was changed while it was started, and was stopped again: %w", err)
}

// maxLooks is how often the start is looked for, 1 s, 2 s, 4 s … apart: reads lag behind writes.
const maxLooks = 6

// started reads the campaign until it shows the start. It may be complete by then; off again, or
// invalid, is an error.
func (p *Plan) started(ctx context.Context, before *genesys.Campaign) (*genesys.Campaign, error) {
	for look := 0; ; look++ {
		now, err := p.client.Campaign(ctx, p.campaignID)
		if err != nil {
			return nil, err
		}
		is := now.Status()
		old := is == before.Status() && string(now.Field("version")) == string(before.Field("version"))
		switch {
		case is == genesys.StatusOn, is == genesys.StatusComplete && !old:
			return now, nil
		case !old || look == maxLooks-1:
			return now, fmt.Errorf("preflight: it was started and is not on: %w", status(now))
		}
		select {
		case <-time.After(time.Second << look):
		case <-ctx.Done():
			return now, fmt.Errorf("preflight: the start was not seen: %w (%w): %w",
				ctx.Err(), context.Cause(ctx), status(now))
		}
	}
}
