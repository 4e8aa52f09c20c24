package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ownList is the campaign's own DNC list, nil if there is none. Two of its name are an error: which of them other tools read cannot be
// known. A listing may lag behind, so the lists that the campaign names are looked at too.
func (c *CampaignClient) ownList(ctx context.Context, campaign *Campaign) (*DNCList, error) {
	name := OwnDNCListName(campaign.ID())
	var found *DNCList
	for list, err := range c.DNCLists(ctx, name) {
		if err != nil {
			return nil, err
		}
		if found != nil {
			return nil, fmt.Errorf("%w: %q: delete or rename one of them", ErrAmbiguousList, name)
		}
		found = &list
	}
	if found == nil {
		for _, id := range campaign.DNCListIDs() {
			list, err := c.DNCList(ctx, id)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return nil, err
			}
			if err == nil && list.Name == name {
				found = list
				break
			}
		}
	}
	if found != nil && !found.takesNumbers() {
		return nil, fmt.Errorf("%w: the DNC list %q does not take phone numbers: rename it", ErrNotInternal, name)
	}
	return found, nil
}

// ownLooks is how often a list that was just made is looked for, 1 s, 2 s and 4 s apart.
const ownLooks = 4

// makeOwn creates the campaign's own list, one call of a client at a time, and looks whether it is the only one of its name: somebody
// else may have made one at the same moment. A list whose reply was lost is looked for in the same way.
func (p *applying) makeOwn(ctx context.Context) error {
	select {
	case p.c.making <- struct{}{}:
		defer func() { <-p.c.making }()
	case <-ctx.Done():
		return ended(ctx, errors.New("genesys: the campaign's own DNC list was not made"))
	}
	own, err := p.c.ownList(ctx, p.done.Before)
	if err != nil {
		return err
	}
	if own != nil { // made since it was asked for
		p.own, p.done.DNCListID = own, own.ID
		return p.compare(ctx)
	}
	name := OwnDNCListName(p.done.Before.ID())
	own, err = p.c.CreateDNCList(ctx, name)
	if e, ok := errors.AsType[*Error](err); err != nil && (!ok || !e.Uncertain) {
		return err
	}
	var other *DNCList
	for try := range ownLooks {
		if try > 0 && !pause(ctx, firstPoll<<(try-1)) {
			break
		}
		found, lookErr := p.c.ownList(ctx, p.done.Before)
		if lookErr != nil {
			return lookErr
		}
		if other = found; found != nil && (own == nil || sameID(found.ID, own.ID)) {
			own, other, err = found, nil, nil
			break
		}
	}
	switch {
	case other != nil:
		return fmt.Errorf("%w: %q: delete the list %s, which was just made and is empty", ErrAmbiguousList, name, own.ID)
	case own == nil:
		return err
	}
	// A listing that does not show it yet does no harm: from now on the campaign names it.
	p.own, p.done.DNCListID, p.done.DNCListCreated = own, own.ID, true
	return nil
}

// untilSeen repeats what fails because the platform does not see yet the list that was just made.
func (p *applying) untilSeen(ctx context.Context, do func() error) error {
	for try := 0; ; try++ {
		err := do()
		e, ok := errors.AsType[*Error](err)
		unseen := ok && (e.Status == http.StatusNotFound || e.Status == http.StatusBadRequest && strings.HasSuffix(e.Code, "not.found"))
		if !unseen || !p.done.DNCListCreated || try == verifyTries {
			return err
		}
		if !pause(ctx, min(firstPoll<<try, lastPoll)) {
			return ended(ctx, err)
		}
	}
}

// compare takes the numbers off that need not be sent, where an export was asked for or an expiry could cut entries short.
func (p *applying) compare(ctx context.Context) error {
	if p.own == nil || len(p.send) == 0 || !p.rules.OnlyMissing && p.rules.Expires.IsZero() {
		return nil
	}
	there := make(map[string]time.Time)
	for entry, err := range p.c.ExportDNCList(ctx, p.own.ID) {
		if err != nil {
			return err
		}
		if old, ok := there[entry.Number]; !ok || !longer(old, entry.Expires) {
			there[entry.Number] = entry.Expires
		}
	}
	p.send = slices.DeleteFunc(slices.Clone(p.send), func(n string) bool {
		expires, ok := there[n]
		return ok && longer(expires, p.rules.Expires)
	})
	return nil
}

// longer reports whether an entry that expires at a stays at least as long as one that expires at b; zero is for ever.
func longer(a, b time.Time) bool { return a.IsZero() || !b.IsZero() && !a.Before(b) }
