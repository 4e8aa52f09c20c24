package dnc

import (
	"fmt"
	"time"
)

// failure is why a state answers no number.
func (f *FollowedList) failure(s *followState) *Error {
	switch {
	case s.failed != nil:
		return s.failed
	case f.expired.Load():
		return &Error{Code: CodeListStale, List: f.config.list, Err: asError(s.fault), Hint: fmt.Sprintf(
			"Redis last confirmed the copy more than %v ago", f.config.follow.stale)}
	}
	return nil
}

func (f *FollowedList) loading() *Error {
	return &Error{Code: CodeListIncomplete, List: f.config.list, Hint: "the first load is under way: FollowedList.Wait waits for its end"}
}

// confirm notes that a poll which began at a time has confirmed the copy. From then on the timer
// runs: so a check need not ask for the time, and a poll that hangs does not matter.
func (f *FollowedList) confirm(asked time.Time) {
	f.watch.Lock()
	defer f.watch.Unlock()
	if asked.Before(f.confirmed) {
		return
	}
	left := f.config.follow.stale - time.Since(asked)
	f.confirmed = asked
	f.expired.Store(left <= 0)
	f.timer.Reset(max(left, 0))
}

// expire is called by the timer, and before each poll for a machine that was suspended: the timer
// stops there, and the wall clock does not.
func (f *FollowedList) expire() {
	f.watch.Lock()
	defer f.watch.Unlock()
	now := time.Now()
	if max(now.Sub(f.confirmed), now.Round(0).Sub(f.confirmed.Round(0))) >= f.config.follow.stale {
		f.expired.Store(true)
	}
}

// end is the state after the goroutine has ended.
func (f *FollowedList) end() {
	f.timer.Stop()
	f.state.Store(&followState{failed: &Error{
		Code: CodeListStale, List: f.config.list,
		Hint: "the list is not followed any more: Close was called, or the context given to Follow has ended",
	}})
	close(f.done)
}
