package optout

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dnc-go/dnc"
)

// Withdraw ends all opt-outs of a number, and what is held for it: the person has asked to be called
// again. Nothing is deleted: who withdrew it and why is written to the outbox. The targets take the
// number off their lists. A later Add blocks it again.
//
// Errors are ErrNotOptedOut, ErrInvalidRequest, ErrNotStored and ErrClosed. After an error the
// number stays blocked in this process.
func (in *Intake) Withdraw(ctx context.Context, n dnc.Number, by By) (Receipt, error) {
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
func (in *Intake) decide(ctx context.Context, by By, recordOf func(*group) (*record, error)) (Receipt, error) {
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

// Held is a request that waits for a decision.
type Held struct {
	ID       string
	Received time.Time
	Request  Request
}

// Held lists what waits for a decision, the oldest first.
func (in *Intake) Held() []Held {
	if in.state == nil {
		return nil
	}
	in.state.mu.RLock()
	seqs := make([]uint64, 0, len(in.state.held))
	for seq := range in.state.held {
		seqs = append(seqs, seq)
	}
	slices.SortFunc(seqs, cmp.Compare)
	out := make([]Held, len(seqs))
	for i, seq := range seqs {
		out[i] = in.state.held[seq]
	}
	in.state.mu.RUnlock()
	return out
}

// A Meaning is what a reply or a held request says.
type Meaning uint8

// The meanings. The zero Meaning is Doubtful.
const (
	Doubtful Meaning = iota // nobody can tell without reading it
	OptOut                  // do not call or text again
	Harmless                // it is no opt-out
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

// Decide ends the doubt about what is held under an id: it is an OptOut, or Harmless. A harmless one
// frees the number, here and at the targets, unless something else blocks it.
//
// Errors are ErrNotHeld, ErrInvalidRequest, ErrNotStored and ErrClosed. After an error the number
// stays blocked.
func (in *Intake) Decide(ctx context.Context, id string, m Meaning, by By) (Receipt, error) {
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
