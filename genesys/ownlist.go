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

// ownList is the campaign's own DNC list, nil if there is none. Two of its name are an error: which
// of them other tools read cannot be known. A listing may lag behind, so the lists that the
// campaign names are looked at too.
func (c *CampaignClient) ownList(ctx context.Context, campaign *Campaign) (*DNCList, error) {
	name := OwnDNCListName(campaign.ID())
	var found *DNCList
	for list, err := range c.DNCLists(ctx, DNCListQuery{Name: name, Sizes: true}) {
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
			if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrForbidden) { // of another division
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

// How often a list that must exist is looked for, 1 s, 2 s, 4 s and then 8 s apart: one that was
// just made, and one whose name the platform says is taken.
const (
	ownLooks   = 4
	takenLooks = 7
)

// makeOwn creates the campaign's own list, one call of a client at a time, and looks whether it is
// the only one of its name: somebody else may have made one at the same moment. A list whose reply
// was lost is looked for in the same way.
func (p *applying) makeOwn(ctx context.Context) error {
	select {
	case p.c.making <- struct{}{}:
		defer func() { <-p.c.making }()
	case <-ctx.Done():
		return ended(ctx, errors.New("genesys: the campaign's own DNC list was not made"))
	}
	name := OwnDNCListName(p.done.Before.ID())
	if _, again := p.c.made.LoadOrStore(name, true); again { // another call may have made it since it was asked for
		own, err := p.c.ownList(ctx, p.done.Before)
		if err != nil {
			return err
		}
		if own != nil {
			return p.useOwn(ctx, own)
		}
	}
	own, err := p.c.CreateDNCList(ctx, name)
	e, _ := errors.AsType[*Error](err)
	taken := e != nil && e.Code == "duplicate.name"
	if err != nil && !taken && (e == nil || !e.Uncertain) {
		return err
	}
	looks := ownLooks
	if taken {
		looks = takenLooks
	}
	found, lookErr := p.lookForOwn(ctx, own, looks)
	switch {
	case lookErr != nil:
		return lookErr
	case own == nil && found != nil && taken:
		return p.useOwn(ctx, found)
	case own == nil && found != nil: // its reply was lost, or somebody else made it
		p.own, p.done.DNCListID, p.done.DNCListCreated, p.send = found, found.ID, true, p.want
		return nil
	case taken:
		return fmt.Errorf("%w: the DNC list %q exists, and this client does not see it: give its role the list's division, or try again where the list was just made: %w",
			ErrNotFound, name, err)
	case own == nil:
		return err
	case found != nil && !sameID(found.ID, own.ID):
		return fmt.Errorf("%w: %q: delete the list %s, which was just made and is empty",
			ErrAmbiguousList, name, own.ID)
	}
	// A listing that does not show it yet does no harm: from now on the campaign names it.
	p.own, p.done.DNCListID, p.done.DNCListCreated, p.fresh, p.send = own, own.ID, true, true, p.want
	return nil
}

// lookForOwn looks for a list that was made until it is seen. It is the list, another one of its
// name, or nil.
func (p *applying) lookForOwn(ctx context.Context, own *DNCList, looks int) (found *DNCList, err error) {
	for try := range looks {
		if try > 0 && !pause(ctx, min(firstPoll<<(try-1), 8*time.Second)) {
			break
		}
		if found, err = p.c.ownList(ctx, p.done.Before); err != nil ||
			found != nil && (own == nil || sameID(found.ID, own.ID)) {
			return found, err
		}
	}
	return found, nil
}

// useOwn goes on with a list that exists.
func (p *applying) useOwn(ctx context.Context, own *DNCList) error {
	p.own, p.done.DNCListID = own, own.ID
	return p.compare(ctx)
}

// untilSeen repeats what fails because the platform does not see yet the list that was just made.
func (p *applying) untilSeen(ctx context.Context, do func() error) error {
	for try := 0; ; try++ {
		err := do()
		e, ok := errors.AsType[*Error](err)
		unseen := ok && (e.Status == http.StatusNotFound ||
			e.Status == http.StatusBadRequest && strings.HasSuffix(e.Code, "not.found"))
		if !unseen || !p.done.DNCListCreated || try == verifyTries {
			return err
		}
		if !pause(ctx, min(firstPoll<<try, lastPoll)) {
			return ended(ctx, err)
		}
	}
}

// compare finds the numbers that have to be sent: those that an export of the campaign's own list
// does not show.
func (p *applying) compare(ctx context.Context) error {
	p.send = p.want
	if p.own == nil || len(p.want) == 0 {
		return nil
	}
	there, err := p.c.compareEntries(ctx, p.own.ID, p.want, p.rules.Expires)
	if err != nil {
		return err
	}
	entries := there.entries
	p.done.newNumbers = func() []string { return there.absent }
	size := p.own.Size
	if size != entries { // the listing that said so may lag behind
		list, err := p.c.DNCList(ctx, p.own.ID)
		if err != nil {
			return err
		}
		size = list.Size
	}
	if size == entries || !p.rules.Expires.IsZero() { // an expiry must not be sent for what may stay longer
		p.send = there.missing
	}
	if p.rules.Expires.IsZero() { // how the platform compares other spellings is not documented
		p.send = mergeSorted(p.send, there.respelled)
	}
	return nil
}

// mergeSorted are the strings of two sorted slices, each once.
func mergeSorted(a, b []string) []string {
	both := slices.Concat(a, b)
	slices.Sort(both)
	return slices.Compact(both)
}

// listed is how a list's entries compare with numbers, in the order of the numbers and each once.
type listed struct {
	missing   []string // not on it until a moment
	absent    []string // not on it at all now
	respelled []string // on it until the moment, and only in another spelling
	entries   int64    // how many it has
}

// compareEntries exports a list and compares its entries with numbers that must be on it until a
// moment.
func (c *CampaignClient) compareEntries(
	ctx context.Context, listID string, numbers []string, until time.Time,
) (listed, error) {
	const (
		none      = uint8(iota)
		short     // there is an entry, which does not last
		otherForm // one that lasts, in another spelling
		there
	)
	found := make(map[string]uint8, len(numbers))
	for _, n := range numbers {
		found[n] = none
	}
	var l listed
	for entry, err := range c.exportEntries(ctx, listID) {
		if err != nil {
			return listed{}, err
		}
		l.entries++
		n := plain.Replace(entry.Number)
		before, wanted := found[n]
		if !wanted {
			continue
		}
		now := none
		switch {
		case longer(entry.Expires, until) && n == entry.Number:
			now = there
		case longer(entry.Expires, until):
			now = otherForm
		case longer(entry.Expires, time.Now()):
			now = short
		}
		found[n] = max(before, now)
	}
	for _, n := range numbers {
		is, first := found[n]
		if !first {
			continue
		}
		delete(found, n)
		switch is {
		case none:
			l.missing, l.absent = append(l.missing, n), append(l.absent, n)
		case short:
			l.missing = append(l.missing, n)
		case otherForm:
			l.respelled = append(l.respelled, n)
		}
	}
	return l, nil
}

// plain takes out of a number what only makes it easier to read. The plus stays: what a number
// without it is the platform alone knows.
var plain = strings.NewReplacer(" ", "", "(", "", ")", "", ".", "", "-", "", "/", "")

// longer reports whether an entry that expires at a stays at least as long as one that expires at
// b; zero is never.
func longer(a, b time.Time) bool { return a.IsZero() || !b.IsZero() && !a.Before(b) }
