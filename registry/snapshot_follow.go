package registry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/dnc-go/dnc"
)

// clock is one reading of both clocks. The monotonic one stops while the machine is
// suspended, and the wall clock can be set back: of two times the one that says more counts.
type clock struct {
	time            time.Time
	monotonic, wall int64 // in nanoseconds, since epoch and of Unix
}

var epoch = time.Now()

func now() clock { return clockAt(time.Now()) }

func clockAt(t time.Time) clock {
	return clock{time: t, monotonic: int64(t.Sub(epoch)), wall: t.UnixNano()}
}

// loadedTable is a table and until when it may answer.
type loadedTable struct {
	table *table
	// The times between which the data is usable by its age, in Unix nanoseconds.
	usableFrom, usableTo int64
	// When it was last known to be in force.
	confirmedMonotonic, confirmedWall atomic.Int64
}

func newLoadedTable(t *table, maxAge time.Duration) *loadedTable {
	l := &loadedTable{table: t, usableFrom: math.MaxInt64} // unless the age is simple: tooOld decides then
	if h := t.head; h.noDate == nil && h.obtained.Year() > 1970 && h.obtained.Year() < 2200 {
		l.usableFrom, l.usableTo = h.obtained.Add(-clockSkew).UnixNano(), h.obtained.Add(maxAge).UnixNano()
	}
	return l
}

func (l *loadedTable) confirm(at clock) {
	l.confirmedMonotonic.Store(at.monotonic)
	l.confirmedWall.Store(at.wall)
}

// lag is how long ago it was confirmed: by the clock that says more.
func (l *loadedTable) lag(at clock) time.Duration {
	return time.Duration(max(at.monotonic-l.confirmedMonotonic.Load(), at.wall-l.confirmedWall.Load()))
}

// usable is the table that may answer now.
func (s *Snapshot) usable(at clock) (*table, *dnc.Error) {
	l, failed := s.loaded.Load(), s.failed.Load()
	if l == nil {
		if failed == nil {
			failed = s.r.store.fail(dnc.CodeListStale, "the Snapshot is closed")
		}
		return nil, failed
	}
	switch {
	case failed != nil && !failed.Retryable():
		return l.table, failed // the list is gone, another, of another time or damaged: what was loaded is not in force any more
	case l.lag(at) > s.r.maxLag:
		e := s.r.store.fail(dnc.CodeListStale, fmt.Sprintf("the version in force was last read more than %v ago", s.r.maxLag))
		if failed != nil {
			e.Err = failed
		}
		return l.table, e
	case at.wall < l.usableFrom || at.wall > l.usableTo:
		return l.table, l.table.head.tooOld(s.r.store, s.r.maxAge, at.time)
	}
	return l.table, nil
}

// load loads the version in force. If that is removed while it is read, because a newer one is in
// force, it loads the newer one.
func (s *Snapshot) load(ctx context.Context) error {
	for try := range maxTries {
		asked := now()
		h, failure := s.r.current(ctx)
		if failure != nil {
			return failure
		}
		t, err := s.r.store.loadTable(ctx, h)
		if err == nil {
			l := newLoadedTable(t, s.r.maxAge)
			l.confirm(asked)
			s.loaded.Store(l)
			s.failed.Store(nil)
			return nil
		}
		if try == maxTries-1 || !errors.Is(err, dnc.ErrListIncomplete) || ctx.Err() != nil {
			return err
		}
	}
	return nil // never: the last try has returned
}

func (s *Snapshot) follow(ctx context.Context) {
	defer close(s.done)
	ticker := time.NewTicker(s.r.refresh)
	defer ticker.Stop()
	warned := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := s.refresh(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			warned = false
			continue
		}
		var e *dnc.Error
		if !errors.As(err, &e) {
			e = s.r.store.fail(dnc.CodeCheckerFailed, err.Error())
		}
		s.failed.Store(e)
		if !warned {
			s.r.store.warn(ctx, "the Snapshot cannot follow its list", err)
			warned = true
		}
	}
}

// refresh confirms the version that answers, or loads the one that is in force now.
func (s *Snapshot) refresh(ctx context.Context) error {
	l := s.loaded.Load()
	asked := now()
	short, cancel := context.WithTimeout(ctx, s.r.maxLag)
	current, failure := s.r.store.inForce(short, l.table.head)
	cancel()
	if failure != nil {
		return failure
	}
	// Where this process has seen a higher generation, an old copy has this one: load says so.
	if current && s.r.heads.highestSeen() <= l.table.head.gen {
		l.confirm(asked)
		s.failed.Store(nil)
		return nil
	}
	return s.load(ctx)
}
