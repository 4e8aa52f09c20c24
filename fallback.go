package dnc

import (
	"context"
	"errors"
)

// Fallback turns every Unknown of c into Block, or, with DangerouslyAllowUnchecked, into Allow if
// only the store failed. The decision is marked as Fallback and keeps its reasons, and the error is
// nil. A check that its caller canceled stays Unknown, with the context's error. After a deadline
// the fallback answers.
//
// An outage is an incident when it begins, every ten seconds while it lasts, and when it is over.
// It is over with the first full answer after ten seconds without a fallback. Incident.Numbers
// counts the numbers since the incident before.
func Fallback(c Checker, opts ...ProtectOption) Checker {
	return newFallback[Number](c, opts)
}

func newFallback[Q subject](c source[Q], opts []ProtectOption) *fallback[Q] {
	return &fallback[Q]{c: c, config: newProtectConfig(opts)}
}

// DangerouslyAllowUnchecked makes Fallback allow calls WITHOUT CHECKING THEM while every reason is
// store_unavailable or store_timeout. A list that is missing, incomplete, stale or misconfigured,
// and a number that is not covered, still block. Each call to a listed number can cost $500 to
// $1,500 (47 U.S.C. 227(b)(3), (c)(5)); the decision says Fallback, and the incidents count.
func DangerouslyAllowUnchecked() ProtectOption { return dangerously{} }

type dangerously struct{}

func (dangerously) guard(c *protectConfig) { c.allow = true }

type fallback[Q subject] struct {
	c       source[Q]
	config  protectConfig
	blocked outage
	allowed outage
}

func (f *fallback[Q]) Check(ctx context.Context, q Q) (Decision, error) {
	if f.config.broken != nil {
		ds, err := failBatch([]Number{q.number()}, f.config.broken)
		return ds[0], err
	}
	d, err := ask(ctx, f.c, q)
	if err == nil {
		f.succeed(ctx)
		return d, nil
	}
	ds := [1]Decision{d}
	err = f.fall(ctx, ds[:], err)
	return ds[0], err
}

func (f *fallback[Q]) CheckBatch(ctx context.Context, qs []Q) ([]Decision, error) {
	if f.config.broken != nil {
		return failBatch(numbersOf(qs), f.config.broken)
	}
	ds, err := askBatch(ctx, f.c, qs)
	if err == nil {
		if len(qs) > 0 {
			f.succeed(ctx)
		}
		return ds, nil
	}
	own := append([]Decision(nil), ds...) // the slice may be the Checker's own
	err = f.fall(ctx, own, err)
	return own, err
}

func (f *fallback[Q]) fall(ctx context.Context, ds []Decision, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	var blocked, allowed int
	list := ""
	for i := range ds {
		d := &ds[i]
		if d.Verdict != Unknown {
			continue
		}
		if list == "" {
			list = d.Reason().List
		}
		d.Fallback = true
		if f.config.allow && onlyStoreFailed(*d) {
			d.Verdict = Allow
			allowed++
		} else {
			d.Verdict = Block
			blocked++
		}
	}
	if blocked > 0 {
		f.blocked.add(ctx, &f.config.reporter, Incident{EventFallbackBlock, list, blocked, err})
	}
	if allowed > 0 {
		f.allowed.add(ctx, &f.config.reporter, Incident{EventFallbackAllow, list, allowed, err})
	}
	return nil
}

func (f *fallback[Q]) succeed(ctx context.Context) {
	f.blocked.succeed(ctx, &f.config.reporter)
	f.allowed.succeed(ctx, &f.config.reporter)
}

// onlyStoreFailed reports whether the store's absence is the only reason against an answer.
func onlyStoreFailed(d Decision) bool {
	for _, r := range d.Reasons.all() {
		if r.Code != CodeStoreUnavailable && r.Code != CodeStoreTimeout && r.Code != CodeAllowed {
			return false
		}
	}
	return d.Reasons.Len() > 0
}
