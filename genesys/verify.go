package genesys

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// How often a change is looked for: reads lag behind writes. And how long something that was read
// is good for: an export takes from seconds to minutes.
const (
	verifyTries = 6
	readIsGood  = 20 * time.Second
)

// verify reads everything back. A campaign that needed no change was read just now.
func (p *applying) verify(ctx context.Context) error {
	if !p.done.Changed() && time.Since(p.readAt) < readIsGood {
		return nil
	}
	var problem error
	for try := range verifyTries {
		if try > 0 && !pause(ctx, min(firstPoll<<try, lastPoll)) {
			return ended(ctx, problem)
		}
		var err error
		if problem, err = p.look(ctx); problem == nil || err != nil {
			return err
		}
	}
	return problem
}

// look reads the campaign last: an export takes long, and a list that is full protects nobody once
// it is detached.
func (p *applying) look(ctx context.Context) (problem, err error) {
	if p.done.NumbersSent > 0 {
		problem, err = p.blocked(ctx)
		if errors.Is(err, ErrNotFound) {
			problem, err = p.not("has a DNC list that cannot be read"), nil
		}
		if err != nil {
			return nil, err
		}
	}
	now, err := p.c.Campaign(ctx, p.done.Before.ID())
	if err != nil {
		return nil, err
	}
	p.done.After = now
	switch {
	case len(p.toAttach(now)) > 0:
		return p.not("lacks a DNC list that must be attached to it"), nil
	case p.rules.ContactListID != "" && !sameID(p.rules.ContactListID, now.ContactListID()):
		return p.not("has another contact list than was set"), nil
	}
	return problem, nil
}

// blocked looks for the numbers that were sent: one by one, or by the size of a list that was made
// for them. A list with more entries than were sent has entries of somebody else, so that its size
// proves nothing.
func (p *applying) blocked(ctx context.Context) (problem, err error) {
	if p.fresh {
		list, err := p.c.DNCList(ctx, p.own.ID)
		if err != nil || list.Size == int64(len(p.want)) {
			return nil, err
		}
		if list.Size < int64(len(p.want)) {
			return p.not(fmt.Sprintf("has a DNC list with too few entries: %d for %d blocked numbers",
				list.Size, len(p.want))), nil
		}
	}
	l, err := p.c.compareEntries(ctx, p.own.ID, p.want, p.rules.Expires)
	if err == nil && len(l.missing) > 0 {
		problem = p.not(fmt.Sprintf("has a DNC list that lacks numbers that must be blocked: %d of %d",
			len(l.missing), len(p.want)))
	}
	return problem, err
}

func (p *applying) not(text string) error {
	return fmt.Errorf("%w: campaign %s %s", ErrNotVerified, p.done.Before.ID(), text)
}
