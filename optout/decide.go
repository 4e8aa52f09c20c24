package optout

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dnc-go/dnc"
)

// Withdraw ends all opt-outs of a number, and its held requests: the person has agreed to be called
// again. It deletes nothing, and writes to the outbox who withdrew them and why. The targets take
// the number off their lists. A later Add blocks it again.
//
// Errors are ErrNotOptedOut, ErrInvalidRequest, ErrNotStored and ErrClosed. After an error the
// number stays blocked in this process.
func (in *Intake) Withdraw(ctx context.Context, n dnc.Number, by DecidedBy) (Receipt, error) {
	if n.IsZero() {
		return Receipt{}, invalid("the number is the zero Number")
	}
	return in.decide(ctx, by, func(g *group) (*record, error) {
		g.state.mu.RLock()
		blocked, _ := g.state.status(n)
		g.state.mu.RUnlock()
		for _, r := range g.records {
			blocked = blocked || r.number == n
		}
		if !blocked {
			return nil, ErrNotOptedOut
		}
		return &record{Kind: kindWithdrawn, number: n}, nil
	})
}

// decide writes the record of what somebody decided, which recordOf makes.
func (in *Intake) decide(ctx context.Context, by DecidedBy, recordOf func(*group) (*record, error)) (Receipt, error) {
	if err := by.check(); err != nil {
		return Receipt{}, err
	}
	var receipt Receipt
	err := in.do(ctx, func(g *group) error {
		r, err := recordOf(g)
		if err != nil {
			return err
		}
		r.Actor, r.Reason = by.Actor, by.Reason
		if err := g.add(r); err != nil {
			return err
		}
		receipt = Receipt{ID: idOf(r.Seq), Received: r.Received}
		return nil
	})
	if err != nil {
		return Receipt{}, err
	}
	return receipt, nil
}

// HeldRequest is a request that may be an opt-out. It is held until Intake.Resolve.
type HeldRequest struct {
	ID       string
	Received time.Time
	Request  Request
}

// Held returns the held requests, the oldest first.
func (in *Intake) Held() []HeldRequest {
	if in.state == nil {
		return nil
	}
	in.state.mu.RLock()
	seqs := make([]uint64, 0, len(in.state.held))
	for seq := range in.state.held {
		seqs = append(seqs, seq)
	}
	slices.SortFunc(seqs, cmp.Compare)
	out := make([]HeldRequest, len(seqs))
	for i, seq := range seqs {
		out[i] = in.state.held[seq]
	}
	in.state.mu.RUnlock()
	return out
}

// A Meaning says whether a reply or a held request is an opt-out.
type Meaning uint8

// The values of Meaning.
const (
	Doubtful Meaning = iota // a person must read it; the zero value
	OptOut                  // do not call or text again
	Harmless                // it is not an opt-out
)

// String is "doubtful", "opt-out" or "harmless".
func (m Meaning) String() string {
	switch m {
	case Doubtful:
		return "doubtful"
	case OptOut:
		return "opt-out"
	case Harmless:
		return "harmless"
	}
	return fmt.Sprintf("meaning(%d)", uint8(m))
}

// Resolve says what a held request means: OptOut or Harmless. With OptOut the number stays blocked.
// With Harmless it is free again, here and at the targets, unless another opt-out or held request
// blocks it. id is HeldRequest.ID.
//
// Errors are ErrNotHeld, ErrInvalidRequest, ErrNotStored and ErrClosed. After an error the number
// stays blocked.
func (in *Intake) Resolve(ctx context.Context, id string, m Meaning, by DecidedBy) (Receipt, error) {
	kind := kindConfirmed
	switch m {
	case OptOut:
	case Harmless:
		kind = kindDismissed
	default:
		return Receipt{}, invalid("the meaning is %v: decide for OptOut or Harmless", m)
	}
	seq, ok := seqOf(id)
	if !ok {
		return Receipt{}, ErrNotHeld
	}
	return in.decide(ctx, by, func(g *group) (*record, error) {
		h, waits := g.state.held[seq]
		if !waits {
			return nil, ErrNotHeld
		}
		return &record{Kind: kind, number: h.Request.Number, For: seq}, nil
	})
}
