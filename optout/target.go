package optout

import (
	"context"
	"errors"
	"time"

	"github.com/dnc-go/dnc"
)

// A Change is what a target must do.
type Change struct {
	// ID is the same whenever this change is delivered again.
	ID string
	// Blocked is whether the number must not be called from now on. False is a withdrawal.
	Blocked  bool
	Number   dnc.Number
	At       time.Time // when the person asked, or the withdrawal was made
	Source   string    // of an opt-out
	SourceID string    // of an opt-out
	Evidence string    // of an opt-out
	By       By        // of a withdrawal
}

// A Target is a system that must learn of opt-outs. Deliver gets 1 to 500 changes, those of one
// number in the order in which they happened. nil says that the target has all of them. After an
// error all are delivered again, so a change that it has already must do no harm. An error with a
// method RetryAfter() time.Duration sets the least wait, up to an hour.
//
// A withdrawal whose call failed may still arrive at the system, after a later opt-out of its number.
// So the first opt-out after it is delivered twice, the second time after the longest wait of
// [WithBackoff]. Until then it counts as pending.
//
// There is one call at a time for each target, with a time limit of [WithDeliveryTimeout]. Deliver
// must return when ctx ends: Close waits for it.
type Target interface {
	Deliver(ctx context.Context, changes []Change) error
}

// TargetFunc makes a Target of a function.
type TargetFunc func(ctx context.Context, changes []Change) error

// Deliver calls f.
func (f TargetFunc) Deliver(ctx context.Context, changes []Change) error {
	if f == nil {
		return errors.New("optout: the TargetFunc is nil")
	}
	return f(ctx, changes)
}

// A NumberList is a list of numbers that must not be called. *dnc.RedisWriter is one.
type NumberList interface {
	// Add puts numbers on the list. One that is on it already does no harm.
	Add(ctx context.Context, numbers ...dnc.Number) (int, error)
	// Remove takes numbers off the list. One that is not on it does no harm.
	Remove(ctx context.Context, numbers ...dnc.Number) (int, error)
}

// List makes a Target of a list that holds nothing but opt-outs: a withdrawal takes its number off.
// The list must exist: a RedisWriter adds nothing to a key that is missing, and the opt-outs wait
// in the outbox. See dnc.RedisWriter for how the server must be set up so that it loses nothing.
func List(list NumberList) Target {
	return listTarget{list}
}

type listTarget struct{ list NumberList }

// Deliver adds before it removes, and sends the last change of each number alone.
func (l listTarget) Deliver(ctx context.Context, changes []Change) error {
	add, remove := Split(changes)
	if len(add) > 0 {
		if _, err := l.list.Add(ctx, add...); err != nil {
			return err
		}
	}
	if len(remove) > 0 {
		if _, err := l.list.Remove(ctx, remove...); err != nil {
			return err
		}
	}
	return nil
}

// Split returns the numbers that must be blocked after some changes, and those that must not. Each
// number is in one of the two, once. It helps to write a Target for a list.
func Split(changes []Change) (blocked, free []dnc.Number) {
	last := make(map[dnc.Number]bool, len(changes))
	for _, c := range changes {
		last[c.Number] = c.Blocked
	}
	for _, c := range changes {
		switch b, left := last[c.Number]; {
		case !left:
			continue
		case b:
			blocked = append(blocked, c.Number)
		default:
			free = append(free, c.Number)
		}
		delete(last, c.Number)
	}
	return blocked, free
}
