package genesys

import (
	"context"
	"errors"
	"fmt"
)

// How often a change is looked for: reads lag behind writes.
const verifyTries = 6

// verify reads everything back.
func (p *applying) verify(ctx context.Context) error {
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

func (p *applying) look(ctx context.Context) (problem, err error) {
	now, err := p.c.Campaign(ctx, p.done.Before.ID())
	if err != nil {
		return nil, err
	}
	p.done.After = now
	not := func(text string) error {
		return fmt.Errorf("%w: campaign %s %s", ErrNotVerified, now.ID(), text)
	}
	switch {
	case len(p.toAttach(now)) > 0:
		return not("lacks a DNC list that was attached to it"), nil
	case p.rules.ContactListID != "" && !sameID(p.rules.ContactListID, now.ContactListID()):
		return not("has another contact list than was set"), nil
	case p.own == nil:
		return nil, nil
	}
	list, err := p.c.DNCList(ctx, p.own.ID)
	if errors.Is(err, ErrNotFound) {
		return not("has a DNC list that cannot be read"), nil
	}
	if err != nil {
		return nil, err
	}
	if list.Size >= 0 && list.Size < int64(p.distinct) || list.Size < 0 && p.distinct > 0 {
		return not(fmt.Sprintf("has a DNC list of %d entries where %d numbers are to be blocked", list.Size, p.distinct)), nil
	}
	return nil, nil
}
