package registry

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
	"github.com/dnc-go/dnc/internal/digits"
)

// Snapshot is a copy of a whole list in this process. It is a [dnc.Checker] whose checks need no
// round trip. Use it for batch jobs and for dialers. 250 million numbers take about 150 MB.
// [Registry.Snapshot] makes it. Close it when you do not need it any more.
//
// It asks Redis which version is in force, and loads a new one after an import or a rollback.
// Loading takes about a second and a half, and the old version answers until it is complete. When
// Redis could not be asked for a minute (see [WithPolling]), every answer is Unknown, list_stale.
// If the version in force cannot be loaded, every answer is Unknown, with the reason for that.
type Snapshot struct {
	r      *Registry
	loaded atomic.Pointer[loadedTable]
	failed atomic.Pointer[dnc.Error] // why it does not follow
	stop   context.CancelFunc
	done   chan struct{}
	once   sync.Once
}

// Snapshot loads the version in force, and keeps the copy current until Close. If no complete
// version is in force, the error is that of a check. ctx bounds only the first load.
func (r *Registry) Snapshot(ctx context.Context) (*Snapshot, error) {
	if e := r.notMade(); e != nil {
		return nil, e
	}
	s := &Snapshot{r: r, done: make(chan struct{})}
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	follow, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go s.follow(follow)
	return s, nil
}

// Close stops keeping the copy current. From then on every answer is Unknown.
func (s *Snapshot) Close() {
	if s.notMade() != nil {
		return
	}
	s.once.Do(func() {
		s.stop()
		<-s.done
		s.failed.Store(s.r.store.fail(dnc.CodeListStale, "the Snapshot is closed"))
		s.loaded.Store(nil)
	})
}

// notMade is the error of the zero Snapshot, nil for one that a Registry has made.
func (s *Snapshot) notMade() *dnc.Error {
	if s != nil && s.r != nil {
		return nil
	}
	return &dnc.Error{Code: dnc.CodeCheckerFailed, Hint: "this Snapshot was not made by a Registry: call Registry.Snapshot"}
}

// Info describes the version that answers. If none may answer, the error says why.
func (s *Snapshot) Info() (Info, error) {
	if e := s.notMade(); e != nil {
		return Info{}, e
	}
	t, failure := s.usable(now())
	if failure != nil {
		return Info{}, failure
	}
	return t.head.info(t.head.gen), nil
}

// Check answers for one number.
func (s *Snapshot) Check(ctx context.Context, n dnc.Number) (dnc.Decision, error) {
	if n.IsZero() {
		return dnc.Decision{Verdict: dnc.Block, Reasons: invalid}, nil
	}
	if e := s.notMade(); e != nil {
		return unknown(n, nil, e)
	}
	clock := now()
	if ctx.Done() != nil {
		if e := s.ended(ctx, clock); e != nil {
			return unknown(n, nil, e)
		}
	}
	t, failure := s.usable(clock)
	if failure != nil {
		return unknown(n, t.headOrNil(), failure)
	}
	switch t.find(digits.Of(n)) {
	case outcomeListed:
		return dnc.Decision{Number: n, Verdict: dnc.Block, Reasons: t.head.hit}, nil
	case outcomeClear:
		return dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: t.head.clear}, nil
	}
	return unknown(n, t.head, s.r.store.errUncovered())
}

// ended is the error of a context that is over at a time, nil while it is not.
func (s *Snapshot) ended(ctx context.Context, at clock) *dnc.Error {
	if ctx.Err() == nil {
		if deadline, ok := ctx.Deadline(); !ok || at.time.Before(deadline) {
			return nil
		}
	}
	return s.r.store.ended(ctx)
}

// groupedFrom is the size of a batch from which on grouping by block pays.
const groupedFrom = 5_000

// CheckBatch answers for many numbers, all from the same version.
func (s *Snapshot) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	out := make([]dnc.Decision, len(ns))
	if e := s.notMade(); e != nil {
		return unknownBatch(ns, out, e)
	}
	clock := now()
	t, failure := s.usable(clock)
	if e := s.ended(ctx, clock); e != nil {
		failure = e
	}
	numbers, _ := s.r.scratch.Get().(*scratch)
	defer s.r.scratch.Put(numbers)
	var errs []error
	for done := 0; done < len(ns); {
		part := ns[done:min(done+sliceSize, len(ns))]
		b := &batchQuery{r: s.r, s: s.r.store, numbers: numbers}
		taken := len(part)
		switch {
		case failure != nil:
			taken = numbers.group(part)
			b.failAll(failure)
		case len(part) < groupedFrom:
			numbers.findEach(t, part)
		default:
			taken = numbers.group(part)
			numbers.findGrouped(t)
		}
		errs = addError(errs, b.decide(part[:taken], out[done:done+taken], t.headOrNil()))
		done += taken
		if failure == nil && done < len(ns) {
			if e := s.ended(ctx, now()); e != nil {
				failure = e
			}
		}
	}
	return out, errors.Join(errs...)
}

// findEach finds few numbers, one by one.
func (s *scratch) findEach(t *table, ns []dnc.Number) {
	if cap(s.outcomes) < len(ns) {
		s.outcomes = make([]outcome, len(ns))
	}
	s.outcomes = s.outcomes[:len(ns)]
	for i, n := range ns {
		s.outcomes[i] = outcomeOpen
		if v := digits.Of(n); v != 0 {
			s.outcomes[i] = t.find(v)
		}
	}
}

// findGrouped finds numbers that were grouped by block.
func (s *scratch) findGrouped(t *table) {
	shard, known := uint64(0), false
	var blocks *shardTable
	var in, same bool
	for i := 0; i < len(s.keys); {
		end := s.run(i)
		number := s.block(s.keys[i])
		if x := number / fields; x != shard || !known {
			shard, known = x, true
			blocks = t.shard(shard)
			in, same = t.head.coverage.whole(shard)
		}
		b := ""
		if blocks != nil {
			b = blocks.block(number % fields)
		}
		for _, k := range s.keys[i:end] {
			line := s.line(k)
			found := &s.outcomes[s.position(k)]
			switch {
			case same && !in, !same && !t.head.coverage.has(number*blockSize+uint64(line)): //nolint:gosec // below 10,000
				*found = outcomeUncovered
			case len(b) == block.BitmapSize:
				*found = outcomeClear + b[line>>3]>>(7-line&7)&1
			case block.PackedHas(b, line):
				*found = outcomeListed
			default:
				*found = outcomeClear
			}
		}
		i = end
	}
}
