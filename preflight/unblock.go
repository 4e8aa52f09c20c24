package preflight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

// unblock is a number that may be taken off the campaign's own DNC list.
type unblock struct {
	number  dnc.Number
	expires []time.Time // that its entry may have: those that the earlier plans set
}

// An UnblockResult says what happened to the entry of a number that is allowed again, on the
// campaign's own DNC list. It prints no number.
type UnblockResult struct {
	Number dnc.Number
	Err    error // why the entry is still there; nil means that it was removed
}

// String is what became of the entry.
func (u UnblockResult) String() string {
	if u.Err != nil {
		return "stays on the list: " + u.Err.Error()
	}
	return "is not on the list"
}

// Format writes String for every verb.
func (u UnblockResult) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// LogValue is String.
func (u UnblockResult) LogValue() slog.Value { return slog.StringValue(u.String()) }

var (
	errPlanOld     = errors.New("preflight: the plan is older than an hour, and opt-outs come all the time: make a new plan")
	errOtherExpiry = errors.New("preflight: its entry does not expire as the earlier plan has set it: somebody has changed it")
	errShared      = errors.New("preflight: the list is attached to another campaign too, which would dial it: give that campaign a list of its own")
	errOtherForm   = errors.New("preflight: its entry is spelled in another way: somebody else has added it")
)

// unblockGood is how old a plan may be whose numbers are taken off the list.
const unblockGood = time.Hour

// noteListed notes which numbers were on the campaign's own list before the plan.
func (p *Plan) noteListed(notListed []string) {
	puts := make(map[string]struct{}, len(notListed))
	for _, n := range notListed {
		puts[n] = struct{}{}
	}
	for i, f := range p.findings {
		if f.number.IsZero() || f.later {
			continue
		}
		_, put := puts[f.number.E164()]
		p.findings[i].listed = !put
	}
}

// toUnblock asks the checker about the numbers that earlier plans have put on the list.
func (p *Plan) toUnblock(ctx context.Context, checker dnc.Checker) ([]unblock, error) {
	expires := map[dnc.Number][]time.Time{}
	keep := map[string]struct{}{}
	for _, earlier := range append(slices.Clone(p.config.earlier), p) {
		if !strings.EqualFold(earlier.campaignID, p.campaignID) {
			return nil, invalid("UnblockAllowed: an earlier plan is of another campaign")
		}
		for _, n := range earlier.config.rules.BlockedNumbers {
			keep[n] = struct{}{}
		}
	}
	for _, earlier := range p.config.earlier {
		for _, f := range earlier.findings {
			if !f.number.IsZero() && !f.later && !f.listed {
				expires[f.number] = append(expires[f.number], earlier.config.rules.Expires)
			}
		}
	}
	for _, f := range p.findings {
		delete(expires, f.number)
	}
	numbers := make([]dnc.Number, 0, len(expires))
	for n := range expires {
		if _, kept := keep[n.E164()]; !kept {
			numbers = append(numbers, n)
		}
	}
	slices.SortFunc(numbers, func(a, b dnc.Number) int { return strings.Compare(a.E164(), b.E164()) })
	var out []unblock
	same := func(n dnc.Number) (dnc.Number, error) { return n, nil }
	all := func(yield func(dnc.Number, error) bool) {
		for _, n := range numbers {
			if !yield(n, nil) {
				return
			}
		}
	}
	for checked, err := range dnc.Stream(ctx, checker, all, same) {
		if err != nil {
			return nil, err
		}
		if d := checked.Decision; d.Callable() && !d.Undecided() {
			out = append(out, unblock{d.Number, expires[d.Number]})
		}
	}
	return out, nil
}

// unblock takes numbers off the campaign's own list: last, when everything else holds. Each request
// is sent once. Whatever is not as the earlier plans have left it stays.
func (p *Plan) unblock(ctx context.Context, r *Result) error {
	if len(p.unblocks) == 0 {
		return nil
	}
	own := r.Applied.DNCListID
	entries := map[string]genesys.DNCEntry{}
	if own != "" {
		list, err := settledEntries(ctx, p.client, own)
		if err != nil {
			return err
		}
		for _, e := range list {
			entries[plainNumber.Replace(e.Number)] = e
		}
	}
	r.UnblockResults = make([]UnblockResult, len(p.unblocks))
	var off []string
	var at []int // of r.Unblock
	for i, u := range p.unblocks {
		text := u.number.E164()
		entry, there := entries[text]
		r.UnblockResults[i] = UnblockResult{Number: u.number}
		switch {
		case !there:
		case entry.Number != text:
			r.UnblockResults[i].Err = errOtherForm
		case !slices.ContainsFunc(u.expires,
			func(t time.Time) bool { return t.Truncate(time.Minute).Equal(entry.Expires) }):
			r.UnblockResults[i].Err = errOtherExpiry
		case time.Since(p.made) > unblockGood:
			r.UnblockResults[i].Err = errPlanOld
		default:
			off, at = append(off, text), append(at, i)
		}
	}
	stays := func(i int, err error) { r.UnblockResults[at[i]].Err = err }
	if len(off) > 0 {
		shared, err := p.shared(ctx, own)
		if err != nil {
			return err
		}
		if shared {
			for i := range off {
				stays(i, errShared)
			}
			return nil
		}
	}
	return p.takeOff(ctx, own, off, stays)
}

// shared reports whether another campaign has the list, too: its checker was not asked about the
// numbers.
func (p *Plan) shared(ctx context.Context, own string) (bool, error) {
	for campaign, err := range p.client.Campaigns(ctx, genesys.CampaignQuery{DNCListID: own}) {
		if err != nil {
			return false, err
		}
		if !strings.EqualFold(campaign.ID(), p.campaignID) {
			return true, nil
		}
	}
	return false, nil
}

// takeOff removes entries, and tells of those that are there still.
func (p *Plan) takeOff(ctx context.Context, own string, off []string, stays func(i int, err error)) error {
	if len(off) == 0 {
		return nil
	}
	if err := p.client.RemoveDNCNumbers(ctx, own, off); err != nil {
		done := 0
		if part, ok := errors.AsType[*genesys.PartialError](err); ok {
			done = part.Done
		}
		for i := done; i < len(off); i++ {
			stays(i, err)
		}
		return err
	}
	return untilSeen(ctx, "numbers were taken off the campaign's own DNC list and are on it", func() (int, error) {
		left := map[string]struct{}{}
		for e, err := range p.client.ExportDNCList(ctx, own) {
			if err != nil {
				return 0, err
			}
			left[e.Number] = struct{}{}
		}
		there := 0
		for i, n := range off {
			stays(i, nil)
			if _, ok := left[n]; ok {
				there++
				stays(i, genesys.ErrNotVerified)
			}
		}
		return there, nil
	})
}
