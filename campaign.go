package dnc

import (
	"context"
	"sync"
)

// ByCampaign is a Rule that asks the list of the call's campaign. newChecker makes the Checker of
// that list, when a call of the campaign is checked for the first time:
//
//	campaigns := dnc.ByCampaign(func(id string) (dnc.Checker, error) {
//		return dnc.NewRedisChecker(client, dnc.WithList("campaign", "dnc:campaign:"+id))
//	})
//	rule := dnc.All(dnc.RuleOf(national), campaigns)
//
// The campaign's list only blocks, as with BlockOnly. A number that is not on it is Unknown,
// not_listed, and so is a call without a Campaign. Such a call is allowed only if another list
// allows it.
//
// If newChecker fails, the campaign's calls are Unknown, checker_failed, and the next check calls
// it again. One goroutine at a time calls newChecker, so it must be quick. The Checkers of the
// thousand campaigns that were used last are kept.
func ByCampaign(newChecker func(campaign string) (Checker, error)) Rule {
	return &byCampaign{newChecker: newChecker}
}

const (
	campaignsKept   = 1000
	campaignsAtOnce = 16 // a batch in which each call has a campaign of its own must not open a thousand connections
)

type byCampaign struct {
	newChecker func(string) (Checker, error)

	mu    sync.Mutex
	lists map[string]Checker
	order []string // of lists, the oldest first
}

func (b *byCampaign) Check(ctx context.Context, call Call) (Decision, error) {
	ds, err := b.CheckBatch(ctx, []Call{call})
	return ds[0], err
}

func (b *byCampaign) CheckBatch(ctx context.Context, calls []Call) ([]Decision, error) {
	out := make([]Decision, len(calls))
	ns := numbersOf(calls)
	var campaigns []string
	var groups [][]int // of each campaign, the places of its calls
	known := make(map[string]int)
	for i, call := range calls {
		k, ok := known[call.Campaign]
		if !ok {
			k = len(campaigns)
			known[call.Campaign], campaigns, groups = k, append(campaigns, call.Campaign), append(groups, nil)
		}
		groups[k] = append(groups[k], i)
	}
	errs := askGroups(ns, groups, campaignsAtOnce, out, func(k int, ns []Number) ([]Decision, error) { return b.ask(ctx, campaigns[k], ns) })
	return out, joinErrors(errs...)
}

func (b *byCampaign) ask(ctx context.Context, campaign string, ns []Number) ([]Decision, error) {
	if campaign == "" {
		return failBatch(ns, errNotListed)
	}
	c, err := b.list(campaign)
	if err != nil {
		return failBatch(ns, err)
	}
	return BlockOnly(c).CheckBatch(ctx, ns)
}

// list is the Checker of a campaign's list.
func (b *byCampaign) list(campaign string) (c Checker, failure *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c, ok := b.lists[campaign]; ok {
		return c, nil
	}
	if b.newChecker == nil {
		return nil, failed("the function of ByCampaign is nil")
	}
	defer func() {
		if p := recover(); p != nil {
			c, failure = nil, failed("the function of ByCampaign failed: "+panicText(p))
		}
	}()
	c, err := b.newChecker(campaign)
	if err != nil {
		e := failed("the function of ByCampaign has no Checker for a campaign")
		e.Err = err
		return nil, e
	}
	if len(b.order) == campaignsKept {
		delete(b.lists, b.order[0])
		b.order = append(b.order[:0], b.order[1:]...)
	}
	if b.lists == nil {
		b.lists = make(map[string]Checker)
	}
	b.lists[campaign] = c
	b.order = append(b.order, campaign)
	return c, nil
}
