package optout

import (
	"context"
	"errors"
	"time"

	"github.com/dnc-go/dnc"
)

// A Change is a number that a target must block or free.
type Change struct {
	// ID is the id of the change. It stays the same if the change is delivered again.
	ID string
	// Blocked says whether the number must be blocked, or freed after a withdrawal or a held
	// request that was harmless.
	Blocked  bool
	Number   dnc.Number
	At       time.Time // when the person asked; of a withdrawal, when it was made
	Source   string    // of an opt-out
	SourceID string    // of an opt-out
	Evidence string    // of an opt-out
	By       DecidedBy // of a withdrawal
}

// A Target is a system that must know the opt-outs. Deliver gets 1 to 500 changes. Those of one
// number are in the order in which they happened. nil means that the target has all of them. After
// an error all are delivered again, so a repeated change must do no harm. An error with a method
// RetryAfter() time.Duration sets the least wait, up to an hour.
//
// If the delivery of a withdrawal failed, it may still reach the system, after a later opt-out of
// the number. So that opt-out is delivered twice, the second time after the longest wait of
// [WithBackoff]. Until then it counts as pending.
//
// A target gets one Deliver at a time, with the time limit of [WithDeliveryTimeout]. Deliver must
// return when ctx ends, because Close waits for it.
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

// A NumberList is a list of numbers that must not be called, such as a *dnc.RedisWriter or a
// *dnc.FollowedList.
type NumberList interface {
	// Add puts numbers on the list. One that is on it already does no harm.
	Add(ctx context.Context, numbers ...dnc.Number) (int, error)
	// Remove takes numbers off the list. One that is not on it does no harm.
	Remove(ctx context.Context, numbers ...dnc.Number) (int, error)
}

// ListTarget makes a Target of a list that holds only opt-outs: a withdrawal takes its number off
// the list. The list must exist. A RedisWriter adds nothing to a missing key, and the opt-outs then
// wait in the outbox. dnc.RedisWriter says how to set up the server so that it loses no number.
func ListTarget(list NumberList) Target {
	return listTarget{list}
}

type listTarget struct{ list NumberList }

// Deliver adds before it removes, and sends the last change of each number alone.
func (l listTarget) Deliver(ctx context.Context, changes []Change) error {
	add, remove := SplitChanges(changes)
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

// SplitChanges returns the numbers that are blocked after all changes, and those that are free.
// Each number is in one of the two, once. Use it to write a Target for a list.
func SplitChanges(changes []Change) (blocked, free []dnc.Number) {
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
